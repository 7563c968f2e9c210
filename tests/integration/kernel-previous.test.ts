import { abort, type Router, redirect, session } from 'blitz-session';
import { expect } from 'chai';
import { moodyHandler } from '../fixtures/http.ts';
import { type Browser, closeSites, openSite } from '../fixtures/kernel-site.ts';

describe('kernel: previousUrl', () => {
  afterEach(closeSites);

  const pages = (route: Router) => {
    route.get('/page/{n}', (n, request) => `page ${n}, before: ${request.previousUrl() ?? 'none'}`);
    route.get('/where', () => ({ previous: session().previousUrl() ?? null }));
    route.get('/json', () => ({ a: 1 }));
    route.get('/text', (_request, response) => response.text('text'));
    route.get('/away', () => redirect('/page/1'));
    route.get('/lost', () => abort(404));
    route.get('/broken', () => {
      throw new Error('broken');
    });
    route.get('/read', () => 'read').readOnly();
    route.get('/none', () => 'none').withoutSession();
    route.get('/partial', (_request, response) => response.html('x').withStatus(206));
    route.get('/ended', async () => {
      await session().close();
      return 'ended';
    });
    route.post('/form', () => 'sent').withoutCsrf();
    route.get('/back', () => redirect().back());
  };
  const where = async (browser: Browser) =>
    (JSON.parse((await browser.get('/where')).body) as { previous: string | null }).previous;

  it('is the page before, with its query, of this visitor', async () => {
    const site = await openSite(pages);
    const [ada, bob] = [site.browser(), site.browser()];
    expect((await ada.get('/page/1?tab=a%20b')).body).to.equal('page 1, before: none');
    expect((await bob.get('/page/9')).body).to.equal('page 9, before: none');
    expect((await ada.get('/page/2')).body).to.equal(`page 2, before: ${site.url}/page/1?tab=a%20b`);
    expect(await where(ada)).to.equal(`${site.url}/page/2`);
    expect(await where(bob)).to.equal(`${site.url}/page/9`);
    const back = await ada.get('/back');
    expect([back.status, back.headers.get('location')]).to.deep.equal([302, '/page/2']);
  });

  it('ignores what is no page: JSON, text, redirections, errors, forms, HEAD, and routes that cannot write', async () => {
    const site = await openSite(pages);
    const browser = site.browser();
    await browser.get('/page/1');
    for (const path of [
      '/json',
      '/text',
      '/away',
      '/lost',
      '/broken',
      '/read',
      '/none',
      '/nowhere',
      '/ended',
    ]) {
      await browser.get(path);
      expect(await where(browser), path).to.equal(`${site.url}/page/1`);
    }
    await browser.post('/form');
    await browser.get('/page/5', { method: 'HEAD' });
    expect(await where(browser)).to.equal(`${site.url}/page/1`);
  });

  it('ignores AJAX and prefetch', async () => {
    const site = await openSite(pages);
    const browser = site.browser();
    await browser.get('/page/1');
    const kinds: Record<string, string>[] = [
      { 'x-requested-with': 'XMLHttpRequest' },
      { 'sec-purpose': 'prefetch' },
      { 'sec-purpose': 'prefetch;prerender' },
      { purpose: 'prefetch' },
      { 'x-moz': 'prefetch' },
    ];
    for (const headers of kinds) {
      expect((await browser.get('/page/2', { headers })).status).to.equal(200);
      expect(await where(browser), JSON.stringify(headers)).to.equal(`${site.url}/page/1`);
    }
  });

  it('makes no session where nothing was stored and save_uninitialized is false', async () => {
    const site = await openSite(
      (route) => {
        pages(route);
        route.get('/put', () => session({ a: 1 }));
      },
      { session: { save_uninitialized: false } },
    );
    const browser = site.browser();
    expect((await browser.get('/page/1')).cookies).to.be.empty;
    await browser.get('/put');
    await browser.get('/page/3');
    expect(await where(browser)).to.equal(`${site.url}/page/3`);
  });

  it('does not rewrite the session for the same page', async () => {
    const { mood, handler } = moodyHandler();
    const site = await openSite(pages, { session: { handler } });
    const browser = site.browser();
    await browser.get('/page/1');
    await browser.get('/page/1');
    const { writes } = mood;
    await browser.get('/page/1');
    await browser.get('/page/1');
    expect(mood.writes).to.equal(writes);
  });

  it('goes by app.base_url where it is set, and by a trusted proxy otherwise', async () => {
    const set = await openSite(pages, { app: { base_url: 'https://shop.example/' } });
    const one = set.browser();
    await one.get('/page/1');
    expect(await where(one)).to.equal('https://shop.example/page/1');
    const behind = await openSite(pages, { app: { trust_proxy: 1 } });
    const two = behind.browser();
    const headers = { 'x-forwarded-proto': 'https', 'x-forwarded-host': 'shop.example' };
    await two.get('/page/1', { headers });
    expect(await where(two)).to.equal('https://shop.example/page/1');
    const direct = await openSite(pages);
    const three = direct.browser();
    await three.get('/page/1', { headers });
    expect(await where(three)).to.equal(`${direct.url}/page/1`);
  });
});
