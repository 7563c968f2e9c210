import type { Logger } from '../contracts/log.js';
import type { SessionCookie } from '../cookie/session-cookie.js';
import { BlitzError } from '../errors.js';
import type { SessionManager } from '../session/session-manager.js';
import type { Store } from '../session/store.js';
import { currentServices } from './current.js';
import { currentScope, holdsLock, holdsSession, runInScope } from './request-scope.js';

interface NodeLikeRequest {
  readonly headers: { readonly cookie?: string | undefined };
}
interface FetchLikeRequest {
  readonly headers: { get(name: string): string | null };
}

/** An id, a `Cookie` header, a request of node:http or Fetch, or undefined for a new session. */
export type RunTarget = string | NodeLikeRequest | FetchLikeRequest | undefined;

export interface RunOptions {
  /** Takes no lock, writes nothing. */
  readonly readOnly?: boolean;
  /** The visitor's address, where `matchIP` is set. */
  readonly ip?: string;
}

/** See `Session.run`. No cookie leaves from here, so the id is never renewed automatically. */
export async function runSession<T>(
  target: RunTarget,
  work: (session: Store) => T | Promise<T>,
  options: RunOptions = {},
): Promise<T> {
  const services = currentServices();
  const manager = services.get<SessionManager>('sessionManager');
  const id = identify(target, services.get<SessionCookie>('sessionCookie'), manager);
  if (target !== undefined) {
    if (!manager.accepts(id)) throw new BlitzError('E_SESSION_UNKNOWN_ID');
    const nested = (key: string) => holdsSession(key) || holdsLock(manager.keyOf(key, options.ip));
    if (!options.readOnly && nested(id)) throw new BlitzError('E_SESSION_NESTED');
    const found = await manager.find(id, options.ip);
    if (found === undefined) throw new BlitzError('E_SESSION_UNKNOWN_ID');
    if (!options.readOnly && nested(found)) throw new BlitzError('E_SESSION_NESTED');
  }
  const session = await manager.open({
    id,
    ip: options.ip,
    readOnly: options.readOnly ?? false,
    mustExist: target !== undefined,
  });
  return runInScope(
    services,
    session,
    async () => {
      let result: T;
      try {
        result = await work(session.store);
      } catch (error) {
        // What the work threw is what its caller must see; a failed save beside it goes to the log.
        try {
          await manager.finish(session);
        } catch (cause) {
          services.get<Logger>('log').error('the session could not be saved', { cause });
        }
        throw error;
      }
      await manager.finish(session);
      return result;
    },
    currentScope()?.visit,
  );
}

function identify(target: RunTarget, cookie: SessionCookie, manager: SessionManager): string | undefined {
  if (target === undefined) return undefined;
  if (typeof target === 'string') return manager.accepts(target) ? target : cookie.read(target);
  const { headers } = target;
  const header = 'get' in headers && typeof headers.get === 'function' ? headers.get('cookie') : undefined;
  return cookie.read(header ?? (headers as NodeLikeRequest['headers']).cookie);
}
