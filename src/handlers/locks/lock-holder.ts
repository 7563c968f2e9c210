import { BlitzError } from '../../errors.js';
import { BaseHandler } from '../base-handler.js';

export interface HeldLock {
  readonly id: string;
  /** The store has told that no other process waits for it. */
  readonly uncontended?: boolean;
}

/**
 * A handler that takes its lock in `read` and holds it until `close`, or until another handler of this process takes
 * it over.
 */
export abstract class LockHolder<Held extends HeldLock> extends BaseHandler {
  readonly locks = true;
  protected held: Held | undefined;

  handOver(): unknown {
    return this.letGo();
  }

  adopt(held: unknown): void {
    this.held = held as Held;
  }

  uncontended(): boolean {
    return this.held?.uncontended === true;
  }

  /** What was held; from now on it is not. */
  protected letGo(): Held | undefined {
    const { held } = this;
    this.held = undefined;
    return held;
  }

  /** What this instance believes to hold; whether it still does, the store says with the write itself. */
  protected owned(id: string): Held {
    if (this.held?.id !== id) throw new BlitzError('E_SESSION_LOCK_LOST');
    return this.held;
  }
}
