import type { HandlerOptions, HandlerRequest } from '../../contracts/handler.js';
import type { Later } from '../../support/later.js';
import type { StoredRecord } from './record.js';

/** Records and their locks as `RedisHandler` works on them: in a form of our own, or in that of a PHP application. */
export interface RedisSessions {
  /** A new owner's token. */
  newToken(): string;
  /** The locked record; `absent`: nothing there, nothing locked; undefined: somebody else has the lock. */
  acquire(id: string, token: string): Later<StoredRecord | 'absent' | undefined>;
  peek(id: string): Later<StoredRecord | undefined>;
  /** False when the id is taken. */
  create(id: string, data: string): Later<boolean>;
  /** Writes, or touches (`null`), and unlocks unless `keep`; false: the lock or the record is gone, nothing is written. */
  save(id: string, token: string, data: string | null, keep: boolean): Later<boolean>;
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
