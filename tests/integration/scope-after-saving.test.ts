import { Application, ArrayHandler, type HandlerClass, Services, type Store, session } from 'blitz-session';
import { expect } from 'chai';
import { cookieOf, QuietLog, serve } from '../fixtures/store-app.ts';

/** Saves a turn of the event loop later, as every store behind a network. */
class SlowHandler extends ArrayHandler {
  override async commit(id: string, data: string | null, keep: boolean): Promise<void> {
    await new Promise((resolve) => setImmediate(resolve));
    super.commit(id, data, keep);
  }
}

for (const [name, handler] of Object.entries({ 'at once': ArrayHandler, later: SlowHandler })) {
  describe(`what runs after a session was saved ${name}`, () => {
    let app: Application;
    let server: { url: string; close: () => Promise<void> };
    const seen: unknown[] = [];

    before(async () => {
      app = await Application.boot({
        root: '/nowhere/app',
        log: new QuietLog(),
        config: { session: { handler: handler as HandlerClass, gc_probability: 0 } },
      });
      server = await serve(app, async (_request, response) => {
        const store = Services.session();
        store.increment('n');
        response.once('finish', () => seen.push(session('n')));
        response.write('a', () => seen.push(session('n')));
        await new Promise((resolve) => setTimeout(resolve, 20));
        seen.push(session('n'));
        response.end('b', () => seen.push(session('n')));
      });
    });

    after(async () => {
      await server.close();
      await app.close();
    });

    it('still has it as the current one: callbacks, listeners, and what the handler awaits', async () => {
      const first = await fetch(server.url);
      const cookie = cookieOf(first) ?? '';
      await first.text();
      await new Promise((resolve) => setTimeout(resolve, 20));
      for (const n of [2, 3]) {
        seen.length = 0;
        const response = await fetch(server.url, { headers: { cookie } });
        expect(await response.text()).to.equal('ab');
        await new Promise((resolve) => setTimeout(resolve, 20));
        expect(seen).to.deep.equal([n, n, n, n]);
      }
    });

    it('is also the current one for listeners of its end', async () => {
      const told: number[] = [];
      app.service('event').on('session:closed', ({ target }: { target?: unknown }) => {
        told.push((target as Store).get('n') as number, session('n') as number);
      });
      await (await fetch(server.url)).text();
      expect(told).to.deep.equal([1, 1]);
    });
  });
}
