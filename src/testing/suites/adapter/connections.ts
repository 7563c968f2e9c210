import { deepEqual, equal, notEqual, ok } from 'node:assert/strict';
import { Agent } from 'node:http';
import type { SuiteRunner } from '../../suite.js';
import { pipelined, sleep, until } from './client.js';
import { onSite } from './site.js';
import type { AdapterUnderTest } from './subject.js';

/** Many requests at once, one after another on one connection, and clients that leave. */
export function connectionSuite(runner: SuiteRunner, subject: AdapterUnderTest): void {
  const nobody = '<E_SESSION_NO_REQUEST>';

  onSite(runner, subject, 'connections', (site, it) => {
    it('fifty requests of one visitor that read, wait and write lose nothing', async () => {
      const visitor = await site().known();
      const replies = await Promise.all(Array.from({ length: 50 }, () => visitor.get('/wait')));
      ok(replies.every(({ status }) => status === 200));
      deepEqual(await site().seen(visitor), { count: 51 });
    });

    it('keep-alive: no request sees the session of the one before', async () => {
      const agent = new Agent({ keepAlive: true, maxSockets: 1 });
      const ask = async (path: string) => (await site().visitor().get(path, { agent })).body;
      for (let round = 0; round < 3; round++) {
        equal(await ask('/name/ada'), '<Ada>');
        equal(await ask('/skip/reach'), nobody);
        equal(await ask('/bare/reach'), nobody);
        equal(await ask('/reach'), '<nobody>');
      }
      agent.destroy();
    });

    it('pipelined requests: answers in order, each with its own session', async () => {
      const paths = ['/name/ada', '/skip/reach', '/reach', '/name/bob', '/bare/reach', '/reach'];
      const text = await pipelined(site().port, paths);
      deepEqual(text.match(/<[^>]*>/g), ['<Ada>', nobody, '<nobody>', '<Bob>', nobody, '<nobody>']);
    });

    it('visitors side by side never see each other', async () => {
      const replies = await Promise.all(
        Array.from({ length: 40 }, async (_, at) => {
          const visitor = site().visitor();
          const name = at % 2 === 0 ? 'ada' : 'bob';
          const { body } = await visitor.get(`/name/${name}`);
          return body.toLowerCase() === `<${name}>`;
        }),
      );
      ok(replies.every(Boolean));
    });

    it('a client that leaves while its request waits: the handler does not run', async () => {
      const visitor = await site().known();
      const slow = await site().slow(visitor);
      const ran = site().actions.ran.get('/count');
      await visitor.abandon('/count', () => sleep(40));
      await sleep(20);
      slow.release();
      equal((await slow.reply).body, 'fine');
      deepEqual(await site().seen(visitor), { count: 1, early: true, late: true });
      equal((await visitor.get('/count')).body, '2', 'the next in line');
      equal(site().actions.ran.get('/count'), (ran ?? 0) + 1);
    });

    it('a client that leaves while the session is read: the handler does not run', async () => {
      const visitor = await site().known();
      const ran = site().actions.ran.get('/count');
      const { reads } = site().mood;
      site().mood.reading = 60;
      await visitor.abandon('/count', () => until(() => site().mood.reads > reads, 'the read'));
      site().mood.reading = 0;
      deepEqual((await visitor.get('/see')).body, '{"count":1}');
      equal(site().actions.ran.get('/count'), ran);
    });

    it('a client that leaves, and a handler that never ends: the lock is free after lock_ttl', async () => {
      const visitor = await site().known();
      await visitor.abandon('/slow', () => site().running('/slow'));
      equal((await visitor.get('/count')).body, '2');
      equal(site().actions.waiting, 1);
      site().actions.release();
      await sleep(5);
      deepEqual(await site().seen(visitor), { count: 2, early: true });
    });

    it('a client that leaves later: what its handler changes is saved', async () => {
      const visitor = await site().known();
      await visitor.abandon('/slow', () => site().running('/slow'));
      await sleep(20);
      site().actions.release();
      equal((await visitor.get('/count')).body, '2', 'the lock is free');
      deepEqual(await site().seen(visitor), { count: 2, early: true, late: true });
    });

    it('a client that leaves in the middle of a stream harms nobody', async () => {
      const visitor = await site().known();
      await visitor.abandon('/stream', () => site().running('/stream'));
      equal((await visitor.get('/count')).body, '3');
      site().actions.release();
      equal((await visitor.get('/count')).body, '4');
    });

    it('a logout beside slow requests is not undone by them', async () => {
      const visitor = await site().known();
      const { cookie } = visitor;
      const slow = await site().slow(visitor);
      const logout = site().visitor(cookie).get('/logout');
      await sleep(20);
      const behind = site().visitor(cookie);
      const late = behind.get('/count');
      await sleep(20);
      slow.release();
      await Promise.all([slow.reply, logout, late]);
      notEqual(behind.cookie, cookie);
      deepEqual(await site().seen(site().visitor(cookie)), {});
      deepEqual(await site().seen(behind), { count: 1 });
    });

    it('a thousand requests in parallel, without a warning', async () => {
      const heard: Error[] = [];
      const hear = (warning: Error) => heard.push(warning);
      process.on('warning', hear);
      const agent = new Agent({ keepAlive: true, maxSockets: 250 });
      const visitor = await site().known();
      const replies = await Promise.all(
        Array.from({ length: 1000 }, (_, at) =>
          (at % 20 === 0 ? visitor : site().visitor()).get('/count', { agent }),
        ),
      );
      agent.destroy();
      await sleep(5);
      process.off('warning', hear);
      deepEqual(heard, []);
      ok(replies.every(({ status }) => status === 200));
      deepEqual(await site().seen(visitor), { count: 51 });
    });
  });
}
