import type { CookieAttributes } from '../contracts/cookie.js';
import { refusal } from './refusal.js';

/**
 * The value of the first cookie called `name` in a `Cookie` header (RFC 6265, section 4.2), as it was sent; undefined
 * when there is none. PHP takes the first of several too.
 */
export function findCookie(header: string | undefined, name: string): string | undefined {
  if (header === undefined || name === '') return undefined;
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

/**
 * Every cookie of a `Cookie` header by its name, values decoded. The first of a repeated name wins, as in PHP's
 * `$_COOKIE`; a pair without `=` or without a name is left out. The object has no prototype, so that a cookie called
 * `__proto__` is one like any other.
 */
export function parseCookies(header: string | undefined): Record<string, string> {
  const cookies: Record<string, string> = Object.create(null);
  for (const pair of header?.split(';') ?? []) {
    const equals = pair.indexOf('=');
    const name = pair.slice(0, Math.max(equals, 0)).replace(/^[ \t]+/, '');
    if (name !== '' && !(name in cookies)) cookies[name] = decodeValue(pair.slice(equals + 1).trim());
  }
  return cookies;
}

/**
 * A value as PHP's `$_COOKIE` shows it: percent-decoded as UTF-8 (`+` stays `+`), bytes that a script of the page
 * left unencoded included; as it was sent where that is not UTF-8.
 */
export function decodeValue(value: string): string {
  if (!/[%\x80-\xff]/.test(value)) return value;
  try {
    // Node gives headers one character a byte.
    return decodeURIComponent(value.replace(/[\x80-\xff]/g, percent));
  } catch {
    return value;
  }
}

/** As PHP's `rawurlencode`, which `setcookie` applies. Throws `E_COOKIE` for half of a UTF-16 character. */
export function encodeValue(value: string): string {
  try {
    return encodeURIComponent(value).replace(/[!'()*]/g, percent);
  } catch (cause) {
    throw refusal('encoding', {}, cause);
  }
}

function percent(character: string): string {
  return `%${character.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`;
}

const NAME = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
const VALUE = /^[\x21\x23-\x2b\x2d-\x3a\x3c-\x5b\x5d-\x7e]*$/;
const PATH = /^[\x20-\x2b\x2d-\x3a\x3c-\x7e]*$/;
const DOMAIN = /^[\x21-\x2b\x2d-\x3a\x3c-\x7e]*$/;

/** A `Set-Cookie` value, attributes in PHP's order. Throws `E_COOKIE` for what a header cannot carry. */
export function buildCookie(name: string, value: string, attributes: CookieAttributes): string {
  if (!NAME.test(name)) throw refusal('name');
  if (!VALUE.test(value)) throw refusal('value');
  const { expires, maxAge } = attributes;
  let cookie = `${name}=${value}`;
  if (expires !== undefined) cookie += `; expires=${new Date(expires).toUTCString()}`;
  if (maxAge !== undefined) cookie += `; Max-Age=${maxAge}`;
  return cookie + buildAttributes(attributes);
}

/** The part of a `Set-Cookie` value that does not depend on time. */
export function buildAttributes(attributes: CookieAttributes): string {
  const { path = '', domain = '', secure, httponly, samesite, partitioned } = attributes;
  if (!PATH.test(path)) throw refusal('path');
  if (!DOMAIN.test(domain)) throw refusal('domain');
  let text = '';
  if (path !== '') text += `; path=${path}`;
  if (domain !== '') text += `; domain=${domain}`;
  if (secure) text += '; secure';
  if (httponly) text += '; HttpOnly';
  if (samesite !== undefined) text += `; SameSite=${samesite}`;
  if (partitioned) text += '; Partitioned';
  return text;
}
