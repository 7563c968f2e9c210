import { equal, rejects } from 'node:assert/strict';
import type { Handler } from '../../contracts/handler.js';
import type { SuiteRunner } from '../suite.js';
import { type Bench, freshId, type HandlerUnderTest, isCode, prepare, reading, writing } from './bench.js';

/** How a handler excludes, and the capabilities that it adds to PHP’s methods. */
export function lockSuite(runner: SuiteRunner, subject: HandlerUnderTest): void {
  const { describe, it, before, after } = runner;
  describe(`${subject.name} handler: locks and fast path`, () => {
    let bench: Bench;
    before(async () => {
      bench = await prepare(subject);
    });
    after(() => bench.app.close());
    const has = (method: keyof Handler) => method in subject.handler.prototype;

    it('says whether it locks', async () => {
      equal((await bench.opened()).locks ?? false, subject.locks ?? false);
    });

    if (subject.locks)
      it('excludes a second reader until the first has closed', async () => {
        const id = freshId();
        await writing(bench, id, 'one');
        const first = await bench.opened();
        equal(await first.read(id), 'one');
        const second = await bench.opened();
        let entered = false;
        const waiting = Promise.resolve(second.read(id)).then((data) => {
          entered = true;
          return data;
        });
        await new Promise((resolve) => setTimeout(resolve, 40));
        equal(entered, false);
        await first.write(id, 'two');
        await first.close();
        equal(await waiting, 'two');
        await second.close();
      });

    if (subject.locks)
      it('stops waiting at the deadline and when the client leaves', async () => {
        const id = freshId();
        await writing(bench, id, 'one');
        const holder = await bench.opened();
        await holder.read(id);
        const late = await bench.opened({ deadline: bench.clock.now() + 30 });
        await rejects(async () => late.read(id), isCode('E_SESSION_LOCK_TIMEOUT'));
        await late.close();
        const leaving = new AbortController();
        const gone = await bench.opened({ signal: leaving.signal });
        setTimeout(() => leaving.abort(), 20);
        await rejects(async () => gone.read(id), isCode('E_SESSION_CLIENT_LEFT'));
        await gone.close();
        await holder.close();
        equal(await reading(bench, id), 'one');
      });

    if (subject.locks && has('uncontended') && has('commit'))
      it('never says that nobody waits for its lock when somebody does', async () => {
        const id = freshId();
        await writing(bench, id, 'one');
        const holder = await bench.opened();
        await holder.read(id);
        const waiting = await bench.opened();
        const read = Promise.resolve(waiting.read(id));
        await new Promise((resolve) => setTimeout(resolve, 40));
        await holder.commit?.(id, 'two', true);
        equal(holder.uncontended?.(), false);
        await holder.close();
        equal(await read, 'two');
        await waiting.close();
      });

    if (subject.locks)
      it('never collects a locked record', async () => {
        const id = freshId();
        await writing(bench, id, 'held');
        const holder = await bench.opened();
        await holder.read(id);
        // Well within the lease of the lock, well beyond the lifetime that the collector is given.
        bench.clock.advance(Math.min(2, bench.options.lockTtl / 2));
        const collector = await bench.opened();
        await collector.gc(0);
        await collector.close();
        await holder.write(id, 'still held');
        await holder.close();
        equal(await reading(bench, id), 'still held');
      });

    if (has('commit'))
      it('commits, touches and unlocks in one call', async () => {
        const id = freshId();
        await writing(bench, id, 'one');
        const first = await bench.opened();
        await first.read(id);
        await first.commit?.(id, 'two', false);
        const second = await bench.opened();
        equal(await second.read(id), 'two');
        await second.commit?.(id, null, false);
        equal(await reading(bench, id), 'two');
        await rejects(async () => second.commit?.(id, 'late', false), isCode('E_SESSION_LOCK_LOST'));
        equal(await reading(bench, id), 'two');
      });

    if (has('commit'))
      it('does not write under a lock that it never had', async () => {
        const id = freshId();
        const stranger = await bench.opened();
        await rejects(async () => stranger.commit?.(id, 'data', false), isCode('E_SESSION_LOCK_LOST'));
        await stranger.close();
        equal(await reading(bench, id), '');
      });

    if (has('create'))
      it('refuses to create what exists', async () => {
        const id = freshId();
        const first = await bench.opened();
        equal(await first.create?.(id, 'mine'), true);
        await first.close();
        const second = await bench.opened();
        equal(await second.create?.(id, 'yours'), false);
        await second.close();
        equal(await reading(bench, id), 'mine');
      });

    if (has('peek'))
      it('shows the last committed record without waiting for the lock', async () => {
        const id = freshId();
        await writing(bench, id, 'committed');
        const holder = await bench.opened();
        await holder.read(id);
        const reader = await bench.opened();
        equal(await reader.peek?.(id), 'committed');
        await reader.close();
        await holder.close();
      });

    if (has('handOver'))
      it('hands its lock over within the process', async () => {
        const id = freshId();
        await writing(bench, id, 'one');
        const first = await bench.opened();
        await first.read(id);
        await first.commit?.(id, 'two', true);
        const held = first.handOver?.();
        await first.close();
        const second = await bench.opened();
        second.adopt?.(held);
        await second.commit?.(id, 'three', false);
        equal(await reading(bench, id), 'three');
      });
  });
}
