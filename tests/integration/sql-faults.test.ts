import { Session } from 'blitz-session';
import { expect } from 'chai';
import { create, everything, failureOf, increment, untilItWorks } from '../fixtures/redis-app.ts';
import { until } from '../fixtures/servers/redis.ts';
import { TcpProxy } from '../fixtures/servers/tcp-proxy.ts';
import { bootSql, closeSqlApps, SQL_SERVERS, type SqlServer } from '../fixtures/sql-app.ts';

const SECRET = 'a-value-that-nobody-may-see';
/** Milliseconds within which the sessions work again once the server is back. */
const SOON = 2000;
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
const read = (id: string) => Session.run(id, (session) => session.get('n'), { readOnly: true });

for (const [name, start] of SQL_SERVERS) {
  describe(`${name} that fails`, function () {
    this.timeout(30_000);
    let server: SqlServer;

    before(async () => {
      server = await start();
    });

    after(() => server.stop());

    beforeEach(() => server.createTable());

    afterEach(closeSqlApps);

    async function lockedRows(): Promise<number> {
      return (await server.sql('SELECT 1 FROM sessions WHERE lock_until IS NOT NULL')).length;
    }

    /** Requests that read, write, create and look fail, in time and without saying what they must not. */
    async function expectFailures(id: string, cause?: RegExp): Promise<void> {
      const began = performance.now();
      const attempts = [increment(id), create({ SECRET }), read(id)].map(failureOf);
      for (const error of await Promise.all(attempts)) {
        expect([error.code, error.status]).to.deep.equal(['E_SESSION_BACKEND', 503]);
        const text = everything(error);
        expect(text)
          .to.not.contain(id)
          .and.not.contain(SECRET)
          .and.not.match(/\bsecret\b|[0-9a-f]{64}/);
        if (cause !== undefined) expect(text).to.match(cause);
      }
      expect(performance.now() - began).to.be.below(4000);
    }

    /** Four at a time for `seconds` while `harm` is done again and again: what was told as saved, and what failed. */
    async function load(id: string, seconds: number, every: number, harm: () => unknown) {
      let [saved, failed] = [0, 0];
      const end = performance.now() + seconds * 1000;
      const harming = (async () => {
        while (performance.now() < end) {
          await pause(every);
          await harm();
        }
      })();
      const lane = async () => {
        while (performance.now() < end) {
          await increment(id).then(
            () => saved++,
            () => failed++,
          );
        }
      };
      await Promise.all([harming, lane(), lane(), lane(), lane()]);
      return { saved, failed };
    }

    it('connections killed under load: no write that was told as saved is lost, no lock stays', async () => {
      await bootSql(server.group, { lock_ttl: 2, lock_wait: 5 });
      const id = await create();
      const { saved, failed } = await load(id, 3, 20, () => server.killConnections());
      await untilItWorks(() => increment(id));
      expect(saved).to.be.above(10);
      // A commit whose answer was cut off may have been saved; one that was told as saved always was.
      expect(await read(id)).to.be.within(saved + 1, saved + failed + 1);
      await until('every lock is free', async () => (await lockedRows()) === 0, 3);
    });

    it('connections killed while a request works: it is saved all the same', async () => {
      await bootSql(server.group);
      const id = await create();
      await Session.run(id, async (session) => {
        session.increment('n');
        await server.killConnections();
        await pause(20);
      });
      expect(await read(id)).to.equal(1);
    });

    it('a lock that somebody else has by now: nothing is written', async () => {
      await bootSql(server.group);
      const id = await create({ n: 'before' });
      const write = (harm: string) =>
        failureOf(
          Session.run(id, async (session) => {
            session.put('n', 'after');
            await server.sql(harm);
          }),
        );
      const stolen = await write("UPDATE sessions SET lock_owner = 'somebody else'");
      expect(stolen.code).to.equal('E_SESSION_LOCK_LOST');
      expect(await read(id)).to.equal('before');
      await server.sql('UPDATE sessions SET lock_owner = NULL, lock_until = NULL');
      const deleted = await write('DELETE FROM sessions');
      expect(deleted.code).to.equal('E_SESSION_LOCK_LOST');
      expect(await server.sql('SELECT 1 FROM sessions')).to.have.length(0);
    });

    it('crashed and started again: 503 meanwhile, soon after it works, and what was saved is there', async () => {
      await bootSql(server.group);
      const id = await create();
      await increment(id);
      await server.crash();
      await expectFailures(id, /ECONNREFUSED|connection is lost|terminat/i);
      await server.process.start();
      expect(await untilItWorks(() => increment(id))).to.be.below(SOON);
      expect(await read(id)).to.equal(2);
    });

    it('crashed in the middle of a request: it is saved, or told as failed; nothing in between', async () => {
      await bootSql(server.group);
      const id = await create();
      const outcome = await Session.run(id, async (session) => {
        session.increment('n');
        await server.crash();
        await server.process.start();
      }).then(
        () => 'saved',
        (error: { code: string }) => error.code,
      );
      expect(outcome).to.be.oneOf(['saved', 'E_SESSION_LOCK_LOST', 'E_SESSION_BACKEND']);
      const n = await read(id);
      if (outcome === 'saved') expect(n).to.equal(1);
      if (outcome === 'E_SESSION_LOCK_LOST') expect(n).to.equal(0);
    });

    it('full: what has a connection goes on, and 40 requests share it', async () => {
      await until('all others have gone', async () => (await server.connections()) === 0);
      await server.limitConnections(1);
      try {
        await bootSql(server.group);
        const id = await create();
        await Promise.all(Array.from({ length: 40 }, () => increment(id)));
        const others = await Promise.all(Array.from({ length: 40 }, () => create()));
        await Promise.all(others.map(increment));
        expect(await read(id)).to.equal(40);
      } finally {
        await server.limitConnections(-1);
      }
    });

    it('only to be read: 503 with the reason, and works when it may be written', async () => {
      await bootSql(server.group);
      const id = await create();
      await server.readOnly(true);
      try {
        await until('it is read-only', async () => (await failureOf(increment(id))).code !== undefined, 3);
        const error = await failureOf(increment(id));
        expect(error.code).to.equal('E_SESSION_BACKEND');
        expect(everything(error)).to.match(/read[-_ ]only/i);
      } finally {
        await server.readOnly(false);
      }
      expect(await untilItWorks(() => increment(id))).to.be.below(SOON);
    });

    it('a conflict with another transaction is tried again', async () => {
      await bootSql(server.group);
      const id = await create();
      await server.conflictOnce();
      expect(await increment(id)).to.equal(1);
      expect(await read(id)).to.equal(1);
    });

    it('a row that another transaction keeps: 503 in time for its session, nothing for others', async () => {
      await bootSql(server.group);
      const [kept, free] = [await create(), await create()];
      const [row] = await server.sql('SELECT id FROM sessions ORDER BY timestamp, id');
      const release = await server.holdRow(String(row?.['id']));
      const began = performance.now();
      const outcomes = await Promise.all(
        [kept, free].map((id) => increment(id).catch((error) => error.code)),
      );
      expect(performance.now() - began).to.be.below(2500);
      expect(outcomes).to.have.members(['E_SESSION_BACKEND', 1]);
      await release();
      await Promise.all([kept, free].map((id) => untilItWorks(() => increment(id))));
    });

    it('200 sessions in flight over four connections', async () => {
      // What waits for a connection waits for the disk of all the others.
      await bootSql({ ...server.group, pool: { max: 4 } }, { operation_timeout: 15, lock_ttl: 60 });
      const ids = await Promise.all(Array.from({ length: 200 }, () => create()));
      let [open, most] = [0, 0];
      const all = ids.map((id) =>
        Session.run(id, async (session) => {
          most = Math.max(most, ++open);
          await until('all are open', async () => most === 200, 20);
          session.increment('n');
          open--;
        }),
      );
      await Promise.all(all);
      expect(await server.connections()).to.be.at.most(4);
      expect(await Promise.all(ids.map(read))).to.deep.equal(Array(200).fill(1));
    });

    it('leaves no connection behind when the application is closed', async () => {
      const app = await bootSql(server.group);
      await Promise.all(Array.from({ length: 20 }, () => create()));
      expect(await server.connections()).to.be.within(1, 8);
      await app.close();
      await until('the connections are gone', async () => (await server.connections()) === 0, 2);
    });

    it('is told nothing by the server that differs from lock to lock but the values', async () => {
      const proxy = await TcpProxy.start(server.port);
      try {
        await bootSql({ ...server.group, port: proxy.port });
        const id = await create();
        await increment(id);
        const answers: Buffer[] = [];
        proxy.onAnswer = (data) => answers.push(data);
        await increment(id);
        const told = Buffer.concat(answers).toString('latin1');
        expect(told).to.not.match(/lock_owner|[0-9a-f]{32}/);
        expect(told).to.not.equal('');
      } finally {
        await proxy.close();
      }
    });

    describe('behind a line that fails', () => {
      let proxy: TcpProxy;

      beforeEach(async () => {
        proxy = await TcpProxy.start(server.port);
        await bootSql({ ...server.group, port: proxy.port }, { lock_ttl: 2, lock_wait: 5 });
      });

      afterEach(() => proxy.close());

      it('cut again and again: no write that was told as saved is lost, no lock stays', async () => {
        const id = await create();
        const { saved, failed } = await load(id, 2, 23, () => proxy.cut());
        await untilItWorks(() => increment(id));
        expect(failed).to.be.above(5);
        expect(await read(id)).to.be.within(saved + 1, saved + failed + 1);
        await until('every lock is free', async () => (await lockedRows()) === 0, 3);
      });

      it('hanging: 503 within operation_timeout, and soon after it works; no lock stays', async () => {
        const id = await create();
        proxy.hang();
        await expectFailures(id);
        await expectFailures(id);
        proxy.resume();
        expect(await untilItWorks(() => increment(id))).to.be.below(SOON);
        await until('every lock is free', async () => (await lockedRows()) === 0, 3);
      });

      it('hanging at the end of a request: told as failed, and what follows counts on from it', async () => {
        const id = await create();
        const error = await failureOf(
          Session.run(id, (session) => {
            session.increment('n');
            proxy.hang();
          }),
        );
        expect(error.code).to.equal('E_SESSION_BACKEND');
        proxy.resume();
        await untilItWorks(() => increment(id));
        expect(await read(id)).to.be.oneOf([1, 2]);
      });
    });
  });
}
