import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createAdaptorServer } from '@hono/node-server';
import { Application, ArrayHandler, Session, session } from 'blitz-session';
import { startSession } from 'blitz-session/hono';
import { expect } from 'chai';
import { Hono } from 'hono';
import { afterEach, describe, it } from 'mocha';
import { closeSites, dial, serve, until } from '../fixtures/http.ts';
import { closeSites as closeKernels, openSite } from '../fixtures/kernel-site.ts';

describe('requests that arrive on several connections in one turn of the event loop', () => {
  let seen: string[] = [];

  class Telling extends ArrayHandler {
    override read(id: string) {
      seen.push('opened');
      return super.read(id);
    }
  }

  const settings = { handler: Telling, gc_probability: 0 };
  const served = () => {
    seen.push('served');
    return `<${session().increment('n')}>`;
  };

  afterEach(async () => {
    await closeSites();
    await closeKernels();
  });

  /** Four visitors, each on a connection of its own that is already there. */
  async function askTogether(port: number): Promise<void> {
    const visitors: ({ id: string } & Awaited<ReturnType<typeof dial>>)[] = [];
    for (let n = 0; n < 4; n++) {
      const id = await Session.run(undefined, (store) => {
        store.put('n', 0);
        return store.id;
      });
      const connection = await dial(port);
      connection.socket.write('GET /none HTTP/1.1\r\nHost: x\r\n\r\n');
      await until(() => connection.received() !== '', 'a first answer');
      visitors.push({ id, ...connection });
    }
    seen = [];
    for (const { id, socket } of visitors)
      socket.write(`GET /count HTTP/1.1\r\nHost: x\r\nCookie: blitz_session=${id}\r\n\r\n`);
    await until(() => visitors.every(({ received }) => received().includes('<1>')), 'the answers');
    for (const { socket } of visitors) socket.destroy();
    expect(seen).to.deep.equal([...Array(4).fill('opened'), ...Array(4).fill('served')]);
  }

  it('are opened, then served, by an adapter', async () => {
    const site = await serve(
      async (request, response) => {
        if (request.url === '/none') return response.end('none');
        await Promise.resolve();
        response.end(served());
      },
      { session: settings },
    );
    await askTogether(site.port);
  });

  it('are opened, then served, by the kernel', async () => {
    const site = await openSite((route) => route.get('/count', served), { session: settings });
    await askTogether(site.port);
  });

  it('are opened, then served, by Hono', async () => {
    const app = await Application.boot({ root: '/nowhere/app', config: { session: settings } });
    const server = new Hono();
    server.use('/count', startSession(app));
    server.get('/count', (c) => c.text(served()));
    const listening = createAdaptorServer({ fetch: server.fetch });
    listening.listen(0, '127.0.0.1');
    await once(listening, 'listening');
    try {
      await askTogether((listening.address() as AddressInfo).port);
    } finally {
      await new Promise((resolve) => listening.close(resolve));
      await app.close();
    }
  });
});
