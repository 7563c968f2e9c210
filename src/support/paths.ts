import type { Values } from '../contracts/session.js';

/** What `getPath` answers when nothing is stored; no stored value is ever equal to it. */
export const MISSING: unique symbol = Symbol('missing');

/** Why `setPath` changed nothing: at the path `at` it needs `expected` and there is `found` (never the value itself). */
export interface Blocked {
  readonly at: string;
  readonly expected: string;
  readonly found: string;
}

/** Empty lists that may as well be objects: the empty array of PHP is both. A path through a name makes objects of them. */
export const emptyLists: WeakSet<object> = new WeakSet<object>();

type Container = Values | unknown[];

const INDEX = /^(?:0|[1-9]\d{0,9})$/;

/**
 * The value under a dotted path, or `MISSING`. An exact top-level key wins, else the path is walked through
 * plain objects and lists (`items.0`); Map, Date and other objects are not entered. Only own properties
 * count: `__proto__`, `constructor` and `prototype` are keys like any other. A top-level key allocates nothing.
 */
export function getPath(values: Values, key: string): unknown {
  if (Object.hasOwn(values, key)) return values[key];
  const dot = key.indexOf('.');
  return dot === -1 ? MISSING : walk(values, key, dot);
}

/**
 * Stores under a dotted path; undefined when done. An exact top-level key wins. Missing parents, and parents
 * that are null or undefined, become plain objects (also before a number), and so does PHP's empty array before a name. A list takes an index up to its
 * length, so that it never gets holes. Any other parent (a string, a Date …) is never replaced: then nothing
 * has changed and the answer says what stands in the way.
 */
export function setPath(values: Values, key: string, value: unknown): Blocked | undefined {
  if (!key.includes('.') || Object.hasOwn(values, key)) {
    assign(values, key, value);
    return undefined;
  }
  const segments = key.split('.');
  const last = segments.length - 1;
  let parent: Container = values;
  for (let depth = 0; ; depth++) {
    const segment = segments[depth]!;
    if (Array.isArray(parent) && !(INDEX.test(segment) && Number(segment) <= parent.length)) {
      return blocked(segments, depth, `0..${parent.length}`, parent);
    }
    if (depth === last) {
      assign(parent, segment, value);
      return undefined;
    }
    let next = read(parent, segment);
    if (
      Array.isArray(next) &&
      next.length === 0 &&
      emptyLists.has(next) &&
      !INDEX.test(segments[depth + 1]!)
    ) {
      next = {};
      assign(parent, segment, next);
    }
    if (next === MISSING || next === null || next === undefined) {
      assign(parent, segment, nested(segments, depth + 1, value));
      return undefined;
    }
    if (!isContainer(next)) return blocked(segments, depth + 1, 'object', next);
    parent = next;
  }
}

/**
 * Deletes what is stored under a dotted path and says whether there was anything. An exact top-level key wins.
 * Parents stay, also when they become empty; the elements behind a removed one move up.
 */
export function removePath(values: Values, key: string): boolean {
  if (Object.hasOwn(values, key)) return delete values[key];
  const dot = key.lastIndexOf('.');
  if (dot === -1) return false;
  const first = key.indexOf('.');
  const parent = first === dot ? own(values, key.slice(0, dot)) : walk(values, key.slice(0, dot), first);
  if (!isContainer(parent)) return false;
  const segment = key.slice(dot + 1);
  if (read(parent, segment) === MISSING) return false;
  if (Array.isArray(parent)) parent.splice(Number(segment), 1);
  else delete parent[segment];
  return true;
}

/** Paths in an order in which removing one moves none of the others: of a list, the last elements first. */
export function lastFirst(keys: readonly string[]): readonly string[] {
  return keys.length < 2 ? keys : keys.toSorted((a, b) => b.length - a.length || (a < b ? 1 : -1));
}

function walk(values: Values, key: string, dot: number): unknown {
  let found: unknown = own(values, key.slice(0, dot));
  for (let from = dot + 1, to = 0; to !== -1; from = to + 1) {
    if (!isContainer(found)) return MISSING;
    to = key.indexOf('.', from);
    found = read(found, to === -1 ? key.slice(from) : key.slice(from, to));
  }
  return found;
}

/** A list's `length` and named properties are not elements. */
function read(parent: Container, segment: string): unknown {
  return Array.isArray(parent) && !INDEX.test(segment) ? MISSING : own(parent as Values, segment);
}

function own(values: Values, key: string): unknown {
  return Object.hasOwn(values, key) ? values[key] : MISSING;
}

/** Sets a key that is not a path; defines what an inherited setter (`__proto__`) would otherwise catch. */
export function assign(parent: Container, key: string, value: unknown): void {
  if (Object.hasOwn(parent, key) || !(key in parent)) (parent as Values)[key] = value;
  else Object.defineProperty(parent, key, { value, writable: true, enumerable: true, configurable: true });
}

function nested(segments: readonly string[], from: number, value: unknown): unknown {
  let inner = value;
  for (let i = segments.length - 1; i >= from; i--) {
    const outer: Values = {};
    assign(outer, segments[i]!, inner);
    inner = outer;
  }
  return inner;
}

/** A list or a plain object, also of another realm. */
export function isContainer(value: unknown): value is Container {
  if (typeof value !== 'object' || value === null) return false;
  if (Array.isArray(value)) return true;
  const prototype: unknown = Object.getPrototypeOf(value);
  // The last case is the Object.prototype of another realm (vm, Jest).
  return (
    prototype === Object.prototype ||
    prototype === null ||
    Object.getPrototypeOf(prototype as object) === null
  );
}

function blocked(segments: readonly string[], depth: number, expected: string, found: unknown): Blocked {
  const kind = typeof found === 'object' ? Object.prototype.toString.call(found).slice(8, -1) : typeof found;
  return { at: segments.slice(0, depth).join('.'), expected, found: kind };
}
