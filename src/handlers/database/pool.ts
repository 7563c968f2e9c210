import { Later } from '../../support/later.js';
import { judgeAfterReading } from '../../support/standstill.js';
import { cleaned, SqlError } from './failure.js';
import type { Link } from './link.js';

export interface PoolOptions {
  /** Most connections. */
  readonly max: number;
  /** Most statements that are under way on one connection. */
  readonly depth: number;
  /** Milliseconds for which a statement waits for its turn. */
  readonly timeout: number;
}

/** Milliseconds for which a server that refused a connection is not asked for another, as long as one works. */
const PAUSE = 1000;

interface Waiter<L> {
  readonly until: number;
  readonly start: (link: L) => void;
  readonly refuse: (error: SqlError) => void;
}

/**
 * A few connections of the sessions' own, opened when they are needed. A session that is open holds none: what is
 * waited for here is only the end of other statements.
 */
export class Pool<L extends Link> {
  readonly #open: () => Promise<L>;
  readonly #options: PoolOptions;
  readonly #links: L[] = [];
  #waiting: Waiter<L>[] = [];
  #opening = 0;
  #timer: NodeJS.Timeout | undefined;
  #closed = false;
  /** When a server that took no more connections may be asked again. */
  #growAgain = 0;

  constructor(open: () => Promise<L>, options: PoolOptions) {
    this.#open = open;
    this.#options = options;
  }

  /** Gives `work` a connection, now where one is free, else as soon as one is. */
  run<T>(work: (link: L) => Later<T>): Later<T> {
    const link = this.#least();
    if (link !== undefined && link.load === 0) return work(link);
    this.#grow();
    if (link !== undefined && link.load < this.#options.depth) return work(link);
    return Later.promised<T>((resolve, reject) => {
      if (this.#closed) return reject(closedError());
      const since = performance.now();
      const start = (free: L) => {
        free.countFrom(since);
        work(free).then(resolve, reject);
      };
      this.#waiting.push({ until: since + this.#options.timeout, start, refuse: reject });
      if (this.#timer === undefined) this.#lookIn(this.#options.timeout);
    });
  }

  /** Ends every connection, each after what is under way on it. */
  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#timer);
    this.#refuse(closedError());
    await Promise.all(this.#links.splice(0).map((link) => link.end()));
  }

  #least(): L | undefined {
    let least: L | undefined;
    for (const link of this.#links) {
      if (!link.usable) continue;
      if (link.load === 0) return link;
      if (least === undefined || link.load < least.load) least = link;
    }
    return least;
  }

  #grow(): void {
    if (this.#closed || this.#links.length + this.#opening >= this.#options.max) return;
    if (this.#links.length > 0 && performance.now() < this.#growAgain) return;
    this.#opening++;
    this.#open().then(
      (link) => {
        this.#opening--;
        if (this.#closed) return void link.end();
        link.changed = () => this.#changed(link);
        this.#links.push(link);
        this.#changed(link);
      },
      (error: unknown) => {
        this.#opening--;
        this.#growAgain = performance.now() + PAUSE;
        // As long as another connection works, what waits is served by it: the server may only be full.
        if (this.#links.length === 0 && this.#opening === 0) this.#refuse(cleaned(error, false));
      },
    );
  }

  #changed(link: L): void {
    if (!link.usable) {
      const at = this.#links.indexOf(link);
      if (at !== -1) this.#links.splice(at, 1);
      // Somebody must open a connection for those who wait, though nobody new comes.
      if (this.#waiting.length > 0) this.#grow();
      return;
    }
    while (this.#waiting.length > 0 && link.load < this.#options.depth && link.usable) {
      this.#waiting.shift()?.start(link);
    }
  }

  #refuse(error: SqlError): void {
    for (const { refuse } of this.#waiting.splice(0)) refuse(error);
  }

  #lookIn(milliseconds: number): void {
    const due = performance.now() + milliseconds;
    this.#timer = setTimeout(() => judgeAfterReading(due, this.#look), milliseconds);
  }

  readonly #look = (): void => {
    this.#timer = undefined;
    const now = performance.now();
    const late = this.#waiting.filter(({ until }) => until <= now + 1);
    this.#waiting = this.#waiting.filter(({ until }) => until > now + 1);
    for (const { refuse } of late) refuse(new SqlError('no connection was free in time', 'ETIMEDOUT'));
    const [next] = this.#waiting;
    if (next !== undefined) this.#lookIn(next.until - now);
  };
}

function closedError(): SqlError {
  return new SqlError('the connections are closed', 'ECANCELED');
}
