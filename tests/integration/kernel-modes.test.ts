import { BaseHandler, session } from 'blitz-session';
import { expect } from 'chai';
import { moodyHandler, until } from '../fixtures/http.ts';
import { closeSites, openSite } from '../fixtures/kernel-site.ts';

describe('kernel: readOnly routes', () => {
  afterEach(closeSites);

  it('take no lock across user code, and see the last committed state', async () => {
    let inside = 0;
    let open: (() => void)[] = [];
    const gate = () =>
      new Promise<void>((resolve) => {
        inside++;
        open.push(resolve);
      });
    const site = await openSite((route) => {
      route.get('/put/{v}', (v) => session({ v }));
      route.get('/slow', async () => {
        session({ v: 'uncommitted' });
        await gate();
      });
      route
        .get('/read', async () => {
          await gate();
          return session('v');
        })
        .readOnly();
    });
    const browser = site.browser();
    await browser.get('/put/first');
    const slow = browser.twin().get('/slow');
    await until(() => inside === 1);
    const reads = Array.from({ length: 5 }, () => browser.get('/read'));
    await until(() => inside === 6, 'six requests at once');
    for (const pass of open.splice(1)) pass();
    for (const { body, cookies } of await Promise.all(reads)) {
      expect([body, cookies]).to.deep.equal(['first', []]);
    }
    for (const pass of open) pass();
    await slow;
    open = [];
    const last = browser.get('/read');
    await until(() => open.length === 1);
    open[0]?.();
    expect((await last).body).to.equal('uncommitted');
  });

  const CHANGES: Record<string, () => unknown> = {
    put: () => session({ a: 1 }),
    flash: () => session().flash('a', 1),
    remove: () => session().remove('v'),
    destroy: () => session().destroy(),
    regenerate: () => session().regenerate(),
    invalidate: () => session().invalidate(),
    start: () => session().start(),
  };
  for (const [title, change] of Object.entries(CHANGES)) {
    it(`${title} is answered with 500, and nothing is stored`, async () => {
      const site = await openSite((route) => {
        route.get('/put', () => session({ v: 1, list: [] }));
        route
          .get('/change', async () => {
            await change();
            return 'changed';
          })
          .readOnly();
        route.get('/all', () => session().all());
      });
      const browser = site.browser();
      await browser.get('/put');
      const before = browser.id;
      const answer = await browser.get('/change');
      expect(answer.status).to.equal(500);
      expect(answer.cookies).to.be.empty;
      expect(site.log.text).to.contain('E_SESSION_READ_ONLY');
      expect((await browser.get('/all')).body).to.equal('{"v":1,"list":[]}');
      expect(browser.id).to.equal(before);
    });
  }

  it('see flash values, and neither age nor delete them; they know no previous page', async () => {
    const site = await openSite((route) => {
      route.get('/flash', () => session().flash('m', 'hello'));
      route.get('/peek', (_request, response) => response.html(session('m', 'gone'))).readOnly();
      route.get('/page', (_request, response) => response.html(session('m', 'gone')));
      route.get('/previous', (request) => ({ previous: request.previousUrl() ?? null })).readOnly();
    });
    const browser = site.browser();
    await browser.get('/flash');
    for (let turn = 0; turn < 3; turn++) expect((await browser.get('/peek')).body).to.equal('hello');
    expect((await browser.get('/previous')).body).to.equal('{"previous":null}');
    expect((await browser.get('/page')).body).to.equal('hello');
    expect((await browser.get('/peek')).body).to.equal('gone');
  });

  it('without a session: an empty Store, no cookie, nothing created; token() throws', async () => {
    const { records, handler } = moodyHandler();
    const site = await openSite(
      (route) => {
        route.get('/all', () => session().all()).readOnly();
        route.get('/token', () => session().token()).readOnly();
        route.get('/make', () => session().token());
      },
      { session: { handler } },
    );
    const stranger = site.browser();
    stranger.jar.set('blitz_session', 'f'.repeat(32));
    for (const browser of [site.browser(), stranger]) {
      const answer = await browser.get('/all');
      expect([answer.status, answer.body, answer.cookies]).to.deep.equal([200, '{}', []]);
      expect((await browser.get('/token')).status).to.equal(500);
    }
    expect(records.size).to.equal(0);
    const browser = site.browser();
    const token = (await browser.get('/make')).body;
    expect((await browser.get('/token')).body)
      .to.equal(token)
      .and.have.length(40);
  });
});

describe('kernel: routes without a session', () => {
  afterEach(closeSites);

  it('have none: no store is asked, no cookie goes out, session() says why', async () => {
    let reads = 0;
    class CountingHandler extends BaseHandler {
      read() {
        reads++;
        return '';
      }
      write() {}
      destroy() {}
    }
    const site = await openSite(
      (route) => {
        route
          .get('/health', (request) => ({ session: request.hasSession(), path: request.path() }))
          .withoutSession();
        route.get('/ask', () => session('a')).withoutSession();
        route.post('/hook', (request) => request.input('event')).withoutSession();
        route.group({ session: false }, () =>
          route.get('/in-group', (request) => String(request.hasSession())),
        );
      },
      { session: { handler: CountingHandler } },
    );
    const browser = site.browser();
    browser.jar.set('blitz_session', 'f'.repeat(32));
    const health = await browser.get('/health');
    expect([health.status, health.body, health.cookies]).to.deep.equal([
      200,
      '{"session":false,"path":"/health"}',
      [],
    ]);
    expect(health.headers.get('cache-control')).to.equal(null);
    expect((await browser.get('/ask')).status).to.equal(500);
    expect(site.log.text).to.contain('E_SESSION_NO_REQUEST');
    expect((await browser.json('/hook', { event: 'paid' })).body).to.equal('paid');
    expect((await browser.get('/in-group')).body).to.equal('false');
    expect(reads).to.equal(0);
  });
});
