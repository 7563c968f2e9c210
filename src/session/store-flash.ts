import type { Default, Values } from '../contracts/session.js';
import type {
  DefaultFor,
  Known,
  SessionKeys,
  SessionValue,
  SessionValues,
} from '../contracts/session-paths.js';
import { BlitzError } from '../errors.js';
import { assign, getPath, MISSING, removePath } from '../support/paths.js';
import { list, pairsOf, StoreData } from './store-data.js';
import { type Mark, markedKeys, markOf, marksIn, removeMark, setMark } from './vars.js';

const OLD_INPUT = '_old_input';
const ERRORS = 'errors';
const DEFAULT_DELAY = 300;

/** Flash values (this request and the next one) and temporary values (until their own delay is over). */
export class StoreFlash extends StoreData {
  /** Keeps a value for this request and the next one. (BlitzPHP: Store::flash.) */
  flash<V extends Values>(values: V & SessionValues<V>): void;
  flash<K extends string>(key: K, value?: SessionValue<K>): void;
  flash(key: string | Values, value: unknown = true): void {
    this.#mark('flash', key, value, 'new');
  }

  /** Keeps a value for this request only. (BlitzPHP: Store::now.) */
  now<V extends Values>(values: V & SessionValues<V>): void;
  now<K extends string>(key: K, value: SessionValue<K>): void;
  now(key: string | Values, value?: unknown): void {
    this.#mark('now', key, value, 'old');
  }

  /** Keeps every flash value for one more request. (BlitzPHP: Store::reflash.) */
  reflash(): void {
    this.keep(this.getFlashKeys());
  }

  /** Keeps the named flash values for one more request; other keys are ignored. (BlitzPHP: Store::keep.) */
  keep(keys: SessionKeys): void {
    this.session.willChange('keep');
    const { values } = this.session;
    for (const key of list(keys)) {
      if (typeof markOf(values, key) === 'string') setMark(values, key, 'new');
    }
  }

  /** The value of a flash key, or every flash value by its key. Changes nothing. (BlitzPHP: Store::getFlashdata.) */
  getFlashdata(): Values;
  getFlashdata<const K extends string>(key: K & Known<K>): SessionValue<K> | undefined;
  getFlashdata<T = unknown>(key: string): T | undefined;
  getFlashdata(key?: string): unknown {
    return key === undefined ? this.#marked('flash') : this.flashed(key);
  }

  /** The value of a flash key, or the default; without a key every flash value. (BlitzPHP: Store::flashed.) */
  flashed(): Values;
  flashed<const K extends string>(key: K & Known<K>): SessionValue<K> | undefined;
  flashed<T = unknown>(key: string): T | undefined;
  flashed<const K extends string>(key: K & Known<K>, fallback: DefaultFor<K>): SessionValue<K>;
  flashed<T>(key: string, fallback: Default<T>): T;
  flashed(key?: string, fallback?: unknown): unknown {
    if (key === undefined) return this.#marked('flash');
    if (typeof markOf(this.session.values, key) === 'string') return this.get(key, fallback);
    return typeof fallback === 'function' ? fallback() : fallback;
  }

  /** The value of a flash key, which is removed. (BlitzPHP: Store::pullFlash.) */
  pullFlash<const K extends string>(key: K & Known<K>): SessionValue<K> | undefined;
  pullFlash<T = unknown>(key: string, fallback?: Default<T>): T | undefined;
  pullFlash(key: string, fallback?: unknown): unknown {
    this.session.willChange('pullFlash');
    const value = this.flashed<unknown>(key, fallback);
    if (typeof markOf(this.session.values, key) === 'string') this.#forget(key);
    return value;
  }

  /** As `flash`. (CodeIgniter: setFlashdata.) */
  setFlashdata<V extends Values>(values: V & SessionValues<V>): void;
  setFlashdata<K extends string>(key: K, value?: SessionValue<K>): void;
  setFlashdata(key: string | Values, value: unknown = true): void {
    this.#mark('setFlashdata', key, value, 'new');
  }

  /** As `keep`. (CodeIgniter: keepFlashdata.) */
  keepFlashdata(keys: SessionKeys): void {
    this.keep(keys);
  }

  /** Makes values that are there flash values; false, and no change, when one of them is absent. */
  markAsFlashdata(keys: SessionKeys): boolean {
    this.session.willChange('markAsFlashdata');
    return this.#markExisting(list(keys).map((key) => [key, 'new']));
  }

  /** Makes flash values ordinary ones. */
  unmarkFlashdata(keys: SessionKeys): void {
    this.#unmark('unmarkFlashdata', keys, 'string');
  }

  /** The keys of all flash values. */
  getFlashKeys(): string[] {
    return markedKeys(this.session.values, 'flash');
  }

  /**
   * Every flash and temporary key with its mark: `new`, kept for the next request; `old`, for this one only; a number, a
   * temporary value's end in seconds since 1970. For pages that show what a session holds.
   */
  marks(): Readonly<Record<string, Mark>> {
    return marksIn(this.session.values);
  }

  /** Keeps what a form sent, for `getOldInput` in the next request. (BlitzPHP: Store::flashInput.) */
  flashInput(values: Values): void {
    this.#mark('flashInput', OLD_INPUT, values, 'new');
  }

  /** What a form sent last time; a field of it (dotted path) or everything. (BlitzPHP: Store::getOldInput.) */
  getOldInput(): Values;
  getOldInput<T = unknown>(key: string): T | undefined;
  getOldInput<T>(key: string, fallback: Default<T>): T;
  getOldInput(key?: string, fallback?: unknown): unknown {
    const input = this.get<Values>(OLD_INPUT, {});
    if (key === undefined) return input;
    const value = getPath(input, key);
    if (value !== MISSING) return value;
    return typeof fallback === 'function' ? fallback() : fallback;
  }

  /** Whether a field, or anything at all, was kept by `flashInput`. */
  hasOldInput(key?: string): boolean {
    const input = this.getOldInput();
    if (key === undefined) return Object.keys(input).length > 0;
    const value = getPath(input, key);
    return value !== MISSING && value !== null && value !== undefined;
  }

  /** Keeps error messages for the next request, under `errors` and the name of a form. (BlitzPHP: Store::flashErrors.) */
  flashErrors(errors: string | readonly unknown[] | Values, key = 'default'): void {
    const bag = this.get<unknown>(ERRORS);
    const known = typeof bag === 'object' && bag !== null && !Array.isArray(bag) ? bag : {};
    this.#mark(
      'flashErrors',
      ERRORS,
      { ...known, [key]: typeof errors === 'string' ? [errors] : errors },
      'new',
    );
  }

  /**
   * Keeps a value for `seconds` (0 or absent: 300), however long the session lives. The delay is judged when a request
   * opens the session. (BlitzPHP: Store::temp.)
   */
  temp<V extends Values>(values: V & SessionValues<V>, value?: null, seconds?: number): void;
  temp<K extends string>(key: K, value: SessionValue<K>, seconds?: number): void;
  temp(key: string | Values, value?: unknown, seconds = DEFAULT_DELAY): void {
    this.#mark('temp', key, value, this.#until(seconds));
  }

  /** As `temp`. (CodeIgniter: setTempdata.) */
  setTempdata<V extends Values>(values: V & SessionValues<V>, value?: null, seconds?: number): void;
  setTempdata<K extends string>(key: K, value: SessionValue<K>, seconds?: number): void;
  setTempdata(key: string | Values, value?: unknown, seconds = DEFAULT_DELAY): void {
    this.#mark('setTempdata', key, value, this.#until(seconds));
  }

  /** The value of a temporary key, or every temporary value by its key. */
  getTempdata(): Values;
  getTempdata<const K extends string>(key: K & Known<K>): SessionValue<K> | undefined;
  getTempdata<T = unknown>(key: string): T | undefined;
  getTempdata(key?: string): unknown {
    if (key === undefined) return this.#marked('temp');
    return typeof markOf(this.session.values, key) === 'number' ? this.get(key) : undefined;
  }

  /** Removes a temporary value and its mark. */
  removeTempdata(keys: SessionKeys): void {
    this.session.willChange('removeTempdata');
    for (const key of list(keys)) {
      if (typeof markOf(this.session.values, key) === 'number') this.#forget(key);
    }
  }

  /**
   * Makes values that are there temporary, for `seconds` or, with an object, each for its own number of seconds;
   * false, and no change, when one of them is absent.
   */
  markAsTempdata(
    keys: SessionKeys | Readonly<Record<string, number>>,
    seconds: number = DEFAULT_DELAY,
  ): boolean {
    this.session.willChange('markAsTempdata');
    const pairs: [string, number][] =
      typeof keys === 'string' || Array.isArray(keys)
        ? list(keys as SessionKeys).map((key) => [key, seconds])
        : Object.entries(keys as Readonly<Record<string, number>>);
    return this.#markExisting(pairs.map(([key, delay]) => [key, this.#until(delay)]));
  }

  /** Makes temporary values ordinary ones. */
  unmarkTempdata(keys: SessionKeys): void {
    this.#unmark('unmarkTempdata', keys, 'number');
  }

  /** The keys of all temporary values. */
  getTempKeys(): string[] {
    return markedKeys(this.session.values, 'temp');
  }

  #until(seconds: number): number {
    if (!Number.isFinite(seconds)) {
      const details = { call: 'temp', key: 'seconds', expected: 'number', found: String(seconds) };
      throw new BlitzError('E_SESSION_TYPE', { details });
    }
    return this.session.seconds() + (seconds === 0 ? DEFAULT_DELAY : Math.ceil(seconds));
  }

  #mark(call: string, key: string | Values, value: unknown, mark: Mark): void {
    this.store(call, key, value);
    for (const [name] of pairsOf(key, value)) setMark(this.session.values, name, mark);
  }

  #markExisting(pairs: readonly (readonly [string, Mark])[]): boolean {
    if (pairs.some(([key]) => getPath(this.session.values, key) === MISSING)) return false;
    for (const [key, mark] of pairs) setMark(this.session.values, key, mark);
    return true;
  }

  #unmark(call: string, keys: SessionKeys, kind: 'string' | 'number'): void {
    this.session.willChange(call);
    for (const key of list(keys)) {
      const mark = typeof markOf(this.session.values, key);
      if (mark === kind) removeMark(this.session.values, key);
    }
  }

  #forget(key: string): void {
    removePath(this.session.values, key);
    removeMark(this.session.values, key);
  }

  #marked(kind: 'flash' | 'temp'): Values {
    const result: Values = {};
    for (const key of markedKeys(this.session.values, kind)) {
      const value = this.get(key, MISSING);
      if (value !== MISSING) assign(result, key, value);
    }
    return result;
  }
}
