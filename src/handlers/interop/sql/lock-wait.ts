import type { Clock } from '../../../contracts/clock.js';
import { BlitzError } from '../../../errors.js';
import type { LockConnection } from './lock-pool.js';
import type { Found, PeerRows, Target } from './peer-rows.js';

export interface PeerWait {
  readonly rows: PeerRows;
  readonly clock: Clock;
  /** The moment of the clock at which waiting ends. */
  readonly deadline: number;
  readonly signal?: AbortSignal | undefined;
  readonly late: () => BlitzError;
  /** Ends the connection, so that it never gets the lock afterwards. */
  readonly cutOff: (connection: LockConnection) => void;
}

/** Milliseconds for the server to say by itself that the time is over. */
const GRACE = 100;

/**
 * Waits as PHP does: in the server, in its queue. One that asks again and again would hardly ever get a turn beside
 * those. `undefined`: the time is over, and the connection as before. Throws `E_SESSION_LOCK_TIMEOUT` or
 * `E_SESSION_CLIENT_LEFT` when it had to be cut off.
 */
export function waitInLine(
  connection: LockConnection,
  target: Target,
  wait: PeerWait,
): Promise<Exclude<Found, 'busy'> | undefined> {
  const { rows, clock, deadline, signal } = wait;
  return new Promise((resolve, reject) => {
    let over = false;
    const end = (tell: () => void) => {
      if (over) return;
      over = true;
      clock.clearTimeout(timer);
      signal?.removeEventListener('abort', left);
      tell();
    };
    const cut = (error: BlitzError) =>
      end(() => {
        wait.cutOff(connection);
        reject(error);
      });
    const left = () => cut(new BlitzError('E_SESSION_CLIENT_LEFT'));
    const timer = clock.setTimeout(() => cut(wait.late()), deadline - clock.now() + GRACE);
    const ask = (whole: boolean) => {
      const milliseconds = deadline - clock.now();
      if (milliseconds <= 0) return end(() => resolve(undefined));
      rows.waitForLock(connection, target, milliseconds, whole).then(
        // A server that counts in seconds may have said so too early.
        (found) => (found === 'busy' ? over || ask(true) : end(() => resolve(found))),
        (error: unknown) => end(() => reject(error)),
      );
    };
    if (signal?.aborted) return left();
    signal?.addEventListener('abort', left, { once: true });
    ask(false);
  });
}
