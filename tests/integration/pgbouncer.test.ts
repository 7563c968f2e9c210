import { Session } from 'blitz-session';
import { expect } from 'chai';
import { Worker } from '../fixtures/processes.ts';
import { create, everything, failureOf, increment, untilItWorks } from '../fixtures/redis-app.ts';
import { Pgbouncer } from '../fixtures/servers/pgbouncer.ts';
import { PostgresServer } from '../fixtures/servers/postgres.ts';
import { bootSql, closeSqlApps } from '../fixtures/sql-app.ts';

const read = (id: string) => Session.run(id, (session) => session.get('n'), { readOnly: true });

/** Connections that PgBouncer has to the server. */
const CONNECTIONS = 3;
/** Seconds; well above the limit that the server keeps. */
const PATIENCE = { operation_timeout: 4 };

describe('sessions behind PgBouncer, which lends a connection for a transaction', function () {
  this.timeout(30_000);
  let server: PostgresServer;
  let bouncer: Pgbouncer;

  before(async () => {
    server = await PostgresServer.start();
    await server.createTable();
    // What a connection may not ask of PgBouncer, the account brings along.
    await server.sql("ALTER ROLE web SET statement_timeout = '1s'");
    bouncer = await Pgbouncer.start(server, CONNECTIONS);
  });

  after(async () => {
    await bouncer?.stop();
    await server.stop();
  });

  afterEach(closeSqlApps);

  const group = (prepare = false) => ({ ...bouncer.group, pool: { prepare } });

  it('no increment of three processes is lost, over fewer connections than they have', async () => {
    const options = {
      handler: 'database',
      savePath: 'sessions',
      lock_max_waiters: 1000,
      ...PATIENCE,
    } as const;
    await bootSql(group(), options);
    const id = await create({ n: 0 });
    const workers = await Promise.all(
      Array.from({ length: 2 }, () => Worker.start(options, { default: group() })),
    );
    const others = await Promise.all(Array.from({ length: 10 }, () => create()));
    const [, sums] = await Promise.all([
      Promise.all(workers.map((worker) => worker.ask('increment', { id, times: 60 }))),
      Promise.all(others.map((other) => increment(other))),
      Promise.all(Array.from({ length: 60 }, () => increment(id))),
    ]);
    expect(await read(id)).to.equal(180);
    expect(sums).to.deep.equal(Array(10).fill(1));
    expect(await server.connections()).to.be.at.most(CONNECTIONS);
    await Promise.all(workers.map((worker) => worker.stop()));
  });

  it('forty sessions open at once need no connection each', async () => {
    await bootSql(group(), { lock_ttl: 1, ...PATIENCE });
    const ids = await Promise.all(Array.from({ length: 40 }, () => create({ n: 0 })));
    let open = 0;
    let everyoneIsIn = () => {};
    const crowd = new Promise<void>((done) => {
      everyoneIsIn = done;
    });
    const visits = ids.map((id) =>
      Session.run(id, async (session) => {
        if (++open === ids.length) everyoneIsIn();
        await crowd;
        return session.increment('n');
      }),
    );
    expect(await Promise.all(visits)).to.deep.equal(Array(40).fill(1));
  });

  it('a row that somebody else holds costs its own session alone', async () => {
    await bootSql(group(), PATIENCE);
    const kept = await create({ n: 0 });
    const [row] = await server.sql('SELECT id FROM sessions ORDER BY timestamp DESC LIMIT 1');
    const free = await create({ n: 0 });
    const release = await server.holdRow(String(row?.['id']));
    const outcomes = await Promise.all(
      [kept, free, free, free].map((id) => increment(id).catch((error) => error.code)),
    );
    expect(outcomes).to.have.members(['E_SESSION_BACKEND', 1, 2, 3]);
    await release();
    await untilItWorks(() => increment(kept));
  });

  it('shared with PHP they are refused at boot: PHP’s locks belong to a connection', async () => {
    const error = await failureOf(bootSql(group(), { interop: 'php' }));
    expect(error.code).to.equal('E_SESSION_TABLE');
    expect(error.message).to.contain('transaction');
  });

  it('a server that cuts every connection, and a PgBouncer that starts again', async () => {
    await bootSql(group(), PATIENCE);
    const id = await create({ n: 0 });
    await server.killConnections();
    await untilItWorks(() => increment(id));
    await bouncer.process.kill();
    const failure = await failureOf(increment(id));
    expect(failure.code).to.equal('E_SESSION_BACKEND');
    await bouncer.process.start();
    await untilItWorks(() => increment(id));
    expect(await read(id)).to.be.at.least(2);
  });

  it('prepared statements that PgBouncer mixes up: the error says what to set', async () => {
    await bootSql(group(true), PATIENCE);
    await create();
    // Another limit, other connections; PgBouncer lends them the one that knows the statements already.
    await bootSql(group(true), { operation_timeout: 5 });
    const failure = await failureOf(create());
    expect(failure.code).to.equal('E_SESSION_BACKEND');
    expect(everything(failure))
      .to.match(/prepared statement .* already exists/)
      .and.include('prepare: false');
  });
});
