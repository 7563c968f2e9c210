import type { CookieOptions, SameSite } from './config.js';

/** Attributes of one cookie as it is sent (RFC 6265, section 4.1). */
export interface CookieAttributes {
  /** Milliseconds since 1970; absent: until the browser closes. */
  readonly expires?: number | undefined;
  /** Seconds. */
  readonly maxAge?: number | undefined;
  readonly path?: string | undefined;
  readonly domain?: string | undefined;
  readonly secure?: boolean | undefined;
  readonly httponly?: boolean | undefined;
  readonly samesite?: SameSite | undefined;
  readonly partitioned?: boolean | undefined;
}

/** What a cookie may be given: numbers and booleans become text, lists and plain objects JSON. */
export type CookieInput = string | number | bigint | boolean | object;

/** What a cookie holds: text, or the list or object that was given to it, read again from its JSON. */
export type CookieValue = string | unknown[] | Record<string, unknown>;

/** The options of one cookie by itself; one that is absent or undefined keeps its default. */
export interface CreateCookieOptions {
  /** Seconds from now (0: until the browser closes), or a date. */
  readonly expires?: CookieOptions['expires'] | undefined;
  readonly path?: string | undefined;
  readonly domain?: string | undefined;
  /** `'auto'`: as the request came, over HTTPS or not. */
  readonly secure?: boolean | 'auto' | undefined;
  readonly httponly?: boolean | undefined;
  /** The spelling of BlitzPHP's documentation. */
  readonly http_only?: boolean | undefined;
  /** `''` or null: no such attribute. */
  readonly samesite?: CookieOptions['samesite'] | '' | null | undefined;
  /** The value is sent, and read, without percent-encoding. */
  readonly raw?: boolean | undefined;
  readonly partitioned?: boolean | undefined;
}

/** The options of one cookie of the application, over those of `config/cookie`. */
export interface MakeCookieOptions extends CreateCookieOptions {
  /** Stands before the name. */
  readonly prefix?: string | undefined;
}
