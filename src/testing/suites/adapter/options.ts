import { deepEqual, equal } from 'node:assert/strict';
import type { SuiteRunner } from '../../suite.js';
import { onSite } from './site.js';
import type { AdapterUnderTest } from './subject.js';

/** `readOnly`, `skip`, `context` and `start`. */
export function optionSuite(runner: SuiteRunner, subject: AdapterUnderTest): void {
  onSite(runner, subject, 'options', (site, it) => {
    it('readOnly: the last committed state, without waiting for the lock', async () => {
      const visitor = await site().known();
      const slow = await site().slow(visitor);
      deepEqual(await site().seen(visitor), { count: 1 });
      slow.release();
      await slow.reply;
      deepEqual(await site().seen(visitor), { count: 1, early: true, late: true });
    });

    it('readOnly: changes are refused, nothing is written, no cookie is given', async () => {
      const stranger = await site().visitor().get('/readonly/put');
      deepEqual([stranger.body, stranger.cookies], ['E_SESSION_READ_ONLY', []]);
      const visitor = await site().known();
      const reply = await visitor.get('/readonly/put');
      deepEqual([reply.body, reply.cookies], ['E_SESSION_READ_ONLY', []]);
      deepEqual(await site().seen(visitor), { count: 1 });
    });

    it('skip: no session, no cookie, nothing asked of the store', async () => {
      const visitor = await site().known();
      const { reads } = site().mood;
      site().mood.read = 'throws';
      const reply = await visitor.get('/skip/reach');
      deepEqual([reply.status, reply.body, reply.cookies], [200, '<E_SESSION_NO_REQUEST>', []]);
      equal(site().mood.reads, reads);
    });

    it('start: false opens nothing; session_start() does', async () => {
      const visitor = await site().known();
      const { reads } = site().mood;
      const reply = await visitor.get('/later/reach');
      deepEqual([reply.body, reply.cookies], ['<E_SESSION_NO_REQUEST>', []]);
      equal(site().mood.reads, reads);
      equal((await visitor.get('/later/count')).body, '2');
      equal((await visitor.get('/count')).body, '3', 'the lock is free');
      const stranger = site().visitor();
      const first = await stranger.get('/later/count');
      deepEqual([first.body, first.cookies.length], ['1', 1]);
      equal((await stranger.get('/later/count')).body, '2');
    });

    it("context: false leaves `session()` out and keeps the request's own", async () => {
      const visitor = site().visitor();
      equal((await visitor.get('/bare/own')).body, '1');
      equal((await visitor.get('/own')).body, '2');
      equal((await visitor.get('/bare/reach')).body, '<E_SESSION_NO_REQUEST>');
      deepEqual(await site().seen(visitor), { own: 2 });
    });
  });
}
