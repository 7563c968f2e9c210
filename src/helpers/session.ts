import { findServices } from '../container/current.js';
import { currentSession } from '../container/current-session.js';
import { currentStore } from '../container/request-scope.js';
import type { Default, SessionData, Values } from '../contracts/session.js';
import type { DefaultFor, Known, SessionValue, SessionValues } from '../contracts/session-paths.js';
import type { Store } from '../session/store.js';

/**
 * The current request's session. Without an argument the store, with a key its value, with an object it stores. Throws
 * `E_SESSION_NO_REQUEST` when data is asked for outside a request. (BlitzPHP: session().)
 */
export function session(): Store;
export function session<K extends keyof SessionData>(key: K): SessionData[K] | undefined;
export function session<const K extends string>(key: K & Known<K>): SessionValue<K> | undefined;
export function session<const K extends string>(key: K & Known<K>, fallback: DefaultFor<K>): SessionValue<K>;
export function session<const K extends string, F>(
  key: K & Known<K>,
  fallback: Default<F>,
): SessionValue<K> | F;
export function session<V extends Values>(values: V & SessionValues<V>): void;
export function session<T = unknown>(key: string): T | undefined;
export function session<T>(key: string, fallback: Default<T>): T;
export function session(key?: string | Values, fallback?: unknown): unknown {
  if (key === undefined) return findServices()?.get('session') ?? currentSession;
  const store = storeInUse();
  if (typeof key !== 'string') return store.put(key);
  return store.get(key, fallback);
}

/** The request's own store; a test's stand-in where `Services.set('session', …)` gave one. */
function storeInUse(): Store {
  const services = findServices();
  return services?.isReplaced('session') ? services.get<Store>('session') : currentStore();
}
