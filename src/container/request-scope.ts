import { AsyncLocalStorage } from 'node:async_hooks';
import { BlitzError } from '../errors.js';
import type { Store } from '../session/store.js';
import { Later } from '../support/later.js';
import { processWide } from '../support/process-wide.js';
import type { ServiceContainer } from './container.js';
import type { UnstartedRequest } from './unstarted-request.js';

/** What a scope must know of the session that is open in it. */
export interface ScopedSession {
  readonly store: Store;
  readonly id: string;
  /** Whether it can be written. */
  readonly started: boolean;
  /** The key of the stored record, while its lock is held. */
  readonly lockedKey: string | undefined;
}

/** What belongs to one request, or to one `Session.run`. */
export interface RequestScope {
  readonly services: ServiceContainer;
  /** Undefined on a route that does without, and until `session_start()` where nothing was opened before. */
  session: ScopedSession | undefined;
  /** What the HTTP kernel keeps of the request; undefined below other servers. */
  readonly visit: unknown;
  /** Below an adapter with `start: false`: what opens the session itself finds the request here. */
  readonly unstarted: UnstartedRequest | undefined;
  /** The scope around this one, when a session was opened inside another. */
  readonly outer: RequestScope | undefined;
}

// Only ever entered with `run`: `enterWith` leaks into the next request of the same connection on Node 20 and 22.
const scopes = processWide('scopes', () => new AsyncLocalStorage<RequestScope>());

export function currentScope(): RequestScope | undefined {
  return scopes.getStore();
}

/** Runs `work` with `session` as the current one, across everything it awaits. */
export function runInScope<T>(
  services: ServiceContainer,
  session: ScopedSession | undefined,
  work: () => T,
  visit?: unknown,
  unstarted?: UnstartedRequest,
): T {
  return scopes.run({ services, session, visit, unstarted, outer: scopes.getStore() }, work);
}

/** Runs `work` inside a scope that began before, wherever it is called from. */
export function runWithin<T>(scope: RequestScope, work: () => T): T {
  return scopes.run(scope, work);
}

/**
 * Runs work on the store that needs nothing of the scope outside of it, and goes on inside. What the engine keeps of a
 * context for as long as it waits for a socket (Node 20 and 22) would be the whole session: a third of the processor
 * time of a request with 4 KB, seen with ioredis.
 */
export function outsideScope<T>(work: () => Later<T>): Later<T> {
  const scope = scopes.getStore();
  if (scope === undefined) return work();
  // Not `exit`, which takes the whole storage out of use and puts it back: that costs more than what is left out.
  const outcome = scopes.run(undefined as unknown as RequestScope, work);
  if (!outcome.pending) return outcome;
  const inside = new Later<T>();
  outcome.then(
    (value) => scopes.run(scope, () => inside.resolve(value)),
    (error: unknown) => scopes.run(scope, () => inside.reject(error)),
  );
  return inside;
}

/** The current request's store. Throws `E_SESSION_NO_REQUEST` outside a request. */
export function currentStore(): Store {
  const session = scopes.getStore()?.session;
  if (session === undefined) throw new BlitzError('E_SESSION_NO_REQUEST');
  return session.store;
}

/** Whether this context, or one around it, has the session of this id open for writing, stored or not yet. */
export function holdsSession(id: string): boolean {
  for (let scope = scopes.getStore(); scope !== undefined; scope = scope.outer) {
    if (scope.session?.started && scope.session.id === id) return true;
  }
  return false;
}

/** Whether this context, or one around it, holds the lock of the stored session `key`. */
export function holdsLock(key: string): boolean {
  for (let scope = scopes.getStore(); scope !== undefined; scope = scope.outer) {
    if (scope.session?.lockedKey === key) return true;
  }
  return false;
}
