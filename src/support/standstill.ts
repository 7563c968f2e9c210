/** Milliseconds by which a timer may come late without anything being wrong. */
const ORDINARY = 50;
/** Milliseconds for which a time-out that came late is put off, and how often at most. */
const GRACE = 500;
const MOST = 3;

/**
 * Judges a time-out that was due at `due` (of `performance.now()`): not before what has arrived meanwhile was read. In a
 * turn of the event loop timers come before sockets; after a standstill of this process (long synchronous work, a
 * paused container) the first of them would blame a server that answered long ago, or was not asked yet. A time-out
 * whose timer comes noticeably late is therefore put off for half a second, three times at most where the process stands
 * still again. `judge` is called once and must look again.
 */
export function judgeAfterReading(due: number, judge: () => void, left: number = MOST): void {
  const now = performance.now();
  if (now - due <= ORDINARY || left === 0) setImmediate(judge);
  else setTimeout(judgeAfterReading, GRACE, now + GRACE, judge, left - 1);
}
