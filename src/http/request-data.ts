import type { Default, Keys, Values } from '../contracts/session.js';
import { getPath, isContainer, lastFirst, MISSING, removePath, setPath } from '../support/paths.js';

const TRUE: ReadonlySet<unknown> = new Set([true, 1, '1', 'true', 'on', 'yes']);

/** What a request carries as data: the query and the body. Keys may be dotted paths. (BlitzPHP: InteractsWithInput.) */
export abstract class RequestData {
  #input: Values | undefined;

  /** The body: an object for forms and JSON, text for `text/plain`, undefined when there is none. */
  abstract get body(): unknown;
  protected abstract readonly queryValues: Values;

  /** A value of the body or the query, the body first; without a key `all()`. */
  input(): Values;
  input<T = unknown>(key: string): T | undefined;
  input<T>(key: string, fallback: Default<T>): T;
  input(key?: string, fallback?: unknown): unknown {
    return pick(this.#all(), key, fallback);
  }

  /** A value of the query string, or all of them. */
  query(): Values;
  query<T = unknown>(key: string): T | undefined;
  query<T>(key: string, fallback: Default<T>): T;
  query(key?: string, fallback?: unknown): unknown {
    return pick(this.queryValues, key, fallback);
  }

  /** A value of the body, or all of them. */
  post(): Values;
  post<T = unknown>(key: string): T | undefined;
  post<T>(key: string, fallback: Default<T>): T;
  post(key?: string, fallback?: unknown): unknown {
    return pick(isValues(this.body) ? this.body : {}, key, fallback);
  }

  /** Everything that the query and the body carry; the body wins. */
  all(): Values {
    return { ...this.#all() };
  }

  /** The named values, as far as they are there. */
  only(keys: Keys): Values {
    const part: Values = {};
    for (const key of list(keys)) {
      const value = this.#get(key);
      if (value !== MISSING) setPath(part, key, value);
    }
    return part;
  }

  /** `all()` without the named values. */
  except(keys: Keys): Values {
    const rest = this.all();
    for (const key of lastFirst(list(keys))) {
      const [top = ''] = key.split('.', 1);
      // What is inside belongs to the input too, which stays as it is.
      if (top !== key && !Object.hasOwn(rest, key) && isContainer(rest[top])) {
        rest[top] = structuredClone(rest[top]);
      }
      removePath(rest, key);
    }
    return rest;
  }

  /** Whether every key is there, whatever its value. */
  has(keys: Keys): boolean {
    return list(keys).every((key) => this.#get(key) !== MISSING);
  }

  /** Whether one of the keys is there. */
  hasAny(keys: Keys): boolean {
    return list(keys).some((key) => this.#get(key) !== MISSING);
  }

  /** Not `has`. */
  missing(keys: Keys): boolean {
    return !this.has(keys);
  }

  /** Whether every key is there with more than blanks, null, or an empty list or object. */
  filled(keys: Keys): boolean {
    return list(keys).every((key) => isFilled(this.#get(key)));
  }

  /** A value as text; what is no text, number or boolean is the default. */
  string(key: string, fallback = ''): string {
    const value = this.input(key);
    return ['string', 'number', 'boolean'].includes(typeof value) ? String(value) : fallback;
  }

  /** A value as a whole number, or the default where it is none. */
  integer(key: string, fallback = 0): number {
    const text = this.string(key).trim();
    // `+ 0`: there is no zero below zero among whole numbers.
    return /^[+-]?\d+$/.test(text) && Number.isSafeInteger(Number(text)) ? Number(text) + 0 : fallback;
  }

  /** Whether a value says yes: `1`, `true`, `on`, `yes`. */
  boolean(key: string): boolean {
    const value = this.input(key);
    return TRUE.has(typeof value === 'string' ? value.trim().toLowerCase() : value);
  }

  #get(key: string): unknown {
    return getPath(this.#all(), key);
  }

  #all(): Values {
    this.#input ??= { ...this.queryValues, ...(isValues(this.body) ? this.body : {}) };
    return this.#input;
  }
}

function pick(values: Values, key: string | undefined, fallback: unknown): unknown {
  if (key === undefined) return { ...values };
  const value = getPath(values, key);
  if (value !== MISSING) return value;
  return typeof fallback === 'function' ? fallback() : fallback;
}

function isFilled(value: unknown): boolean {
  if (value === MISSING || value === null || value === undefined) return false;
  if (typeof value === 'string') return value.trim() !== '';
  return !isContainer(value) || Object.keys(value).length > 0;
}

function isValues(body: unknown): body is Values {
  return typeof body === 'object' && body !== null && !Array.isArray(body) && !Buffer.isBuffer(body);
}

function list(keys: Keys): readonly string[] {
  return typeof keys === 'string' ? [keys] : keys;
}
