import { rm } from 'node:fs/promises';
import { Application, Session, type SessionOptions } from 'blitz-session';
import { expect } from 'chai';
import { randomFrom, temporaryFolder, Worker } from '../fixtures/processes.ts';

const SEED = Number(process.env['SEED'] ?? Date.now() % 2 ** 31);

for (const file_lock of ['flock', 'lease'] as const) {
  describe(`several processes on one folder, ${file_lock}`, () => {
    let options: SessionOptions & { savePath: string };
    let app: Application;

    before(async () => {
      const savePath = await temporaryFolder();
      options = {
        handler: 'file',
        savePath,
        file_lock,
        lock_max_waiters: 1000,
        lock_wait: 60,
        gc_probability: 0,
      };
      app = await Application.boot({ root: savePath, config: { session: options } });
    });

    after(async () => {
      await app.close();
      await rm(options.savePath, { recursive: true });
    });

    const create = (values: Record<string, unknown>) =>
      Session.run(undefined, (session) => {
        session.put(values);
        return session.id;
      });

    it('loses none of 4 × 250 parallel increments', async () => {
      const id = await create({ n: 0 });
      const workers = await Promise.all(Array.from({ length: 4 }, () => Worker.start(options)));
      await Promise.all(workers.map((worker) => worker.ask('increment', { id, times: 250 })));
      expect(await Session.run(id, (session) => session.get('n'))).to.equal(1000);
      await Promise.all(workers.map((worker) => worker.stop()));
    });

    it('keeps all of 26 keys written in parallel', async () => {
      const id = await create({});
      const letters = [...'abcdefghijklmnopqrstuvwxyz'];
      const workers = await Promise.all(Array.from({ length: 4 }, () => Worker.start(options)));
      await Promise.all(
        workers.map((worker, w) => worker.ask('keys', { id, keys: letters.filter((_, i) => i % 4 === w) })),
      );
      const kept = await Session.run(id, (session) => session.all());
      expect(Object.keys(kept).sort()).to.deep.equal(letters);
      await Promise.all(workers.map((worker) => worker.stop()));
    });

    it('gives every process its turn on a hot session', async () => {
      const id = await create({ n: 0 });
      const [crowded, single] = await Promise.all([Worker.start(options), Worker.start(options)]);
      let crowdIsDone = false;
      const crowd = crowded.ask('increment', { id, times: 400 }).then(() => {
        crowdIsDone = true;
      });
      await single.ask('turns', { id, times: 10 });
      // A process that handed the lock on within itself for as long as it could would let nobody in until its end.
      expect(crowdIsDone).to.equal(false);
      await crowd;
      expect(await Session.run(id, (session) => session.get('n'))).to.equal(410);
      await Promise.all([crowded.stop(), single.stop()]);
    });
  });

  describe(`a killed process, ${file_lock}`, () => {
    const lock_ttl = 0.5;
    const kills = file_lock === 'flock' ? 140 : 60;
    let options: SessionOptions & { savePath: string };
    let app: Application;

    before(async () => {
      const savePath = await temporaryFolder();
      options = { handler: 'file', savePath, file_lock, lock_ttl, lock_max: 60, gc_probability: 0 };
      app = await Application.boot({ root: savePath, config: { session: options } });
    });

    after(async () => {
      await app.close();
      await rm(options.savePath, { recursive: true });
    });

    it(`frees its lock ${file_lock === 'flock' ? 'at once' : 'within lock_ttl'}`, async () => {
      const id = await Session.run(undefined, (session) => {
        session.put('n', 0);
        return session.id;
      });
      const worker = await Worker.start(options);
      await worker.ask('hold', { id }, 'holding');
      await worker.kill();
      const began = performance.now();
      await Session.run(id, (session) => {
        expect(session.has('held')).to.equal(false);
      });
      expect(performance.now() - began).to.be.below(file_lock === 'flock' ? 250 : lock_ttl * 1000 + 250);
    });

    it(`leaves a whole session, ${kills} times at random (seed ${SEED})`, async function () {
      this.timeout(240_000);
      const random = randomFrom(SEED);
      const batch = 4;
      for (let done = 0; done < kills; done += batch) {
        await Promise.all(
          Array.from({ length: Math.min(batch, kills - done) }, async () => {
            const id = await Session.run(undefined, (session) => {
              session.put({ n: 0, filler: '', length: 0 });
              return session.id;
            });
            const [seed, pause] = [Math.floor(random() * 1000), random() * 25];
            const worker = await Worker.start(options);
            await worker.ask('spin', { id, seed }, 'spinning');
            await new Promise((resolve) => setTimeout(resolve, pause));
            await worker.kill();
            const began = performance.now();
            const { n, filler, length } = (await Session.run(id, (session) => session.all())) as {
              n: number;
              filler: string;
              length: number;
            };
            const waited = performance.now() - began;
            expect(filler.length, `seed ${SEED}, after ${n} writes`).to.equal(length);
            expect(waited, `seed ${SEED}`).to.be.below(lock_ttl * 1000 + 500);
          }),
        );
      }
    });
  });
}
