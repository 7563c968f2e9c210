import type { CookieAttributes } from '../contracts/cookie.js';
import { BlitzError } from '../errors.js';

/**
 * The value of the first cookie called `name` in a `Cookie` header (RFC 6265, section 4.2), as it was sent; undefined
 * when there is none. PHP takes the first of several too.
 */
export function findCookie(header: string | undefined, name: string): string | undefined {
  if (header === undefined) return undefined;
  for (let at = header.indexOf(name); at !== -1; at = header.indexOf(name, at + 1)) {
    const after = at + name.length;
    if (header.charCodeAt(after) !== 61 || !startsPair(header, at)) continue;
    const end = header.indexOf(';', after);
    return header.slice(after + 1, end === -1 ? undefined : end).trim();
  }
  return undefined;
}

function startsPair(header: string, at: number): boolean {
  let before = at - 1;
  while (before >= 0 && (header.charCodeAt(before) === 32 || header.charCodeAt(before) === 9)) before--;
  return before < 0 || header.charCodeAt(before) === 59;
}

const NAME = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
const VALUE = /^[\x21\x23-\x2b\x2d-\x3a\x3c-\x5b\x5d-\x7e]*$/;
const ATTRIBUTE = /^[\x20-\x3a\x3c-\x7e]*$/;

/** A `Set-Cookie` value, attributes in PHP's order. Throws `E_COOKIE` for what a header cannot carry. */
export function buildCookie(name: string, value: string, attributes: CookieAttributes): string {
  if (!NAME.test(name)) throw new BlitzError('E_COOKIE', { details: { reason: 'name' } });
  if (!VALUE.test(value)) throw new BlitzError('E_COOKIE', { details: { reason: 'value' } });
  const { expires, maxAge } = attributes;
  let cookie = `${name}=${value}`;
  if (expires !== undefined) cookie += `; expires=${new Date(expires).toUTCString()}`;
  if (maxAge !== undefined) cookie += `; Max-Age=${maxAge}`;
  return cookie + buildAttributes(attributes);
}

/** The part of a `Set-Cookie` value that does not depend on time. */
export function buildAttributes(attributes: CookieAttributes): string {
  const { path = '', domain = '', secure, httponly, samesite, partitioned } = attributes;
  if (!ATTRIBUTE.test(path)) throw new BlitzError('E_COOKIE', { details: { reason: 'path' } });
  if (!ATTRIBUTE.test(domain)) throw new BlitzError('E_COOKIE', { details: { reason: 'domain' } });
  let text = '';
  if (path !== '') text += `; path=${path}`;
  if (domain !== '') text += `; domain=${domain}`;
  if (secure) text += '; secure';
  if (httponly) text += '; HttpOnly';
  if (samesite !== undefined) text += `; SameSite=${samesite}`;
  if (partitioned) text += '; Partitioned';
  return text;
}
