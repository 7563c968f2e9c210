import {
  abort,
  back,
  type Closure,
  Controller,
  Cookie,
  csrf_field,
  csrf_token,
  defineRoutes,
  HttpError,
  type Middleware,
  type MiddlewareInterface,
  type Next,
  old,
  type ParametersOf,
  type RedirectResponse,
  Request,
  Response,
  Route,
  type RouteDefinition,
  type RouteGroup,
  type Router,
  redirect,
  request,
  response,
  route as routeHelper,
  type Store,
  View,
  view,
} from 'blitz-session';
import 'blitz-session/globals';

/** Compiles when both types are the same. */
function same<A, B>(
  ..._: (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? [] : [never]
): void {}

class PageController extends Controller {
  readonly title: string = 'page';
  show(id: string): View {
    return view('page', { id, path: this.request.path() });
  }
  list(): Response {
    return this.response.json([]);
  }
  async store(_id: string, asked: Request, answer: Response): Promise<RedirectResponse> {
    answer.withHeader('X-Own', asked.string('name'));
    return redirect('/');
  }
  private hidden(): void {}
  protected inner(): void {
    this.hidden();
  }
}

/** Never called: the compiler reads it. */
export function parameters(): void {
  same<ParametersOf<'/'>, []>();
  same<ParametersOf<'/users'>, []>();
  same<ParametersOf<'/users/{id}'>, [string]>();
  same<ParametersOf<'/users/{id}/{tab?}'>, [string, string | undefined]>();
  same<ParametersOf<'/archive/{year?}/{month?}'>, [string | undefined, string | undefined]>();
  same<ParametersOf<'/(:num)'>, [string]>();
  same<ParametersOf<'/(:num)/{x}/(:alpha)'>, [string, string, string]>();
  same<ParametersOf<'/{x?}'>, [string | undefined]>();
  same<ParametersOf<'/(:segment)/(:any)'>, [string, string]>();
  same<ParametersOf<'/{a}-{b}'>, [string, string]>();
  same<ParametersOf<'/users/:id'>, [string]>();
  same<ParametersOf<'/users/:id/posts/:post?'>, [string, string | undefined]>();
  same<ParametersOf<'/:a/{b?}'>, [string, string | undefined]>();
  same<ParametersOf<'/a:b'>, []>();
}

export function closures(route: Router): void {
  route.get('/', (asked, answer) => answer.text(asked.path()));
  route.get('/users/{id}', (id, asked, answer) => answer.text(id.trim() + asked.path()));
  route.get('/users/{id}/{tab?}', (id, tab) => {
    same<typeof id, string>();
    same<typeof tab, string | undefined>();
  });
  route.post('/(:num)/{x}/(:alpha)', (number, x, letters, asked, answer) => {
    same<[typeof number, typeof x, typeof letters], [string, string, string]>();
    same<typeof asked, Request>();
    same<typeof answer, Response>();
  });
  route.match(['get', 'POST'], '/x/:id', (id) => id.length);
  route.any('/any/(:any)', (rest) => rest.split('/'));
  route.put('/x', async () => ({ any: 'thing' }));
  const written: Closure<'/users/{id}'> = (id, asked) => `${id}${asked.method()}`;
  route.delete('/users/{id}', written);
  // In a group whose prefix has parameters of its own, they are written out.
  route.group('/users/{id}', () => route.get('/posts/{post}', (id: string, post: string) => id + post));

  // @ts-expect-error the tab may be absent
  route.get('/users/{id}/{tab?}', (_id, tab) => tab.length);
  // @ts-expect-error a request has no such method
  route.get('/', (asked) => asked.pathh());
  // @ts-expect-error a response has no such method
  route.get('/{id}', (_id, _asked, answer) => answer.jsn({}));
  // @ts-expect-error no such method
  route.match(['head'], '/', () => '');
  // @ts-expect-error an action is a function, or a controller and its method
  route.get('/', 'text');
}

export function controllers(route: Router): void {
  route.get('/pages/{id}', [PageController, 'show']);
  route.get('/pages', [PageController, 'list']);
  route.post('/pages/{id}', [PageController, 'store']);
  Route.match(['get'], '/x', [PageController, 'list']);
  Route.any('/y', [PageController, 'list']);

  // @ts-expect-error no such method
  route.get('/pages/{id}', [PageController, 'shwo']);
  // @ts-expect-error not a method
  route.get('/pages/{id}', [PageController, 'title']);
  // @ts-expect-error not a method
  route.get('/pages/{id}', [PageController, 'request']);
  // @ts-expect-error not public
  route.get('/pages/{id}', [PageController, 'hidden']);
  // @ts-expect-error not public
  route.get('/pages/{id}', [PageController, 'inner']);
  // @ts-expect-error the class itself, not one of it
  route.get('/pages/{id}', [{} as PageController, 'show']);
  // @ts-expect-error no such method
  Route.post('/pages/{id}', [PageController, 'shwo']);
  // @ts-expect-error no such method
  route.match(['get'], '/pages/{id}', [PageController, 'shwo']);
}

class Guard implements MiddlewareInterface {
  async handle(asked: Request, next: Next, ...roles: string[]): Promise<Response> {
    return roles.includes(asked.string('role')) ? next() : redirect('/');
  }
}

class Limit implements MiddlewareInterface {
  readonly most: number;
  constructor(most: number) {
    this.most = most;
  }
  handle(_asked: Request, next: Next): unknown {
    return next();
  }
}

export function middlewares(route: Router): void {
  const timing: Middleware = async (_asked, next) => (await next()).withHeader('X-Time', performance.now());
  const named: Middleware = 'role:admin';
  route.use(timing, Guard, new Limit(5), [named, timing]);
  route.aliasMiddleware('role', Guard);
  route.aliasMiddleware('limit', new Limit(5));
  route.get('/', () => '').middleware(Guard, 'role:admin', ['auth', timing]);
  route.middleware('auth').group(() => {});
  route.group({ middleware: [timing, 'auth'] }, () => {});

  // @ts-expect-error a class needs a method handle
  route.use(class {});
  // @ts-expect-error a class that wants arguments is given as an object
  route.use(Limit);
  // @ts-expect-error next gives a promise
  route.use(async (_asked, next) => next().withHeader('a', 'b'));
  // @ts-expect-error a number is no middleware
  route.get('/', () => '').middleware(5);
  // @ts-expect-error a name is given to a middleware, not to another name
  route.aliasMiddleware('role', 'auth');
}

export function routes(route: Router): void {
  const made: RouteDefinition = route
    .get('/{id}', () => '')
    .name('a')
    .as('b')
    .where('id', /\d+/)
    .where({ id: '\\d+' });
  made.readOnly().withoutSession().withoutCsrf();
  const group: RouteGroup = Route.prefix('/a')
    .name('a.')
    .middleware('x')
    .where('id', /\d+/)
    .where({ id: /x/ });
  group
    .readOnly()
    .withoutSession()
    .withoutCsrf()
    .group(() => {});
  group.get('/x/{id}', (id) => id.trim());
  Route.group('/a', () => {});
  Route.group(
    { prefix: '/a', name: 'a.', readOnly: true, session: false, csrf: false, where: { id: /x/ } },
    () => {},
  );
  Route.group('/a', { name: 'a.' }, () => {});
  Route.view('/x', 'page', { a: 1 }).name('x');
  Route.redirect('/a', '/b', 301);
  const there: boolean = Route.has('x');
  const address: string = routeHelper('x', { id: 1 }) + Route.address('x', [1]);
  defineRoutes(async (own) => void own.get('/', () => ''));
  void [there, address];

  // @ts-expect-error no such attribute
  Route.group({ prefixx: '/a' }, () => {});
  // @ts-expect-error a group needs its routes
  Route.group('/a');
  // @ts-expect-error a pattern is text or an expression
  made.where('id', 5);
  // @ts-expect-error a view has a name
  Route.view('/x');
  // @ts-expect-error no such method
  Route.gett('/', () => '');
  // @ts-expect-error a function of the routes
  defineRoutes({});
}

export function requests(asked: Request): void {
  const text: string =
    asked.input('a', 'x') + asked.query('a', () => 'x') + asked.post('a', 'x') + asked.string('a');
  const unknown: unknown = asked.input('a');
  const typed: number | undefined = asked.input<number>('a');
  const number: number = asked.integer('a') + asked.integer('a', 5) + asked.startedAt;
  const truths: boolean[] = [
    asked.boolean('a'),
    asked.has('a'),
    asked.hasAny(['a']),
    asked.missing('a'),
    asked.filled(['a']),
    asked.is('a', 'b/*'),
  ];
  const header: string | undefined =
    asked.header('a') ?? asked.cookie('a') ?? asked.param('a') ?? asked.bearerToken() ?? asked.ip();
  const fallback: string = asked.header('a', 'b') + asked.cookie('a', 'b');
  const store: Store = asked.session();
  const known: string | undefined = asked.old<string>('a') ?? asked.route()?.fullName ?? asked.previousUrl();
  asked.attributes.set('user', { name: 'Ada' });
  asked.flashOnly(['a']);
  asked.flashExcept('a');
  // The façade has the same calls, and is the class to instanceof.
  const same_: string = Request.input('a', 'x') + Request.path() + Request.session().id;
  if (unknown instanceof Request) unknown.path();
  void [text, typed, number, truths, header, fallback, store, known, same_];

  // @ts-expect-error unknown until one says what it is
  asked.input('a').trim();
  // @ts-expect-error may be absent
  asked.input<string>('a').trim();
  // @ts-expect-error a default is a number
  asked.integer('a', '5');
  // @ts-expect-error a request is not changed
  asked.startedAt = 5;
  // @ts-expect-error no such method
  asked.inputt('a');
  // @ts-expect-error no such method
  Request.inputt('a');
  // @ts-expect-error keys are text
  asked.only([5]);
}

export function responses(answer: Response): void {
  const chained: Response = answer
    .withStatus(200, 'OK')
    .status(201)
    .withHeader('a', 'b')
    .header('a', 5)
    .withHeaders({ a: ['b', 'c'] })
    .withAddedHeader('a', 'b')
    .withoutHeader('a')
    .type('json')
    .json({}, 200)
    .html('')
    .text('')
    .withBody(Buffer.from(''))
    .view('page', {})
    .withCookie('a', 1, 10, { path: '/' })
    .withCookie(Cookie.make('a', 'b'))
    .cookie('a', 'b')
    .withoutCookie('a')
    .download('x.pdf', 'y.pdf')
    .download(Buffer.from(''), 'y.pdf')
    .file('x')
    .noContent();
  Response.withHeader('a', 'b').json({});
  const thing: unknown = answer;
  if (thing instanceof Response) thing.withStatus(200);
  const helper: Response = response().withStatus(200);
  const own: Response = response('x', 200, { a: 'b' });
  const moved: RedirectResponse = redirect('/x', 302)
    .with('a')
    .with({ a: 1 })
    .withInput()
    .withErrors('x')
    .withErrors({ a: ['b'] }, 'login');
  redirect().to('/x').withFragment('a').withCookie('a', 'b').withHeader('a', 'b').with('a', 1);
  redirect().route('x', { id: 1 }, 302);
  redirect().back('/x');
  redirect().back(302, '/x');
  back('/x').withInput({ a: 1 });
  back(302, '/x');
  redirect().guest('/login');
  redirect().intended('/', 302);
  void [chained, helper, own, moved];

  // @ts-expect-error a status is a number
  answer.withStatus('200');
  // @ts-expect-error no such method
  answer.sendd('x');
  // @ts-expect-error no such method
  Response.sendd('x');
  // @ts-expect-error a value is text, a number or a list
  answer.withHeader('a', {});
  // @ts-expect-error a body is no object
  answer.withBody({});
  // @ts-expect-error a number is no address
  redirect(5);
  // @ts-expect-error errors are text, a list or an object
  redirect('/').withErrors(5);
  // @ts-expect-error one fallback is enough
  back('/x', '/y');
  // @ts-expect-error only a redirection carries flash values
  answer.with('a', 1);
}

export function views(given: View): void {
  const text: string = given
    .with('a', 1)
    .with({ b: 2 })
    .withErrors({ a: 'b' }, 'login')
    .layout('main')
    .render();
  const made: View = View.make('page', { a: 1 });
  const first: View = View.first(['a', 'b']);
  const there: boolean = View.exists('page');
  View.share('a', 1);
  View.share({ a: 1 });
  const rendered: string = View.render('page', {}, 'main');
  const thing: unknown = given;
  if (thing instanceof View) thing.render();
  void [text, made, first, there, rendered];

  // @ts-expect-error no such method
  View.makee('page');
  // @ts-expect-error data is an object
  view('page', 5);
  // @ts-expect-error a name is text
  view(5);
  // @ts-expect-error a list of names
  View.first('a');
}

/** The globals have the types of the helpers. */
export function globals(): void {
  same<typeof globalThis.session, typeof import('blitz-session').session>();
  same<typeof globalThis.view, typeof view>();
  same<typeof globalThis.redirect, typeof redirect>();
  same<typeof globalThis.back, typeof back>();
  same<typeof globalThis.request, typeof request>();
  same<typeof globalThis.response, typeof response>();
  same<typeof globalThis.route, typeof routeHelper>();
  same<typeof globalThis.old, typeof old>();
  same<typeof globalThis.csrf_token, typeof csrf_token>();
  same<typeof globalThis.csrf_field, typeof csrf_field>();
  same<typeof globalThis.abort, typeof abort>();
  const asked: Request = globalThis.request();
  const value: string | undefined = request<string>('name');
  const token: string = csrf_token() + csrf_field();
  const before: string | undefined = old('name') ?? old('name', 'x');
  void [asked, value, token, before];

  // @ts-expect-error no such method
  globalThis.request().pathh();
  // @ts-expect-error a status is needed
  globalThis.abort();
}

/** After `abort` nothing runs: what comes before it narrows. */
export function aborted(name: string | undefined): string {
  if (name === undefined) abort(404, 'Gone.', { 'X-Why': 'gone' });
  const error: Error = new HttpError(404, 'Gone.', { 'X-Why': 'gone' });
  void error;
  return name.trim();
}
