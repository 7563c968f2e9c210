import type { DatabaseGroup, ResolvedDatabaseGroup } from './database.js';
import type { HandlerClass, HandlerName } from './handler.js';
import type { Interop } from './interop.js';

export type * from './database.js';
export type * from './interop.js';

/** What `config/session.ts` may say. Units are seconds. Names are BlitzPHP's. */
export interface SessionOptions {
  /** Where sessions are stored: a name or a class. Default `file` (`array` when `NODE_ENV` is `test`). */
  handler?: HandlerName | HandlerClass;
  /** `[A-Za-z0-9_-]`, lower-cased; `__Host-` and `__Secure-` keep their case. Default `blitz_session`. */
  cookie_name?: string;
  /** Seconds of inactivity; 0 = until the browser closes. Default 7200. */
  expiration?: number;
  /** Folder, table or address, by handler; for `redis` and `memcached` also a client of their library, or its options. */
  savePath?: string | object | null;
  save_path?: string | object | null;
  /** The stored session answers only the address that created it. Default false. */
  matchIP?: boolean;
  match_ip?: boolean;
  /** Seconds between automatic id renewals, 0 = never. Default 300. */
  time_to_update?: number;
  /** Automatic renewal leaves no way from the old id to the new one. Default false. */
  regenerate_destroy?: boolean;
  /** Database group of `config/database.ts`. */
  group?: string | null;
  serialize_handler?: 'json' | 'php' | 'php_binary' | 'php_serialize';
  /** `'php'` is short for a BlitzPHP application; plain PHP is `{ peer: 'php' }`. Default false. */
  interop?: false | 'php' | { peer: 'blitzphp' | 'codeigniter4' | 'php'; version?: string };
  /** Chance that a request runs the collector: `gc_probability` / `gc_divisor`. Default 1 / 100. */
  gc_probability?: number;
  gc_divisor?: number;
  /** Lifetime used on the server when `expiration` is 0. Default 1440. */
  gc_maxlifetime?: number;
  /** Lease of a lock, renewed while the request runs; at most `lock_max`. Default 30, or a smaller `lock_max`. */
  lock_ttl?: number;
  /** Longest time a session may stay open. Default 300, or a larger `lock_ttl`. */
  lock_max?: number;
  /** Longest wait for a lock. Default 30. */
  lock_wait?: number;
  /** Most requests of one process waiting for one session. Default 64. */
  lock_max_waiters?: number;
  /** Seconds after creation when a session ends whatever its activity; 0 = none. Default 0. */
  absolute_expiration?: number;
  /** Seconds during which an old id leads to its new one. Default 60. */
  grace?: number;
  /** An unchanged session is touched when the last touch is older than min(this, expiration / 10). Default 60. */
  touch_interval?: number;
  /** Limit of one store operation. Default 5. */
  operation_timeout?: number;
  /** `flock`, or `lease` where flock cannot be had. Default `flock`. */
  file_lock?: 'flock' | 'lease';
  /** Accept a session folder that others can write to. Default false. */
  file_trust_folder?: boolean;
  /** Write and send a cookie for a visitor for whom nothing was stored. Default true. */
  save_uninitialized?: boolean;
}

/** `config/session.ts` after defaults, aliases, environment and checks. Frozen; no field is ever undefined. */
export interface SessionConfig {
  readonly handler: HandlerName | HandlerClass;
  readonly cookie_name: string;
  readonly expiration: number;
  readonly savePath: string | object;
  readonly matchIP: boolean;
  readonly time_to_update: number;
  readonly regenerate_destroy: boolean;
  readonly group: string | null;
  readonly serialize_handler: 'json' | 'php' | 'php_binary' | 'php_serialize';
  readonly interop: Interop;
  readonly gc_probability: number;
  readonly gc_divisor: number;
  readonly gc_maxlifetime: number;
  readonly lock_ttl: number;
  readonly lock_max: number;
  readonly lock_wait: number;
  readonly lock_max_waiters: number;
  readonly absolute_expiration: number;
  readonly grace: number;
  readonly touch_interval: number;
  readonly operation_timeout: number;
  readonly file_lock: 'flock' | 'lease';
  readonly file_trust_folder: boolean;
  readonly save_uninitialized: boolean;
}

export type SameSite = 'Lax' | 'Strict' | 'None';

/** What `config/cookie.ts` may say. */
export interface CookieOptions {
  prefix?: string;
  expires?: number | string | Date;
  path?: string;
  domain?: string;
  /** `'auto'`: as the request came, over HTTPS or not. */
  secure?: boolean | 'auto';
  httponly?: boolean;
  samesite?: SameSite | Lowercase<SameSite>;
  raw?: boolean;
  partitioned?: boolean;
}

export interface CookieConfig {
  readonly prefix: string;
  readonly expires: number | string | Date;
  readonly path: string;
  readonly domain: string;
  readonly secure: boolean | 'auto';
  readonly httponly: boolean;
  readonly samesite: SameSite;
  readonly raw: boolean;
  readonly partitioned: boolean;
}

/** `config/database.ts`: `connection` and one object a group. */
export interface DatabaseOptions {
  /** `'auto'`: the group named as the environment, else `default`. */
  connection?: string;
  [group: string]: string | DatabaseGroup | undefined;
}

export interface DatabaseConfig {
  /** The default group; never `'auto'`. */
  readonly connection: string;
  readonly groups: Readonly<Record<string, ResolvedDatabaseGroup>>;
}

/** `config/app.ts`. */
export interface AppOptions {
  env?: string;
  base_url?: string;
  /** Secret for features that need one. */
  key?: string;
  /** Whose forwarded addresses are believed: nobody's, this many hops, or these addresses. */
  trust_proxy?: boolean | number | string | readonly string[];
  /** Shows the session at the foot of each page, in development only. Default true. */
  debug_bar?: boolean;
}

export interface AppConfig {
  readonly env: string;
  readonly base_url: string;
  readonly key: string;
  readonly trust_proxy: false | number | readonly string[];
  readonly debug_bar: boolean;
}

/** `config/services.ts`: a factory a name. */
export type ServiceFactory = (...args: never[]) => unknown;
export type ServicesOptions = Record<string, ServiceFactory>;

/** What `Application.boot({ config })` takes: laid over the files. */
export interface ConfigOverrides {
  session?: SessionOptions;
  cookie?: CookieOptions;
  database?: DatabaseOptions;
  app?: AppOptions;
  services?: ServicesOptions;
}

/** The whole configuration, resolved and frozen. */
export interface ResolvedConfig {
  readonly root: string;
  readonly session: SessionConfig;
  readonly cookie: CookieConfig;
  readonly database: DatabaseConfig;
  readonly app: AppConfig;
  readonly services: ServicesOptions;
  /**
   * Where each option came from, by dotted name (`session.expiration`): `default`, `config/session.ts`,
   * `package.json#session`, `SESSION_EXPIRATION`, `.env:SESSION_EXPIRATION`, or `Application.boot`.
   */
  readonly origins: Readonly<Record<string, string>>;
}
