import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createAdaptorServer } from '@hono/node-server';
import { getConnInfo } from '@hono/node-server/conninfo';
import { Application, BlitzError, session } from 'blitz-session';
import { startSession } from 'blitz-session/hono';
import { adapterSuite } from 'blitz-session/testing';
import { expect } from 'chai';
import { type Context, Hono } from 'hono';
import { cors } from 'hono/cors';
import type { HTTPException } from 'hono/http-exception';
import { stream } from 'hono/streaming';
import { after, before, describe, it } from 'mocha';
import { nameIn } from '../fixtures/adapter-body.js';
import { moodyHandler } from '../fixtures/http.js';

adapterSuite(
  { describe, it, before, after },
  {
    name: 'hono',
    raw: false,
    async start({ app, actions, parts, options }) {
      const server = new Hono();
      // As Hono does by itself, but for what it prints.
      server.onError((error, c) =>
        'getResponse' in error ? (error as HTTPException).getResponse() : c.text('failed', 500),
      );
      server.use(
        startSession(app, {
          ...options((c: Context) => c.req.url),
          ip: (c) => getConnInfo(c).remote.address,
        }),
      );
      for (const [path, action] of Object.entries(actions)) {
        server.get(path, async (c) => c.text(await action()));
      }
      server.get('/own', (c) => c.text(String(c.session().increment('own'))));
      server.get('/bare/own', (c) => c.text(String(c.get('session').increment('own'))));
      server.post('/form', async (c) => {
        const name = await nameIn(c.req.raw);
        session().put('name', name);
        return c.text(name);
      });
      server.get('/redirect', (c) => {
        session().put('name', 'redirected');
        return c.redirect('/readonly/see');
      });
      server.get('/stream', (c) => {
        session().increment('count');
        const texts = parts();
        return stream(c, async (out) => {
          for await (const text of texts) await out.write(text);
        });
      });
      server.get('/empty', (c) => {
        session().increment('count');
        return c.body(null, 204);
      });
      server.get('/unchanged', (c) => {
        session().increment('count');
        return c.body(null, 304);
      });
      server.get('/headers', (c) => {
        session().increment('count');
        c.header('X-Own', 'fine');
        c.header('Cache-Control', 'private, max-age=5');
        c.header('Set-Cookie', 'a=1', { append: true });
        c.header('Set-Cookie', 'b=2', { append: true });
        return c.text('fine');
      });
      const listening = createAdaptorServer({ fetch: server.fetch });
      listening.listen(0, '127.0.0.1');
      await once(listening, 'listening');
      return {
        port: (listening.address() as AddressInfo).port,
        close: () => new Promise((resolve) => listening.close(resolve)),
      };
    },
  },
);

describe('hono adapter: inside Hono', () => {
  const { mood, handler } = moodyHandler();
  let app: Application;
  before(async () => {
    app = await Application.boot({
      root: '/nowhere/app',
      config: { session: { handler, gc_probability: 0 } },
      log: { warn() {}, error() {} },
    });
  });
  after(() => app.close());

  const cookieOf = (response: Response) => response.headers.getSetCookie()[0]?.split(';')[0] ?? '';

  it('a failed save reaches onError with its code; headers from before stay, what was prepared is gone', async () => {
    const server = new Hono();
    server.use(cors(), async (c, next) => {
      c.header('Set-Cookie', 'a=1', { append: true });
      c.header('Set-Cookie', 'b=2', { append: true });
      await next();
    });
    const seen: unknown[] = [];
    server.onError((error, c) => {
      seen.push((error as BlitzError).code);
      return c.text('sorry', 507);
    });
    server.use(startSession(app));
    server.get('/', (c) => {
      c.session().increment('n');
      c.header('X-Own', 'fine');
      c.header('Set-Cookie', 'own=1', { append: true });
      return c.redirect('/elsewhere');
    });
    mood.write = 'throws';
    const response = await server.request('/');
    mood.write = 'works';
    expect([response.status, await response.text()]).to.deep.equal([507, 'sorry']);
    expect(Object.fromEntries(response.headers)).to.deep.include({ 'access-control-allow-origin': '*' });
    expect(response.headers.getSetCookie()).to.deep.equal(['a=1', 'b=2']);
    expect([response.headers.get('x-own'), response.headers.get('location')]).to.deep.equal([null, null]);
    expect(seen).to.deep.equal(['E_SESSION_BACKEND']);
  });

  it('one response for all visitors is not changed', async () => {
    const answer = new Response(null, { status: 200, headers: { 'X-Own': 'fine' } });
    const server = new Hono();
    server.use(startSession(app));
    server.get('/', () => answer);
    for (let visit = 0; visit < 2; visit++) {
      const response = await server.request('/');
      expect(response.headers.getSetCookie()).to.have.length(1);
      expect(response.headers.get('x-own')).to.equal('fine');
    }
    expect(answer.headers.getSetCookie()).to.deep.equal([]);
  });

  it('what is thrown and is no error: the session is saved', async () => {
    const server = new Hono();
    server.use(startSession(app));
    server.get('/', (c) => c.text(String(c.session().increment('n'))));
    server.get('/throw', (c) => {
      c.session().increment('n');
      throw 'text';
    });
    const cookie = cookieOf(await server.request('/'));
    const thrown = await Promise.resolve(server.request('/throw', { headers: { cookie } })).catch((it) => it);
    expect(thrown).to.equal('text');
    expect(await (await server.request('/', { headers: { cookie } })).text()).to.equal('3');
  });

  it('a second startSession below finds the session of the first; skip leaves `session()` out', async () => {
    const server = new Hono();
    server.use(startSession(app, { skip: (c) => c.req.path === '/skip' }));
    server.use('/twice', startSession(app));
    server.get('/twice', (c) => c.text(String(c.get('session') === c.session())));
    server.get('/skip', (c) => c.text(String(c.session().id)));
    server.onError((error, c) => c.text((error as BlitzError).code, 500));
    expect(await (await server.request('/twice')).text()).to.equal('true');
    expect(await (await server.request('/skip')).text()).to.equal('E_SESSION_NO_REQUEST');
  });

  it('matchIP without ip is refused', async () => {
    const strict = await Application.boot({
      root: '/nowhere/app',
      config: { session: { handler: 'array', matchIP: true } },
    });
    expect(() => startSession(strict))
      .to.throw(BlitzError, 'ip')
      .with.property('code', 'E_SESSION_CONFIG');
    startSession(strict, { ip: () => '203.0.113.7' });
    await strict.close();
  });
});
