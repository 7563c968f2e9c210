import { AssertionError, deepStrictEqual } from 'node:assert';
import type { Store } from '../session/store.js';

/** The keys that a test may have meant. */
function keysOf(session: Store): string {
  const keys = [...Object.keys(session.all()), ...session.getFlashKeys(), ...session.getTempKeys()];
  return keys.length === 0 ? 'the session is empty' : `the session has ${keys.join(', ')}`;
}

export function refuse(message: string, actual?: unknown, expected?: unknown): never {
  throw new AssertionError({ message, actual, expected });
}

/** `key` is present and not null, and has the value that was given; a function judges the value. */
export function sessionHas(session: Store, key: string, expected: readonly unknown[]): void {
  if (!session.exists(key)) refuse(`the session has no "${key}"; ${keysOf(session)}`);
  const [value] = expected;
  const actual = session.get<unknown>(key);
  if (expected.length === 0) {
    if (actual === null) refuse(`the session has null under "${key}"`);
  } else if (typeof value === 'function') {
    if (!value(actual)) refuse(`what the session has under "${key}" is not as expected`, actual);
  } else {
    same(actual, value, `the session has another value under "${key}"`);
  }
}

export function sessionMisses(session: Store, key: string): void {
  if (session.exists(key)) refuse(`the session has "${key}"`, session.get(key), undefined);
}

/** Deep and strict equality, with the two sides in the failure that runners show. */
export function same(actual: unknown, expected: unknown, message: string): void {
  try {
    deepStrictEqual(actual, expected);
  } catch (cause) {
    const shown = cause instanceof Error ? cause.message : '';
    throw new AssertionError({
      message: `${message}\n${shown}`,
      actual,
      expected,
      operator: 'deepStrictEqual',
    });
  }
}

/** Whether `actual` has everything that `expected` has, at every depth; lists must be as long. */
export function contains(actual: unknown, expected: unknown): boolean {
  if (typeof expected !== 'object' || expected === null) return Object.is(actual, expected);
  if (typeof actual !== 'object' || actual === null) return false;
  if (Array.isArray(expected) && (!Array.isArray(actual) || actual.length !== expected.length)) return false;
  return Object.entries(expected).every(
    ([key, value]) => Object.hasOwn(actual, key) && contains((actual as Record<string, unknown>)[key], value),
  );
}
