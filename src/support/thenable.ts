import type { Awaitable } from '../contracts/session.js';

export function isThenable(value: unknown): value is PromiseLike<unknown> {
  return (
    typeof value === 'object' && value !== null && typeof (value as { then?: unknown }).then === 'function'
  );
}

/** `work`, and `failed` for whatever it throws, now or later. */
export function attempt<T>(work: () => Awaitable<T>, failed: (error: unknown) => Awaitable<T>): Awaitable<T> {
  let answer: Awaitable<T>;
  try {
    answer = work();
  } catch (error) {
    return failed(error);
  }
  return isThenable(answer) ? (answer as PromiseLike<T>).then(undefined, failed) : answer;
}

/** For a failure after another one, which is the one that is told. */
export function ignore(): void {}

/**
 * `next` with the value, now where it is here, later where it is promised. A store that answers at once is then not
 * made to wait for promises, each of which costs a request some microseconds where its context is followed.
 */
export function after<T, U>(value: Awaitable<T>, next: (value: T) => Awaitable<U>): Awaitable<U> {
  return isThenable(value) ? (value as PromiseLike<T>).then(next) : next(value as T);
}
