import type { Action } from './action.js';
import type { Middleware } from './middleware.js';
import type { Patterns } from './pieces.js';
import { RouteRegistrar } from './registrar.js';
import type { GroupAttributes, Method, RouteDefinition } from './route.js';

/** Where the routes of a group go. */
export interface GroupHost {
  within<T>(groups: readonly GroupAttributes[], routes: () => T): T;
  add(methods: readonly Method[], path: string, action: Action): RouteDefinition;
}

/**
 * A group that is being described: `Route.prefix('/admin').middleware('auth').group(() => …)`; or what a single route
 * begins with: `Route.middleware('auth').get('/account', …)`. Each method returns another one.
 */
export class RouteGroup extends RouteRegistrar {
  readonly #attributes: readonly GroupAttributes[];
  readonly #host: GroupHost;

  constructor(attributes: readonly GroupAttributes[], host: GroupHost) {
    super();
    this.#attributes = attributes;
    this.#host = host;
  }

  /** In front of the paths. */
  prefix(prefix: string): RouteGroup {
    return this.#with({ prefix });
  }

  /** In front of the names; of a single route the name itself. */
  name(name: string): RouteGroup {
    return this.#with({ name });
  }

  /** See `RouteDefinition.middleware`. */
  middleware(...middlewares: readonly (Middleware | readonly Middleware[])[]): RouteGroup {
    return this.#with({ middleware: middlewares.flat() as Middleware[] });
  }

  /** See `RouteDefinition.where`; for those routes that have such a parameter. */
  where(name: string, pattern: RegExp | string): RouteGroup;
  where(patterns: Patterns): RouteGroup;
  where(name: string | Patterns, pattern: RegExp | string = ''): RouteGroup {
    return this.#with({ where: typeof name === 'string' ? { [name]: pattern } : name });
  }

  /** See `RouteDefinition.readOnly`. */
  readOnly(): RouteGroup {
    return this.#with({ readOnly: true });
  }

  /** See `RouteDefinition.withoutSession`. */
  withoutSession(): RouteGroup {
    return this.#with({ session: false });
  }

  /** See `RouteDefinition.withoutCsrf`. */
  withoutCsrf(): RouteGroup {
    return this.#with({ csrf: false });
  }

  /** The routes of the group, added before `routes` returns. Throws `E_ROUTE` where it promises to add some later. */
  group(routes: () => void): void {
    this.#host.within(this.#attributes, routes);
  }

  protected override add(methods: readonly Method[], path: string, action: Action): RouteDefinition {
    const route = this.#host.within(this.#attributes, () => this.#host.add(methods, path, action));
    return this.#attributes.some(({ name }) => name !== undefined) ? route.name('') : route;
  }

  #with(attributes: GroupAttributes): RouteGroup {
    return new RouteGroup([...this.#attributes, attributes], this.#host);
  }
}
