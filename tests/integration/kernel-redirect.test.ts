import {
  back,
  type InjectedResponse,
  type InjectOptions,
  type RedirectResponse,
  type Request,
  type Router,
  redirect,
  route as routeHelper,
  session,
} from 'blitz-session';
import { expect } from 'chai';
import {
  type Browser,
  bootSite,
  closeSites,
  FullLog,
  openSite,
  type SiteOptions,
} from '../fixtures/kernel-site.js';

type Method = NonNullable<InjectOptions['method']>;

interface Asked {
  readonly method?: Method;
  readonly headers?: Record<string, string>;
  readonly url?: string;
  /** What the session has as the page before. */
  readonly previous?: string;
  readonly site?: SiteOptions;
}

/** The answer of an action that redirects. */
async function led(action: (request: Request) => unknown, asked: Asked = {}): Promise<InjectedResponse> {
  const { method = 'GET', headers = {}, url = '/here', previous, site = {} } = asked;
  const app = await bootSite(site);
  const routes = app.service('route') as Router;
  routes
    .any('/(:any)', (_path, request) => {
      if (previous !== undefined) session().setPreviousUrl(previous);
      return action(request);
    })
    .withoutCsrf();
  routes.get('/users/{id}/{tab?}', () => '').name('user');
  return app.inject({ method, url, headers: { host: 'shop.example', ...headers } });
}

const place = async (...all: Parameters<typeof led>) => (await led(...all)).headers.location;
const status = async (...all: Parameters<typeof led>) => (await led(...all)).statusCode;

describe('kernel: redirections', () => {
  afterEach(closeSites);

  it('302 after GET and HEAD, 303 after everything else, or what is said', async () => {
    const go = () => redirect('/x');
    const after = await Promise.all(
      (['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'] as const).map((method) => status(go, { method })),
    );
    expect(after).to.deep.equal([302, 302, 303, 303, 303, 303]);
    for (const code of [301, 302, 303, 307, 308]) {
      expect(await status(() => redirect('/x', code), { method: 'POST' })).to.equal(code);
    }
    const ways: ((code: number) => RedirectResponse)[] = [
      (code) => redirect().to('/x', code),
      (code) => redirect().away('https://x.example/', code),
      (code) => redirect().route('user', 1, code),
      (code) => redirect().back(code),
      (code) => back(code),
      (code) => redirect().refresh(code),
      (code) => redirect().guest('/x', code),
      (code) => redirect().intended('/x', code),
    ];
    for (const way of ways) expect(await status(() => way(307))).to.equal(307);
  });

  it('a status of something else is refused', async () => {
    for (const code of [200, 404, 304, 300, 299, Number.NaN]) {
      const log = new FullLog();
      expect(await status(() => redirect('/x', code), { site: { log } })).to.equal(500);
      expect(log.errors[0])
        .to.match(/redirection/)
        .and.contain(String(code));
    }
  });

  it('has no body, and no type of one', async () => {
    const { body, headers } = await led(() => redirect('/x'));
    expect([body, headers['content-length'], headers['content-type']]).to.deep.equal(['', '0', undefined]);
  });

  it('to: a path or a whole address, encoded once', async () => {
    for (const [to, location] of [
      ['/x', '/x'],
      ['x?y=1#z', '/x?y=1#z'],
      ['/café crème', '/caf%C3%A9%20cr%C3%A8me'],
      ['/caf%C3%A9', '/caf%C3%A9'],
      ['https://example.org/é', 'https://example.org/%C3%A9'],
      ['/x\r\nSet-Cookie: a=1', '/x%0D%0ASet-Cookie:%20a=1'],
      ['/x\ud800', '/x%EF%BF%BD'],
    ] as const) {
      const answer = await led(() => redirect(to));
      expect(answer.headers.location, to).to.equal(location);
      expect(answer.cookies.map(({ name }) => name)).to.deep.equal(['blitz_session']);
    }
  });

  it('to: what begins with two slashes is a path; away leads elsewhere', async () => {
    for (const to of [
      '//evil.example',
      '/\\evil.example',
      '\\\\evil.example',
      '///evil.example',
      '/ /evil.example',
      '/\t/evil.example',
      '\\/evil.example',
    ]) {
      const location = (await place(() => redirect(to))) ?? '';
      expect(new URL(location, 'http://shop.example').host, JSON.stringify(to)).to.equal('shop.example');
    }
    expect(await place(() => redirect().away('//cdn.example/x'))).to.equal('//cdn.example/x');
    expect(await place(() => redirect().away('https://example.org/'))).to.equal('https://example.org/');
  });

  it('route: a named one', async () => {
    expect(await place(() => redirect().route('user', 7))).to.equal('/users/7');
    expect(await place(() => redirect().route('user', { id: 'é', tab: 'x', page: 2 }))).to.equal(
      '/users/%C3%A9/x?page=2',
    );
    expect(await place(() => redirect(routeHelper('user', [7, 'y'])))).to.equal('/users/7/y');
    expect(await status(() => redirect().route('nothing'))).to.equal(500);
  });

  it('withFragment: with or without its sign, the last one counts', async () => {
    expect(await place(() => redirect('/x?y=1').withFragment('z'))).to.equal('/x?y=1#z');
    expect(await place(() => redirect('/x#a').withFragment('#b').withFragment('é d'))).to.equal(
      '/x#%C3%A9%20d',
    );
    expect(await place(() => redirect('/x').withFragment('a\r\nb'))).to.equal('/x#a%0D%0Ab');
  });

  it('withCookie and headers go with it', async () => {
    const answer = await led(() => redirect('/x').withCookie('a', '1').withHeader('X-Own', 'yes'));
    expect([answer.headers['x-own'], answer.cookies.find(({ name }) => name === 'a')?.value]).to.deep.equal([
      'yes',
      '1',
    ]);
  });

  it('refresh: the same address', async () => {
    expect(await place(() => redirect().refresh(), { url: '/here/caf%C3%A9?x=1&y=%20' })).to.equal(
      '/here/caf%C3%A9?x=1&y=%20',
    );
    expect(await status(() => redirect().refresh(), { method: 'POST' })).to.equal(303);
    expect(await place(() => redirect().refresh(), { headers: { host: '<>' } })).to.equal('/here');
  });
});

describe('kernel: back()', () => {
  afterEach(closeSites);

  const go = () => redirect().back();

  it('the Referer of this site, else the page before, else the default', async () => {
    const referer = 'http://shop.example/form?x=1';
    const previous = 'http://shop.example/before';
    expect(await place(go, { headers: { referer }, previous })).to.equal('/form?x=1');
    expect(await place(go, { previous })).to.equal('/before');
    expect(await place(go)).to.equal('/');
    expect(await place(() => back('/basket'))).to.equal('/basket');
    expect(await place(() => redirect().back('/basket'))).to.equal('/basket');
    expect(await place(() => back(undefined, '/basket'))).to.equal('/basket');
    const other = await led(() => back(307, '/basket'));
    expect([other.statusCode, other.headers.location]).to.deep.equal([307, '/basket']);
  });

  it('never to another site', async () => {
    const foreign = [
      'https://evil.example/',
      'http://evil.example/form',
      'http://shop.example.evil.example/',
      'http://shop.example@evil.example/',
      'http://shop.example:8080/',
      '//evil.example/x',
      '/\\evil.example/x',
      '\\\\evil.example',
      'http:evil.example',
      'javascript:alert(1)',
      'data:text/html,x',
      'ftp://shop.example/x',
      'about:blank',
      '',
      'http://',
      '/\t/evil.example',
    ];
    for (const address of foreign) {
      if (/^[\x20-\x7e]*$/.test(address)) {
        expect(await place(go, { headers: { referer: address } }), `Referer ${address}`).to.equal('/');
      }
      expect(await place(go, { previous: address }), `previousUrl ${JSON.stringify(address)}`).to.equal('/');
    }
  });

  it('a path with two slashes on this site stays on it', async () => {
    for (const address of ['http://shop.example//evil.example/x', 'http://shop.example/\\evil.example/x']) {
      expect(await place(go, { headers: { referer: address } })).to.equal('/evil.example/x');
      expect(await place(go, { previous: address })).to.equal('/evil.example/x');
    }
  });

  it('CR LF of a page before ends up encoded', async () => {
    const answer = await led(go, { previous: '/x y\r\nSet-Cookie: a=1' });
    expect(answer.headers.location).to.equal('/');
    expect(await place(() => redirect(session().previousUrl() ?? ''), { previous: '/x\r\nY: 1' })).to.equal(
      '/x%0D%0AY:%201',
    );
  });

  it('behind proxies, known or not', async () => {
    const referer = 'https://shop.example/form';
    expect(await place(go, { headers: { referer } }), 'https in front, unknown').to.equal('/form');
    const inner = { host: 'inner:3000', referer };
    expect(
      await place(go, { headers: inner, previous: 'http://inner:3000/before' }),
      'another host',
    ).to.equal('/before');
    expect(
      await place(go, { headers: inner, site: { app: { base_url: 'https://shop.example' } } }),
      'base_url',
    ).to.equal('/form');
    const forwarded = { ...inner, 'x-forwarded-host': 'shop.example', 'x-forwarded-proto': 'https' };
    expect(await place(go, { headers: forwarded, site: { app: { trust_proxy: 1 } } }), 'trusted').to.equal(
      '/form',
    );
    expect(await place(go, { headers: forwarded }), 'not trusted').to.equal('/');
    const port = {
      host: 'shop.example:443',
      referer: 'https://shop.example/form',
      'x-forwarded-proto': 'https',
    };
    expect(
      await place(go, { headers: port, site: { app: { trust_proxy: 1 } } }),
      'the port of https',
    ).to.equal('/form');
  });

  it('not to itself, which would never end; after a form to itself', async () => {
    const referer = 'http://shop.example/here';
    expect(await place(go, { headers: { referer }, previous: 'http://shop.example/before' })).to.equal(
      '/before',
    );
    expect(await place(go, { headers: { referer }, previous: referer })).to.equal('/');
    expect(await place(go, { headers: { referer }, method: 'POST' })).to.equal('/here');
  });
});

describe('kernel: guest() and intended()', () => {
  afterEach(closeSites);

  const pages = (route: Router) => {
    const guarded = (request: Request) =>
      session().has('user') ? `shown ${request.fullUrl()}` : redirect().guest('/login');
    route.get('/secret/{id}', (_id, request) => guarded(request));
    route.post('/secret/{id}', (_id, request) => guarded(request)).withoutCsrf();
    route.get('/page', () => '<p>page</p>');
    route.get('/login', () => '<p>login</p>');
    route
      .post('/login', () => {
        session().put('user', 'Ada');
        return redirect().intended('/home');
      })
      .withoutCsrf();
    route.get('/plant', (request) => session().put('url.intended', request.input<string>('to', '')));
  };
  const location = async (browser: Browser, path: string, options: RequestInit = {}) =>
    (await browser.get(path, options)).headers.get('location');
  const login = (browser: Browser) => location(browser, '/login', { method: 'POST' });

  it('back to where the visitor was going, once', async () => {
    const browser = (await openSite(pages)).browser();
    expect(await location(browser, '/secret/1?tab=a%20b')).to.equal('/login');
    await browser.get('/login');
    expect(await login(browser)).to.equal('/secret/1?tab=a%20b');
    expect(await login(browser)).to.equal('/home');
  });

  it('a form leads back to its page, a script too', async () => {
    const browser = (await openSite(pages)).browser();
    await browser.get('/page');
    expect(await location(browser, '/secret/1', { method: 'POST' })).to.equal('/login');
    expect(await login(browser)).to.equal('/page');
    const other = (await openSite(pages)).browser();
    expect(await location(other, '/secret/1', { headers: { accept: 'application/json' } })).to.equal(
      '/login',
    );
    expect(await login(other)).to.equal('/home');
  });

  it('never to another site', async () => {
    const browser = (await openSite(pages)).browser();
    for (const to of ['https://evil.example/', '//evil.example', '/\\evil.example', 'javascript:1']) {
      await browser.get(`/plant?to=${encodeURIComponent(to)}`);
      expect(await login(browser), to).to.equal('/home');
    }
    await browser.get('/plant?to=/page');
    expect(await login(browser)).to.equal('/page');
  });
});

describe('kernel: what a redirection carries along', () => {
  afterEach(closeSites);

  const pages = (route: Router) => {
    route
      .post('/with', () => redirect('/look').with('a', 1).with({ b: 2, 'c.d': 3 }).with('said'))
      .withoutCsrf();
    route
      .post('/input', () =>
        redirect()
          .back('/look')
          .withInput()
          .withErrors({ nom: ['Trop court.', 'Inconnu.'], age: 'Manque.' }),
      )
      .withoutCsrf();
    route
      .post('/given', () =>
        redirect('/look').withInput({ nom: 'Ada' }).withErrors('Refusé.', 'login').withErrors(['x', 'y']),
      )
      .withoutCsrf();
    route.get('/look', () => ({
      a: session('a'),
      b: session('b'),
      d: session().get('c.d'),
      said: session('said'),
      old: session().getOldInput(),
      errors: session().flashed('errors'),
    }));
    route.get('/none', () => redirect('/look').with('a', 1)).withoutSession();
    route.get('/read', () => redirect('/look').with('a', 1)).readOnly();
  };

  it('flash values, input and errors, for the next page alone', async () => {
    const browser = (await openSite(pages)).browser();
    const look = async () => JSON.parse((await browser.get('/look')).body);
    await browser.post('/with');
    expect(await look()).to.include({ a: 1, b: 2, d: 3, said: true });
    expect(await look()).to.deep.equal({ old: {} });
    await browser.post('/input', { nom: 'x', password: 's', _token: 't' });
    expect(await look()).to.deep.equal({
      old: { nom: 'x' },
      errors: { default: { nom: ['Trop court.', 'Inconnu.'], age: 'Manque.' } },
    });
    await browser.post('/given', { nom: 'Bob' });
    expect(await look()).to.deep.equal({
      old: { nom: 'Ada' },
      errors: { login: ['Refusé.'], default: ['x', 'y'] },
    });
  });

  it('needs a session that can be written', async () => {
    const site = await openSite(pages);
    expect([(await site.get('/none')).status, (await site.get('/read')).status]).to.deep.equal([500, 500]);
    expect(site.log.text).to.contain('E_SESSION_NO_REQUEST').and.contain('E_SESSION_READ_ONLY');
  });

  it('outside a request there is none', async () => {
    await bootSite();
    for (const way of [() => redirect('/x'), () => redirect().back(), () => back()]) {
      expect(way).to.throw().with.property('code', 'E_HTTP_NO_REQUEST');
    }
  });
});
