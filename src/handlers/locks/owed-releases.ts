interface Owed<Place> {
  readonly place: Place;
  /** Milliseconds of `performance.now()`: when it is tried next, and after how long then again. */
  next: number;
  pause: number;
  readonly until: number;
}

const FIRST_PAUSE = 100;
/** More than this many locks are left to their leases. */
const MOST = 10_000;

/**
 * Locks that may be ours without our knowing: the answer to the request was lost, or the release could not be sent.
 * Each is released as soon as the store can be reached, or forgotten when its lease is over. Where a statement that was
 * given up may still be executed behind its release, on a connection of its own, `release` answers false as long as it
 * has freed nothing, and is tried again.
 */
export class OwedReleases<Place> {
  readonly #release: (place: Place, owner: string) => PromiseLike<boolean>;
  readonly #owed = new Map<string, Owed<Place>>();
  #timer: NodeJS.Timeout | undefined;
  #sending = false;

  constructor(release: (place: Place, owner: string) => PromiseLike<boolean>) {
    this.#release = release;
  }

  get size(): number {
    return this.#owed.size;
  }

  /** `lease`: milliseconds after which the lock is gone in any case. */
  add(place: Place, owner: string, lease: number): void {
    if (this.#owed.size >= MOST) return;
    const now = performance.now();
    this.#owed.set(owner, { place, next: now, pause: FIRST_PAUSE, until: now + lease });
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
        if (await this.#release(owed.place, owner)) this.#owed.delete(owner);
        owed.next = now + owed.pause;
      } catch {
        // The store is away: nobody else can be released either.
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
