import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Application, Session, session } from 'blitz-session';
import { withSession } from 'blitz-session/node';
import { ShiftedClock } from 'blitz-session/testing';
import { expect } from 'chai';
import { bootRedis, closeApps, create, failureOf, increment } from '../fixtures/redis-app.ts';
import { RedisServer, until } from '../fixtures/servers/redis.ts';
import { cookieOf } from '../fixtures/store-app.ts';

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

describe('what redis is asked', () => {
  let server: RedisServer;
  let clock: ShiftedClock;
  let app: Application;

  before(async () => {
    server = await RedisServer.start();
  });

  after(() => server.stop());

  beforeEach(async () => {
    await server.command('FLUSHALL');
    clock = new ShiftedClock();
    app = await bootRedis(server.address, { expiration: 1000 }, { clock });
    // The scripts are sent once a connection, and then known by their sum.
    await increment(await create());
  });

  afterEach(closeApps);

  /** The commands of one request, without their arguments. */
  async function asked(work: () => PromiseLike<unknown>): Promise<string[]> {
    return (await server.monitored(work)).map(([name = '']) => name.toUpperCase());
  }

  describe('over HTTP', () => {
    const readOnly = { on: false };
    let url: string;
    let stop: () => void;

    beforeEach(async () => {
      const listener = withSession(
        app,
        (_request, response) => {
          const seen = readOnly.on ? session('n') : session().increment('n');
          response.end(String(seen ?? ''));
        },
        { readOnly: () => readOnly.on },
      );
      const http = createServer(listener);
      await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
      url = `http://127.0.0.1:${(http.address() as AddressInfo).port}/`;
      stop = () => {
        http.closeAllConnections();
        http.close();
      };
    });

    afterEach(() => {
      readOnly.on = false;
      stop();
    });

    it('two round trips for an ordinary request, one for a visitor without a cookie, one GET for readOnly', async () => {
      let cookie = '';
      expect(
        await asked(async () => {
          cookie = cookieOf(await fetch(url)) ?? '';
        }),
      ).to.deep.equal(['SET']);
      const visit = async () => (await fetch(url, { headers: { cookie } })).text();
      await asked(visit);
      expect(await asked(visit)).to.deep.equal(['EVALSHA', 'EVALSHA']);
      readOnly.on = true;
      let seen = '';
      expect(
        await asked(async () => {
          seen = await visit();
        }),
      ).to.deep.equal(['GET']);
      expect(seen).to.equal('3');
    });
  });

  it('two round trips for a request that changes nothing, and for one that only touches', async () => {
    const id = await create();
    const manager = app.service('sessionManager');
    const look = async () => {
      const opened = await manager.open({ id });
      opened.store.get('n');
      await manager.finish(opened);
    };
    await look();
    expect(await asked(look)).to.deep.equal(['EVALSHA', 'EVALSHA']);
    const [key = ''] = (await server.command('KEYS', '*')) as string[];
    const before = String(await server.command('GET', key));
    clock.advance(200);
    await asked(look);
    expect(await asked(look)).to.deep.equal(['EVALSHA', 'EVALSHA']);
    const keys = (await server.command('KEYS', '*')) as string[];
    const touched = await Promise.all(keys.map((each) => server.command('GET', each)));
    // The touch renews the time in front of the data, and sends no data.
    expect(touched.map((each) => String(each).slice(24))).to.include(before.slice(24));
  });

  it('one for an id that nobody knows, and nothing is left by the question', async () => {
    const manager = app.service('sessionManager');
    const unknown = '0123456789abcdef0123456789abcdef';
    expect(await asked(() => manager.find(unknown))).to.deep.equal(['GET']);
    let opened: Awaited<ReturnType<typeof manager.open>> | undefined;
    expect(
      await asked(async () => {
        opened = await manager.open({ id: unknown });
      }),
    ).to.deep.equal(['EVALSHA']);
    expect(await server.command('DBSIZE')).to.equal(1);
    await opened?.abandon();
  });

  it('keeps a record for the lifetime and as long as a session may stay open, in the server’s clock', async () => {
    const life = (1000 + 300) * 1000;
    await server.command('FLUSHALL');
    const id = await create();
    const [key = ''] = (await server.command('KEYS', '*')) as string[];
    expect(Number(await server.command('PTTL', key))).to.be.within(life, life + 61_000);
    await server.command('PEXPIRE', key, 5000);
    await increment(id);
    expect(Number(await server.command('PTTL', key))).to.be.within(life, life + 61_000);
    await server.command('PEXPIRE', key, 5000);
    clock.advance(900);
    await Session.run(id, (store) => store.get('n'));
    expect(Number(await server.command('PTTL', key))).to.be.within(life, life + 61_000);
  });

  it('the lock has an owner, lock_ttl to live, and the slot of its record', async () => {
    const id = await create();
    await Session.run(id, async () => {
      const [lock = ''] = (await server.command('KEYS', '*:lock')) as string[];
      expect(lock).to.match(/^\{blitz_session:blitz_session:[0-9a-f]{64}\}:lock$/);
      expect(await server.command('GET', lock)).to.match(/^[0-9a-f]{32}$/);
      expect(Number(await server.command('PTTL', lock))).to.be.within(25_000, 30_000);
      expect(await server.command('EXISTS', lock.slice(1, -6))).to.equal(1);
    });
    expect(await server.command('KEYS', '*:lock')).to.deep.equal([]);
  });

  it('renews the lease of a long request, and closes it after lock_max', async () => {
    await closeApps();
    app = await bootRedis(server.address, { lock_ttl: 0.3, lock_max: 1.2 });
    const id = await create();
    await Session.run(id, async (store) => {
      await pause(800);
      store.put('n', 'long');
    });
    expect(await Session.run(id, (store) => store.get('n'), { readOnly: true })).to.equal('long');
    const error = await failureOf(
      Session.run(id, async (store) => {
        store.put('n', 'too long');
        await pause(1300);
      }),
    );
    expect(error.code).to.equal('E_SESSION_LOCK_LOST');
    expect(await server.command('KEYS', '*:lock')).to.deep.equal([]);
    expect(await Session.run(id, (store) => store.get('n'), { readOnly: true })).to.equal('long');
  });

  it('stops asking for a lock when the client has left', async () => {
    const id = await create();
    const other = await bootRedis(server.address);
    const leaving = new AbortController();
    const holder = await app.service('sessionManager').open({ id });
    const client = { gone: false, signal: leaving.signal };
    const waiting = failureOf(other.service('sessionManager').open({ id, client }));
    await until('it asks', async () => (await asked(() => pause(30))).length > 2);
    client.gone = true;
    leaving.abort();
    expect((await waiting).code).to.equal('E_SESSION_CLIENT_LEFT');
    expect(await asked(() => pause(50))).to.deep.equal([]);
    await app.service('sessionManager').finish(holder);
  });
});
