import type { Awaitable } from '../../contracts/session.js';
import { type HeldLock, LockHolder } from './lock-holder.js';

/** A lock holder whose store writes or touches, checks the owner and unlocks in one call. */
export abstract class SavingHolder<Held extends HeldLock> extends LockHolder<Held> {
  /** Writes, or touches (`null`), and unlocks unless `keep`. Throws `E_SESSION_LOCK_LOST`. */
  protected abstract save(id: string, data: string | null, keep: boolean): Awaitable<void>;
  /** False when the id is taken. */
  abstract create(id: string, data: string): Awaitable<boolean>;

  write(id: string, data: string): Awaitable<void> {
    return this.held === undefined ? this.#writeUnread(id, data) : this.save(id, data, true);
  }

  /** PHP lets a handler write an id that it never read. */
  async #writeUnread(id: string, data: string): Promise<void> {
    if (await this.create(id, data)) return;
    await this.read(id);
    await this.save(id, data, true);
  }

  updateTimestamp(id: string): Awaitable<void> {
    return this.save(id, null, true);
  }

  commit(id: string, data: string | null, keep: boolean): Awaitable<void> {
    return this.save(id, data, keep);
  }
}
