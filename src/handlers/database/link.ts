import { cleaned, SqlError } from './failure.js';

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
  /** The statements under way, the oldest first: when each was given to the client, and what fails it. */
  readonly #pending: { readonly since: number; readonly fail: (error: SqlError) => void }[] = [];
  #timer: NodeJS.Timeout | undefined;
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

  protected began(fail: (error: SqlError) => void): void {
    this.load++;
    const now = performance.now();
    const since = this.#waitedSince ?? now;
    this.#waitedSince = undefined;
    this.#pending.push({ since, fail });
    this.#timer ??= setTimeout(this.#look, since + this.#timeout - now);
  }

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
    const left = oldest.since + this.#timeout - performance.now();
    if (left > 1) this.#timer = setTimeout(this.#look, left);
    else this.retire(new SqlError(`no answer within ${this.#timeout / 1000} s`, 'ETIMEDOUT', true));
  };
}
