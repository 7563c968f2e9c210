import { BlitzError } from '../../../errors.js';
import { cleaned, SqlError } from '../../database/failure.js';
import type { Link } from '../../database/link.js';

/** A connection that one open session has for itself, as long as it is locked. */
export interface LockConnection<L extends Link = Link> {
  readonly link: L;
  /** The server's number for it: of its process, or its thread. */
  readonly backend: number;
  /** Milliseconds: when it was last given back. */
  idleSince: number;
}

export interface LockPoolOptions {
  /** Most connections. */
  readonly max: number;
  /** Milliseconds after which a connection that nobody uses is ended: well before the server would do it. */
  readonly idle: number;
}

/** How long a connection may be waited for. Milliseconds of `performance.now()`. */
export interface ConnectionWait {
  readonly until: number;
  readonly signal?: AbortSignal | undefined;
  /** What is thrown when the time is over. */
  readonly late: () => BlitzError;
}

/** Milliseconds for which a server that refused a connection is not asked for another, as long as some are open. */
const PAUSE = 1000;

interface Waiter<L extends Link> {
  readonly serve: (connection: LockConnection<L>) => void;
  readonly refuse: (error: Error) => void;
}

/**
 * Connections that are lent whole: PHP's locks belong to a connection, and a second session on the same one would get
 * the lock of the first. Those who find none wait in the order in which they came.
 */
export class LockPool<L extends Link = Link> {
  readonly #open: () => Promise<LockConnection<L>>;
  readonly #options: LockPoolOptions;
  readonly #all = new Set<LockConnection<L>>();
  /** The one used last stands last, and is taken first: the others grow old, and are ended. */
  readonly #idle: LockConnection<L>[] = [];
  readonly #waiting: Waiter<L>[] = [];
  #opening = 0;
  #growAgain = 0;
  #closed = false;
  #timer: NodeJS.Timeout | undefined;

  constructor(open: () => Promise<LockConnection<L>>, options: LockPoolOptions) {
    this.#open = open;
    this.#options = options;
  }

  /** Most connections. */
  get max(): number {
    return this.#options.max;
  }

  /** One that is free at this moment. */
  take(): LockConnection<L> | undefined {
    for (;;) {
      const connection = this.#idle.pop();
      if (connection === undefined) return undefined;
      if (connection.link.usable && performance.now() - connection.idleSince < this.#options.idle)
        return connection;
      void connection.link.end();
    }
  }

  /** One that will be free. Throws what `late` says, `E_SESSION_CLIENT_LEFT`, or why none can be opened. */
  wait({ until, signal, late }: ConnectionWait): Promise<LockConnection<L>> {
    return new Promise((resolve, reject) => {
      if (this.#closed) {
        reject(closedError());
        return;
      }
      const stop = () => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', left);
        const at = this.#waiting.indexOf(waiter);
        if (at !== -1) this.#waiting.splice(at, 1);
      };
      const refuse = (error: Error) => {
        stop();
        reject(error);
      };
      const left = () => refuse(new BlitzError('E_SESSION_CLIENT_LEFT'));
      const timer = setTimeout(() => refuse(late()), Math.max(0, until - performance.now()));
      const waiter: Waiter<L> = {
        serve: (connection) => {
          stop();
          resolve(connection);
        },
        refuse,
      };
      this.#waiting.push(waiter);
      if (signal?.aborted) {
        left();
        return;
      }
      signal?.addEventListener('abort', left, { once: true });
      this.#grow();
    });
  }

  /** Takes one back that holds nothing. */
  give(connection: LockConnection<L>): void {
    if (!connection.link.usable) return;
    if (this.#closed) {
      void connection.link.end();
      return;
    }
    const next = this.#waiting[0];
    if (next !== undefined) {
      next.serve(connection);
      return;
    }
    connection.idleSince = performance.now();
    this.#idle.push(connection);
    this.#timer ??= setTimeout(this.#sweep, this.#options.idle).unref();
  }

  /** Ends one of which nobody knows what it holds: with it goes every lock on it. */
  drop(connection: LockConnection<L>, reason = 'the connection was given up'): void {
    connection.link.retire(new SqlError(reason, 'ECANCELED', true));
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#timer);
    for (const { refuse } of [...this.#waiting]) refuse(closedError());
    this.#idle.length = 0;
    await Promise.all([...this.#all].map(({ link }) => link.end()));
  }

  /** As many connections are opened as are waited for. */
  #grow(): void {
    while (this.#opening < this.#waiting.length && this.#mayGrow()) {
      this.#opening++;
      this.#open().then(
        (connection) => this.#opened(connection),
        (error: unknown) => {
          this.#opening--;
          this.#refuse(error);
        },
      );
    }
  }

  #mayGrow(): boolean {
    if (this.#closed || this.#all.size + this.#opening >= this.#options.max) return false;
    return this.#all.size === 0 || performance.now() >= this.#growAgain;
  }

  #opened(connection: LockConnection<L>): void {
    this.#opening--;
    if (!connection.link.usable) {
      this.#refuse(connection.link.lost);
      return;
    }
    this.#all.add(connection);
    connection.link.changed = () => {
      if (!connection.link.usable) this.#gone(connection);
    };
    this.give(connection);
  }

  /** As long as others are open, who waits gets one of those: the server may only be full. */
  #refuse(error: unknown): void {
    this.#growAgain = performance.now() + PAUSE;
    if (this.#all.size > 0 || this.#opening > 0) return;
    for (const { refuse } of [...this.#waiting]) refuse(cleaned(error, false));
  }

  #gone(connection: LockConnection<L>): void {
    if (!this.#all.delete(connection)) return;
    const at = this.#idle.indexOf(connection);
    if (at !== -1) this.#idle.splice(at, 1);
    this.#grow();
  }

  /** The oldest stand first. */
  readonly #sweep = (): void => {
    this.#timer = undefined;
    const now = performance.now();
    while (this.#idle[0] !== undefined && now - this.#idle[0].idleSince >= this.#options.idle - 1) {
      void this.#idle.shift()?.link.end();
    }
    const [oldest] = this.#idle;
    if (oldest === undefined) return;
    this.#timer = setTimeout(this.#sweep, oldest.idleSince + this.#options.idle - now).unref();
  };
}

function closedError(): SqlError {
  return new SqlError('the connections are closed', 'ECANCELED');
}
