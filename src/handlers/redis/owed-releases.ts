interface Owed {
  readonly keys: readonly [record: string, lock: string];
  readonly until: number;
}

const RETRY = 100;
/** More than this many locks are left to their leases. */
const MOST = 10_000;

/**
 * Locks that may be ours without our knowing: the answer to the request was lost, or the release could not be sent.
 * They are released as soon as the server can be reached, or forgotten when their lease is over.
 */
export class OwedReleases {
  readonly #release: (token: string, keys: Owed['keys']) => PromiseLike<unknown>;
  readonly #owed = new Map<string, Owed>();
  #timer: NodeJS.Timeout | undefined;
  #sending = false;

  constructor(release: (token: string, keys: Owed['keys']) => PromiseLike<unknown>) {
    this.#release = release;
  }

  get size(): number {
    return this.#owed.size;
  }

  /** `lease`: milliseconds after which the lock is gone in any case. */
  add(token: string, keys: Owed['keys'], lease: number): void {
    if (this.#owed.size >= MOST) return;
    this.#owed.set(token, { keys, until: performance.now() + lease });
    void this.send();
  }

  /** Releases what is owed; what fails is tried again a little later. */
  async send(): Promise<void> {
    if (this.#sending) return;
    this.#sending = true;
    for (const [token, { keys, until }] of this.#owed) {
      try {
        if (performance.now() < until) await this.#release(token, keys);
        this.#owed.delete(token);
      } catch {
        break;
      }
    }
    this.#sending = false;
    if (this.#owed.size === 0 || this.#timer !== undefined) return;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      void this.send();
    }, RETRY);
    this.#timer.unref();
  }

  forget(): void {
    this.#owed.clear();
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }
}
