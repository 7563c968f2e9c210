import { constants } from 'node:os';
import { BlitzError } from '../../errors.js';

const LOCK_EX = 2;
const LOCK_NB = 4;

type Flock = (fd: number, operation: number) => number;
interface Koffi {
  load(path: string | null): { func(signature: string): Flock };
  errno(): number;
}

let flock: Flock | undefined;
let readErrno: () => number = () => 0;

/**
 * Loads `flock(2)`. Throws `E_SESSION_CONFIG` with the way out where the system or koffi's binary lacks it.
 */
export async function loadFlock(): Promise<void> {
  if (flock) return;
  try {
    const module = (await import('koffi')) as unknown as { default: Koffi };
    flock = module.default.load(null).func('int flock(int fd, int operation)');
    readErrno = () => module.default.errno();
  } catch (cause) {
    throw new BlitzError('E_SESSION_FLOCK', { cause });
  }
}

/**
 * One attempt at an exclusive lock on an open file; false when somebody else holds it. The kernel frees the lock
 * when the descriptor is closed, a killed process included. Never the blocking form: it would take a thread of
 * libuv's pool for as long as it waits, and four of them stop every file access of the process.
 */
export function tryFlock(fd: number): boolean {
  if (!flock) throw new BlitzError('E_SESSION_FLOCK');
  for (;;) {
    if (flock(fd, LOCK_EX | LOCK_NB) === 0) return true;
    const errno = readErrno();
    if (errno === constants.errno.EINTR) continue;
    if (errno === constants.errno.EAGAIN || errno === constants.errno.EWOULDBLOCK) return false;
    throw Object.assign(new Error(`flock failed (errno ${errno})`), { errno });
  }
}
