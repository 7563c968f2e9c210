import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { isBlitzError, Session, service, session } from 'blitz-session';
import { expect } from 'chai';
import { bootSite, closeSites, openSite, writeApplication } from '../fixtures/kernel-site.ts';

async function failureOf(work: Promise<unknown>): Promise<Error> {
  return work.then(
    () => new Error('nothing failed'),
    (error: Error) => error,
  );
}

describe('kernel: listen, inject, close', () => {
  afterEach(closeSites);

  it('inject answers as listen does, with a session, from another address', async () => {
    const app = await bootSite();
    app.service('route').get('/n', (request) => ({ n: session().increment('n'), ip: request.ip() }));
    app
      .service('route')
      .post('/form', (request) => request.all())
      .withoutCsrf();
    const first = await app.inject('/n');
    expect(first.statusCode).to.equal(200);
    const { blitz_session: id = '' } = Object.fromEntries(
      first.cookies.map(({ name, value }) => [name, value]),
    );
    const second = await app.inject({
      url: '/n',
      cookies: { blitz_session: id },
      remoteAddress: '203.0.113.9',
    });
    expect(second.json()).to.deep.equal({ n: 2, ip: '203.0.113.9' });
    const form = await app.inject({ method: 'POST', url: '/form?a=1', payload: { b: [2] } });
    expect(form.json()).to.deep.equal({ a: '1', b: [2] });
    const head = await app.inject({ method: 'HEAD', url: '/n' });
    expect([head.statusCode, head.body]).to.deep.equal([200, '']);
    const { url, n } = await app.listen(0).then(async (url) => ({ url, n: await fetch(`${url}/n`) }));
    expect(url).to.match(/^http:\/\/127\.0\.0\.1:\d+$/);
    expect(await n.json()).to.deep.equal({ n: 1, ip: '127.0.0.1' });
  });

  it('listens where it is told, IPv6 among it', async () => {
    const app = await bootSite();
    app.service('route').get('/', (request) => request.ip());
    const url = await app.listen(0, '::1');
    expect(url).to.match(/^http:\/\/\[::1\]:\d+$/);
    expect(await (await fetch(url)).text()).to.equal('::1');
  });

  it('honours HOST and PORT', async () => {
    const app = await bootSite();
    app.service('route').get('/', () => 'here');
    const { HOST, PORT } = process.env;
    Object.assign(process.env, { HOST: '127.0.0.1', PORT: '0' });
    try {
      for (const port of ['abc', '-1', '65536', '1.5']) {
        process.env['PORT'] = port;
        const refused = await app.listen().catch((error: unknown) => error);
        expect(isBlitzError(refused, 'E_APP_LISTEN'), port).to.equal(true);
      }
      process.env['PORT'] = '0';
      expect(await (await fetch(await app.listen())).text()).to.equal('here');
    } finally {
      for (const [name, value] of Object.entries({ HOST, PORT })) {
        if (value === undefined) delete process.env[name];
        else process.env[name] = value;
      }
    }
  });

  it('a port that is taken rejects; the application then listens elsewhere, and closes', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as AddressInfo;
    try {
      const app = await bootSite();
      app.service('route').get('/', () => 'here');
      expect(await failureOf(app.listen(port))).to.have.property('code', 'EADDRINUSE');
      expect(await failureOf(app.listen(port))).to.have.property('code', 'EADDRINUSE');
      expect(await (await fetch(await app.listen(0))).text()).to.equal('here');
      await app.close();
      const unlucky = await bootSite();
      expect(await failureOf(unlucky.listen(port))).to.have.property('code', 'EADDRINUSE');
      await unlucky.close();
    } finally {
      other.close();
    }
  });

  it('close() twice, without having listened, and what comes after it', async () => {
    const app = await bootSite();
    await Promise.all([app.close(), app.close()]);
    await app.close();
    expect(await failureOf(app.listen(0))).to.have.property('code', 'E_APP_CLOSED');
    expect(await failureOf(app.inject('/'))).to.have.property('code', 'E_APP_CLOSED');
    const injected = await bootSite();
    injected.service('route').get('/', () => 'here');
    expect((await injected.inject('/')).body).to.equal('here');
    await injected.close();
    await injected.close();
  });

  it('close() while listen() is still under way', async () => {
    const app = await bootSite();
    const listening = app.listen(0).catch((error: Error) => error);
    await app.close();
    const outcome = await listening;
    if (typeof outcome === 'string') expect(await failureOf(fetch(outcome))).to.be.instanceOf(TypeError);
  });

  it('close() lets an injected request end and saves its session', async () => {
    const root = await writeApplication();
    const savePath = `${root}/sessions`;
    const app = await bootSite({ root, session: { handler: 'file', savePath } });
    let entered = () => {};
    const inside = new Promise<void>((resolve) => {
      entered = resolve;
    });
    app.service('route').get('/', async () => {
      entered();
      await new Promise((resolve) => setTimeout(resolve, 100));
      session().put('late', true);
      return session().id;
    });
    const answer = app.inject('/');
    await inside;
    await app.close();
    const id = (await answer).body;
    const next = await bootSite({ root, session: { handler: 'file', savePath } });
    expect(await Session.run(id, (store) => store.get('late'))).to.equal(true);
    await next.close();
  });

  it('Application.boot twice in one process: each answers with its own sessions and options', async () => {
    const one = await openSite(
      (route) => route.get('/', () => `${service('config').get('session.expiration')}:${session('n', 0)}`),
      { session: { expiration: 100 } },
    );
    const two = await openSite(
      (route) => route.get('/', () => `${service('config').get('session.expiration')}:${session('n', 0)}`),
      { session: { expiration: 200 } },
    );
    expect((await one.get('/')).body).to.equal('100:0');
    expect((await two.get('/')).body).to.equal('200:0');
    const browser = one.browser();
    await browser.get('/');
    const stranger = two.browser();
    for (const [name, value] of browser.jar) stranger.jar.set(name, value);
    await stranger.get('/');
    expect(stranger.id, 'a session of the other application').to.not.equal(browser.id);
  });
});
