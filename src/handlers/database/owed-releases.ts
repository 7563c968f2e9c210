interface Owed {
  readonly id: string;
  /** Milliseconds of `performance.now()`: when it is tried next, and after how long then again. */
  next: number;
  pause: number;
  readonly until: number;
}

const FIRST_PAUSE = 100;
/** More than this many locks are left to their leases. */
const MOST = 10_000;

/**
 * Locks that may be ours without our knowing: the answer to the request was lost, or the release could not be sent. A
 * statement that was given up may still be executed, on a connection of its own and so behind a later release; so each
 * lock is released until that has freed something, or until its lease is over.
 */
export class OwedReleases {
  readonly #release: (id: string, owner: string) => PromiseLike<boolean>;
  readonly #owed = new Map<string, Owed>();
  #timer: NodeJS.Timeout | undefined;
  #sending = false;

  constructor(release: (id: string, owner: string) => PromiseLike<boolean>) {
    this.#release = release;
  }

  /** `lease`: seconds after which the lock is gone in any case. */
  add(id: string, owner: string, lease: number): void {
    if (this.#owed.size >= MOST) return;
    const now = performance.now();
    this.#owed.set(owner, { id, next: now, pause: FIRST_PAUSE, until: now + lease * 1000 });
    void this.send();
  }

  /** Releases what is due. */
  async send(): Promise<void> {
    if (this.#sending) return;
    this.#sending = true;
    for (const [owner, owed] of this.#owed) {
      const now = performance.now();
      if (now >= owed.until) this.#owed.delete(owner);
      if (now < owed.next || now >= owed.until) continue;
      owed.pause *= 2;
      try {
        if (await this.#release(owed.id, owner)) this.#owed.delete(owner);
        owed.next = now + owed.pause;
      } catch {
        // The server is away: nobody else can be released either.
        owed.pause = FIRST_PAUSE;
        break;
      }
    }
    this.#sending = false;
    if (this.#owed.size === 0 || this.#timer !== undefined) return;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      void this.send();
    }, FIRST_PAUSE);
    this.#timer.unref();
  }

  forget(): void {
    this.#owed.clear();
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }
}
