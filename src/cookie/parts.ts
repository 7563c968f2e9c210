import type { CookieConfig, CookieOptions, SameSite } from '../contracts/config.js';
import type { CreateCookieOptions } from '../contracts/cookie.js';
import { buildCookie, encodeValue } from './header.js';
import { refusal } from './refusal.js';

/** Everything that a cookie is made of. */
export interface CookieParts {
  readonly name: string;
  /** The text, or the JSON of a list or an object. */
  readonly text: string;
  readonly structured: boolean;
  /** Milliseconds since 1970; undefined: until the browser closes. */
  readonly expires: number | undefined;
  readonly path: string;
  readonly domain: string;
  readonly secure: boolean | 'auto';
  readonly httponly: boolean;
  readonly samesite: SameSite | undefined;
  readonly raw: boolean;
  readonly partitioned: boolean;
}

/** Name and value together (RFC 6265bis §5.6); a browser ignores a longer cookie without a word. */
const MAX_BYTES = 4096;
const TEN_YEARS = 10 * 365 * 24 * 3600;
const EARLIEST = Date.UTC(1601, 0, 1);
const LATEST = Date.UTC(10_000, 0, 1) - 1;
const KNOWN = 'expires, path, domain, secure, httponly, samesite, raw, partitioned';
const OPTIONS: ReadonlySet<string> = new Set([...KNOWN.split(', '), 'http_only']);
const SAME_SITE: ReadonlyMap<string, SameSite> = new Map([
  ['lax', 'Lax'],
  ['strict', 'Strict'],
  ['none', 'None'],
]);

/** The attributes that `options` ask for over `defaults`, at the moment `now`. Throws `E_COOKIE`. */
export function resolveAttributes(
  options: CreateCookieOptions,
  defaults: Omit<CookieConfig, 'prefix'>,
  now: number,
): Omit<CookieParts, 'name' | 'text' | 'structured'> {
  for (const option of Object.keys(options)) {
    if (!OPTIONS.has(option)) throw refusal('option', { option, known: KNOWN });
  }
  const secure = options.secure ?? defaults.secure;
  return {
    expires: resolveExpires(options.expires ?? defaults.expires, now),
    path: options.path ?? defaults.path,
    domain: options.domain ?? defaults.domain,
    secure: secure === 'auto' ? 'auto' : Boolean(secure),
    httponly: options.httponly ?? options.http_only ?? defaults.httponly,
    samesite: resolveSameSite(options.samesite === undefined ? defaults.samesite : options.samesite),
    raw: options.raw ?? defaults.raw,
    partitioned: options.partitioned ?? defaults.partitioned,
  };
}

/**
 * Milliseconds since 1970, from seconds after `now` or from a date; undefined for 0. A number that means more than ten
 * years is refused: it is a time stamp, taken for a delay. Throws `E_COOKIE`.
 */
export function resolveExpires(expires: CookieOptions['expires'], now: number): number | undefined {
  if (typeof expires === 'string' && !/^\s*[+-]?\d+\s*$/.test(expires)) return date(Date.parse(expires));
  if (expires instanceof Date) return date(expires.getTime());
  const seconds = Number(expires);
  if (Number.isNaN(seconds)) throw refusal('expires');
  if (Math.abs(seconds) > TEN_YEARS) throw refusal('delay');
  return seconds === 0 ? undefined : date(now + seconds * 1000);
}

function date(milliseconds: number): number {
  if (milliseconds >= EARLIEST && milliseconds <= LATEST) return milliseconds;
  throw refusal('expires');
}

/** Whatever the case; undefined for none. Throws `E_COOKIE`. */
export function resolveSameSite(samesite: string | null): SameSite | undefined {
  if (samesite === null || samesite === '') return undefined;
  const known = SAME_SITE.get(String(samesite).toLowerCase());
  if (known === undefined) throw refusal('samesite');
  return known;
}

/**
 * Throws `E_COOKIE` for a cookie that a header cannot carry or that a browser would refuse: by its size, its prefix
 * (RFC 6265bis §4.1.3), `SameSite=None` or `Partitioned` without `Secure`. `'auto'` counts as secure, as in the
 * configuration.
 */
export function checkParts(parts: CookieParts): void {
  const { name, text, path, domain, secure, samesite, partitioned, raw } = parts;
  const value = raw ? text : encodeValue(text);
  buildCookie(name, value, { path, domain });
  const size = name.length + value.length;
  if (size > MAX_BYTES) throw refusal('size', { size, limit: MAX_BYTES });
  if (path !== '' && !path.startsWith('/')) throw refusal('path');
  const prefix = /^__(host|secure)-/i.exec(name)?.[1]?.toLowerCase();
  if (prefix === 'secure' && secure === false) throw refusal('secure_prefix');
  if (prefix === 'host' && (secure === false || path !== '/' || domain !== '')) throw refusal('host_prefix');
  if (samesite === 'None' && secure === false) throw refusal('none');
  if (partitioned && secure === false) throw refusal('partitioned');
}
