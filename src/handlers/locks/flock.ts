import { constants } from 'node:os';
import { BlitzError } from '../../errors.js';
import { loadLibc, type Native } from './libc.js';

const LOCK_SH = 1;
const LOCK_EX = 2;
const LOCK_NB = 4;

let flock: Native | undefined;
let readErrno: () => number = () => 0;

/**
 * Loads `flock(2)`. Throws `E_SESSION_FLOCK` with the way out where the system or koffi's binary lacks it.
 */
export async function loadFlock(): Promise<void> {
  if (flock) return;
  const libc = await loadLibc();
  try {
    flock = libc.func('int flock(int fd, int operation)');
    readErrno = libc.errno;
  } catch (cause) {
    throw new BlitzError('E_SESSION_FLOCK', { cause });
  }
}

/**
 * One attempt at a lock on an open file; false when somebody else holds it. The kernel frees the lock when the
 * descriptor is closed, a killed process included. Never the blocking form: it would take a thread of
 * libuv's pool for as long as it waits, and four of them stop every file access of the process.
 */
export function tryFlock(fd: number, kind: 'exclusive' | 'shared' = 'exclusive'): boolean {
  if (!flock) throw new BlitzError('E_SESSION_FLOCK');
  const operation = (kind === 'shared' ? LOCK_SH : LOCK_EX) | LOCK_NB;
  for (;;) {
    if (flock(fd, operation) === 0) return true;
    const errno = readErrno();
    if (errno === constants.errno.EINTR) continue;
    if (errno === constants.errno.EAGAIN || errno === constants.errno.EWOULDBLOCK) return false;
    throw Object.assign(new Error(`flock failed (errno ${errno})`), { errno });
  }
}
