import {
  BlitzError,
  Facade,
  facade,
  isBlitzError,
  Services,
  type Store,
  service,
  session,
  singleService,
} from 'blitz-session';
import { ShiftedClock } from 'blitz-session/testing';
import { expect } from 'chai';
import { bootSite, closeSites, openSite, writeApplication } from '../fixtures/kernel-site.ts';

async function failureOf(work: Promise<unknown>): Promise<Error> {
  return work.then(
    () => new Error('nothing failed'),
    (error: Error) => error,
  );
}

describe('kernel: services', () => {
  afterEach(closeSites);

  it('a singleton may keep Services.session(): it is the one of each request', async () => {
    class Cart {
      readonly session: Store = Services.session();
      add(item: string): void {
        this.session.push('cart', item);
      }
      async count(): Promise<number> {
        await new Promise((resolve) => setTimeout(resolve, 5));
        return this.session.get<string[]>('cart', []).length;
      }
    }
    let made = 0;
    const site = await openSite((route) => {
      made++;
      Services.set('cart', new Cart());
      const cart = () => service<Cart>('cart');
      route.get('/add/{item}', (item) => cart().add(item));
      route.get('/count', () => cart().count());
    });
    const [ada, bob] = [site.browser(), site.browser()];
    await Promise.all([ada.get('/add/bread'), bob.get('/add/wine')]);
    await ada.get('/add/jam');
    const counts = await Promise.all([ada.get('/count'), bob.get('/count'), site.get('/count')]);
    expect(counts.map(({ body }) => body)).to.deep.equal(['2', '1', '0']);
    expect(made).to.equal(1);
  });

  it('Services.set and reset reach requests', async () => {
    const site = await openSite((route) => {
      route.get('/now', () => String(service('clock').now()));
    });
    class StoppedClock extends ShiftedClock {
      override now(): number {
        return 12_345;
      }
    }
    Services.set('clock', new StoppedClock());
    expect((await site.get('/now')).body).to.equal('12345');
    Services.reset('clock');
    expect((await site.get('/now')).body).to.not.equal('12345');
  });

  it('config/services.ts: shared by default, one of its own on demand, with arguments', async () => {
    const site = await openSite(
      (route) => {
        route.get('/', () => {
          const greeter = service<{ greet(): string }>('greeter');
          greeter.greet();
          const shared =
            service('greeter') === greeter && (Services as never as Made)['greeter']?.() === greeter;
          const own = singleService('greeter') !== greeter;
          return { shared, own, text: service<{ greet(): string }>('greeter', 'Salut').greet() };
        });
        route.get('/name', () => session('greeted'));
      },
      {
        files: {
          'config/services.ts': `import { session } from 'blitz-session';
            class Greeter {
              constructor(private word = 'Bonjour') {}
              greet() { session({ greeted: this.word }); return this.word; }
            }
            export default { greeter: (word?: string) => new Greeter(word) };`,
        },
      },
    );
    const browser = site.browser();
    expect(JSON.parse((await browser.get('/')).body)).to.deep.equal({
      shared: true,
      own: true,
      text: 'Salut',
    });
    expect((await browser.get('/name')).body).to.equal('Salut');
  });
  type Made = Record<string, () => unknown>;
});

describe('kernel: Application.boot', () => {
  afterEach(closeSites);

  it('listeners of app:init may add handlers and routes; the configuration given at boot wins', async () => {
    const site = await openSite(() => {}, {
      session: { handler: 'shelf', expiration: 777 } as never,
      files: {
        'config/session.ts': `export default { handler: 'file', expiration: 10 };`,
        'config/routes.ts': `import { config, Route } from 'blitz-session';
          Route.get('/expiration', () => String(config('session.expiration')));`,
        'app/Listeners/ShelfListener.ts': `import { BaseHandler, Route, Session, session, type EventManagerInterface } from 'blitz-session';
          const shelf = new Map<string, string>();
          class ShelfHandler extends BaseHandler {
            read(id: string) { return shelf.get(id) ?? ''; }
            write(id: string, data: string) { shelf.set(id, data); }
            destroy(id: string) { shelf.delete(id); }
          }
          export class ShelfListener {
            listen(event: EventManagerInterface) {
              event.on('app:init', async () => {
                await new Promise((resolve) => setTimeout(resolve, 5));
                Session.extend('shelf', ShelfHandler);
                Route.get('/listener', () => { session().increment('n'); return String(session('n')) + shelf.size; });
              });
            }
          }`,
      },
    });
    const browser = site.browser();
    expect((await browser.get('/expiration')).body).to.equal('777');
    expect((await browser.get('/listener')).body).to.equal('11');
    expect((await browser.get('/listener')).body).to.equal('21');
  });

  const SPELLINGS = {
    'calls of the façade': `import { Route, session } from 'blitz-session';
      Route.aliasMiddleware('mark', async (_request, next) => (await next()).withHeader('X-Mark', 'yes'));
      Route.get('/seen', () => String(session().increment('seen'))).middleware('mark');
      Route.group('/group', () => { Route.get('/in', () => 'inside'); });`,
    'an exported function': `import { defineRoutes, session } from 'blitz-session';
      export default defineRoutes((route) => {
        route.aliasMiddleware('mark', async (_request, next) => (await next()).withHeader('X-Mark', 'yes'));
        route.get('/seen', () => String(session().increment('seen'))).middleware('mark');
        route.group('/group', () => { route.get('/in', () => 'inside'); });
      });`,
    'an exported function that is async': `import { defineRoutes, session } from 'blitz-session';
      export default defineRoutes(async (route) => {
        await new Promise((resolve) => setTimeout(resolve, 5));
        route.get('/seen', () => String(session().increment('seen')))
          .middleware(async (_request, next) => (await next()).withHeader('X-Mark', 'yes'));
        route.prefix('group').group(() => { route.get('in', () => 'inside'); });
      });`,
  };
  for (const [spelling, text] of Object.entries(SPELLINGS)) {
    it(`config/routes.ts as ${spelling}, for two applications of one folder in one process`, async () => {
      const root = await writeApplication({ 'config/routes.ts': text });
      const sites = [await openSite(() => {}, { root }), await openSite(() => {}, { root })];
      for (const site of sites) {
        const browser = site.browser();
        const first = await browser.get('/seen');
        expect([first.body, first.headers.get('x-mark')]).to.deep.equal(['1', 'yes']);
        expect((await browser.get('/seen')).body).to.equal('2');
        expect((await browser.get('/group/in')).body).to.equal('inside');
      }
    });
  }

  const BROKEN: Record<string, readonly [Record<string, string>, code: string, says: RegExp]> = {
    'an error of its own is let through': [
      { 'config/routes.ts': `throw new Error('of the routes');` },
      'Error',
      /of the routes/,
    ],
    'a default export that is no function': [
      { 'config/routes.ts': `export default { '/': () => 'home' };` },
      'E_ROUTE',
      /config\/routes\.ts.*defineRoutes/,
    ],
    'two routes files': [
      { 'config/routes.ts': '', 'config/routes.js': '' },
      'E_ROUTE',
      /config\/routes\.js.*config\/routes\.ts/,
    ],
    'a placeholder that is not known': [
      { 'config/routes.ts': `import { Route } from 'blitz-session'; Route.get('/a/(:nub)', () => 1);` },
      'E_ROUTE',
      /\(:nub\).*num/s,
    ],
  };
  for (const [title, [files, code, says]] of Object.entries(BROKEN)) {
    it(`config/routes.ts: ${title}`, async () => {
      const failure = await failureOf(bootSite({ files }));
      expect(isBlitzError(failure) ? failure.code : failure.name).to.equal(code);
      expect(failure.message).to.match(says);
    });
  }

  it('a middleware that nobody declared is named when the application begins to serve', async () => {
    const app = await bootSite();
    app
      .service('route')
      .get('/admin', () => 1)
      .middleware('auht');
    const failure = await failureOf(app.listen(0));
    expect(failure).to.be.instanceOf(BlitzError).with.property('code', 'E_ROUTE');
    expect(failure.message).to.contain('auht').and.contain('aliasMiddleware').and.contain('/admin');
  });

  it('a route that comes after the first request is refused with a sentence', async () => {
    const site = await openSite();
    expect(() => site.app.service('route').get('/late', () => 1)).to.throw(/listen\(\)/);
  });
});

describe('kernel: events of sessions', () => {
  afterEach(closeSites);

  it('are told in their order, with the session at hand, and one that fails changes nothing', async () => {
    const heard: string[] = [];
    const site = await openSite((route) => {
      route.get('/', () => String(session().increment('n')));
      route.get('/slow', async () => {
        heard.push('inside');
        await new Promise((resolve) => setTimeout(resolve, 100));
      });
      route.get('/renew', () => session().regenerate());
      route.get('/end', () => session().destroy());
    });
    site.app.service('event').on('*', (event) => {
      if (event.name.startsWith('session:')) heard.push(event.name.slice(8));
      if (event.name === 'session:closed') throw new Error('of the listener');
    });
    const browser = site.browser();
    const during = async (work: () => Promise<unknown>) => {
      heard.length = 0;
      await work();
      return heard.join(' ');
    };
    // A busy machine may make anybody wait.
    const alone = async (path: string) => (await during(() => browser.get(path))).replace('lock_wait ', '');
    expect(await alone('/')).to.equal('started created closed');
    expect(await alone('/')).to.equal('started closed');
    expect(await alone('/renew')).to.equal('started regenerated closed');
    const crowd = await during(async () => {
      const slow = browser.get('/slow');
      while (!heard.includes('inside')) await new Promise((resolve) => setTimeout(resolve, 2));
      await Promise.all([slow, browser.get('/')]);
    });
    expect(crowd).to.contain('lock_wait');
    expect(await alone('/end')).to.equal('started destroyed');
    expect(site.log.text)
      .to.contain('of the listener')
      .and.not.contain(browser.id || 'nothing');
  });

  it('a façade of the application reaches its service in a request', async () => {
    class Basket {
      add(item: string): number {
        session().push('basket', item);
        return session<string[]>('basket', []).length;
      }
    }
    class BasketFacade extends Facade {
      static override accessor(): string {
        return 'basket';
      }
    }
    const BasketOf = facade<Basket>()(BasketFacade);
    const site = await openSite((route) => {
      Services.set('basket', new Basket());
      route.get('/add/{item}', (item) => String(BasketOf.add(item)));
    });
    const browser = site.browser();
    await browser.get('/add/bread');
    expect((await browser.get('/add/jam')).body).to.equal('2');
    expect((await site.get('/add/jam')).body).to.equal('1');
  });
});

describe('kernel: routes that say the same', () => {
  afterEach(closeSites);

  it('the first one answers, whatever its parameters are called', async () => {
    const site = await openSite((route) => {
      route.get('/users/{id}', (id) => `first ${id}`);
      route.get('/users/{name}', (name) => `second ${name}`);
      route.get('/posts', () => 'all');
      route.get('/posts/{slug?}', (slug) => `one ${slug}`);
      route.put('/items/{id}', (id, request) => `put ${id} ${request.param('id')}`).withoutCsrf();
      route.post('/items/{item}', (item, request) => `post ${item} ${request.param('item')}`).withoutCsrf();
      route.get('/same', () => 'first');
      route.get('/same/', () => 'second');
    });
    const browser = site.browser();
    const body = async (path: string) => (await browser.get(path)).body;
    expect(await body('/users/7')).to.equal('first 7');
    expect(await body('/posts')).to.equal('all');
    expect(await body('/posts/a')).to.equal('one a');
    expect(await body('/same')).to.equal('first');
    expect((await browser.post('/items/3')).body).to.equal('post 3 3');
    expect((await browser.post('/items/3', { _method: 'PUT' })).body).to.equal('put 3 3');
    expect((await browser.get('/items/3', { method: 'PUT' })).body).to.equal('put 3 3');
  });
});
