import { findServices } from '../container/current.js';
import { isSetting, type Setting, type SettingValue } from './ini.js';
import { configOf, processDefaults } from './process.js';
import { currentSettings, findRequest, logWarning } from './request.js';
import {
  type SaveHandler,
  type SaveHandlerCallbacks,
  type SaveHandlerClass,
  type SaveHandlerFactory,
  saveHandlerSource,
} from './save-handler.js';

/** What `session_set_cookie_params` takes, and `session_get_cookie_params` answers. */
export interface SessionCookieParams {
  /** Seconds; 0: until the browser closes. */
  lifetime: number;
  path: string;
  domain: string;
  secure: boolean;
  httponly: boolean;
  samesite: string;
}

/**
 * Says where sessions are kept: an object with PHP's methods, a class or a function that makes one for each request, or
 * six to nine callbacks. Outside of requests it is the default of the process, inside that of the request. False, with a
 * warning, while a session is open. Throws a `TypeError` for anything else. (PHP: session_set_save_handler.)
 */
export function session_set_save_handler(
  handler: SaveHandler | SaveHandlerClass | SaveHandlerFactory,
  register_shutdown?: boolean,
): boolean;
export function session_set_save_handler(...callbacks: SaveHandlerCallbacks): boolean;
export function session_set_save_handler(...args: unknown[]): boolean {
  const call = 'session_set_save_handler';
  const source = saveHandlerSource(args);
  const request = findRequest();
  if (request === undefined) {
    processDefaults.saveHandler = source;
    return true;
  }
  if (!changeable(call)) return false;
  if (request.isApplications) return logWarning(call, 'applications');
  request.saveHandler = source;
  return true;
}

/** The id of the session, `''` for none; sets the one that `session_start` will open. (PHP: session_id.) */
export function session_id(): string;
export function session_id(id: string): string | false;
export function session_id(id?: string): string | false {
  const request = findRequest();
  const before = request?.id ?? '';
  if (id === undefined) return before;
  if (request === undefined) return logWarning('session_id', 'inactive');
  if (!changeable('session_id')) return false;
  if (request.isApplications) return logWarning('session_id', 'applications');
  request.choose(id);
  return before;
}

/** The name of the cookie; sets it for the sessions that are opened from now on. (PHP: session_name.) */
export function session_name(name?: string | null): string | false {
  return setting('session_name', 'name', name);
}

/** The first argument of a save handler's `open`. (PHP: session_save_path.) */
export function session_save_path(path?: string | null): string | false {
  return setting('session_save_path', 'save_path', path);
}

/** What `session_start` tells caches: `nocache`, `public`, `private`, `private_no_expire`, `''`. (PHP: session_cache_limiter.) */
export function session_cache_limiter(value?: string | null): string | false {
  return setting('session_cache_limiter', 'cache_limiter', value);
}

/** Minutes for which caches may keep an answer. (PHP: session_cache_expire.) */
export function session_cache_expire(minutes?: number | null): number | false {
  const before = setting('session_cache_expire', 'cache_expire', minutes?.toString());
  return before === false ? false : Number(before);
}

/**
 * `user` with a save handler of your own, else the configured one (`files`, `redis`, `memcached` …). Given the name of
 * the configured one, goes back to it; the old name. (PHP: session_module_name.)
 */
export function session_module_name(name?: string | null): string | false {
  const call = 'session_module_name';
  const services = findServices();
  const handler = services === undefined ? 'file' : configOf(services).session.handler;
  const configured = typeof handler === 'string' ? handler.replace(/^file$/, 'files') : handler.name;
  const request = findRequest();
  const own = request === undefined ? processDefaults.saveHandler : request.saveHandler;
  const before = own === undefined ? configured : 'user';
  if (name === undefined || name === null) return before;
  if (!changeable(call)) return false;
  if (name !== configured) return logWarning(call, 'option', name);
  if (request === undefined) processDefaults.saveHandler = undefined;
  else if (own !== undefined) request.saveHandler = undefined;
  return before;
}

/** Sets the parameters of the session's cookie. (PHP: session_set_cookie_params.) */
export function session_set_cookie_params(params: Partial<SessionCookieParams>): boolean;
export function session_set_cookie_params(
  lifetime: number,
  path?: string,
  domain?: string,
  secure?: boolean,
  httponly?: boolean,
): boolean;
export function session_set_cookie_params(
  first: number | Partial<SessionCookieParams>,
  path?: string,
  domain?: string,
  secure?: boolean,
  httponly?: boolean,
): boolean {
  const call = 'session_set_cookie_params';
  if (!changeable(call)) return false;
  const given = typeof first === 'object' ? first : { lifetime: first, path, domain, secure, httponly };
  let all = true;
  for (const [name, value] of Object.entries(given)) {
    const known = /^(?:lifetime|path|domain|secure|httponly|samesite)$/.test(name);
    if (value === undefined || (known && currentSettings().set(`cookie_${name}`, value))) continue;
    logWarning(call, 'option', name);
    all = false;
  }
  return all;
}

/** The parameters of the session's cookie. (PHP: session_get_cookie_params.) */
export function session_get_cookie_params(): SessionCookieParams {
  const settings = currentSettings();
  return {
    lifetime: settings.number('cookie_lifetime'),
    path: settings.get('cookie_path'),
    domain: settings.get('cookie_domain'),
    secure: settings.isOn('cookie_secure'),
    httponly: settings.isOn('cookie_httponly'),
    samesite: settings.get('cookie_samesite'),
  };
}

/** The value of a `session.*` setting as text; false for any other. (PHP: ini_get.) */
export function ini_get(name: string): string | false {
  const setting = settingNamed(name);
  return setting === undefined ? false : currentSettings().get(setting);
}

/**
 * Sets a `session.*` setting for this request, outside of requests for the process; the old value. False for any other
 * setting, for a value that PHP refuses, and while a session is open. (PHP: ini_set.)
 */
export function ini_set(name: string, value: SettingValue): string | false {
  const setting = settingNamed(name);
  if (setting === undefined) return false;
  if (!changeable('ini_set')) return false;
  const before = currentSettings().get(setting);
  return currentSettings().set(setting, value) ? before : logWarning('ini_set', 'option', name);
}

function settingNamed(name: string): Setting | undefined {
  const short = name.startsWith('session.') ? name.slice(8) : '';
  return isSetting(short) ? short : undefined;
}

/** Reads a setting, and sets it where a value is given. */
function setting(call: string, name: Setting, value: string | null | undefined): string | false {
  const settings = currentSettings();
  const before = settings.get(name);
  if (value === undefined || value === null) return before;
  if (!changeable(call)) return false;
  if (!settings.set(name, value)) logWarning(call, 'option', name);
  return before;
}

/** As in PHP: neither while a session is open, nor when the headers have left. */
function changeable(call: string): boolean {
  const request = findRequest();
  if (request?.active) return logWarning(call, 'frozen');
  return request?.begun ? logWarning(call, 'begun') : true;
}
