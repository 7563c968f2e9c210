/** Time, as everything here reads it. Tests move it instead of sleeping. */
export interface Clock {
  /** Milliseconds since 1970. */
  now(): number;
  /** Runs `fn` after `ms` milliseconds; the timer never keeps the process alive when `background` is true. */
  setTimeout(fn: () => void, ms: number, background?: boolean): unknown;
  clearTimeout(timer: unknown): void;
}
