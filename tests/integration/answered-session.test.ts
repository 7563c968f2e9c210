import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import v8 from 'node:v8';
import vm from 'node:vm';
import { createAdaptorServer } from '@hono/node-server';
import { Application, session } from 'blitz-session';
import { startSession } from 'blitz-session/hono';
import { expect } from 'chai';
import { Hono } from 'hono';
import { afterEach, describe, it } from 'mocha';
import { closeSites, dial, serve, sleep, until, Visitor } from '../fixtures/http.ts';
import { closeSites as closeKernels, openSite } from '../fixtures/kernel-site.ts';

v8.setFlagsFromString('--expose-gc');
const collect = vm.runInNewContext('gc') as () => void;

describe('a session whose answer has left', () => {
  afterEach(closeSites);

  /** Asks on a connection that stays open until the function that is answered is called. */
  async function visited(path: string, port: number, cookie: string): Promise<() => void> {
    const { socket, received } = await dial(port);
    socket.write(`GET ${path} HTTP/1.1\r\nHost: x\r\nCookie: ${cookie}\r\n\r\n`);
    await until(() => received().endsWith('fine'), 'the answer');
    return () => socket.destroy();
  }

  async function expectCollected(values: () => WeakRef<WeakKey> | undefined): Promise<void> {
    for (let tries = 0; tries < 50 && values()?.deref() !== undefined; tries++) {
      await sleep(10);
      collect();
    }
    expect(values()).to.be.instanceOf(WeakRef);
    expect(values()?.deref()).to.equal(undefined);
  }

  /** Puts an object into the session, then looks at it and counts, each by a route of its own. */
  function routes() {
    const seen: { values?: WeakRef<WeakKey> } = {};
    let lasting: NodeJS.Timeout | undefined;
    return {
      /** Ends what the second route has left behind. */
      end: () => clearTimeout(lasting),
      values: () => seen.values,
      fill() {
        session().put('cart', { items: ['x'.repeat(1000)] });
        return 'fine';
      },
      see() {
        seen.values = new WeakRef(session<object>('cart') as object);
        session().increment('n');
        // It keeps the context of the request for as long as it runs.
        lasting = setTimeout(() => {}, 60_000);
        return 'fine';
      },
    };
  }

  it('keeps no values in memory under the kernel', async () => {
    const { values, fill, see, end } = routes();
    const site = await openSite((route) => {
      route.get('/fill', fill);
      route.get('/see', see);
    });
    const visitor = new Visitor(site.port);
    await visitor.get('/fill');
    const leave = await visited('/see', site.port, String(visitor.cookie));
    await expectCollected(values);
    end();
    leave();
    await closeKernels();
  });

  it('keeps no values in memory under Hono', async () => {
    const app = await Application.boot({
      root: '/nowhere/app',
      config: { session: { handler: 'array', gc_probability: 0 } },
    });
    const { values, fill, see, end } = routes();
    const server = new Hono();
    server.use(startSession(app));
    server.get('/fill', (c) => c.text(fill()));
    server.get('/see', (c) => c.text(see()));
    const listening = createAdaptorServer({ fetch: server.fetch });
    listening.listen(0, '127.0.0.1');
    await once(listening, 'listening');
    const { port } = listening.address() as AddressInfo;
    const visitor = new Visitor(port);
    await visitor.get('/fill');
    const leave = await visited('/see', port, String(visitor.cookie));
    await expectCollected(values);
    end();
    leave();
    await new Promise((resolve) => listening.close(resolve));
    await app.close();
  });

  for (const way of ['changes it', 'leaves it as it was', 'only reads'])
    it(`keeps no values in memory, whatever the connection keeps of a request that ${way}`, async () => {
      let values: WeakRef<WeakKey> | undefined;
      const site = await serve(
        (request, response) => {
          if (request.url === '/fill') session().put('cart', { items: ['x'.repeat(1000)] });
          if (request.url === '/see') values = new WeakRef(session<object>('cart') as object);
          if (way === 'changes it') session().increment('n');
          response.end('fine');
        },
        { options: { readOnly: ({ url }) => url === '/see' && way === 'only reads' } },
      );
      const visitor = site.visitor();
      await visitor.get('/fill');
      const leave = await visited('/see', site.port, String(visitor.cookie));
      await expectCollected(() => values);
      leave();
    });

  it('can still be read by what goes on, as it was saved', async () => {
    let seen: unknown;
    let refused: unknown;
    const site = await serve((request, response) => {
      session().put({ cart: { items: [1, 2] }, at: new Date(0) });
      session().flash('note', 'lu');
      if (request.url === '/late') {
        setTimeout(() => {
          seen = [session('cart'), session('at'), session('note'), session('absent', 'no')];
          try {
            session().put('cart', 3);
          } catch (error) {
            refused = (error as { code?: string }).code;
          }
        }, 60);
      }
      response.end('fine');
    });
    const visitor = site.visitor();
    await visitor.get('/');
    const leave = await visited('/late', site.port, String(visitor.cookie));
    await until(() => refused !== undefined);
    expect(seen).to.deep.equal([{ items: [1, 2] }, new Date(0), 'lu', 'no']);
    expect(refused).to.equal('E_SESSION_CLOSED');
    leave();
  });

  it('can be read when it was new', async () => {
    let seen: unknown;
    const site = await serve((_request, response) => {
      session().put('n', 1);
      setTimeout(() => {
        seen = session('n');
      }, 60);
      response.end('fine');
    });
    await (await visited('/', site.port, ''))();
    await until(() => seen !== undefined);
    expect(seen).to.equal(1);
  });
});
