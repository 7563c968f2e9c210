import {
  Config,
  Controller,
  Cookie,
  Event,
  isBlitzError,
  Log,
  Request,
  Response,
  Route,
  request,
  response,
  Services,
  Session,
  Store,
  service,
  session,
  singleService,
  View,
  view,
} from 'blitz-session';
import 'blitz-session/globals';
import { expect } from 'chai';
import { closeSites, openSite } from '../fixtures/kernel-site.ts';

const UNKNOWN = '0123456789abcdef0123456789abcdef';

/** The code of what `work` throws. */
async function codeOf(work: () => unknown): Promise<string> {
  try {
    await work();
    return 'nothing was thrown';
  } catch (error) {
    return isBlitzError(error) ? error.code : String(error);
  }
}

describe('kernel: the ways to the session', () => {
  afterEach(closeSites);

  class UserController extends Controller {
    show(id: string) {
      this.request.session().put('shown', id);
      return `${this.request.param('id')}:${this.request.session().get('shown')}`;
    }
    own() {
      return this.response.withHeader('X-Own', 'yes').json({ same: this.request === request() || 'wrapped' });
    }
  }

  it('four ways give the same Store, of two visitors each their own', async () => {
    const site = await openSite((route) => {
      route.get('/write/{who}', (who, asked) => {
        session().put('session', who);
        Services.session().put('services', who);
        service('session').put('service', who);
        asked.session().put('request', who);
        Session.put('facade', who);
        globalThis.session().put('global', who);
        const ids = [
          session().id,
          Services.session().id,
          service('session').id,
          asked.session().id,
          Session.id,
          globalThis.session().id,
        ];
        return { ids: new Set(ids).size, stores: asked.session() instanceof Store };
      });
      route.get('/read', () => session().all());
    });
    const [ada, bob] = [site.browser(), site.browser()];
    expect((await ada.get('/write/ada')).body).to.equal('{"ids":1,"stores":true}');
    expect((await bob.get('/write/bob')).body).to.equal('{"ids":1,"stores":true}');
    expect(ada.id)
      .to.match(/^[0-9a-f]{32}$/)
      .and.not.equal(bob.id);
    for (const [browser, who] of [
      [ada, 'ada'],
      [bob, 'bob'],
    ] as const) {
      expect(JSON.parse((await browser.get('/read')).body)).to.deep.equal({
        session: who,
        services: who,
        service: who,
        request: who,
        facade: who,
        global: who,
      });
    }
  });

  it("session('key'), with a default, with a computed one, and session({…})", async () => {
    const site = await openSite((route) => {
      route.get('/home', () => session('key'));
      route.get('/default', () => session('key', 'none'));
      route.get('/computed', () => session('key', () => 'computed'));
      route.get('/dotted', () => session('user.teams.0', 'none'));
      route.get('/typed', () => session().get<number>('n', 41) + 1);
      route.post('/set', () => session({ key: 'kept', 'user.teams': ['red'] })).withoutCsrf();
    });
    const browser = site.browser();
    const read = async () => [
      (await browser.get('/home')).body,
      (await browser.get('/default')).body,
      (await browser.get('/computed')).body,
      (await browser.get('/dotted')).body,
    ];
    expect(await read()).to.deep.equal(['', 'none', 'computed', 'none']);
    await browser.post('/set');
    expect(await read()).to.deep.equal(['kept', 'kept', 'kept', 'red']);
    expect((await browser.get('/typed')).body).to.equal('42');
    expect((await site.get('/home')).body, 'of another visitor').to.equal('');
  });

  it('[UserController, "show"] with this.request.session() and this.response', async () => {
    const site = await openSite((route) => {
      route.get('/users/{id}', [UserController, 'show']);
      route.get('/own', [UserController, 'own']);
    });
    const browser = site.browser();
    expect((await browser.get('/users/7')).body).to.equal('7:7');
    const own = await browser.get('/own');
    expect(own.headers.get('x-own')).to.equal('yes');
    expect(own.body).to.equal('{"same":true}');
  });

  it('a controller made outside a route says what is missing', async () => {
    await openSite();
    expect(await codeOf(() => new UserController())).to.equal('E_HTTP_NO_REQUEST');
  });

  it('the façade Session has every method of the Store', async () => {
    const site = await openSite((route) => {
      route.get('/', (asked) => {
        const names = new Set<string>();
        for (let own: object = asked.session(); own !== Object.prototype; own = Object.getPrototypeOf(own)) {
          for (const name of Object.getOwnPropertyNames(own)) names.add(name);
        }
        const store = asked.session() as unknown as Record<string, unknown>;
        const facade = Session as unknown as Record<string, unknown>;
        const missing = [...names].filter(
          (name) => name !== 'constructor' && typeof facade[name] !== typeof store[name],
        );
        return { missing, methods: names.size };
      });
    });
    const { missing, methods } = JSON.parse((await site.get('/')).body);
    expect(missing).to.deep.equal([]);
    expect(methods).to.be.above(50);
  });

  it('the façades reach the request, the response, the routes, the views, cookies, options, events and the log', async () => {
    const heard: string[] = [];
    const site = await openSite(
      () => {
        // The façade of the application booted last, before it listens.
        Route.get('/facades/{id}', (id) => {
          Event.on('page:seen', (event) => {
            heard.push(String(event.params['id']));
          });
          void Event.emit('page:seen', undefined, { id });
          Cookie.queue('theme', 'dark', 60);
          Log.warn('a page was seen');
          Response.withHeader('X-Facade', Request.param('id') ?? '').withStatus(203);
          return {
            input: Request.input('q'),
            cookie: Cookie.get('seen')?.getValue(),
            expiration: Config.get('session.expiration'),
            address: Route.address('facades', [9]),
            view: View.exists('nothing'),
          };
        }).name('facades');
      },
      { session: { expiration: 1234 } },
    );
    const browser = site.browser();
    browser.jar.set('seen', 'before');
    const answer = await browser.get('/facades/7?q=ask');
    expect(answer.status).to.equal(203);
    expect(answer.headers.get('x-facade')).to.equal('7');
    expect(browser.jar.get('theme')).to.equal('dark');
    expect(heard).to.deep.equal(['7']);
    expect(site.log.warnings[0]).to.contain('a page was seen');
    expect(JSON.parse(answer.body)).to.deep.equal({
      input: 'ask',
      cookie: 'before',
      expiration: 1234,
      address: '/facades/9',
      view: false,
    });
  });

  it("view('user/profile', { user }) renders with the session, escaped", async () => {
    const site = await openSite(
      (route) => {
        route.get('/profile', () => {
          session({ last: '<now>' });
          return view('user/profile', { user: { name: 'Ada <3' } });
        });
      },
      { files: { 'app/Views/user/profile.eta': `<h1><%= it.user.name %></h1><%= session('last') %>` } },
    );
    const answer = await site.get('/profile');
    expect(answer.headers.get('content-type')).to.equal('text/html; charset=utf-8');
    expect(answer.body).to.equal('<h1>Ada &lt;3</h1>&lt;now&gt;');
  });

  it('a request has one session: Services.session(false) and singleService give it too, and a second start', async () => {
    const site = await openSite((route) => {
      route.get('/', async () => {
        const { id } = session();
        session().put('a', 1);
        await session().start();
        const stores = [Services.session(false), singleService('session'), Services.single('session')];
        return stores.every((store) => store.id === id && store.get('a') === 1) ? 'one' : 'several';
      });
    });
    expect((await site.get('/')).body).to.equal('one');
  });

  it('outside a request data access says what to do, while extend works', async () => {
    await openSite();
    const ways = [
      () => session('a'),
      () => session({ a: 1 }),
      () => session().get('a'),
      () => Session.get('a'),
      () => Services.session().put('a', 1),
      () => service('session').token(),
    ];
    for (const way of ways) expect(await codeOf(way)).to.equal('E_SESSION_NO_REQUEST');
    expect(await codeOf(() => request('a'))).to.equal('E_HTTP_NO_REQUEST');
    expect(await codeOf(() => response())).to.equal('E_HTTP_NO_REQUEST');
    expect(await codeOf(() => Request.input('a'))).to.equal('E_HTTP_NO_REQUEST');
    const { ArrayHandler } = await import('blitz-session');
    Session.extend('shelf', ArrayHandler);
    Session.extend({ shelf: ArrayHandler });
    try {
      session('a');
    } catch (error) {
      expect((error as Error).message).to.match(/Session\.run|route|adapter|adaptateur/);
    }
  });

  it('what a request left running finds no session of another one', async () => {
    const late: Promise<string>[] = [];
    const site = await openSite((route) => {
      route.get('/', () => {
        const { id } = session();
        late.push(
          new Promise((resolve) => {
            setTimeout(() => resolve(`${session().id === id}:${codeSync(() => session({ late: 1 }))}`), 60);
          }),
        );
        return 'gone';
      });
      route.get('/other', () => new Promise((resolve) => setTimeout(() => resolve(session('late')), 90)));
    });
    const [first, second] = await Promise.all([site.get('/'), site.get('/other')]);
    expect([first.status, second.body]).to.deep.equal([200, '']);
    expect(await Promise.all(late)).to.deep.equal(['true:E_SESSION_CLOSED']);
  });

  function codeSync(work: () => void): string {
    try {
      work();
      return 'nothing';
    } catch (error) {
      return isBlitzError(error) ? error.code : String(error);
    }
  }
});

describe('kernel: Session.run beside a request', () => {
  afterEach(closeSites);

  it('opens the session of somebody else by id, Cookie header or request', async () => {
    let seen: string[] = [];
    const site = await openSite((route) => {
      route.get('/name/{name}', (name) => session({ name }));
      route.get('/look/{id}', async (id) => {
        session({ mine: 'mine' });
        const cookie = `blitz_session=${id}`;
        const targets = [
          id,
          cookie,
          { headers: { cookie } },
          new globalThis.Request('http://x/', { headers: { cookie } }),
        ];
        seen = [];
        for (const target of targets) {
          seen.push(
            await Session.run(target, async (other) => {
              await new Promise((resolve) => setTimeout(resolve, 2));
              session({ visited: true });
              return `${other.get('name')}:${session('name')}:${session('mine', 'none')}`;
            }),
          );
        }
        return `${session('name', 'nobody')}:${session('mine')}:${session('visited', 'no')}`;
      });
      route.get('/visited', () => String(session('visited')));
    });
    const [ada, bob] = [site.browser(), site.browser()];
    await ada.get('/name/ada');
    expect((await bob.get(`/look/${ada.id}`)).body).to.equal('nobody:mine:no');
    expect(seen).to.deep.equal(Array(4).fill('ada:ada:none'));
    expect((await ada.get('/visited')).body).to.equal('true');
  });

  it('makes a new session, refuses an unknown id, and its own at once', async () => {
    const site = await openSite((route) => {
      route.get('/new', async () => {
        const made = await Session.run(undefined, (other) => other.id);
        return made === session().id ? 'the same' : 'another';
      });
      route.get('/unknown', () => codeOf(() => Session.run(UNKNOWN, () => {})));
      route.get('/own', async () => {
        const began = performance.now();
        const code = await codeOf(() => Session.run(session().id, () => {}));
        return `${code}:${performance.now() - began < 200}`;
      });
      route.get('/own-read', () =>
        Session.run(session().id, (own) => String(own.get('a')), { readOnly: true }),
      );
      route.get('/put', () => session({ a: 1 }));
    });
    const browser = site.browser();
    await browser.get('/put');
    expect((await browser.get('/new')).body).to.equal('another');
    expect((await browser.get('/unknown')).body).to.equal('E_SESSION_UNKNOWN_ID');
    expect((await browser.get('/own')).body).to.equal('E_SESSION_NESTED:true');
    expect((await browser.get('/own-read')).body).to.equal('1');
  });

  it('works outside a request on what a request stored', async () => {
    const site = await openSite((route) => {
      route.get('/put', () => session({ a: 1 }));
      route.get('/get', () => String(session('a')));
    });
    const browser = site.browser();
    await browser.get('/put');
    await Session.run(browser.id, (store) => store.increment('a'));
    expect((await browser.get('/get')).body).to.equal('2');
  });
});
