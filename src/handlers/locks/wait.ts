import type { Clock } from '../../contracts/clock.js';
import type { Awaitable } from '../../contracts/session.js';
import { BlitzError } from '../../errors.js';
import { after } from '../../support/thenable.js';

/** How long and how often a lock is asked for. Milliseconds. */
export interface LockWait {
  readonly clock: Clock;
  /** The moment at which waiting ends with `E_SESSION_LOCK_TIMEOUT`. */
  readonly deadline: number;
  /** Seconds, for the sentence of the time-out. */
  readonly lockWait: number;
  /** Aborted when the client leaves: `E_SESSION_CLIENT_LEFT`. */
  readonly signal?: AbortSignal | undefined;
  /** First and longest pause between two tries. Defaults 1 and 4. */
  readonly pollMin?: number;
  readonly pollMax?: number;
  /** So many tries are made before the first pause, one each turn of the event loop. Default 0. */
  readonly spins?: number;
}

/**
 * Asks for a lock until `tryOnce` answers something other than `undefined`. The first try is made at once,
 * and answers synchronously when `tryOnce` does. Pauses grow and are jittered, and never block the event loop. `wait`
 * is only asked when there is something to wait for: a lock is nearly always free.
 */
export function waitForLock<T>(tryOnce: () => Awaitable<T | undefined>, wait: () => LockWait): Awaitable<T> {
  const first = tryOnce();
  return after(first, (held) => held ?? poll(tryOnce, wait()));
}

async function poll<T>(tryOnce: () => Awaitable<T | undefined>, wait: LockWait): Promise<T> {
  for (let left = wait.spins ?? 0; left > 0 && wait.signal?.aborted !== true; left--) {
    await nextTurn();
    const held = await tryOnce();
    if (held !== undefined) return held;
  }
  const longest = wait.pollMax ?? 4;
  let pause = wait.pollMin ?? 1;
  for (;;) {
    const left = wait.deadline - wait.clock.now();
    if (left <= 0) {
      throw new BlitzError('E_SESSION_LOCK_TIMEOUT', { details: { seconds: wait.lockWait } });
    }
    await sleep(Math.min(left, pause * (0.5 + Math.random())), wait);
    const held = await tryOnce();
    if (held !== undefined) return held;
    pause = Math.min(longest, pause * 1.3);
  }
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

function sleep(ms: number, wait: LockWait): Promise<void> {
  const { clock, signal } = wait;
  return new Promise((resolve, reject) => {
    const left = () => {
      clock.clearTimeout(timer);
      reject(new BlitzError('E_SESSION_CLIENT_LEFT'));
    };
    const timer = clock.setTimeout(() => {
      signal?.removeEventListener('abort', left);
      resolve();
    }, ms);
    if (signal?.aborted) left();
    else signal?.addEventListener('abort', left, { once: true });
  });
}
