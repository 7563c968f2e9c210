import type { Values } from '../contracts/session.js';
import { assign, getPath, lastFirst, MISSING, removePath } from '../support/paths.js';

/** Flash and temporary values are ordinary values with a mark beside them, as in BlitzPHP and CodeIgniter. */
export const VARS = '__blitz_vars';
export const LAST_REGENERATE = '__blitz_last_regenerate';
export const CREATED = '__blitz_created';
export const TOKEN = '_token';
/** Where one session has a life of its own, shorter than the configured one. */
export const LIFE = '__blitz_cookie';

/** `new`: flash for the next request; `old`: flash for this one; a number: temporary until then, seconds since 1970. */
export type Mark = 'new' | 'old' | number;

/** In milliseconds; null: until the browser closes, and on the server as configured. */
export interface OwnLife {
  readonly life: number | null;
  /** When it ends if nobody comes, milliseconds since 1970. */
  readonly until: number | null;
}

export function ownLife(values: Values): OwnLife | undefined {
  return Object.hasOwn(values, LIFE) ? (values[LIFE] as OwnLife) : undefined;
}

/** Lets a life of its own begin anew with a request, when a tenth of it is over. Whether it did. */
export function prolong(values: Values, now: number): boolean {
  const own = ownLife(values);
  if (own === undefined || own.life === null || own.until === null) return false;
  if (own.until - now > own.life * 0.9) return false;
  values[LIFE] = { life: own.life, until: now + own.life };
  return true;
}

type Kind = 'flash' | 'temp';

/** Keys that belong to the session itself, not to the user. */
export function isInternal(key: string): boolean {
  return key === TOKEN || key.startsWith('__blitz_');
}

/** The marks, or an empty object that is not part of the values. */
function marksOf(values: Values): Record<string, Mark> {
  const marks = Object.hasOwn(values, VARS) ? values[VARS] : undefined;
  return typeof marks === 'object' && marks !== null ? (marks as Record<string, Mark>) : {};
}

export function markOf(values: Values, key: string): Mark | undefined {
  const marks = marksOf(values);
  return Object.hasOwn(marks, key) ? marks[key] : undefined;
}

/** A copy of all marks. */
export function marksIn(values: Values): Record<string, Mark> {
  return { ...marksOf(values) };
}

export function setMark(values: Values, key: string, mark: Mark): void {
  const marks = marksOf(values);
  Object.defineProperty(marks, key, { value: mark, enumerable: true, configurable: true, writable: true });
  values[VARS] = marks;
}

export function removeMark(values: Values, key: string): void {
  if (!Object.hasOwn(values, VARS)) return;
  const marks = marksOf(values);
  delete marks[key];
  for (const _ in marks) return;
  delete values[VARS];
}

/** Removes the marks of `key` and of everything below it. */
export function removeMarksUnder(values: Values, key: string): void {
  if (!Object.hasOwn(values, VARS)) return;
  for (const marked of Object.keys(marksOf(values))) {
    if (marked === key || marked.startsWith(`${key}.`)) removeMark(values, marked);
  }
}

/** The marked keys of one kind whose mark is there, with or without a value. */
export function markedKeys(values: Values, kind: Kind): string[] {
  if (!Object.hasOwn(values, VARS)) return [];
  const wanted = kind === 'temp' ? 'number' : 'string';
  return Object.entries(marksOf(values)).flatMap(([key, mark]) => (typeof mark === wanted ? [key] : []));
}

/**
 * What happens when a request opens the session: flash values of the last request become this one's, those of this one
 * and temporary values whose time is over go, and so does a mark without a value. A temporary value lives through the
 * whole second in which it ends, as in PHP.
 */
export function ageVars(values: Values, nowSeconds: number): void {
  if (!Object.hasOwn(values, VARS)) return;
  const marks = marksOf(values);
  for (const key of lastFirst(Object.keys(marks))) {
    const mark = marks[key];
    if (mark === 'old' || (typeof mark === 'number' && mark < nowSeconds)) {
      removePath(values, key);
      removeMark(values, key);
    } else if (getPath(values, key) === MISSING || (mark !== 'new' && typeof mark !== 'number')) {
      removeMark(values, key);
    } else if (mark === 'new') {
      setMark(values, key, 'old');
    }
  }
  for (const _ in marksOf(values)) return;
  delete values[VARS];
}

/** The user's own values: without marks, flash, temporary values, token and internals. A new object, values shared. */
export function userValues(values: Values): Values {
  const result: Values = {};
  for (const key of Object.keys(values)) {
    if (!isInternal(key)) assign(result, key, values[key]);
  }
  if (!Object.hasOwn(values, VARS)) return result;
  removeFromCopy(result, Object.keys(marksOf(values)));
  return result;
}

/** Removes paths from a copy without touching the objects that the copy shares with the original. */
export function removeFromCopy(copy: Values, keys: readonly string[]): void {
  for (const key of lastFirst(keys)) {
    if (getPath(copy, key) === MISSING) continue;
    if (!Object.hasOwn(copy, key)) ownParents(copy, key.split('.').slice(0, -1));
    removePath(copy, key);
  }
}

function ownParents(copy: Values, segments: readonly string[]): void {
  let parent = copy;
  for (const segment of segments) {
    const inner = parent[segment];
    const cloned = (Array.isArray(inner) ? [...inner] : { ...(inner as Values) }) as Values;
    assign(parent, segment, cloned);
    parent = cloned;
  }
}
