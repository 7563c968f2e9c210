import { statSync } from 'node:fs';
import type { Clock } from '../contracts/clock.js';
import type { SameSite } from '../contracts/config.js';
import { buildCookie, decodeValue, encodeValue, findCookie } from '../cookie/header.js';
import type { Settings } from './ini.js';
import { isUsableSid } from './sid.js';

/** The id that a `Cookie` header presents, decoded; `''` for none that PHP would take. */
export function presentedId(header: string | undefined, settings: Settings): string {
  if (!settings.isOn('use_cookies')) return '';
  const id = decodeValue(findCookie(header, settings.get('name')) ?? '');
  return isUsableSid(id) ? id : '';
}

/** The session's cookie as PHP sends it. `partitioned` comes from the application, PHP 8.2 has no such setting. */
export function sessionCookie(id: string, settings: Settings, clock: Clock, partitioned = false): string {
  const lifetime = settings.number('cookie_lifetime');
  const samesite = settings.get('cookie_samesite');
  return buildCookie(settings.get('name'), urlEncode(id), {
    path: settings.get('cookie_path'),
    domain: settings.get('cookie_domain'),
    secure: settings.isOn('cookie_secure'),
    httponly: settings.isOn('cookie_httponly'),
    partitioned,
    ...(samesite === '' ? {} : { samesite: capitalized(samesite) }),
    ...(lifetime > 0
      ? { expires: Math.floor(clock.now() / 1000) * 1000 + lifetime * 1000, maxAge: lifetime }
      : {}),
  });
}

/** PHP's `urlencode`, which its session cookie goes through. */
function urlEncode(text: string): string {
  return encodeValue(text).replace(/%20/g, '+').replace(/~/g, '%7E');
}

function capitalized(samesite: string): SameSite {
  return (samesite.charAt(0).toUpperCase() + samesite.slice(1).toLowerCase()) as SameSite;
}

/** Tells the browser to forget the cookie. (PHP: setcookie with an empty value.) */
export function deletedCookie(settings: Settings): string {
  return buildCookie(settings.get('name'), 'deleted', {
    path: settings.get('cookie_path'),
    domain: settings.get('cookie_domain'),
    secure: settings.isOn('cookie_secure'),
    httponly: settings.isOn('cookie_httponly'),
    expires: 1000,
    maxAge: 0,
  });
}

const LONG_AGO = 'Thu, 19 Nov 1981 08:52:00 GMT';

/** The headers of `session.cache_limiter`; none for `''` and for a name that PHP does not know. */
export function cacheHeaders(settings: Settings, clock: Clock): Record<string, string> {
  const seconds = settings.number('cache_expire') * 60;
  switch (settings.get('cache_limiter')) {
    case 'nocache':
      return {
        Expires: LONG_AGO,
        'Cache-Control': 'no-store, no-cache, must-revalidate',
        Pragma: 'no-cache',
      };
    case 'public':
      return {
        Expires: new Date(clock.now() + seconds * 1000).toUTCString(),
        'Cache-Control': `public, max-age=${seconds}`,
        ...lastModified(),
      };
    case 'private':
      return { Expires: LONG_AGO, 'Cache-Control': `private, max-age=${seconds}`, ...lastModified() };
    case 'private_no_expire':
      return { 'Cache-Control': `private, max-age=${seconds}`, ...lastModified() };
    default:
      return {};
  }
}

let modified: string | undefined;

/** PHP gives the date of the script that was asked for; here that is the program. */
function lastModified(): Record<string, string> {
  const [, program] = process.argv;
  if (modified === undefined && program !== undefined) {
    modified = statSync(program, { throwIfNoEntry: false })?.mtime.toUTCString();
  }
  return modified === undefined ? {} : { 'Last-Modified': modified };
}
