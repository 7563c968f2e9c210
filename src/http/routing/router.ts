import { BlitzError } from '../../errors.js';
import { language } from '../../support/language.js';
import { isThenable } from '../../support/thenable.js';
import type { Action } from './action.js';
import { type CallableMiddleware, type Middleware, type MiddlewareFunction, runnable } from './middleware.js';
import { RouteRegistrar } from './registrar.js';
import { type GroupAttributes, type Method, RouteDefinition } from './route.js';
import { RouteGroup } from './route-group.js';
import { type RouteMatch, RouteTable } from './route-table.js';

const REASONS = {
  fixed: {
    fr: () => 'l’application sert déjà ; ajoutez les routes avant listen() ou inject()',
    en: () => 'the application is serving already; add routes before listen() or inject()',
  },
  later: {
    fr: () => 'la fonction d’un groupe ajoute ses routes aussitôt ; elle ne peut pas être async',
    en: () => 'the function of a group adds its routes at once; it cannot be async',
  },
  alias: {
    fr: (name: string) =>
      `le filtre « ${name} » est inconnu ; déclarez-le avec Route.aliasMiddleware('${name}', …)`,
    en: (name: string) =>
      `the middleware "${name}" is unknown; declare it with Route.aliasMiddleware('${name}', …)`,
  },
  named: {
    fr: (name: string) => `une autre route s’appelle déjà « ${name} »`,
    en: (name: string) => `another route is called "${name}" already`,
  },
};

/** The routes of one application. (BlitzPHP: Router\RouteCollection.) */
export class Router extends RouteRegistrar {
  readonly #routes: RouteDefinition[] = [];
  readonly #aliases = new Map<string, CallableMiddleware>();
  readonly #everywhere: Middleware[] = [];
  #groups: readonly GroupAttributes[] = [];
  #table: RouteTable | undefined;

  get routes(): readonly RouteDefinition[] {
    return this.#routes;
  }

  protected override add(methods: readonly Method[], path: string, action: Action): RouteDefinition {
    if (this.#table !== undefined) throw refused(path, 'fixed');
    const route = new RouteDefinition(methods, path, action, this.#groups);
    this.#routes.push(route);
    return route;
  }

  /**
   * Routes that have something in common: what comes in front of their paths, and whatever `GroupAttributes` says. They
   * are added before `routes` returns; throws `E_ROUTE` where it promises to add some later.
   */
  group(routes: () => void): void;
  group(prefix: string, routes: () => void): void;
  group(attributes: GroupAttributes, routes: () => void): void;
  group(prefix: string, attributes: GroupAttributes, routes: () => void): void;
  group(...args: readonly unknown[]): void {
    const routes = args.at(-1) as () => void;
    const [first, second] = args.slice(0, -1) as [string | GroupAttributes | undefined, GroupAttributes?];
    const attributes = typeof first === 'string' ? { prefix: first, ...second } : first;
    this.#within([attributes ?? {}], routes);
  }

  /** `Route.prefix('/admin').middleware('auth').group(() => …)`. */
  prefix(prefix: string): RouteGroup {
    return this.#begin({ prefix });
  }

  /** `Route.name('admin.').group(() => …)`. */
  name(name: string): RouteGroup {
    return this.#begin({ name });
  }

  /** `Route.middleware('auth').group(() => …)`. */
  middleware(...middlewares: readonly (Middleware | readonly Middleware[])[]): RouteGroup {
    return this.#begin({ middleware: middlewares.flat() as Middleware[] });
  }

  /** A name for a middleware, to be used in `.middleware('auth')`. */
  aliasMiddleware(name: string, middleware: CallableMiddleware): void {
    this.#aliases.set(name, middleware);
  }

  /**
   * A middleware of every route, in front of its others. It also stands in front of what no route answers and of what
   * the server refuses: there the session is read-only, or missing (`request.hasSession()`).
   */
  use(...middlewares: readonly (Middleware | readonly Middleware[])[]): void {
    this.#everywhere.push(...(middlewares.flat() as Middleware[]));
  }

  /**
   * The middlewares of a route, outermost first; without a route those of every route. Throws `E_ROUTE` for a name that
   * nobody declared.
   */
  middlewaresOf(route?: RouteDefinition): MiddlewareFunction[] {
    return [...this.#everywhere, ...(route?.middlewares ?? [])].map((middleware) => {
      if (typeof middleware !== 'string') return runnable(middleware);
      const [name = '', args] = middleware.split(/:(.*)/s);
      const known = this.#aliases.get(name);
      if (known === undefined) throw refused(route?.path.text ?? '*', 'alias', name);
      return runnable(known, args ? args.split(',').map((each) => each.trim()) : []);
    });
  }

  /** The address of a named route. Throws `E_ROUTE_UNKNOWN`, and `E_ROUTE` for values that do not fit. */
  address(name: string, parameters: unknown = []): string {
    const route = this.#routes.find(({ fullName }) => fullName === name);
    if (route === undefined) {
      const known = this.#routes.map(({ fullName }) => fullName).filter(Boolean);
      throw new BlitzError('E_ROUTE_UNKNOWN', { details: { name, known: known.join(', ') || '—' } });
    }
    const values = typeof parameters === 'object' && parameters !== null ? parameters : [parameters];
    return route.path.address(values as readonly unknown[]);
  }

  /** Whether a route has that name. */
  has(name: string): boolean {
    return this.#routes.some(({ fullName }) => fullName === name);
  }

  /** The route that answers a request, and its parameters. See `RouteTable.find`. */
  find(method: string, path: string): RouteMatch | undefined {
    return this.#tableNow().find(method, path);
  }

  /** The methods that a path answers, for 405 and OPTIONS. See `RouteTable.methodsOf`. */
  methodsOf(path: string): Method[] {
    return this.#tableNow().methodsOf(path);
  }

  /** From now on the kernel serves these routes. Throws `E_ROUTE` where two of different paths have one name. */
  fix(): void {
    const paths = new Map<string, string>();
    for (const { fullName, path } of this.#routes) {
      if (fullName === undefined) continue;
      if ((paths.get(fullName) ?? path.text) !== path.text) throw refused(path.text, 'named', fullName);
      paths.set(fullName, path.text);
    }
    this.#table = new RouteTable(this.#routes);
  }

  /** Takes routes that were recorded elsewhere: a routes file is evaluated once a process. */
  adopt(recorded: RecordedRoutes): void {
    this.#routes.push(...recorded.routes);
    for (const [name, middleware] of recorded.aliases) this.#aliases.set(name, middleware);
    this.#everywhere.push(...recorded.everywhere);
  }

  /** What was added since the mark. */
  recordedSince(mark: RouterMark): RecordedRoutes {
    return {
      routes: this.#routes.slice(mark.routes),
      everywhere: this.#everywhere.slice(mark.everywhere),
      aliases: new Map([...this.#aliases].filter(([name]) => !mark.aliases.has(name))),
    };
  }

  mark(): RouterMark {
    return {
      routes: this.#routes.length,
      everywhere: this.#everywhere.length,
      aliases: new Set(this.#aliases.keys()),
    };
  }

  #begin(attributes: GroupAttributes): RouteGroup {
    return new RouteGroup([attributes], {
      within: (groups, routes) => this.#within(groups, routes),
      add: (methods, path, action) => this.add(methods, path, action),
    });
  }

  #within<T>(groups: readonly GroupAttributes[], routes: () => T): T {
    const outer = this.#groups;
    this.#groups = [...outer, ...groups];
    try {
      const made = routes();
      if (isThenable(made)) throw refused(prefixOf(this.#groups), 'later');
      return made;
    } finally {
      this.#groups = outer;
    }
  }

  #tableNow(): RouteTable {
    return this.#table ?? new RouteTable(this.#routes);
  }
}

export interface RecordedRoutes {
  readonly routes: readonly RouteDefinition[];
  readonly everywhere: readonly Middleware[];
  readonly aliases: ReadonlyMap<string, CallableMiddleware>;
}

export interface RouterMark {
  readonly routes: number;
  readonly everywhere: number;
  readonly aliases: ReadonlySet<string>;
}

function prefixOf(groups: readonly GroupAttributes[]): string {
  return `/${groups
    .map(({ prefix = '' }) => prefix.replace(/^\/+|\/+$/g, ''))
    .filter(Boolean)
    .join('/')}`;
}

function refused(route: string, reason: keyof typeof REASONS, what = ''): BlitzError {
  return new BlitzError('E_ROUTE', { details: { route, reason: REASONS[reason][language()](what) } });
}
