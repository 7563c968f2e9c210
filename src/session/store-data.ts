import type { Awaitable, Default, SessionData, Values } from '../contracts/session.js';
import type {
  Appended,
  Countable,
  DefaultFor,
  Known,
  Remembered,
  SessionKeys,
  SessionValue,
  SessionValues,
} from '../contracts/session-paths.js';
import { BlitzError } from '../errors.js';
import { assign, getPath, lastFirst, MISSING, removePath, setPath } from '../support/paths.js';
import { isThenable } from '../support/thenable.js';
import { isInternal, removeFromCopy, removeMarksUnder, userValues, VARS } from './vars.js';

/** What a store needs of the session behind it. */
export interface StoreSession {
  /** The values in memory. */
  readonly values: Values;
  /** Must be called before a change; throws `E_SESSION_CLOSED` or `E_SESSION_READ_ONLY`. */
  willChange(call: string): void;
  /** A value that can be changed in place has been handed out. */
  exposed(): void;
  /** Throws `E_SESSION_VALUE` when the value could not come back from the store. */
  check(key: string, value: unknown): void;
  /** Seconds since 1970. */
  seconds(): number;
}

/** Reading and writing. SessionKeys may be dotted paths; an exact top-level key wins. (BlitzPHP: Session\Store.) */
export class StoreData {
  protected readonly session: StoreSession;

  constructor(session: StoreSession) {
    this.session = session;
  }

  /** The value under `key`, or the default when the key is absent; a stored `null` is `null`. Without a key: `all()`. */
  get(): Values;
  get<K extends keyof SessionData>(key: K): SessionData[K] | undefined;
  get<const K extends string>(key: K & Known<K>): SessionValue<K> | undefined;
  get<T = unknown>(key: string): T | undefined;
  get<const K extends string>(key: K & Known<K>, fallback: DefaultFor<K>): SessionValue<K>;
  get<const K extends string, F>(key: K & Known<K>, fallback: Default<F>): SessionValue<K> | F;
  get<T>(key: string, fallback: Default<T>): T;
  get(key?: string, fallback?: unknown): unknown {
    if (key === undefined) return this.all();
    const value = getPath(this.session.values, key);
    if (value === MISSING) return typeof fallback === 'function' ? fallback() : fallback;
    if (typeof value === 'object' && value !== null) this.session.exposed();
    return value;
  }

  /** Every value that the user stored, without flash and temporary values, the token and internals. */
  all(): Values {
    this.session.exposed();
    return userValues(this.session.values);
  }

  /** Whether every key is present and not null. */
  has(keys: SessionKeys): boolean {
    return list(keys).every((key) => isThere(getPath(this.session.values, key)));
  }

  /** Whether every key is present, null included. */
  exists(keys: SessionKeys): boolean {
    return list(keys).every((key) => getPath(this.session.values, key) !== MISSING);
  }

  /** Whether a key is absent: the contrary of `exists`. */
  missing(keys: SessionKeys): boolean {
    return !this.exists(keys);
  }

  /** Whether at least one key is present and not null. */
  hasAny(keys: SessionKeys): boolean {
    return list(keys).some((key) => isThere(getPath(this.session.values, key)));
  }

  /**
   * Stores a value, or every value of an object; a list of names stores null under each. A flash or temporary key
   * becomes an ordinary one. Throws `E_SESSION_VALUE` for what cannot come back.
   */
  put<V extends Values>(values: V & SessionValues<V>): void;
  put(keys: readonly string[]): void;
  put<K extends string>(key: K, value: SessionValue<K>): void;
  put(key: string | readonly string[] | Values, value?: unknown): void {
    this.store('put', key, value);
  }

  /** As `put`. */
  set<V extends Values>(values: V & SessionValues<V>): void;
  set(keys: readonly string[]): void;
  set<K extends string>(key: K, value: SessionValue<K>): void;
  set(key: string | readonly string[] | Values, value?: unknown): void {
    this.store('set', key, value);
  }

  /** Appends to a list; an absent key starts one. Throws `E_SESSION_TYPE` when something else is there. */
  push<K extends string>(key: K, value: Appended<K>): void;
  push(key: string, value: unknown): void {
    const current = getPath(this.session.values, key);
    if (current === MISSING || current === null || current === undefined) {
      this.store('push', key, [value]);
      return;
    }
    if (!Array.isArray(current)) throw unexpected('push', key, 'list', current);
    this.session.willChange('push');
    this.session.check(`${key}.${current.length}`, value);
    current.push(value);
  }

  /** The value under `key`, which is removed. */
  pull<K extends keyof SessionData>(key: K): SessionData[K] | undefined;
  pull<const K extends string>(key: K & Known<K>): SessionValue<K> | undefined;
  pull<const K extends string>(key: K & Known<K>, fallback: DefaultFor<K>): SessionValue<K>;
  pull<T = unknown>(key: string, fallback?: Default<T>): T | undefined;
  pull(key: string, fallback?: unknown): unknown {
    this.session.willChange('pull');
    const value = this.get(key, fallback);
    this.remove(key);
    return value;
  }

  /** Adds to a number and returns the new value; an absent key counts as 0. Throws `E_SESSION_TYPE`. */
  increment<const K extends string>(key: K & Countable<K>, by?: number): number;
  increment(key: string, by = 1): number {
    return this.#add('increment', key, by);
  }

  /** Subtracts from a number and returns the new value; an absent key counts as 0. Throws `E_SESSION_TYPE`. */
  decrement<const K extends string>(key: K & Countable<K>, by?: number): number;
  decrement(key: string, by = 1): number {
    return this.#add('decrement', key, -by);
  }

  #add(call: string, key: string, by: number): number {
    this.session.willChange(call);
    const current = getPath(this.session.values, key);
    const number = current === MISSING || current === null || current === undefined ? 0 : numeric(current);
    if (number === undefined) throw unexpected(call, key, 'number', current);
    if (typeof by !== 'number') throw unexpected(call, key, 'by: number', by);
    const result = number + by;
    if (current === MISSING) {
      this.store(call, key, result);
    } else {
      this.session.check(key, result);
      write(call, this.session.values, key, result);
    }
    return result;
  }

  /** The value under `key`; computed, stored and returned when it is absent or null. `compute` may be async. */
  remember<const K extends string>(
    key: K & Known<K>,
    compute: () => PromiseLike<Remembered<K>>,
  ): Promise<Remembered<K>>;
  remember<const K extends string>(key: K & Known<K>, compute: () => Remembered<K>): Remembered<K>;
  remember<T>(key: string, compute: () => PromiseLike<T>): Promise<T>;
  remember<T>(key: string, compute: () => T): T;
  remember<T>(key: string, compute: () => Awaitable<T>): Awaitable<T> {
    const current = this.get<T>(key);
    if (current !== undefined && current !== null) return current;
    const keep = (value: T): T => {
      this.store('remember', key, value);
      return value;
    };
    const value = compute();
    return isThenable(value) ? Promise.resolve(value as PromiseLike<T>).then(keep) : keep(value as T);
  }

  /** The named parts of `all()`. */
  only(keys: SessionKeys): Values {
    return partsOf(this.all(), keys);
  }

  /** `all()` without the named parts. */
  except(keys: SessionKeys): Values {
    const all = this.all();
    removeFromCopy(all, list(keys));
    return all;
  }

  /** Empties, then puts. */
  replace<V extends Values>(values: V & SessionValues<V>): void;
  replace(values: Values): void {
    const next: Values = {};
    for (const [key, value] of Object.entries(values)) {
      this.session.check(key, value);
      write('replace', next, key, value);
    }
    this.session.willChange('replace');
    this.flush();
    for (const key of Object.keys(next)) assign(this.session.values, key, next[key]);
  }

  /** Empties everything that the user stored, flash and temporary values included; the token and internals stay. */
  flush(except: SessionKeys = []): void {
    this.session.willChange('flush');
    const { values } = this.session;
    const kept = list(except).filter((key) => getPath(values, key) !== MISSING);
    const parts = partsOf(values, kept);
    const marks = { ...(values[VARS] as Values | undefined) };
    for (const key of Object.keys(values)) {
      if (!isInternal(key) || key === VARS) delete values[key];
    }
    for (const key of Object.keys(parts)) assign(values, key, parts[key]);
    const keptMarks = Object.entries(marks).filter(([key]) =>
      kept.some((k) => key === k || key.startsWith(`${k}.`)),
    );
    if (keptMarks.length > 0) values[VARS] = Object.fromEntries(keptMarks);
  }

  /** Deletes. The mark of a flash or temporary key stays until the next request. */
  remove(keys: SessionKeys): void {
    this.session.willChange('remove');
    for (const key of lastFirst([...new Set(list(keys))])) removePath(this.session.values, key);
  }

  protected store(call: string, key: string | readonly string[] | Values, value?: unknown): void {
    const pairs = pairsOf(key, value);
    for (const [name, each] of pairs) this.session.check(name, each);
    this.session.willChange(call);
    for (const [name, each] of pairs) {
      write(call, this.session.values, name, each);
      removeMarksUnder(this.session.values, name);
    }
  }
}

/** `key, value`, a list of names, or an object, as pairs. */
export function pairsOf(key: string | readonly string[] | Values, value: unknown): [string, unknown][] {
  if (typeof key === 'string') return [[key, value]];
  if (typeof key !== 'object' || key === null) throw unexpected('put', String(key), 'key: string', key);
  if (Array.isArray(key)) return key.map((name) => [String(name), null]);
  return Object.entries(key);
}

export function list(keys: SessionKeys): readonly string[] {
  return typeof keys === 'string' ? [keys] : keys;
}

function isThere(value: unknown): boolean {
  return value !== MISSING && value !== null && value !== undefined;
}

function numeric(value: unknown): number | undefined {
  if (typeof value === 'number') return value;
  if (typeof value === 'string' && value.trim() !== '' && Number.isFinite(Number(value)))
    return Number(value);
  return undefined;
}

/** Sets one value that was checked. */
function write(call: string, values: Values, key: string, value: unknown): void {
  const blocked = setPath(values, key, value);
  if (blocked === undefined) return;
  const { at, expected, found } = blocked;
  throw new BlitzError('E_SESSION_TYPE', { details: { call, key: at, expected, found } });
}

/** The named parts, each in the place that it has in `values`. A new object, what is in it is shared. */
function partsOf(values: Values, keys: SessionKeys): Values {
  const parts: Values = {};
  for (const key of list(keys)) {
    const value = getPath(values, key);
    if (Object.hasOwn(values, key)) assign(parts, key, value);
    else if (value !== MISSING) setPath(parts, key, value);
  }
  return parts;
}

function unexpected(call: string, key: string, expected: string, found: unknown): BlitzError {
  const kind = found === null ? 'null' : Array.isArray(found) ? 'list' : typeof found;
  return new BlitzError('E_SESSION_TYPE', { details: { call, key, expected, found: kind } });
}
