import type { Values } from '../contracts/session.js';
import { BlitzError } from '../errors.js';
import { assign } from '../support/paths.js';
import type { PhpSession } from './php-session.js';
import { currentRequest } from './request.js';

/** The session whose values are shown; undefined before `session_start()`. Throws `E_SESSION_NO_REQUEST`. */
function shown(): PhpSession | undefined {
  return currentRequest().session;
}

/** As `shown`, for a change: before `session_start()` it would be lost without a word, as in PHP. */
function changed(): PhpSession {
  const session = shown();
  if (session === undefined) {
    throw new BlitzError('E_SESSION_CLOSED', { details: { call: '$_SESSION' } });
  }
  return session;
}

/**
 * The values of the current request's session: a live view, of the same values as `session()` where both are used. A
 * change throws `E_SESSION_VALUE` for what could not come back. It cannot be replaced as a whole: `session_unset()`
 * empties it. (PHP: $_SESSION.)
 */
// biome-ignore lint/suspicious/noExplicitAny: what a session holds is known to the application alone
export const $_SESSION: Record<string, any> = new Proxy(Object.create(null) as Values, {
  get(_target, key) {
    if (typeof key === 'symbol') return undefined;
    const session = shown();
    if (session === undefined || !Object.hasOwn(session.values, key)) return undefined;
    const value = session.values[key];
    if (typeof value === 'object' && value !== null) session.exposed();
    return value;
  },
  set(_target, key, value) {
    return put(key, value);
  },
  defineProperty(_target, key, { value }) {
    return put(key, value);
  },
  deleteProperty(_target, key) {
    if (typeof key === 'symbol') return true;
    const session = changed();
    session.willChange('$_SESSION');
    delete session.values[key];
    return true;
  },
  has(_target, key) {
    return typeof key === 'string' && Object.hasOwn(shown()?.values ?? {}, key);
  },
  ownKeys() {
    return Object.keys(shown()?.values ?? {});
  },
  getOwnPropertyDescriptor(_target, key) {
    const session = shown();
    if (session === undefined || typeof key === 'symbol' || !Object.hasOwn(session.values, key)) {
      return undefined;
    }
    session.exposed();
    return { value: session.values[key], writable: true, enumerable: true, configurable: true };
  },
});

function put(key: string | symbol, value: unknown): boolean {
  if (typeof key === 'symbol') return false;
  const session = changed();
  session.check(key, value);
  session.willChange('$_SESSION');
  assign(session.values, key, value);
  return true;
}
