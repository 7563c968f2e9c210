import type { Awaitable } from '../contracts/session.js';
import { BlitzError, isBlitzError } from '../errors.js';
import type { Expiring } from '../support/deadlines.js';
import { attempt, ignore, isThenable } from '../support/thenable.js';
import { lifetimeOf, type SessionEnvironment } from './environment.js';
import type { Locked } from './loader.js';
import type { HandedOver, Place } from './queue.js';
import { SessionRecord } from './record.js';

/** Who must know that the lock is somebody else's now. */
export interface LockOwner {
  loseLock(): void;
}

/** A stored session that this request has locked: what can be done with the record until the lock is free. */
export class Hold implements Expiring {
  readonly #env: SessionEnvironment;
  readonly #record: SessionRecord;
  readonly #place: Place;
  readonly #via: readonly string[];
  /** Who is told that the lock was lost, while it is watched. */
  #owner: LockOwner | undefined;
  /** When `lock_max` is over, in the clock's milliseconds. */
  #end = 0;
  #timer: unknown;
  previousDue: Expiring | undefined;
  nextDue: Expiring | undefined;
  due: number | undefined;
  /** The payload as the store holds it. */
  readonly stored: string;

  constructor(env: SessionEnvironment, found: Locked) {
    this.#env = env;
    this.#record = found.record;
    this.#place = found.place;
    this.#via = found.via;
    this.stored = found.data;
  }

  get key(): string {
    return this.#record.id;
  }

  /**
   * Renews the lease as long as the session is open, and tells `owner` when it was lost or `lock_max` is over. False: a
   * lock without a lease, which is not watched.
   */
  watch(owner: LockOwner): boolean {
    if (!this.#record.renews) return false;
    const { clock, config, renewals } = this.#env;
    this.#owner = owner;
    this.#end = clock.now() + config.lock_max * 1000;
    renewals.add(this);
    return true;
  }

  /** It is time to renew the lease, or the end of `lock_max`. */
  expire(): void {
    const { clock, config } = this.#env;
    const owner = this.#owner;
    if (owner === undefined) return;
    if (clock.now() >= this.#end) {
      owner.loseLock();
      return;
    }
    void this.#record.renew().then((held) => {
      if (this.#owner === undefined) return;
      if (!held) {
        owner.loseLock();
        return;
      }
      const pause = Math.min((config.lock_ttl * 1000) / 3, this.#end - clock.now());
      this.#timer = clock.setTimeout(() => this.expire(), Math.max(0, pause), true);
    });
  }

  #unwatch(): void {
    this.#owner = undefined;
    this.#env.renewals.remove(this);
    if (this.#timer === undefined) return;
    this.#env.clock.clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  /** Whether an unchanged record should be told that it was used. */
  get touchIsDue(): boolean {
    const { clock, config } = this.#env;
    const interval = Math.min(config.touch_interval, lifetimeOf(config) / 10) * 1000;
    return clock.now() - this.#record.lastActivity >= interval;
  }

  /** Writes or touches, and frees the lock or hands it to the next request of this process. */
  save(data: string, changed: boolean): Awaitable<void> {
    const keep = this.#record.handsOver && this.#place.mayHandOver(this.#record);
    this.#unwatch();
    let saving: Awaitable<void>;
    try {
      saving = this.#record.commit(data, changed, keep);
    } catch (error) {
      return this.#failed(error);
    }
    const done = () => this.#done(keep ? this.#record.release(data, this.#env.clock.now()) : undefined);
    return isThenable(saving) ? saving.then(done, (error: unknown) => this.#failed(error)) : done();
  }

  /** Frees the lock without writing. */
  free(): Awaitable<void> {
    return this.#ending(() => undefined);
  }

  /** Frees the lock after a failure that was told; does nothing when it is free. */
  freeQuietly(): void {
    this.#unwatch();
    void this.#record.closeQuietly().then(() => this.#place.leave());
  }

  /** Nothing was changed: the next request of this process may take over. */
  leave(): Awaitable<void> {
    const keep = this.#record.handsOver && this.#place.mayHandOver(this.#record);
    return this.#ending(() =>
      keep ? this.#record.release(this.stored, this.#record.lastActivity) : undefined,
    );
  }

  /** Puts `next` in the store, then `rest` in the place of this record, or nothing, then frees the lock. */
  async moveTo(next: SessionRecord, data: string, rest: string | undefined): Promise<void> {
    await this.#ending(async () => {
      if (!(await next.create(data))) throw taken(this.#env);
      try {
        await (rest === undefined ? this.#record.destroy() : this.#record.commit(rest, true, false));
        return undefined;
      } catch (error) {
        // Only then is it sure that nothing will ever lead to the new record: the cookie does not leave.
        if (isLockLost(error)) await next.destroy().catch(() => {});
        throw error;
      }
    });
  }

  /** Deletes the record and every pointer that led to it. */
  async remove(): Promise<void> {
    await this.#ending(() => this.#record.destroy().then(() => undefined));
    for (const key of this.#via) {
      const pointer = new SessionRecord(this.#env.records, key, {});
      try {
        if ((await pointer.load()) === '') await pointer.close();
        else await pointer.destroy();
      } catch (error) {
        void pointer.closeQuietly();
        throw error;
      }
    }
  }

  #ending(work: () => Awaitable<HandedOver | undefined>): Awaitable<void> {
    this.#unwatch();
    let handed: Awaitable<HandedOver | undefined>;
    try {
      handed = work();
    } catch (error) {
      return this.#failed(error);
    }
    if (!isThenable(handed)) return this.#done(handed);
    return handed.then(
      (lock) => this.#done(lock as HandedOver | undefined),
      (error: unknown) => this.#failed(error),
    );
  }

  #done(handed: HandedOver | undefined): Awaitable<void> {
    if (handed !== undefined) {
      const free = () => {
        this.#record.takeBack(handed);
        return this.#record.close();
      };
      // Whoever it rested for has not come: this request has its answer, and nobody could be told.
      if (this.#place.leave(handed, () => void attempt(free, ignore))) return undefined;
      return free();
    }
    let closing: Awaitable<void>;
    try {
      closing = this.#record.close();
    } catch (error) {
      this.#place.leave();
      throw error;
    }
    if (!isThenable(closing)) return void this.#place.leave();
    return Promise.resolve(closing).finally(() => this.#place.leave());
  }

  /** A store that has just failed may take its time to close too; the error does not wait for that. */
  #failed(error: unknown): never {
    this.freeQuietly();
    throw error;
  }
}

/** A new id that is already in use: with 128 random bits the store is at fault. */
export function taken(env: SessionEnvironment): BlitzError {
  return new BlitzError('E_SESSION_BACKEND', {
    cause: new Error('a new session id is already in use'),
    details: { handler: env.records.handlerName, operation: 'write' },
  });
}

export function isLockLost(error: unknown): boolean {
  return isBlitzError(error, 'E_SESSION_LOCK_LOST');
}
