import { judgeAfterReading } from '../../support/standstill.js';
import { cleaned, SqlError } from './failure.js';

/** A statement under way. */
interface Pending {
  /** Milliseconds: when it was given to the client, and how long it may take. */
  readonly since: number;
  readonly limit: number;
  readonly fail: (error: SqlError) => void;
}

/**
 * One connection of the sessions' own. A statement that is not answered in time ends the connection with everything on
 * it: what the server would still answer could not be told apart from the answers to what comes after.
 */
export abstract class Link {
  /** Statements under way. */
  load = 0;
  /** Called when a statement has ended, and when the connection has. */
  changed: () => void = () => {};
  readonly #timeout: number;
  /** The statements under way, the oldest first. */
  readonly #pending: Pending[] = [];
  #timer: NodeJS.Timeout | undefined;
  /** When the timer looks. */
  #looks = 0;
  /** Milliseconds of the statements that are given now, where they are others. */
  #patience: number | undefined;
  /** When the next statement began to wait for its turn. */
  #waitedSince: number | undefined;
  #lost: SqlError | undefined;

  /** `timeout`: milliseconds of one statement. */
  constructor(timeout: number) {
    this.#timeout = timeout;
  }

  /** Whether new statements may be given to it. */
  get usable(): boolean {
    return this.#lost === undefined;
  }

  /** Why the connection ended. */
  get lost(): SqlError | undefined {
    return this.#lost;
  }

  /** Ends it, after what is under way. */
  abstract end(): Promise<void>;
  /** Ends it at once. */
  protected abstract destroy(): void;

  /** The connection has ended, or must not be used any more: everything under way fails. */
  retire(reason: SqlError): void {
    if (this.#lost !== undefined) return;
    this.#lost = reason;
    clearTimeout(this.#timer);
    this.destroy();
    // Not every client fails what it will not answer.
    for (const { fail } of this.#pending.splice(0)) fail(reason);
    this.changed();
  }

  /** The statement that is given next has waited since then, and has so much less time left. */
  countFrom(since: number): void {
    this.#waitedSince = since;
  }

  /** The statements that `give` gives may each take so many milliseconds: those that wait for a lock. */
  patiently<T>(milliseconds: number, give: () => T): T {
    this.#patience = milliseconds;
    try {
      return give();
    } finally {
      this.#patience = undefined;
    }
  }

  protected began(fail: (error: SqlError) => void): void {
    this.load++;
    const now = performance.now();
    const since = this.#waitedSince ?? now;
    this.#waitedSince = undefined;
    const limit = this.#patience ?? this.#timeout;
    this.#pending.push({ since, limit, fail });
    const first = this.#pending.length === 1;
    if (this.#timer === undefined || (first && since + limit < this.#looks)) this.#lookAt(since + limit, now);
  }

  #lookAt(moment: number, now: number): void {
    clearTimeout(this.#timer);
    this.#looks = moment;
    this.#timer = setTimeout(this.#read, moment - now);
  }

  readonly #read = (): void => judgeAfterReading(this.#looks, this.#look);

  /** The oldest statement was answered; false when it had been failed before. */
  protected ended(): boolean {
    if (!this.usable) return false;
    this.load--;
    this.#pending.shift();
    return true;
  }

  /** Connecting, bounded like a statement: a client may forget to tell that the connection ended meanwhile. */
  protected connecting(connect: (done: (error?: unknown) => void) => void): Promise<void> {
    return new Promise((resolve, reject) => {
      this.began(reject);
      connect((error) => {
        if (!this.ended()) return;
        if (error) reject(cleaned(error, false));
        else resolve();
      });
    });
  }

  /** One timer looks after all statements: one each would cost as much as the rest of them. */
  readonly #look = (): void => {
    this.#timer = undefined;
    const [oldest] = this.#pending;
    if (oldest === undefined || !this.usable) return;
    const [end, now] = [oldest.since + oldest.limit, performance.now()];
    if (end - now > 1) this.#lookAt(end, now);
    else this.retire(new SqlError(`no answer within ${oldest.limit / 1000} s`, 'ETIMEDOUT', true));
  };
}
