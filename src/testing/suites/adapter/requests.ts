import { deepEqual, equal, match, notEqual, ok } from 'node:assert/strict';
import type { SuiteRunner } from '../../suite.js';
import { until } from './client.js';
import { onSite } from './site.js';
import type { AdapterUnderTest } from './subject.js';

const MULTIPART = [
  '--limit',
  'Content-Disposition: form-data; name="other"; filename="a.txt"',
  'Content-Type: text/plain',
  '',
  'a file',
  '--limit',
  'Content-Disposition: form-data; name="name"',
  '',
  'Zoé',
  '--limit--',
  '',
].join('\r\n');

const BODIES: Readonly<Record<string, readonly [type: string, body: string | readonly string[]]>> = {
  JSON: ['application/json', '{"name":"Zoé"}'],
  form: ['application/x-www-form-urlencoded', 'other=1&name=Zo%C3%A9'],
  multipart: ['multipart/form-data; boundary=limit', MULTIPART],
  'chunked JSON': ['application/json', ['{"name"', ':"Zo', 'é"}']],
};

/** Cookies, bodies and every kind of answer. */
export function requestSuite(runner: SuiteRunner, subject: AdapterUnderTest): void {
  onSite(runner, subject, 'requests and answers', (site, it) => {
    it('the cookie is set for a new visitor, leads back, and is not sent again for nothing', async () => {
      const visitor = site().visitor();
      const first = await visitor.get('/count');
      deepEqual([first.status, first.body], [200, '1']);
      equal(first.cookies.length, 1);
      match(first.cookies[0] ?? '', /^blitz_session=[0-9a-f]{32};.*; HttpOnly; SameSite=Lax$/);
      equal(first.headers['cache-control'], 'private, no-store');
      const { id } = visitor;
      equal((await visitor.get('/count')).body, '2');
      equal(visitor.id, id);
      const third = await visitor.get('/see');
      deepEqual([JSON.parse(third.body), third.cookies], [{ count: 2 }, []]);
      equal((await site().visitor().get('/count')).body, '1', 'another visitor has another session');
    });

    it('an id that nobody gave gets a new one', async () => {
      const visitor = site().visitor(`blitz_session=${'0'.repeat(32)}`);
      equal((await visitor.get('/count')).body, '1');
      notEqual(visitor.id, '0'.repeat(32));
    });

    it('every way to the session gives the same one', async () => {
      const visitor = site().visitor();
      equal((await visitor.get('/ways')).body, 'all all all all');
      equal((await visitor.get('/own')).body, '1');
      equal((await visitor.get('/own')).body, '2');
      deepEqual(await site().seen(visitor), { name: 'all', own: 2 });
    });

    for (const [kind, [type, body]] of Object.entries(BODIES)) {
      it(`POST: ${kind}`, async () => {
        const visitor = site().visitor();
        const asked = { method: 'POST', headers: { 'content-type': type }, body };
        const reply = await visitor.get('/form', asked);
        deepEqual([reply.status, reply.body, reply.cookies.length], [200, 'Zoé', 1]);
        deepEqual(await site().seen(visitor), { name: 'Zoé' });
      });
    }

    it('a redirect leaves when the session is saved: following it at once sees the data', async () => {
      const visitor = await site().known();
      site().mood.writing = 30;
      const reply = await visitor.get('/redirect');
      ok([301, 302, 303, 307].includes(reply.status), String(reply.status));
      const target = new URL(reply.headers.location ?? '', 'http://x').pathname;
      equal(target, '/readonly/see');
      // Without a lock: a redirect that ran ahead would be seen here.
      deepEqual(JSON.parse((await visitor.get(target)).body), { count: 1, name: 'redirected' });
    });

    for (const [path, status] of [
      ['/empty', 204],
      ['/unchanged', 304],
    ] as const) {
      it(`${status} without a body: saved, with the cookie`, async () => {
        const visitor = site().visitor();
        const reply = await visitor.get(path);
        deepEqual([reply.status, reply.body, reply.cookies.length], [status, '', 1]);
        deepEqual(await site().seen(visitor), { count: 1 });
      });
    }

    it('HEAD: the head of GET, saved', async () => {
      const visitor = site().visitor();
      const reply = await visitor.get('/count', { method: 'HEAD' });
      deepEqual([reply.status, reply.body, reply.cookies.length], [200, '', 1]);
      deepEqual(await site().seen(visitor), { count: 1 });
    });

    it('an address that no route takes is 404', async () => {
      equal((await site().visitor().get('/nowhere')).status, 404);
    });

    it("the application's own cookies and headers stay", async () => {
      for (const path of subject.raw === false ? ['/headers'] : ['/headers', '/raw']) {
        const visitor = site().visitor();
        const reply = await visitor.get(path);
        deepEqual([reply.status, reply.body], [path === '/raw' ? 201 : 200, 'fine']);
        equal(reply.headers['x-own'], 'fine');
        equal(reply.headers['cache-control'], path === '/raw' ? 'private, no-store' : 'private, max-age=5');
        const names = reply.cookies.map((cookie) => cookie.split(/[=;]/)[0]);
        deepEqual(names.sort(), ['a', 'b', 'blitz_session']);
        deepEqual(await site().seen(visitor), { count: 1 });
        const again = await visitor.get(path);
        equal(again.cookies.length, 3, 'no cookie of another visitor stays behind');
      }
    });

    it('a login gives a new id, a logout an expired cookie; the old ids lead nowhere', async () => {
      const visitor = await site().known();
      const planted = visitor.cookie;
      equal((await visitor.get('/login')).status, 200);
      notEqual(visitor.cookie, planted);
      deepEqual(await site().seen(visitor), { count: 1, name: 'Ada' });
      deepEqual(await site().seen(site().visitor(planted)), {});
      const entered = visitor.cookie;
      match((await visitor.get('/logout')).cookies[0] ?? '', /^blitz_session=deleted;.* Max-Age=0;/);
      deepEqual(await site().seen(site().visitor(entered)), {});
    });

    it('the first byte of a stream closes the session: it is saved, its lock is free, it can be read only', async () => {
      const visitor = await site().known();
      const response = await visitor.begin('/stream');
      const pieces: string[] = [];
      response.setEncoding('utf8').on('data', (piece: string) => pieces.push(piece));
      await until(() => pieces.join('') === 'begun ', 'the first byte');
      equal(response.headers['set-cookie']?.length, 1);
      equal((await visitor.get('/count')).body, '3', 'answered while the stream is open');
      site().actions.release();
      await new Promise((resolve) => response.once('end', resolve));
      equal(pieces.join(''), 'begun E_SESSION_CLOSED ended');
      deepEqual(await site().seen(visitor), { count: 3 });
    });

    it('a forwarded protocol is believed from nobody', async () => {
      const reply = await site()
        .visitor()
        .get('/count', { headers: { 'x-forwarded-proto': 'https' } });
      ok(!/;\s*secure/i.test(reply.cookies[0] ?? ''), reply.cookies[0]);
    });
  });

  onSite(
    runner,
    subject,
    'behind a proxy that is believed',
    (site, it) => {
      const from = (address: string, proto: string) => ({
        headers: { 'x-forwarded-for': address, 'x-forwarded-proto': proto },
      });

      it("the cookie is Secure for a visitor over HTTPS, with `secure: 'auto'`", async () => {
        const secure = await site().visitor().get('/count', from('203.0.113.7', 'https'));
        match(secure.cookies[0] ?? '', /;\s*secure/i);
        const plain = await site().visitor().get('/count', from('203.0.113.7', 'http'));
        ok(!/;\s*secure/i.test(plain.cookies[0] ?? ''), plain.cookies[0]);
      });

      it("the visitor's address is the forwarded one, for `matchIP`", async () => {
        const visitor = site().visitor();
        await visitor.get('/count', from('203.0.113.7', 'https'));
        equal((await visitor.get('/count', from('203.0.113.7', 'https'))).body, '2');
        equal((await site().visitor(visitor.cookie).get('/count', from('203.0.113.8', 'https'))).body, '1');
      });
    },
    true,
  );
}
