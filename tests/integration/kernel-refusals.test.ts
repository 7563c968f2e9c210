import { session } from 'blitz-session';
import { expect } from 'chai';
import { ask, complaints, dial, exchange, sleep, until } from '../fixtures/http.ts';
import { type Answer, closeSites, type KernelSite, openSite } from '../fixtures/kernel-site.ts';

const JSON_TYPE = 'application/json; charset=utf-8';

function expectPage(answer: Answer, status: number): void {
  expect(answer.status).to.equal(status);
  expect(answer.headers.get('content-type')).to.equal('text/html; charset=utf-8');
  expect(answer.headers.get('cache-control')).to.equal('private, no-store');
  expect(answer.body)
    .to.match(/^<!doctype html>/)
    .and.contain(String(status));
  expect(answer.cookies).to.be.empty;
}

describe('kernel: requests that it refuses', () => {
  let site: KernelSite;
  let runs = 0;

  before(async () => {
    site = await openSite(
      (route) => {
        route.get('/page', () => String(++runs));
        route.post('/form', (request) => ({ ...request.all(), run: ++runs })).withoutCsrf();
        route.put('/form', () => ++runs).withoutCsrf();
        route.get('/items/{id}', (id) => id).where('id', /\d+/);
        route.options('/own-options', () => 'own');
        route.get('/own-options', () => 'get');
      },
      { files: { 'public/style.css': 'body {}' } },
    );
  });
  after(closeSites);
  beforeEach(() => {
    runs = 0;
  });

  it('404 as a page, and as JSON for who expects it; without a cookie', async () => {
    expectPage(await site.get('/nowhere'), 404);
    expectPage(await site.get('/items/x'), 404);
    expectPage(await site.get('/nowhere', { method: 'POST', body: 'x' }), 404);
    const json = await site.get('/nowhere', { headers: { accept: 'application/json' } });
    expect([json.status, json.headers.get('content-type'), json.cookies]).to.deep.equal([404, JSON_TYPE, []]);
    expect(JSON.parse(json.body).error.status).to.equal(404);
  });

  it('405 says in Allow what is there', async () => {
    const answer = await site.get('/form');
    expectPage(answer, 405);
    expect(answer.headers.get('allow')?.split(', ').sort()).to.deep.equal(['OPTIONS', 'POST', 'PUT']);
    const post = await site.browser().post('/page');
    expectPage(post, 405);
    expect(post.headers.get('allow')?.split(', ').sort()).to.deep.equal(['GET', 'HEAD', 'OPTIONS']);
    const spoofed = await site.browser().post('/form', { _method: 'DELETE' });
    expect(spoofed.status).to.equal(405);
    expect(runs).to.equal(0);
  });

  it('OPTIONS is answered with 204 and Allow, unless a route does', async () => {
    const answer = await site.get('/form', { method: 'OPTIONS' });
    expect([answer.status, answer.body, answer.cookies]).to.deep.equal([204, '', []]);
    expect(answer.headers.get('allow')?.split(', ').sort()).to.deep.equal(['OPTIONS', 'POST', 'PUT']);
    expect((await site.get('/own-options', { method: 'OPTIONS' })).body).to.equal('own');
    expect((await site.get('/nowhere', { method: 'OPTIONS' })).status).to.equal(404);
  });

  it('a body that is too large is 413, before the action and without a session', async () => {
    const text = 'x'.repeat(9 * 1024 * 1024);
    // The client hears of it although it was still sending.
    const options = { body: text, headers: { 'content-type': 'text/plain' } };
    expectPage(await site.browser().post('/form', {}, options), 413);
    expect(runs).to.equal(0);
    const fine = await site.browser().post('/form', { a: 'x'.repeat(1024 * 1024) });
    expect(fine.status).to.equal(200);
  });

  it('a body that is no JSON, or hides a prototype, is 400', async () => {
    for (const body of ['{', '{"__proto__": {"a": 1}}', '{"constructor": {"prototype": {"a": 1}}}', 'nul']) {
      const answer = await site.get('/form', {
        method: 'POST',
        body,
        headers: { 'content-type': 'application/json', accept: 'text/html' },
      });
      expectPage(answer, 400);
      const json = await site.get('/form', {
        method: 'POST',
        body,
        headers: { 'content-type': 'application/json', accept: 'application/json' },
      });
      expect([json.status, json.headers.get('content-type')]).to.deep.equal([400, JSON_TYPE]);
      expect(json.body).to.not.match(/FST_|position|token/i);
    }
    expect(runs).to.equal(0);
  });

  it('a type that nobody reads is 415; none is fine', async () => {
    for (const type of ['application/xml', 'multipart/form-data; boundary=x', 'nonsense']) {
      const answer = await site.get('/form', {
        method: 'POST',
        body: 'x',
        headers: { 'content-type': type },
      });
      expectPage(answer, 415);
    }
    expect(runs).to.equal(0);
    expect((await ask(site.port, '/form', { method: 'POST' })).status).to.equal(200);
  });

  it('an address that cannot be read is 400, and never ends the process', async () => {
    for (const path of ['/%', '/%E0%A4%A', '/items/%ff', '/page?a=%']) {
      const { status } = await ask(site.port, path);
      expect(status, path).to.be.oneOf(path.startsWith('/page') ? [200, 400] : [400, 404]);
    }
    for (const line of [
      'GET nonsense HTTP/1.1',
      'GET http://x/page HTTP/1.1',
      'GET * HTTP/1.1',
      'OPTIONS * HTTP/1.1',
      'BREW / HTTP/1.1',
      'nonsense',
    ]) {
      const reply = await exchange(site.port, `${line}\r\nHost: x\r\nConnection: close\r\n\r\n`);
      expect(reply, line).to.match(/^HTTP\/1\.1 [24]\d\d /);
    }
    expect((await site.get('/page')).status).to.equal(200);
  });

  it('a path keeps its dots, and none leads out of public/', async () => {
    for (const path of [
      '/../package.json',
      '/..%2fpackage.json',
      '/style.css/../../package.json',
      '/%2e%2e/package.json',
      '//style.css',
      '/style.css%00',
    ]) {
      const reply = await exchange(site.port, `GET ${path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`);
      expect(reply, path).to.match(/^HTTP\/1\.1 40[04] /);
      expect(reply).to.not.contain('"name"');
    }
    expect((await site.get('/style.css')).body).to.equal('body {}');
  });

  it('refusals are in no log', () => {
    expect(site.log.text).to.equal('');
  });
});

describe('kernel: CSRF', () => {
  afterEach(closeSites);

  it('a form without the token of this session is 419, and nothing is changed', async () => {
    const site = await openSite((route) => {
      route.get('/token', () => session().token());
      for (const method of ['post', 'put', 'patch', 'delete'] as const) {
        route[method]('/form', () => String(session().increment('n')));
      }
      route.get('/n', () => String(session('n', 0)));
      route.post('/open', () => 'open').withoutCsrf();
    });
    const [ada, bob] = [site.browser(), site.browser()];
    const token = (await ada.get('/token')).body;
    const other = (await bob.get('/token')).body;
    expect(token).to.have.length(40).and.not.equal(other);
    const forged: RequestInit[] = [
      {},
      { body: new URLSearchParams({ _token: other }) },
      { body: new URLSearchParams({ _token: '' }) },
      {
        body: new URLSearchParams([
          ['_token', token],
          ['_token', other],
        ]),
      },
      { headers: { 'x-csrf-token': other } },
      { headers: { 'x-csrf-token': token.slice(1) } },
    ];
    for (const init of forged) {
      for (const method of ['POST', 'PUT', 'PATCH', 'DELETE']) {
        expect((await ada.get('/form', { method, ...init })).status).to.equal(419);
      }
    }
    expect((await ada.post(`/form?_token=${token}`)).status).to.equal(419);
    expect((await ada.get('/n')).body).to.equal('0');
    expect((await ada.post('/open')).body).to.equal('open');
    const fine: RequestInit[] = [
      { body: new URLSearchParams({ _token: token }) },
      { body: JSON.stringify({ _token: token }), headers: { 'content-type': 'application/json' } },
      { headers: { 'x-csrf-token': token } },
      { headers: { 'x-xsrf-token': token } },
      { body: new URLSearchParams({ _token: token, _method: 'DELETE' }) },
    ];
    let n = 0;
    for (const init of fine) {
      expect((await ada.get('/form', { method: 'POST', ...init })).body).to.equal(String(++n));
    }
    expect((await site.browser().post('/form')).status, 'of a stranger').to.equal(419);
  });

  it('a token dies with the id that it was made for', async () => {
    const site = await openSite((route) => {
      route.get('/token', () => session().token());
      route.get('/login', () =>
        session()
          .regenerate()
          .then(() => session().token()),
      );
      route.post('/form', () => 'sent');
    });
    const browser = site.browser();
    const before = (await browser.get('/token')).body;
    const after = (await browser.get('/login')).body;
    expect((await browser.post('/form', { _token: before })).status).to.equal(419);
    expect((await browser.post('/form', { _token: after })).status).to.equal(200);
  });

  it('the middlewares of every route see a refused form, those of the route do not', async () => {
    const seen: string[] = [];
    const site = await openSite((route) => {
      route.use((_request, next) => {
        seen.push('everywhere');
        return next();
      });
      route
        .post('/form', () => 'sent')
        .middleware((_request, next) => {
          seen.push('of the route');
          return next();
        });
    });
    expect((await site.browser().post('/form')).status).to.equal(419);
    expect(seen).to.deep.equal(['everywhere']);
  });
});

describe('kernel: a client that leaves', () => {
  afterEach(closeSites);

  const ask0 = (path: string, cookie: string) =>
    `GET ${path} HTTP/1.1\r\nHost: x\r\nCookie: ${cookie}\r\n\r\n`;

  it('while it waits for its session: its action never runs', async () => {
    const ran: string[] = [];
    let free = () => {};
    const site = await openSite((route) => {
      route.get('/', () => 'hello');
      route.get('/hold', async () => {
        ran.push('hold');
        await new Promise<void>((resolve) => {
          free = resolve;
        });
      });
      route.get('/next/{n}', (n) => {
        ran.push(n);
        return n;
      });
    });
    const browser = site.browser();
    await browser.get('/');
    const heard = await complaints(async () => {
      const holding = browser.twin().get('/hold');
      await until(() => ran.length === 1);
      const { socket } = await dial(site.port);
      socket.write(ask0('/next/left', browser.cookie));
      await sleep(20);
      const staying = browser.get('/next/stayed');
      await sleep(20);
      socket.destroy();
      await sleep(20);
      free();
      expect((await staying).body).to.equal('stayed');
      await holding;
    });
    expect(ran).to.deep.equal(['hold', 'stayed']);
    expect(heard).to.deep.equal([]);
    expect(site.log.errors).to.deep.equal([]);
  });

  it('while its action runs: the changes are saved, and the lock is free when it ends', async () => {
    let inside = 0;
    let free = () => {};
    const site = await openSite((route) => {
      route.get('/', () => 'hello');
      route.get('/work', async () => {
        session({ begun: true });
        inside++;
        await new Promise<void>((resolve) => {
          free = resolve;
        });
        session({ ended: true });
        return 'nobody reads this';
      });
      route.get('/all', () => session().only(['begun', 'ended']));
    });
    const browser = site.browser();
    await browser.get('/');
    const heard = await complaints(async () => {
      const { socket } = await dial(site.port);
      socket.write(ask0('/work', browser.cookie));
      await until(() => inside === 1);
      socket.destroy();
      await sleep(20);
      const next = browser.get('/all');
      await sleep(20);
      free();
      expect(JSON.parse((await next).body)).to.deep.equal({ begun: true, ended: true });
    });
    expect(heard).to.deep.equal([]);
    expect(site.log.errors).to.deep.equal([]);
  });

  it('while its action runs too long: what was changed is saved after lock_ttl, and the lock is free', async () => {
    let inside = 0;
    let free = () => {};
    const site = await openSite(
      (route) => {
        route.get('/', () => 'hello');
        route.get('/work', async () => {
          session({ begun: true });
          inside++;
          await new Promise<void>((resolve) => {
            free = resolve;
          });
        });
        route.get('/all', () => session().only(['begun', 'ended']));
      },
      { session: { lock_ttl: 0.2, lock_max: 60 } },
    );
    const browser = site.browser();
    await browser.get('/');
    const { socket } = await dial(site.port);
    socket.write(ask0('/work', browser.cookie));
    await until(() => inside === 1);
    socket.destroy();
    const began = performance.now();
    expect(JSON.parse((await browser.get('/all')).body)).to.deep.equal({ begun: true });
    expect(performance.now() - began).to.be.within(50, 2000);
    free();
  });
});
