import { type Application, DatabaseHandler, type Handler, type HandlerOptions, Session } from 'blitz-session';
import { expect } from 'chai';
import { create, failureOf, increment } from '../fixtures/redis-app.ts';
import { MariadbServer } from '../fixtures/servers/mariadb.ts';
import { bootSql, closeSqlApps, SQL_SERVERS, type SqlServer } from '../fixtures/sql-app.ts';
import { QuietLog } from '../fixtures/store-app.ts';

const ID = 'ab'.repeat(32);
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

for (const [name, start] of SQL_SERVERS) {
  describe(`the rows in ${name}`, function () {
    this.timeout(30_000);
    let server: SqlServer;
    const mysql = () => server.driver === 'mysql';
    const rows = () => server.sql('SELECT * FROM sessions ORDER BY id');

    before(async () => {
      server = await start();
    });

    after(() => server.stop());

    beforeEach(() => server.createTable());

    afterEach(closeSqlApps);

    function optionsOf(app: Application): HandlerOptions {
      return app.service('sessionManager').handlerOptions;
    }

    async function opened(options: HandlerOptions, request = {}): Promise<Handler> {
      const handler: Handler = new DatabaseHandler(options, request);
      await handler.open(options.savePath, options.name);
      return handler;
    }

    it('are as BlitzPHP documents them: name and id, address, time and payload', async () => {
      await bootSql(server.group);
      await Session.run(undefined, (session) => session.put('n', 1));
      const [row] = await rows();
      expect(row?.['id']).to.match(/^blitz_session:[0-9a-f]{64}$/);
      expect(row?.['ip_address']).to.equal('0.0.0.0');
      expect(Math.abs(Number(row?.['timestamp']) - Date.now())).to.be.below(3000);
      expect(String(row?.['data'])).to.contain('"n":1');
      expect([row?.['lock_owner'], row?.['lock_until']]).to.deep.equal([null, null]);
    });

    it('hold the visitor’s address, IPv4 or IPv6', async () => {
      const options = optionsOf(await bootSql(server.group));
      const given = ['10.1.2.3', '::ffff:10.1.2.4', '2001:db8::1', 'fe80::1%eth0', 'no address', undefined];
      const stored = ['10.1.2.3', '10.1.2.4', '2001:db8::1', 'fe80::1', '0.0.0.0', '0.0.0.0'];
      for (const [n, ip] of given.entries()) {
        const handler = await opened(options, { ip });
        expect(await handler.create?.(`${n}`.repeat(64), 'data')).to.equal(true);
        await handler.close();
      }
      expect((await rows()).map((row) => row['ip_address'])).to.deep.equal(stored);
    });

    it('give back every byte, also NUL and what is not UTF-8', async () => {
      const options = { ...optionsOf(await bootSql(server.group)), encoding: 'latin1' as const };
      const bytes = String.fromCharCode(...Array.from({ length: 256 }, (_, n) => n)).repeat(3);
      const writer = await opened(options);
      await writer.create?.(ID, bytes);
      await writer.close();
      const reader = await opened(options);
      expect(await reader.read(ID)).to.equal(bytes);
      await reader.commit?.(ID, `${bytes}x`, false);
      expect(await reader.peek?.(ID)).to.equal(`${bytes}x`);
      await reader.close();
      expect((await rows())[0]?.['data']).to.deep.equal(Buffer.from(`${bytes}x`, 'latin1'));
    });

    it('keep their data when only time is renewed, and their time when only locked', async () => {
      const app = await bootSql(server.group, { touch_interval: 0 });
      await create();
      const old = mysql() ? 'NOW() - INTERVAL 100 SECOND' : "now() - interval '100 s'";
      await server.sql(`UPDATE sessions SET timestamp = ${old}`);
      const [before] = await rows();
      const id = String(before?.['id']).slice('blitz_session:'.length);
      const handler = await opened(optionsOf(app));
      await handler.read(id);
      expect(Date.now() - (handler.lastActivity ?? 0)).to.be.within(99_000, 103_000);
      await handler.renew?.(id);
      await handler.close();
      expect(await rows()).to.deep.equal([before]);
      await handler.read(id);
      await handler.commit?.(id, null, false);
      const [after] = await rows();
      expect(after?.['data']).to.deep.equal(before?.['data']);
      expect(Math.abs(Number(after?.['timestamp']) - Date.now())).to.be.below(3000);
    });

    it('are put aside when they cannot be read', async () => {
      const app = await bootSql(server.group, {}, { log: new QuietLog() });
      const id = await create();
      await server.sql("UPDATE sessions SET data = '{broken'");
      const session = await app.service('sessionManager').open({ id });
      expect(session.id).to.not.equal(id);
      await app.service('sessionManager').finish(session);
      const kept = (await rows()).find((row) => String(row['id']).endsWith(':corrupt'));
      expect(String(kept?.['data'])).to.equal('{broken');
      expect(kept?.['lock_owner']).to.equal(null);
    });

    it('are collected in batches by age: never a locked one, never another application’s', async () => {
      const app = await bootSql(server.group);
      const hex = mysql() ? 'SHA2(seq, 256)' : "encode(sha256(seq::text::bytea), 'hex')";
      const series = mysql() ? 'seq_1_to_2300' : 'generate_series(1, 2300) seq';
      const ago = (seconds: number) =>
        mysql() ? `NOW() - INTERVAL ${seconds} SECOND` : `now() - interval '${seconds} s'`;
      const fill = (cookie: string, age: number) =>
        server.sql(
          `INSERT INTO sessions (id, ip_address, timestamp, data) SELECT concat('${cookie}:', ${hex}), '10.0.0.1', ${ago(age)}, 'x' FROM ${series}`,
        );
      await fill('blitz_session', 8000);
      await fill('other', 8000);
      const handler = await opened(optionsOf(app));
      const held = String((await rows())[7]?.['id']).slice('blitz_session:'.length);
      await handler.read(held);
      const young = await create();
      // The one that is held, and what was used a moment ago, stay.
      expect(await app.service('sessionManager').collect()).to.equal(2299);
      await handler.commit?.(held, 'still here', false);
      expect(await increment(young)).to.equal(1);
      expect(await rows()).to.have.length(2302);
      expect(await app.service('sessionManager').collect()).to.equal(0);
    });

    it('are found by the index on their time', async () => {
      const many = mysql() ? 'seq_1_to_20000' : 'generate_series(1, 20000) seq';
      const when = mysql() ? 'NOW() - INTERVAL seq SECOND' : "now() - seq * interval '1 s'";
      await server.sql(
        `INSERT INTO sessions (id, ip_address, timestamp, data) SELECT concat('blitz_session:', seq), '10.0.0.1', ${when}, 'x' FROM ${many}`,
        mysql() ? 'ANALYZE TABLE sessions' : 'ANALYZE sessions',
      );
      const condition = mysql()
        ? "`timestamp` < NOW() - INTERVAL 19000 SECOND AND (lock_until IS NULL OR lock_until < NOW(6)) AND LEFT(id, 14) = 'blitz_session:'"
        : `"timestamp" < now() - interval '19000 s' AND (lock_until IS NULL OR lock_until < clock_timestamp()) AND starts_with(id, 'blitz_session:')`;
      const plan = await server.sql(
        `EXPLAIN SELECT id FROM sessions WHERE ${condition} ORDER BY timestamp LIMIT 500`,
      );
      expect(JSON.stringify(plan)).to.contain('sessions_timestamp');
    });

    it('two collectors at once share the work', async () => {
      const app = await bootSql(server.group);
      const [series, old] = mysql()
        ? ['seq_1_to_3000', 'NOW() - INTERVAL 1 DAY']
        : ['generate_series(1, 3000) seq', "now() - interval '1 day'"];
      await server.sql(
        `INSERT INTO sessions (id, ip_address, timestamp, data) SELECT concat('blitz_session:', seq), '10.0.0.1', ${old}, 'x' FROM ${series}`,
      );
      const options = optionsOf(app);
      const collectors = await Promise.all([opened(options), opened(options)]);
      const removed = await Promise.all(collectors.map((collector) => collector.gc(7200)));
      expect(Number(removed[0]) + Number(removed[1])).to.be.within(500, 3000);
      await app.service('sessionManager').collect();
      expect(await rows()).to.have.length(0);
    });

    it('are judged by the server’s clock: a lock ends, and ages count, whatever the clock here says', async () => {
      const app = await bootSql(server.group, { lock_ttl: 0.3, lock_wait: 5 });
      await create({ n: 'kept' });
      const id = String((await rows())[0]?.['id']).slice('blitz_session:'.length);
      const stopped = await opened(optionsOf(app));
      await stopped.read(id);
      await pause(400);
      const next = await opened(optionsOf(app));
      expect(await next.read(id)).to.contain('kept');
      const late = Promise.resolve(stopped.commit?.(id, 'late', false));
      expect((await failureOf(late)).code).to.equal('E_SESSION_LOCK_LOST');
      await next.commit?.(id, null, false);
      expect(await next.peek?.(id)).to.contain('kept');
    });
  });
}

describe('sessions that are too large for MariaDB', () => {
  let server: MariadbServer;

  before(async function () {
    this.timeout(30_000);
    server = await MariadbServer.start({ args: ['--max-allowed-packet=1M', '--sql-mode='] });
  });

  after(() => server.stop());

  afterEach(closeSqlApps);

  for (const [title, data, fits, tooLarge] of [
    ['BlitzPHP’s blob', 'blob', 64_000, 66_000],
    ['max_allowed_packet', 'mediumblob', 1_000_000, 1_100_000],
  ] as const) {
    it(`${title}: refused before anything is written, and what was there stays`, async () => {
      await server.createTable('sessions', { data });
      await bootSql(server.group);
      const id = await create({ n: 0 });
      await Session.run(id, (session) => session.put('much', 'x'.repeat(fits)));
      const error = await failureOf(Session.run(id, (session) => session.put('much', 'y'.repeat(tooLarge))));
      expect(error.code).to.equal('E_SESSION_TOO_LARGE');
      expect((await failureOf(create({ much: 'z'.repeat(tooLarge) }))).code).to.equal('E_SESSION_TOO_LARGE');
      expect(await Session.run(id, (session) => session.get('much'))).to.equal('x'.repeat(fits));
    });
  }
});
