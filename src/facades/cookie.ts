import { findServices } from '../container/current.js';
import type { Clock } from '../contracts/clock.js';
import type { CookieInput, CreateCookieOptions } from '../contracts/cookie.js';
import { Cookie as CookieClass } from '../cookie/cookie.js';
import type { CookieManager } from '../cookie/cookie-manager.js';
import { Facade, facade } from './facade.js';

class CookieFacade extends Facade {
  static override accessor(): string {
    return 'cookie';
  }

  /**
   * A cookie by itself, without the prefix and the defaults of `config/cookie`, also where no application runs: without
   * options it lasts until the browser closes, `path=/`, HttpOnly, `SameSite=Lax`. `make` is the one that follows the
   * configuration. Throws `E_COOKIE`. (BlitzPHP: Cookie::create.)
   */
  static create(name: string, value: CookieInput, options: CreateCookieOptions = {}): CookieClass {
    const clock = findServices()?.get<Clock>('clock');
    return CookieClass.create(name, value, options, clock === undefined ? {} : { now: clock.now() });
  }

  /** `value instanceof Cookie`: whether it is a cookie. */
  static override [Symbol.hasInstance](value: unknown): value is CookieClass {
    return value instanceof CookieClass;
  }
}

/** One cookie, which never changes. (BlitzPHP: Session\Cookie\Cookie.) */
export type Cookie = CookieClass;

/** The cookies of the application, statically: `Cookie.queue('theme', 'dark', 60)`; and `Cookie.create`. */
export const Cookie: typeof CookieFacade & Omit<CookieManager, keyof typeof CookieFacade> =
  facade<CookieManager>()(CookieFacade);
