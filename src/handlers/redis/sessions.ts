import type { HandlerOptions, HandlerRequest } from '../../contracts/handler.js';
import type { Later } from '../../support/later.js';
import type { StoredRecord } from './record.js';

/**
 * `lost`: the lock or the record is gone, and nothing was written. `uncontended`: written, and nobody was refused the lock
 * that was kept.
 */
export type Saved = 'lost' | 'saved' | 'uncontended';

/** What a script that saves says: 0, 1 or 2. */
export function savedOf(answer: number): Saved {
  if (answer === 0) return 'lost';
  return answer === 2 ? 'uncontended' : 'saved';
}

/** Records and their locks as `RedisHandler` works on them: in a form of our own, or in that of a PHP application. */
export interface RedisSessions {
  /** A new owner's token. */
  newToken(): string;
  /** The locked record; `absent`: nothing there, nothing locked; undefined: somebody else has the lock. */
  acquire(id: string, token: string): Later<StoredRecord | 'absent' | undefined>;
  peek(id: string): Later<StoredRecord | undefined>;
  /** False when the id is taken. */
  create(id: string, data: string): Later<boolean>;
  /** Writes, or touches (`null`), and unlocks unless `keep`. */
  save(id: string, token: string, data: string | null, keep: boolean): Later<Saved>;
  renew(id: string, token: string): Later<boolean>;
  /** False: the lock was lost, and the record is there. */
  destroy(id: string, token: string): Later<boolean>;
  /** Puts the record aside under `…:corrupt`; false: the lock was lost. */
  quarantine(id: string, token: string): Later<boolean>;
  /** Frees the lock if it is still ours. What cannot be sent now is sent when the server is back. */
  release(id: string, token: string): Promise<void>;
}

/** Where a handler has its `RedisSessions` from. */
export interface RedisStores {
  /** What `open` opened for an application. */
  of(options: HandlerOptions, request: HandlerRequest): RedisSessions | undefined;
  open(options: HandlerOptions, request: HandlerRequest): Promise<RedisSessions>;
}
