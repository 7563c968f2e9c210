import { rm } from 'node:fs/promises';
import {
  Application,
  FileHandler,
  MemcachedHandler,
  RedisHandler,
  Session,
  type SessionOptions,
} from 'blitz-session';
import { ShiftedClock } from 'blitz-session/testing';
import { expect } from 'chai';
import { temporaryFolder, Worker } from '../fixtures/processes.ts';
import { MemcachedServer } from '../fixtures/servers/memcached.ts';
import { RedisServer } from '../fixtures/servers/redis.ts';

/** No chain of hand-overs becomes long by this clock, so that only the question who else waits can end one. */
class StoppedClock extends ShiftedClock {
  override now(): number {
    return 1_800_000_000_000;
  }
}

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
const HOT = { gc_probability: 0, lock_max_waiters: 1000, lock_wait: 60, expiration: 10 ** 9 };

/** Parallel requests for one session, which a process hands from one to the next. */
function hotSuite(
  name: string,
  handler: typeof FileHandler | typeof RedisHandler | typeof MemcachedHandler,
  start: () => Promise<[string, () => unknown]>,
) {
  describe(`a session that everybody wants, ${name}`, () => {
    let options: SessionOptions;
    let stop: () => unknown;
    let app: Application | undefined;
    let reads = 0;

    before(async () => {
      const [savePath, end] = await start();
      options = { ...HOT, handler: name as 'file', savePath };
      stop = end;
    });
    after(() => stop());
    afterEach(async () => {
      await app?.close();
      app = undefined;
    });

    async function begin(): Promise<string> {
      const Base = handler as typeof FileHandler;
      class Counting extends Base {
        override read(id: string) {
          reads++;
          return super.read(id);
        }
      }
      app = await Application.boot({
        root: '/nowhere',
        clock: new StoppedClock(),
        config: { session: { ...options, handler: Counting } },
      });
      const id = await Session.run(undefined, (session) => {
        session.put('n', 0);
        return session.id;
      });
      reads = 0;
      return id;
    }

    it('stays in the process as long as no other one wants it', async () => {
      const id = await begin();
      const requests = Array.from({ length: 100 }, () =>
        Session.run(id, (session) => session.increment('n')),
      );
      expect((await Promise.all(requests)).sort((a, b) => a - b)).to.deep.equal(
        Array.from({ length: 100 }, (_, n) => n + 1),
      );
      expect(reads).to.equal(1);
      expect(await Session.run(id, (session) => session.get('n'))).to.equal(100);
    });

    it('goes to another process that waits, and comes back', async () => {
      const id = await begin();
      const worker = await Worker.start(options);
      let finished = 0;
      const requests = Array.from({ length: 300 }, () =>
        Session.run(id, async (session) => {
          const seen = session.get<number>('n') ?? 0;
          await pause(1);
          session.put('n', seen + 1);
        }).then(() => finished++),
      );
      await pause(20);
      await worker.ask('turns', { id, times: 2 });
      expect(finished).to.be.within(1, 299);
      await Promise.all(requests);
      expect(await Session.run(id, (session) => session.get('n'))).to.equal(302);
      expect(reads).to.be.above(2);
      await worker.stop();
    });

    it('is not lost to who holds it because others have said that they wait', async () => {
      const id = await begin();
      const worker = await Worker.start(options);
      await worker.ask('hold', { id }, 'holding');
      const waiting = Array.from({ length: 5 }, () => Session.run(id, (session) => session.increment('n')));
      await pause(60);
      await worker.ask('let go');
      await Promise.all(waiting);
      expect(await Session.run(id, (session) => session.all())).to.deep.equal({ n: 5, held: true });
      await worker.stop();
    });
  });
}

hotSuite('file', FileHandler, async () => {
  const path = await temporaryFolder();
  return [path, () => rm(path, { recursive: true, force: true })];
});

hotSuite('redis', RedisHandler, async () => {
  const server = await RedisServer.start();
  return [server.address, () => server.stop()];
});

hotSuite('memcached', MemcachedHandler, async () => {
  const server = await MemcachedServer.start();
  return [server.address, () => server.stop()];
});
