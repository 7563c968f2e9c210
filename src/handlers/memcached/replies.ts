import { BlitzError, isBlitzError } from '../../errors.js';
import type { Item, Reply } from './transport.js';

/** A session above the server's item limit. */
export function tooLarge(): BlitzError {
  return new BlitzError('E_SESSION_TOO_LARGE', { details: { handler: 'memcached' } });
}

export function itemOf(reply: Reply | undefined, key: string): Item | undefined {
  if (reply === undefined) return undefined;
  for (const each of reply.items) if (each.key === key) return each;
  return undefined;
}

/** The unique of the lock, if it is the one with this token. */
export function ownUnique(seen: Reply, key: string, token: string): string | undefined {
  const found = itemOf(seen, key);
  return found?.value.toString('latin1') === token ? found.unique : undefined;
}

/** Throws what the server refused. */
export function demand(reply: Reply | undefined): Reply {
  if (reply === undefined) throw new Error('memcached: an answer is missing');
  if (reply.status !== 'failed') return reply;
  // The server's words, and the package's.
  if (/too large|length of the value is greater/.test(reply.detail)) throw tooLarge();
  throw new Error(`memcached: ${reply.detail}`);
}

/** Throws `E_SESSION_LOCK_LOST` when the record was not the one that was read, or is gone. */
export function demandWritten(reply: Reply | undefined): void {
  const { status } = demand(reply);
  if (status !== 'stored' && status !== 'done') throw new BlitzError('E_SESSION_LOCK_LOST');
}

/** What `decode` answers; undefined for a value that cannot be a session. Throws its typed errors. */
export function attempted<T>(decode: () => T): T | undefined {
  try {
    return decode();
  } catch (error) {
    if (isBlitzError(error)) throw error;
    return undefined;
  }
}
