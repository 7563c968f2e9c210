import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { type Application, session } from 'blitz-session';
import { startSession } from 'blitz-session/koa';
import { type AdapterSetting, adapterSuite } from 'blitz-session/testing';
import { expect } from 'chai';
import Koa, { type Context } from 'koa';
import { after, afterEach, before, describe, it } from 'mocha';
import { nameIn } from '../fixtures/adapter-body.js';
import { closeSites, moodyHandler, serveApp, sleep, until } from '../fixtures/http.js';

type Route = (ctx: Context) => unknown;

const own: Route = (ctx) => {
  ctx.body = String(ctx.session().increment('own'));
};

const routes = ({ parts }: AdapterSetting): Record<string, Route> => ({
  '/own': own,
  '/bare/own': own,
  '/form': async (ctx) => {
    const headers = { 'content-type': ctx.get('content-type') };
    const name = await nameIn(
      new Response(Readable.toWeb(ctx.req) as ReadableStream<Uint8Array>, { headers }),
    );
    session().put('name', name);
    ctx.body = name;
  },
  '/redirect': (ctx) => {
    session().put('name', 'redirected');
    ctx.redirect('/readonly/see');
  },
  '/stream': (ctx) => {
    session().increment('count');
    ctx.body = Readable.from(parts());
  },
  '/empty': (ctx) => {
    session().increment('count');
    ctx.status = 204;
  },
  '/unchanged': (ctx) => {
    session().increment('count');
    ctx.status = 304;
  },
  '/headers': (ctx) => {
    session().increment('count');
    ctx.set({ 'X-Own': 'fine', 'Cache-Control': 'private, max-age=5' });
    ctx.append('Set-Cookie', 'a=1');
    ctx.append('Set-Cookie', 'b=2');
    ctx.body = 'fine';
  },
  '/raw': (ctx) => {
    session().increment('count');
    ctx.respond = false;
    ctx.res.writeHead(201, { 'X-Own': 'fine', 'Set-Cookie': ['a=1', 'b=2'] }).end('fine');
  },
});

adapterSuite(
  { describe, it, before, after },
  {
    name: 'koa',
    async start(setting) {
      const table = routes(setting);
      const koa = new Koa({ proxy: setting.proxied });
      koa.silent = true;
      koa.use(
        startSession(
          setting.app,
          setting.options((ctx: Context) => ctx.url),
        ),
      );
      koa.use(async (ctx) => {
        const action = setting.actions[ctx.path];
        if (action === undefined) await table[ctx.path]?.(ctx);
        else ctx.body = await action();
      });
      const server = createServer(koa.callback()).listen(0, '127.0.0.1');
      await once(server, 'listening');
      return {
        port: (server.address() as AddressInfo).port,
        close: () => {
          server.closeAllConnections();
          return new Promise((resolve) => server.close(resolve));
        },
      };
    },
  },
);

describe('koa adapter: inside Koa', () => {
  afterEach(closeSites);

  const koaOf = (app: Application, route: Koa.Middleware, errors: unknown[]) => {
    const koa = new Koa();
    koa.on('error', (error: { code?: string }) => errors.push(error.code ?? String(error)));
    koa.use(startSession(app, { skip: (ctx) => ctx.path === '/skip' }));
    koa.use(route);
    return koa;
  };

  it("a failed save is Koa's to answer, and the application's to hear of", async () => {
    const { mood, handler } = moodyHandler();
    const errors: unknown[] = [];
    const site = await serveApp({ handler }, (app) =>
      koaOf(
        app,
        (ctx) => {
          ctx.session().increment('n');
          ctx.set('X-Own', 'fine');
          ctx.body = 'fine';
        },
        errors,
      ).callback(),
    );
    mood.write = 'throws';
    const reply = await site.get('/');
    expect([reply.status, reply.body, reply.headers['x-own']]).to.deep.equal([
      503,
      'Service Unavailable',
      undefined,
    ]);
    expect(errors).to.deep.equal(['E_SESSION_BACKEND']);
  });

  it('a middleware above that catches errors answers them, with the cookie of a session that was saved', async () => {
    const { mood, handler } = moodyHandler();
    const site = await serveApp({ handler }, (app) => {
      const koa = new Koa();
      koa.use(async (ctx, next) => {
        try {
          await next();
        } catch (error) {
          ctx.status = 418;
          ctx.body = (error as { code?: string }).code ?? 'caught';
        }
      });
      koa.use(startSession(app));
      koa.use((ctx) => {
        ctx.session().increment('n');
        ctx.body = 'fine';
        if (ctx.path === '/throw') throw new Error('boom');
      });
      return koa.callback();
    });
    const caught = await site.get('/throw');
    expect([caught.status, caught.body, caught.cookies.length]).to.deep.equal([418, 'caught', 1]);
    mood.write = 'throws';
    const lost = await site.get('/');
    expect([lost.status, lost.body, lost.cookies.length]).to.deep.equal([418, 'E_SESSION_BACKEND', 0]);
  });

  it('an operation that fails unseen while the middleware waits for ever is answered', async () => {
    const { mood, handler } = moodyHandler();
    const errors: unknown[] = [];
    const site = await serveApp({ handler }, (app) =>
      koaOf(
        app,
        (ctx) => {
          ctx.session().increment('n');
          void ctx
            .session()
            .close()
            .then(() => {});
          return new Promise(() => {});
        },
        errors,
      ).callback(),
    );
    mood.write = 'throws';
    expect((await site.get('/')).status).to.equal(503);
    expect(errors).to.deep.equal(['E_SESSION_BACKEND']);
  });

  it('middlewares above end when the client leaves while its request waits', async () => {
    const ended: string[] = [];
    let go = () => {};
    const site = await serveApp({}, (app) => {
      const koa = new Koa();
      koa.use(async (ctx, next) => {
        try {
          await next();
        } finally {
          ended.push(ctx.path);
        }
      });
      koa.use(startSession(app));
      koa.use(async (ctx) => {
        if (ctx.path === '/slow')
          await new Promise<void>((resolve) => {
            go = resolve;
          });
        ctx.body = 'fine';
      });
      return koa.callback();
    });
    const visitor = site.visitor();
    await visitor.get('/');
    const slow = visitor.get('/slow');
    await sleep(20);
    const leaving = new AbortController();
    const gone = visitor.get('/gone', { signal: leaving.signal }).catch(() => 'gone');
    await sleep(20);
    leaving.abort();
    expect(await gone).to.equal('gone');
    await until(() => ended.includes('/gone'), 'the end of the middleware above');
    go();
    expect((await slow).body).to.equal('fine');
  });

  it('skip: `ctx.session()` says what is missing; a second startSession finds the session of the first', async () => {
    const errors: unknown[] = [];
    const site = await serveApp({}, (app) => {
      const koa = koaOf(
        app,
        async (ctx, ...[next]: unknown[]) => {
          if (ctx.path === '/skip') ctx.session().get('n');
          ctx.session().increment('n');
          await startSession(app)(ctx, next as Koa.Next);
          ctx.body = String(session('n'));
        },
        errors,
      );
      return koa.callback();
    });
    expect((await site.get('/twice')).body).to.equal('1');
    expect((await site.get('/skip')).status).to.equal(500);
    expect(errors).to.deep.equal(['E_SESSION_NO_REQUEST']);
  });
});
