import { currentServices } from '../container/current.js';
import type { CookieInput, MakeCookieOptions } from '../contracts/cookie.js';
import type { Cookie } from '../cookie/cookie.js';
import type { CookieManager } from '../cookie/cookie-manager.js';

/**
 * The cookies. Without an argument the manager; with a name the cookie of the current request, or undefined; with a
 * value a new cookie, to be queued or given to the response. Throws what `CookieManager` throws. (BlitzPHP: cookie().)
 */
export function cookie(): CookieManager;
export function cookie(name: string): Cookie | undefined;
export function cookie(
  name: string,
  value: CookieInput,
  minutes?: number,
  options?: MakeCookieOptions,
): Cookie;
export function cookie(
  name?: string,
  value?: CookieInput,
  minutes = 0,
  options: MakeCookieOptions = {},
): unknown {
  const manager = currentServices().get<CookieManager>('cookie');
  if (name === undefined) return manager;
  return value === undefined ? manager.get(name) : manager.make(name, value, minutes, options);
}
