/** The server counts in whole seconds and may be almost one early. */
const GRANULARITY = 1;
const SHORTEST = 2;

/** Seconds for which a lock is asked for: `lock_ttl`, in the server's whole seconds, at least two. */
export function leaseSeconds(lockTtl: number): number {
  return Math.max(SHORTEST, Math.ceil(lockTtl));
}

/**
 * Until when a lock is certainly ours: counted from before it was asked for, a second less than was asked, by two
 * clocks. The steady clock does not run while a machine is suspended, the other one can be set back; either may end it.
 */
export class Lease {
  readonly #steady: number;
  readonly #wall: number;

  constructor(seconds: number) {
    const certain = (seconds - GRANULARITY) * 1000;
    this.#steady = performance.now() + certain;
    this.#wall = Date.now() + certain;
  }

  get over(): boolean {
    return performance.now() >= this.#steady || Date.now() >= this.#wall;
  }
}
