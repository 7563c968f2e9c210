import {
  defineRoutes,
  type Method,
  type Middleware,
  type MiddlewareInterface,
  type Next,
  type Request,
  Route,
  type RouteDefinition,
  type Router,
  route as routeHelper,
  Services,
} from 'blitz-session';
import { expect } from 'chai';
import { newRouter, refusedRoute } from '../fixtures/routes.js';
import { bootStore, closeStore } from '../fixtures/store-app.js';

const act = () => 'ok';
const reasonOf = (work: () => unknown, language: 'fr' | 'en' = 'en') =>
  String(refusedRoute(work, language).details['reason']);

/** What a router has, one line a route: methods, path, name. */
const listed = (router: Router) =>
  router.routes.map(({ methods, path, fullName }) => `${methods.join('|')} ${path.text} ${fullName ?? '-'}`);

/** The name of the route that answers. */
const answering = (router: Router, path: string, method = 'GET') => router.find(method, path)?.route.fullName;

/** Runs the middlewares of a route and says which ran, in their order. */
async function ran(router: Router, route?: RouteDefinition): Promise<string[]> {
  const said: string[] = [];
  const request = { say: (text: string) => said.push(text) } as unknown as Request;
  const [first, ...others] = router.middlewaresOf(route);
  const run = async (at: number): Promise<never> => {
    const next = others[at];
    await next?.(request, () => run(at + 1));
    return undefined as never;
  };
  await first?.(request, () => run(0));
  return said;
}

/** A middleware that says its name and arguments. */
const saying =
  (name: string): Middleware =>
  (request: Request, next: Next, ...args: string[]) => {
    (request as unknown as { say(text: string): void }).say([name, ...args].join(' '));
    return next();
  };

describe('Router', () => {
  before(() => bootStore());
  after(closeStore);

  describe('routes', () => {
    it('one call a method, match, any, view and redirect', () => {
      const router = newRouter();
      router.get('/a', act);
      router.post('/a', act);
      router.put('/a', act);
      router.patch('/a', act);
      router.delete('/a', act);
      router.options('/a', act);
      router.match(['get', 'POST'], '/b', act);
      router.any('/c', act);
      router.view('/d', 'page').name('d');
      router.redirect('/e', '/a').as('e');
      expect(listed(router)).to.deep.equal([
        'GET /a -',
        'POST /a -',
        'PUT /a -',
        'PATCH /a -',
        'DELETE /a -',
        'OPTIONS /a -',
        'GET|POST /b -',
        'GET|POST|PUT|PATCH|DELETE|OPTIONS /c -',
        'GET /d d',
        'GET /e e',
      ]);
    });

    it('a method that no route has is refused', () => {
      const match = (method: string) => () => newRouter().match([method as Method], '/x', act);
      expect(reasonOf(match('head'))).to.equal('"HEAD" is no method of a route');
      expect(reasonOf(match('trace'), 'fr')).to.equal('la méthode « TRACE » n’en est pas une de route');
    });

    it('the façade reaches the routes of the application', () => {
      Route.get('/facade/{id}', act).name('facade');
      expect(Route.has('facade')).to.equal(true);
      expect(Route.has('nothing')).to.equal(false);
      expect(routeHelper('facade', 1)).to.equal('/facade/1');
      expect(Services.route().address('facade', 2)).to.equal('/facade/2');
      Route.name('facade.').prefix('/facade').get('/group', act).name('group');
      expect(routeHelper('facade.group')).to.equal('/facade/group');
    });

    it('defineRoutes gives back what it was given', () => {
      const routes = (route: Router) => void route.get('/', act);
      expect(defineRoutes(routes)).to.equal(routes);
    });
  });

  describe('which one answers', () => {
    it('HEAD is answered by GET; another method by its own', () => {
      const router = newRouter();
      router.get('/x', act).name('get');
      router.post('/x', act).name('post');
      expect(
        ['GET', 'HEAD', 'POST', 'PUT', 'OPTIONS'].map((method) => answering(router, '/x', method)),
      ).to.deep.equal(['get', 'get', 'post', undefined, undefined]);
    });

    it('two patterns at one place', () => {
      const router = newRouter();
      router.get('/users/(:num)', act).name('number');
      router.get('/users/(:alpha)', act).name('letters');
      router
        .get('/users/{slug}', act)
        .where('slug', /[a-z-]+/)
        .name('slug');
      expect(
        ['/users/12', '/users/ab', '/users/a-b', '/users/a_b'].map((path) => answering(router, path)),
      ).to.deep.equal(['number', 'letters', 'slug', undefined]);
    });

    it('what says more comes first, in whatever order it is declared', () => {
      const declare: ((router: Router) => RouteDefinition)[] = [
        (router) => router.get('/(:any)', act).name('any'),
        (router) => router.get('/{a}/{b}', act).name('a b'),
        (router) => router.get('/users/{path}', act).where('path', '.*').name('rest'),
        (router) => router.get('/users/{who}', act).name('who'),
        (router) => router.get('/users/{id}', act).where('id', /\d+/).name('id'),
        (router) => router.get('/users/new-{what}', act).name('new what'),
        (router) => router.get('/users/new', act).name('new'),
        (router) => router.get('/users/{who?}', act).name('users'),
      ];
      const order = {
        '/users/new': 'new',
        '/users/new-x': 'new what',
        '/users/7': 'id',
        '/users/ada': 'who',
        '/users/ada/x': 'rest',
        '/shops/1': 'a b',
        '/shops/1/2': 'any',
        '/users': 'users',
      };
      for (const each of [declare, declare.toReversed()]) {
        const router = newRouter();
        for (const add of each) add(router);
        for (const [path, name] of Object.entries(order)) {
          if (path === '/users/ada') expect(['who', 'users']).to.include(answering(router, path));
          else expect(answering(router, path), path).to.equal(name);
        }
      }
    });

    it('of two that say the same, the first', () => {
      const router = newRouter();
      router.get('/x/{a}', act).name('first');
      router.get('/x/{b}', act).name('second');
      router.get('/y', act).name('y1');
      router.get('/y/', act).name('y2');
      expect([answering(router, '/x/1'), answering(router, '/y')]).to.deep.equal(['first', 'y1']);
      router.post('/x/{other}', act).name('post');
      expect(router.find('POST', '/x/1')?.parameters).to.deep.equal({ other: '1' });
    });

    it('a text of another method does not hide a parameter', () => {
      const router = newRouter();
      router.get('/users/new', act).name('form');
      router.post('/users/{id}', act).name('save');
      expect([answering(router, '/users/new'), answering(router, '/users/new', 'POST')]).to.deep.equal([
        'form',
        'save',
      ]);
    });

    it('the methods that a path answers', () => {
      const router = newRouter();
      router.get('/x/{id?}', act);
      router.put('/x/(:num)', act);
      router.match(['get', 'delete'], '/x/7', act);
      router.post('/other', act);
      expect(router.methodsOf('/x')).to.deep.equal(['GET']);
      expect(router.methodsOf('/x/')).to.deep.equal(['GET']);
      expect(router.methodsOf('/x/7').sort()).to.deep.equal(['DELETE', 'GET', 'PUT']);
      expect(router.methodsOf('/x/a')).to.deep.equal(['GET']);
      expect(router.methodsOf('/nothing')).to.deep.equal([]);
      expect(router.methodsOf('/%E0')).to.deep.equal([]);
    });
  });

  describe('groups', () => {
    it('prefix, name and the rest come in front, through every level', () => {
      const router = newRouter();
      router.group('/admin', () => {
        router.get('/', act).name('home');
        router.group({ prefix: 'users/', name: 'users.' }, () => {
          router.get('{id}', act).name('show');
          router.group({ prefix: '/{id}/posts', name: 'posts.' }, () =>
            router.get('/{post}', act).name('show'),
          );
        });
        router.group(() => router.get('/plain', act));
      });
      router.group('/shop', { name: 'shop.' }, () => router.get('/', act).name('home'));
      router.get('/after', act).name('after');
      expect(listed(router)).to.deep.equal([
        'GET /admin home',
        'GET /admin/users/{id} users.show',
        'GET /admin/users/{id}/posts/{post} users.posts.show',
        'GET /admin/plain -',
        'GET /shop shop.home',
        'GET /after after',
      ]);
    });

    it('are described call by call, and each call gives another one', () => {
      const router = newRouter();
      const admin = router.prefix('/admin').name('admin.');
      admin
        .prefix('/users')
        .name('users.')
        .group(() => {
          router.get('/', act).name('list');
          router.prefix('{id}').group(() => router.get('edit', act).name('edit'));
        });
      admin.group(() => router.get('/log', act).name('log'));
      expect(listed(router)).to.deep.equal([
        'GET /admin/users admin.users.list',
        'GET /admin/users/{id}/edit admin.users.edit',
        'GET /admin/log admin.log',
      ]);
    });

    it('a single route may begin with what groups have', () => {
      const router = newRouter();
      router.name('home').get('/', act);
      router.prefix('/api').name('api.').withoutCsrf().post('/stock', act).name('stock');
      router.prefix('/x').get('/y', act);
      router.group({ name: 'in.' }, () => router.name('side').get('/side', act));
      expect(listed(router)).to.deep.equal([
        'GET / home',
        'POST /api/stock api.stock',
        'GET /x/y -',
        'GET /side in.side',
      ]);
    });

    it('the name of a group alone names no route', () => {
      const router = newRouter();
      router.group({ name: 'admin.' }, () => router.get('/x', act));
      router.name('admin.').group(() => router.get('/y', act));
      expect(listed(router)).to.deep.equal(['GET /x -', 'GET /y -']);
    });

    it('session, CSRF and patterns are inherited, and the inner word counts', () => {
      const router = newRouter();
      const settings = ({ session, csrf }: RouteDefinition) => `${session} ${csrf}`;
      router.group({ readOnly: true, csrf: false, where: { id: /\d+/ } }, () => {
        router.get('/a/{id}', act);
        router.get('/b/{id}', act).where('id', /[a-z]+/);
        router.get('/c', act).withoutSession();
        router.group({ readOnly: false, csrf: true }, () => router.get('/d', act));
        router.group({ session: false }, () => router.get('/e', act));
      });
      expect(router.routes.map(settings)).to.deep.equal([
        'read false',
        'read false',
        'none false',
        'write true',
        'none false',
      ]);
      expect(router.find('GET', '/a/x')).to.equal(undefined);
      expect(router.find('GET', '/a/1')).not.to.equal(undefined);
      expect(router.find('GET', '/b/x')).not.to.equal(undefined);
      expect(router.find('GET', '/b/1')).to.equal(undefined);
    });

    it('end where their function throws', () => {
      const router = newRouter();
      expect(() =>
        router.group('/broken', () => {
          throw new Error('mine');
        }),
      ).to.throw('mine');
      router.get('/after', act);
      expect(listed(router)).to.deep.equal(['GET /after -']);
    });

    it('that promise to add routes later are refused', () => {
      const router = newRouter();
      const { details } = refusedRoute(() => router.prefix('/late').group(async () => {}), 'fr');
      expect(details).to.deep.equal({
        route: '/late',
        reason: 'la fonction d’un groupe ajoute ses routes aussitôt ; elle ne peut pas être async',
      });
      expect(reasonOf(() => router.group('/late', async () => {}))).to.contain('cannot be async');
    });
  });

  describe('middlewares', () => {
    it('of all routes, of the groups from the outside in, of the route', async () => {
      const router = newRouter();
      router.use(saying('all'), [saying('all too')]);
      router.middleware(saying('outer')).group(() => {
        router.group({ middleware: [saying('inner'), saying('inner too')] }, () => {
          router
            .get('/x', act)
            .middleware(saying('own'))
            .middleware([saying('own too')], saying('own last'));
        });
        router.group({ middleware: saying('other') }, () => router.get('/y', act));
      });
      const [x, y] = router.routes;
      expect(await ran(router, x)).to.deep.equal([
        'all',
        'all too',
        'outer',
        'inner',
        'inner too',
        'own',
        'own too',
        'own last',
      ]);
      expect(await ran(router, y)).to.deep.equal(['all', 'all too', 'outer', 'other']);
      expect(await ran(router)).to.deep.equal(['all', 'all too']);
    });

    it('functions, classes, objects, and names with arguments', async () => {
      class Named implements MiddlewareInterface {
        handle(request: Request, next: Next, ...args: string[]) {
          return (saying('class') as (...all: unknown[]) => unknown)(request, next, ...args);
        }
      }
      class WithField implements MiddlewareInterface {
        handle = saying('field') as MiddlewareInterface['handle'];
      }
      class Configured implements MiddlewareInterface {
        readonly limit: number;
        constructor(limit: number) {
          this.limit = limit;
        }
        handle(request: Request, next: Next) {
          return (saying(`object ${this.limit}`) as (...all: unknown[]) => unknown)(request, next);
        }
      }
      const router = newRouter();
      router.aliasMiddleware('role', Named);
      router.aliasMiddleware('say', saying('function') as never);
      router.aliasMiddleware('limit', new Configured(9));
      const middlewares = [
        Named,
        WithField,
        new Configured(5),
        'role',
        'role:admin, editor',
        'say:a:b',
        'say:',
        'limit',
      ];
      const route = router.get('/', act).middleware(...middlewares);
      expect(await ran(router, route)).to.deep.equal([
        'class',
        'field',
        'object 5',
        'class',
        'class admin editor',
        'function a:b',
        'function',
        'object 9',
      ]);
    });

    it('a class is instantiated for each request', async () => {
      let made = 0;
      class Counting implements MiddlewareInterface {
        constructor() {
          made += 1;
        }
        handle(_request: Request, next: Next) {
          return next();
        }
      }
      const router = newRouter();
      const route = router.get('/', act).middleware(Counting);
      await ran(router, route);
      await ran(router, route);
      expect(made).to.equal(2);
    });

    it('a name that nobody declared is refused', () => {
      const router = newRouter();
      const route = router.get('/x', act).middleware('rôle:chef');
      expect(refusedRoute(() => router.middlewaresOf(route), 'fr').message).to.equal(
        "La route « /x » est refusée : le filtre « rôle » est inconnu ; déclarez-le avec Route.aliasMiddleware('rôle', …).",
      );
      expect(reasonOf(() => router.middlewaresOf(route))).to.contain('unknown');
      router.use('nothing');
      expect(refusedRoute(() => router.middlewaresOf()).details['route']).to.equal('*');
    });
  });

  describe('names', () => {
    it('a name that nobody gave says which there are, in French or English', () => {
      const router = newRouter();
      router.get('/a', act).name('a');
      router.group({ name: 'b.' }, () => router.get('/b', act).name('c'));
      const unknown = () => router.address('d');
      expect(refusedRoute(unknown, 'fr', 'E_ROUTE_UNKNOWN').message).to.equal(
        "Aucune route ne s'appelle « d ». Donnez-lui ce nom avec .name('d') dans config/routes.ts. Noms connus : a, b.c.",
      );
      expect(refusedRoute(unknown, 'en', 'E_ROUTE_UNKNOWN').message).to.contain('Known names: a, b.c.');
      expect(refusedRoute(() => newRouter().address('d'), 'en', 'E_ROUTE_UNKNOWN').details['known']).to.equal(
        '—',
      );
      expect([router.has('b.c'), router.has('c')]).to.deep.equal([true, false]);
    });

    it('two paths of one name are refused before they serve; two methods of one path are not', () => {
      const router = newRouter();
      router.get('/basket', act).name('basket');
      router.post('/basket', act).name('basket');
      router.fix();
      const other = newRouter();
      other.get('/basket', act).name('basket');
      other.get('/panier', act).name('basket');
      const { details } = refusedRoute(() => other.fix(), 'fr');
      expect(details).to.deep.equal({
        route: '/panier',
        reason: 'une autre route s’appelle déjà « basket »',
      });
    });

    it('what was named last counts', () => {
      const router = newRouter();
      router.get('/a', act).name('first').as('second');
      expect([router.has('first'), router.has('second')]).to.deep.equal([false, true]);
    });
  });

  describe('once the kernel serves', () => {
    it('no route is added any more', () => {
      const router = newRouter();
      router.fix();
      expect(refusedRoute(() => router.get('/late', act), 'fr').message).to.equal(
        'La route « /late » est refusée : l’application sert déjà ; ajoutez les routes avant listen() ou inject().',
      );
      expect(reasonOf(() => router.prefix('/x').post('/late', act))).to.contain('serving already');
    });
  });
});
