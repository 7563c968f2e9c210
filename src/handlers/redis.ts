import type { Handler, HandlerOptions, HandlerRequest } from '../contracts/handler.js';
import type { Awaitable } from '../contracts/session.js';
import { BlitzError, isBlitzError } from '../errors.js';
import { after } from '../support/thenable.js';
import { SavingHolder } from './locks/saving-holder.js';
import type { StoredRecord } from './redis/record.js';
import type { RedisSessions, RedisStores } from './redis/sessions.js';
import { RedisStore } from './redis/store.js';

/** A lock that is held, or one that another handler of this process hands over. */
interface Held {
  readonly id: string;
  readonly token: string;
  uncontended: boolean;
}

/**
 * One key a session in Redis, Valkey, a cluster or a sentinel's master, and beside it, in the same slot, its lock: an
 * owner's token with a lease of `lock_ttl` in the server's clock. Lock and read are one round trip; check of the
 * owner, write or touch, and unlock are another. (BlitzPHP: Handlers\Redis.)
 */
export class RedisHandler extends SavingHolder<Held> implements Handler {
  readonly bounded = true;
  lastActivity: number | undefined;
  #store: RedisSessions | undefined;

  constructor(options: HandlerOptions, request: HandlerRequest = {}) {
    super(options, request);
    this.#store = this.stores.of(options, request);
  }

  /**
   * Connects, and asks for a lock as a request will. Throws `E_SESSION_SAVE_PATH`, `E_PACKAGE_MISSING`, and
   * `E_SESSION_BACKEND` when the server cannot be used within `operation_timeout`.
   */
  static boot(options: HandlerOptions): Promise<void> {
    return RedisHandler.bootWith(RedisStore, options, '0'.repeat(64));
  }

  /** `id`: one that no session has. */
  protected static async bootWith(stores: RedisStores, options: HandlerOptions, id: string): Promise<void> {
    try {
      const store = await stores.open(options, {});
      await store.acquire(id, store.newToken());
    } catch (cause) {
      if (isBlitzError(cause)) throw cause;
      throw new BlitzError('E_SESSION_BACKEND', { cause, details: { handler: 'redis', operation: 'open' } });
    }
  }

  protected get stores(): RedisStores {
    return RedisStore;
  }

  override open(_savePath: string, _name: string): Awaitable<void> {
    if (this.#store !== undefined) return;
    return this.stores.open(this.options, this.request).then((store) => {
      this.#store = store;
    });
  }

  /** The first try goes without the waiting around it: a lock is nearly always free, and each promise costs. */
  read(id: string): Awaitable<string> {
    const store = this.#opened;
    const token = store.newToken();
    const take = (record: StoredRecord | 'absent'): string => {
      if (record === 'absent') return '';
      this.held = { id, token, uncontended: false };
      return this.#accept(record);
    };
    return store.acquire(id, token).then((found) => {
      if (found !== undefined) return take(found);
      return after(
        this.waitForLock(() => store.acquire(id, token)),
        take,
      );
    });
  }

  peek(id: string): Awaitable<string> {
    return this.#opened.peek(id).then((record) => (record === undefined ? '' : this.#accept(record)));
  }

  create(id: string, data: string): Awaitable<boolean> {
    return this.#opened.create(id, data);
  }

  protected save(id: string, data: string | null, keep: boolean): Awaitable<void> {
    const held = this.owned(id);
    return this.#opened.save(id, held.token, data, keep).then((saved) => {
      if (!keep || saved === 'lost') this.held = undefined;
      if (saved === 'lost') throw new BlitzError('E_SESSION_LOCK_LOST');
      held.uncontended = saved === 'uncontended';
    });
  }

  renew(id: string): Awaitable<boolean> {
    return this.#opened.renew(id, this.owned(id).token);
  }

  async destroy(id: string): Promise<void> {
    if (this.held === undefined) await this.read(id);
    if (this.held === undefined) return;
    const gone = await this.#opened.destroy(id, this.owned(id).token);
    this.held = undefined;
    if (!gone) throw new BlitzError('E_SESSION_LOCK_LOST');
  }

  async quarantine(id: string): Promise<void> {
    const kept = await this.#opened.quarantine(id, this.owned(id).token);
    this.held = undefined;
    if (!kept) throw new BlitzError('E_SESSION_LOCK_LOST');
  }

  override close(): Awaitable<void> {
    const held = this.letGo();
    if (held !== undefined) return this.#opened.release(held.id, held.token);
  }

  get #opened(): RedisSessions {
    if (this.#store === undefined) throw new Error('open() comes before anything else');
    return this.#store;
  }

  #accept(record: StoredRecord): string {
    this.lastActivity = record.lastActivity;
    return record.data;
  }
}
