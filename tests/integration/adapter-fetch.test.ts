import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createAdaptorServer, type HttpBindings } from '@hono/node-server';
import { Application, BlitzError, type Store, session } from 'blitz-session';
import { withSession } from 'blitz-session/fetch';
import { type AdapterSetting, adapterSuite } from 'blitz-session/testing';
import { expect } from 'chai';
import { after, before, describe, it } from 'mocha';
import { nameIn, streamOf } from '../fixtures/adapter-body.js';
import { moodyHandler, sleep, until } from '../fixtures/http.js';

type Route = (request: Request, store: Store) => Response | Promise<Response>;

const own: Route = (_request, store) => new Response(String(store.increment('own')));

const routes = ({ parts }: AdapterSetting): Record<string, Route> => ({
  '/own': own,
  '/bare/own': own,
  '/form': async (request) => {
    const name = await nameIn(request);
    session().put('name', name);
    return new Response(name);
  },
  '/redirect': (request) => {
    session().put('name', 'redirected');
    return Response.redirect(new URL('/readonly/see', request.url), 303);
  },
  '/stream': (_request, store) => {
    store.increment('count');
    return new Response(streamOf(parts()));
  },
  '/empty': (_request, store) => {
    store.increment('count');
    return new Response(null, { status: 204 });
  },
  '/unchanged': (_request, store) => {
    store.increment('count');
    return new Response(null, { status: 304 });
  },
  '/headers': (_request, store) => {
    store.increment('count');
    const headers = new Headers({ 'X-Own': 'fine', 'Cache-Control': 'private, max-age=5' });
    headers.append('Set-Cookie', 'a=1');
    headers.append('Set-Cookie', 'b=2');
    return new Response('fine', { headers });
  },
});

adapterSuite(
  { describe, it, before, after },
  {
    name: 'fetch',
    raw: false,
    async start(setting) {
      const table = routes(setting);
      const handler = withSession<[HttpBindings]>(
        setting.app,
        async (request, store) => {
          const { pathname } = new URL(request.url);
          const action = setting.actions[pathname];
          if (action !== undefined) return new Response(await action());
          return table[pathname]?.(request, store) ?? new Response(null, { status: 404 });
        },
        {
          ...setting.options((request: Request) => request.url),
          ip: (_request, { incoming }) => incoming.socket.remoteAddress,
        },
      );
      const server = createAdaptorServer({
        fetch: (request, bindings) => handler(request, bindings as HttpBindings),
      });
      server.listen(0, '127.0.0.1');
      await once(server, 'listening');
      return {
        port: (server.address() as AddressInfo).port,
        close: () => new Promise((resolve) => server.close(resolve)),
      };
    },
  },
);

describe('fetch adapter: without a server', () => {
  const { mood, handler } = moodyHandler();
  const errors: unknown[] = [];
  let app: Application;
  before(async () => {
    app = await Application.boot({
      root: '/nowhere/app',
      config: { session: { handler, gc_probability: 0 } },
      log: { warn() {}, error: (message) => errors.push(message) },
    });
  });
  after(() => app.close());

  const ask = (cookie = '', init: RequestInit = {}) =>
    new Request('http://localhost/', { ...init, headers: { cookie } });
  const cookieOf = (response: Response) => response.headers.getSetCookie()[0]?.split(';')[0] ?? '';

  it('one response for all visitors is not changed, and one without headers to change is copied', async () => {
    for (const answer of [
      new Response(null, { headers: { 'X-Own': 'fine' } }),
      Response.redirect('http://x/', 302),
    ]) {
      const serve = withSession(app, () => answer);
      for (let visit = 0; visit < 2; visit++) {
        expect((await serve(ask())).headers.getSetCookie()).to.have.length(1);
      }
      expect(answer.headers.getSetCookie()).to.deep.equal([]);
    }
  });

  it("the address of the request says HTTPS, for `secure: 'auto'`", async () => {
    const careful = await Application.boot({
      root: '/nowhere/app',
      config: { session: { handler: 'array' }, cookie: { secure: 'auto' } },
    });
    const serve = withSession(careful, () => new Response());
    for (const [address, secure] of [
      ['https://localhost/', true],
      ['http://localhost/?https:', false],
    ] as const) {
      const [cookie = ''] = (await serve(new Request(address))).headers.getSetCookie();
      expect(/; secure/i.test(cookie), address).to.equal(secure);
    }
    await careful.close();
  });

  it('no response at all: 500, and the session is saved', async () => {
    for (const wrong of [undefined, 'text']) {
      const serve = withSession(app, async (_request, store) => {
        store.increment('n');
        return wrong as unknown as Response;
      });
      const response = await serve(ask());
      expect([response.status, response.headers.getSetCookie().length]).to.deep.equal([500, 1]);
      const look = withSession(app, (_request, store) => new Response(String(store.get('n'))));
      expect(await (await look(ask(cookieOf(response)))).text()).to.equal('1');
    }
  });

  it('a response with a body that is never sent is freed', async () => {
    let freed = false;
    const body = () =>
      new ReadableStream({
        cancel() {
          freed = true;
        },
      });
    const serve = withSession(app, (_request, store) => {
      store.increment('n');
      return new Response(body());
    });
    mood.write = 'throws';
    expect((await serve(ask())).status).to.equal(503);
    mood.write = 'works';
    expect(freed).to.equal(true);
  });

  it('a client that leaves while its request waits: the handler does not run', async () => {
    let running = 0;
    let go = () => {};
    const serve = withSession(app, async () => {
      running++;
      await new Promise<void>((resolve) => {
        go = resolve;
      });
      return new Response('done');
    });
    const first = serve(ask());
    await until(() => running === 1);
    go();
    const cookie = cookieOf(await first);
    const slow = serve(ask(cookie));
    await until(() => running === 2);
    const leaving = new AbortController();
    const gone = serve(ask(cookie, { signal: leaving.signal }));
    await sleep(10);
    leaving.abort();
    expect((await gone).status).to.equal(499);
    go();
    expect(await (await slow).text()).to.equal('done');
    expect(running).to.equal(2);
  });

  it('an operation that fails unseen while the handler waits for ever is answered', async () => {
    const serve = withSession(app, async (_request, store) => {
      store.increment('n');
      // Its promise is not looked at, and what follows never comes.
      void store.close().then(() => {});
      return new Promise<Response>(() => {});
    });
    mood.write = 'throws';
    const { status } = await serve(ask());
    mood.write = 'works';
    expect(status).to.equal(503);
  });

  it('a handler inside a handler: one session; skip: none', async () => {
    const inner = withSession(app, (_request, store) => new Response(String(store.increment('n'))));
    const outer = withSession(app, (request, store) => {
      store.increment('n');
      return inner(request);
    });
    expect(await (await outer(ask())).text()).to.equal('2');
    const skipped = withSession(
      app,
      (_request, store) => {
        expect(() => store.get('n'))
          .to.throw(BlitzError)
          .with.property('code', 'E_SESSION_NO_REQUEST');
        return new Response('fine');
      },
      { skip: true },
    );
    expect((await skipped(ask())).headers.getSetCookie()).to.deep.equal([]);
  });

  it('matchIP without ip is refused', async () => {
    const strict = await Application.boot({
      root: '/nowhere/app',
      config: { session: { handler: 'array', matchIP: true } },
    });
    const serve = () => withSession(strict, () => new Response());
    expect(serve).to.throw(BlitzError, 'ip').with.property('code', 'E_SESSION_CONFIG');
    await strict.close();
  });
});
