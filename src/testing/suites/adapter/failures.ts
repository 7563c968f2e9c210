import { deepEqual, equal, ok } from 'node:assert/strict';
import type { SuiteRunner } from '../../suite.js';
import type { Reply } from './client.js';
import { onSite } from './site.js';
import type { AdapterUnderTest } from './subject.js';

/** Errors of the application and of the store. */
export function failureSuite(runner: SuiteRunner, subject: AdapterUnderTest): void {
  const answers = ['/count', '/redirect', '/stream', '/empty', '/unchanged', '/headers'];
  if (subject.raw !== false) answers.push('/raw');

  onSite(runner, subject, 'failures', (site, it) => {
    for (const path of ['/throw', '/reject']) {
      it(`${path}: 500, and what was changed before is saved`, async () => {
        const visitor = site().visitor();
        for (const count of [1, 2]) {
          const reply = await visitor.get(path);
          deepEqual([reply.status, reply.cookies.length], [500, 1]);
          deepEqual(await site().seen(visitor), { count });
        }
      });
    }

    for (const path of answers) {
      it(`${path}, and the save fails: an error and nothing of what was prepared`, async () => {
        for (const visitor of [site().visitor(), await site().known()]) {
          site().mood.write = 'throws';
          unavailable(await visitor.get(path));
          site().mood.write = 'works';
          site().actions.release();
          deepEqual(await site().seen(visitor), visitor.cookie === undefined ? {} : { count: 1 });
        }
      });
    }

    it('HEAD, and the save fails: an error', async () => {
      site().mood.write = 'throws';
      unavailable(await site().visitor().get('/count', { method: 'HEAD' }));
    });

    it('an operation that nobody awaited, and that fails: an error', async () => {
      const visitor = await site().known();
      site().mood.write = 'throws';
      unavailable(await visitor.get('/forgotten'));
    });

    it('an error of the application, and the save fails too: an error without the cookie', async () => {
      site().mood.write = 'throws';
      for (const path of ['/throw', '/reject']) {
        const reply = await site().visitor().get(path);
        ok(reply.status >= 500, String(reply.status));
        deepEqual(reply.cookies, []);
      }
    });

    it('a session that cannot be read: 503, and the handler does not run', async () => {
      const visitor = await site().known();
      site().mood.read = 'throws';
      const ran = site().actions.ran.get('/count');
      unavailable(await visitor.get('/count'));
      equal(site().actions.ran.get('/count'), ran);
      site().mood.read = 'works';
      equal((await visitor.get('/count')).body, '2');
    });
  });
}

function unavailable({ status, headers, cookies, body }: Reply): void {
  equal(status, 503);
  ok(Number(headers['retry-after']) >= 1, `Retry-After: ${headers['retry-after']}`);
  deepEqual(cookies, []);
  deepEqual([headers.location, headers['x-own']], [undefined, undefined]);
  ok(!/fine|begun/.test(body), body);
}
