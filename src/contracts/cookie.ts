import type { SameSite } from './config.js';

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
