import type { Handler, HandlerRequest } from '../contracts/handler.js';
import type { Awaitable } from '../contracts/session.js';
import { BlitzError, isBlitzError } from '../errors.js';
import { storeLatency, timedOperation } from '../support/diagnostics.js';
import type { Later } from '../support/later.js';
import { after, attempt, ignore, isThenable } from '../support/thenable.js';
import { withoutKey } from '../support/without-key.js';
import { inTime } from './in-time.js';
import type { HandedOver } from './queue.js';
import type { RecordStore } from './record-store.js';
import { settled } from './settled.js';

const STAMP = /^@(\d+)\|/;

/**
 * One handler instance at work on one stored session, in PHP's order: open, (validateId), read, … write or
 * updateTimestamp, close. What the handler cannot do itself is done here: the age of records is stamped in front of
 * the payload, each operation is bounded by `operation_timeout`, and every failure becomes a typed error.
 */
export class SessionRecord {
  readonly id: string;
  readonly #store: RecordStore;
  readonly #handler: Handler;
  readonly #stamps: boolean;
  #opened = false;
  #wasRead = false;
  /** An operation that was given up and is still at work: nothing may be closed under its feet. */
  #late: Promise<void> | undefined;
  /** Milliseconds since 1970 of the last write or touch of what was read. */
  lastActivity = 0;

  constructor(store: RecordStore, id: string, request: HandlerRequest) {
    this.id = id;
    this.#store = store;
    try {
      this.#handler = new store.handler(store.options, request) as Handler;
    } catch (cause) {
      throw this.#failure('open', cause);
    }
    this.#stamps = !store.bare && !('lastActivity' in this.#handler);
  }

  /** Whether a new record must be read before it is written: PHP's order, which a handler of one's own relies on. */
  get readsBeforeCreating(): boolean {
    return this.#handler.create === undefined;
  }

  /** Whether the lock can be given to the next request of this process. */
  get handsOver(): boolean {
    return this.#handler.handOver !== undefined && this.#handler.commit !== undefined;
  }

  get uncontended(): boolean {
    return this.#handler.uncontended?.() === true;
  }

  get renews(): boolean {
    return this.#handler.renew !== undefined;
  }

  /** A new raw id from the handler, when it makes its own. Throws when it breaks the id rule. */
  async createSid(): Promise<string | undefined> {
    const { createSid } = this.#handler;
    if (createSid === undefined) return undefined;
    await this.#open();
    const sid = await this.#bounded('createSid', () => createSid.call(this.#handler));
    if (this.#store.accepts(sid)) return sid;
    throw this.#failure(
      'createSid',
      new Error('createSid() must answer 32 hexadecimal digits in lower case'),
    );
  }

  get createsSid(): boolean {
    return this.#handler.createSid !== undefined;
  }

  /** Opens, and reads under an id that was just drawn: PHP does not ask whether it is valid. */
  prepare(): Awaitable<string> {
    this.#wasRead = true;
    return after(this.#open(), () => this.#read());
  }

  /** Opens, locks where the handler locks, and reads: `''` when there is no record. */
  load(): Awaitable<string> {
    if (this.#handler.validateId === undefined) {
      const opening = this.#open();
      return isThenable(opening) ? opening.then(() => this.#read()) : this.#read();
    }
    return after(this.#open(), () =>
      after(
        this.#bounded('validateId', () => this.#handler.validateId?.(this.id)),
        (valid) => (valid ? this.#read() : ''),
      ),
    );
  }

  /** The last committed record, without waiting for a lock where the handler can. */
  peek(): Awaitable<string> {
    const { peek } = this.#handler;
    if (peek === undefined) return this.load();
    return after(this.#open(), () =>
      after(
        this.#bounded('read', () => peek.call(this.#handler, this.id)),
        (data) => this.#accept(data),
      ),
    );
  }

  /** Takes over what an earlier request of this process locked and wrote. */
  adopt(handed: HandedOver): Awaitable<string> {
    this.#handler.adopt?.(handed.lock);
    return after(this.#open(), () => {
      this.lastActivity = handed.lastActivity;
      return handed.data;
    });
  }

  /** Writes a record that nobody knows yet; false when the id is taken. Frees everything. */
  async create(data: string): Promise<boolean> {
    return this.#andClose(async () => {
      if (this.readsBeforeCreating && !this.#wasRead && (await this.prepare()) !== '') return false;
      await this.#open();
      const { create } = this.#handler;
      const stamped = this.#stamp(data);
      if (create !== undefined) {
        return (await this.#bounded('write', () => create.call(this.#handler, this.id, stamped))) === true;
      }
      await this.#demand('write', () => this.#handler.write(this.id, stamped));
      return true;
    });
  }

  /**
   * Writes (`changed`) or touches, and frees the lock unless `keep`. Throws `E_SESSION_LOCK_LOST` when the lock is no
   * longer ours; then nothing was written.
   */
  commit(data: string, changed: boolean, keep: boolean): Awaitable<void> {
    const { commit } = this.#handler;
    if (commit === undefined)
      return after(this.#writeOrTouch(data, changed), () => (keep ? undefined : this.close()));
    const payload = changed || this.#stamps ? this.#stamp(data) : null;
    return this.#ask(
      'write',
      () => commit.call(this.#handler, this.id, payload, keep),
      (answer) => {
        if ((answer as unknown) === false) throw this.#failure('write');
        if (!keep) this.#opened = false;
      },
    );
  }

  #writeOrTouch(data: string, changed: boolean): Awaitable<void> {
    const { updateTimestamp } = this.#handler;
    const stamped = this.#stamp(data);
    if (!changed && updateTimestamp !== undefined && !this.#stampIsOld()) {
      return this.#demand('updateTimestamp', () => updateTimestamp.call(this.#handler, this.id, stamped));
    }
    return this.#demand('write', () => this.#handler.write(this.id, stamped));
  }

  /** What the next request of this process may take over. */
  release(data: string, lastActivity: number): HandedOver {
    this.#opened = false;
    return { lock: this.#handler.handOver?.(), data, lastActivity };
  }

  /** Takes back what `release` gave and nobody took. */
  takeBack(handed: HandedOver): void {
    this.#handler.adopt?.(handed.lock);
    this.#opened = true;
  }

  async destroy(): Promise<void> {
    await this.#open();
    await this.#andClose(() => this.#demand('destroy', () => this.#handler.destroy(this.id)));
  }

  /** Puts an unreadable record out of the way, and keeps it where the handler can. */
  async quarantine(data: string): Promise<void> {
    const { quarantine } = this.#handler;
    if (quarantine === undefined) return this.destroy();
    await this.#andClose(() => this.#demand('destroy', () => quarantine.call(this.#handler, this.id, data)));
  }

  /** Closes after `work`; a store that has just failed is not waited for. */
  async #andClose<T>(work: () => Awaitable<T>): Promise<T> {
    let result: T;
    try {
      result = await work();
    } catch (error) {
      void this.closeQuietly();
      throw error;
    }
    await this.close();
    return result;
  }

  /** Renews the lease; false when the lock was lost. A store that does not answer decides nothing: the commit will. */
  async renew(): Promise<boolean> {
    try {
      return (await this.#bounded('renew', () => this.#handler.renew?.(this.id))) !== false;
    } catch (error) {
      return !isBlitzError(error, 'E_SESSION_LOCK_LOST');
    }
  }

  async gc(maxLifetime: number): Promise<number> {
    await this.#open();
    try {
      const collect = () => this.#handler.gc(maxLifetime);
      const removed = await (storeLatency.hasSubscribers
        ? timedOperation(this.#store.handlerName, 'gc', collect)
        : collect());
      if (removed === false) throw this.#failure('gc');
      return typeof removed === 'number' ? removed : 0;
    } catch (cause) {
      throw this.#failure('gc', cause);
    } finally {
      await this.close();
    }
  }

  /**
   * Frees the lock and everything else; does nothing when that was done. After an operation that was given up it waits
   * until that one has really ended, at most `lock_ttl`: what it still writes must not land in somebody else's turn.
   */
  close(): Awaitable<void> {
    if (!this.#opened) return;
    this.#opened = false;
    const close = () => this.#demand('close', () => this.#handler.close());
    return this.#late === undefined ? close() : this.#late.then(close);
  }

  /** As `close`, where another failure is already on its way; resolves when it is done, well or not. */
  async closeQuietly(): Promise<void> {
    await attempt<void>(() => this.close(), ignore);
  }

  #open(): Awaitable<void> {
    if (this.#opened) return;
    this.#opened = true;
    const { savePath, name } = this.#store.options;
    return this.#demand('open', () => this.#handler.open(savePath, name));
  }

  #read(): Awaitable<string> {
    const { lockWait, operationTimeout } = this.#store.options;
    const limit = this.#handler.locks ? lockWait + operationTimeout : operationTimeout;
    const read = () => this.#handler.read(this.id);
    return this.#ask('read', read, (data) => this.#accept(data), limit);
  }

  /** What was read, without its stamp. Throws for anything but a string. */
  #accept(data: unknown): string {
    if (data === false) throw this.#failure('read');
    if (typeof data !== 'string') {
      const found = data === null ? 'null' : typeof data;
      throw this.#failure('read', new TypeError(`a handler's read() must answer a string, not ${found}`));
    }
    if (!this.#stamps) {
      this.lastActivity = this.#handler.lastActivity ?? 0;
      return data;
    }
    const stamp = STAMP.exec(data);
    if (stamp === null) return data;
    this.lastActivity = Number(stamp[1]);
    return data.slice(stamp[0].length);
  }

  #stamp(data: string): string {
    return this.#stamps ? `@${this.#store.options.clock.now()}|${data}` : data;
  }

  /** A handler may keep only its own time at `updateTimestamp`; the stamp is then renewed by a write now and then. */
  #stampIsOld(): boolean {
    const { clock, lifetime } = this.#store.options;
    return this.#stamps && clock.now() - this.lastActivity >= lifetime * 100;
  }

  /** Runs an operation that must not answer `false`. */
  #demand(operation: string, run: () => unknown): Awaitable<void> {
    return this.#ask(operation, run, (answer) => {
      if (answer === false) throw this.#failure(operation);
    });
  }

  #bounded<T>(operation: string, run: () => Awaitable<T>): Awaitable<T> {
    return this.#ask(operation, run, (answer) => answer);
  }

  /** Runs an operation within its time, and gives its answer to `next`. */
  #ask<T, U>(
    operation: string,
    run: () => Awaitable<T>,
    next: (answer: T) => Awaitable<U>,
    seconds?: number,
  ): Awaitable<U> {
    if (!storeLatency.hasSubscribers) return this.#within(operation, run, next, seconds);
    const limited = () => this.#within(operation, run, (answer) => answer, seconds);
    return after(timedOperation(this.#store.handlerName, operation, limited), next);
  }

  #within<T, U>(
    operation: string,
    run: () => Awaitable<T>,
    next: (answer: T) => Awaitable<U>,
    seconds: number | undefined,
  ): Awaitable<U> {
    let answer: Awaitable<T>;
    try {
      answer = run();
    } catch (cause) {
      throw this.#failure(operation, cause);
    }
    if (!isThenable(answer)) return next(answer);
    if (!this.#handler.bounded) return this.#inTime<T>(operation, answer, seconds).then(next);
    return (answer as PromiseLike<T>).then(next, (cause) => {
      throw this.#failure(operation, cause);
    });
  }

  #inTime<T>(operation: string, answer: PromiseLike<T>, seconds?: number): Later<T> {
    const { clock, operationTimeout, lockTtl } = this.#store.options;
    return inTime(answer, {
      clock,
      seconds: seconds ?? operationTimeout,
      late: () => {
        this.#late = settled(answer, clock, lockTtl);
      },
      failure: (cause) => this.#failure(operation, cause),
    });
  }

  #failure(operation: string, cause?: unknown): BlitzError {
    if (isBlitzError(cause)) return cause;
    return new BlitzError('E_SESSION_BACKEND', {
      cause: withoutKey(cause, this.id),
      details: { handler: this.#store.handlerName, operation },
    });
  }
}
