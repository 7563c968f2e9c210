/** Beyond this many seconds the server takes a delay for a date. */
const LONGEST_DELAY = 2_592_000;
/** The last second that the server's 32 bits can name. */
const LAST_SECOND = 2 ** 31 - 1;

/**
 * `exptime` as the protocol wants it for an item that should live `seconds`: a delay up to 30 days, beyond that the
 * date of its end. The date is the machine's, which is what the server compares it with. (memcached: doc/protocol.txt.)
 */
export function exptime(seconds: number, now: number = Date.now()): number {
  const whole = Math.ceil(seconds);
  if (whole <= LONGEST_DELAY) return whole;
  return Math.min(LAST_SECOND, Math.ceil(now / 1000) + whole);
}
