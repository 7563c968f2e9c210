import type { Action } from './action.js';
import type { Middleware } from './middleware.js';
import { RoutePath } from './path.js';
import { type Patterns, refusedPath } from './pieces.js';

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE' | 'OPTIONS';

/** How a route deals with the session. */
export type SessionMode = 'write' | 'read' | 'none';

/** What groups give to the routes in them. */
export interface GroupAttributes {
  /** In front of the path. */
  readonly prefix?: string;
  /** In front of the name. */
  readonly name?: string;
  readonly middleware?: Middleware | readonly Middleware[];
  /** See `RouteDefinition.where`; for those routes that have such a parameter. */
  readonly where?: Patterns;
  /** See `RouteDefinition.readOnly`. */
  readonly readOnly?: boolean;
  /** False: see `RouteDefinition.withoutSession`. */
  readonly session?: boolean;
  /** False: see `RouteDefinition.withoutCsrf`. */
  readonly csrf?: boolean;
}

/** One route, as `Route.get(…)` returns it; its methods refine it and return it again. (BlitzPHP: Router\RouteBuilder.) */
export class RouteDefinition {
  readonly methods: readonly Method[];
  readonly action: Action;
  readonly middlewares: Middleware[] = [];
  session: SessionMode = 'write';
  /** Whether a form must carry the session's token. */
  csrf = true;
  readonly #path: string;
  readonly #patterns: Record<string, RegExp | string> = {};
  readonly #namePrefix: string;
  #name: string | undefined;
  #parsed: RoutePath;

  constructor(
    methods: readonly Method[],
    path: string,
    action: Action,
    groups: readonly GroupAttributes[] = [],
  ) {
    this.methods = methods;
    this.action = action;
    this.#path = [...groups.map(({ prefix = '' }) => prefix), path].map(trimmed).filter(Boolean).join('/');
    this.#namePrefix = groups.map(({ name = '' }) => name).join('');
    this.#parsed = new RoutePath(this.#path);
    for (const group of groups) this.#apply(group);
  }

  get path(): RoutePath {
    return this.#parsed;
  }

  get fullName(): string | undefined {
    return this.#name === undefined ? undefined : this.#namePrefix + this.#name;
  }

  /** The name under which `route()` and `redirect().route()` find it; a group's name comes in front. */
  name(name: string): this {
    this.#name = name;
    return this;
  }

  /** As `name`. (BlitzPHP: the `as` option.) */
  as(name: string): this {
    return this.name(name);
  }

  /** Adds middlewares, outermost first; those of the groups come before. */
  middleware(...middlewares: readonly (Middleware | readonly Middleware[])[]): this {
    this.middlewares.push(...(middlewares.flat() as Middleware[]));
    return this;
  }

  /**
   * What a parameter must look like as a whole; what does not fit is not this route. A pattern that slashes fit, such as
   * `.*`, takes several segments. Throws `E_ROUTE` for a parameter that the path does not have.
   */
  where(name: string, pattern: RegExp | string): this;
  where(patterns: Patterns): this;
  where(name: string | Patterns, pattern: RegExp | string = ''): this {
    const given = typeof name === 'string' ? { [name]: pattern } : name;
    const unknown = Object.keys(given).find((each) => !this.#parsed.names.includes(each));
    if (unknown !== undefined) throw refusedPath(this.#parsed.text, 'unknown', unknown);
    this.#constrain(given);
    return this;
  }

  /** The session is only read: no lock across the action, no write; a change throws `E_SESSION_READ_ONLY`. */
  readOnly(): this {
    this.session = 'read';
    return this;
  }

  /** The route has no session at all, and so no CSRF check. */
  withoutSession(): this {
    this.session = 'none';
    return this;
  }

  /** Forms and requests are accepted without the session's token: for callers that are no browsers. */
  withoutCsrf(): this {
    this.csrf = false;
    return this;
  }

  #constrain(patterns: Patterns): void {
    Object.assign(this.#patterns, patterns);
    this.#parsed = new RoutePath(this.#path, this.#patterns);
  }

  #apply({ middleware, where, readOnly, session, csrf }: GroupAttributes): void {
    if (middleware !== undefined) this.middleware(middleware);
    if (where !== undefined) this.#constrain(where);
    if (readOnly !== undefined) this.session = readOnly ? 'read' : 'write';
    if (session !== undefined) this.session = session ? 'write' : 'none';
    if (csrf !== undefined) this.csrf = csrf;
  }
}

function trimmed(path: string): string {
  return path.replace(/^\/+|\/+$/g, '');
}
