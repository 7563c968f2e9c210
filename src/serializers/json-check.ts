import { types } from 'node:util';
import { BlitzError } from '../errors.js';
import { MAX_DEPTH } from './json-plain.js';

/**
 * Throws `E_SESSION_VALUE` when `value`, or anything in it, would not come back equal and with its type. The
 * error names the dotted path below `key` (`user.avatar`) and the sort of thing that was found, never the value.
 */
export function checkValue(key: string, value: unknown): void {
  if (value === null || typeof value === 'string' || typeof value === 'number') return;
  new Check([key], key.split('.').length).value(value);
}

/** As `checkValue`, for all values of a session. */
export function checkValues(values: object): void {
  new Check([], 0).root(values);
}

class Check {
  /** The containers around the value that is looked at. */
  readonly #around: object[] = [];
  readonly #path: string[];
  #depth: number;

  constructor(path: string[], depth: number) {
    this.#path = path;
    this.#depth = depth;
  }

  root(values: unknown): void {
    if (!isRecord(values)) this.#refuse(describe(values));
    this.#inside(values, () => this.#members(values));
  }

  value(value: unknown): void {
    if (typeof value === 'function' || typeof value === 'symbol') this.#refuse(typeof value);
    if (typeof value !== 'object' || value === null) return;
    if (isRecord(value)) this.#inside(value, () => this.#members(value));
    else if (isExactly(value, 'Array')) this.#inside(value, () => this.#elements(value as unknown[]));
    else if (types.isMap(value) && isExactly(value, 'Map')) this.#inside(value, () => this.#entries(value));
    else if (types.isSet(value) && isExactly(value, 'Set')) this.#inside(value, () => this.#entries(value));
    else if (types.isDate(value) && isExactly(value, 'Date')) this.#bare(value, 'Date');
    else if (!isBytes(value)) this.#refuse(describe(value));
  }

  /** Cycles end here: the path is finite, so they lead through a container that is around already. */
  #inside(container: object, look: () => void): void {
    if (this.#around.includes(container)) this.#refuse('cycle');
    if (this.#depth > MAX_DEPTH) this.#refuse(`more than ${MAX_DEPTH} levels`);
    this.#around.push(container);
    this.#depth++;
    look();
    this.#depth--;
    this.#around.pop();
  }

  #at(segment: string | number, value: unknown): void {
    this.#path.push(String(segment));
    this.value(value);
    this.#path.pop();
  }

  #members(object: object): void {
    for (const key of Reflect.ownKeys(object)) {
      if (typeof key === 'symbol') this.#refuse('symbol key');
      const property = Object.getOwnPropertyDescriptor(object, key);
      if (property === undefined) continue;
      if (!('value' in property)) this.#refuse('getter', key);
      if (!property.enumerable) this.#refuse('hidden property', key);
      this.#at(key, property.value);
    }
  }

  #elements(list: readonly unknown[]): void {
    for (let i = 0; i < list.length; i++) {
      if (!Object.hasOwn(list, i)) this.#refuse('sparse list');
      this.#at(i, list[i]);
    }
    if (Object.getOwnPropertySymbols(list).length > 0) this.#refuse('symbol key');
    if (Object.getOwnPropertyNames(list).length !== list.length + 1)
      this.#refuse('list with named properties');
  }

  /** Entries are named by position: a Map's keys are data, and data does not belong in a message. */
  #entries(collection: Map<unknown, unknown> | Set<unknown>): void {
    this.#bare(collection, types.isMap(collection) ? 'Map' : 'Set');
    let position = 0;
    for (const [key, value] of collection.entries()) {
      this.#at(position, key);
      if (value !== key) this.#at(position, value);
      position++;
    }
  }

  #bare(object: object, name: string): void {
    if (Reflect.ownKeys(object).length > 0) this.#refuse(`${name} with properties`);
  }

  #refuse(found: string, key?: string): never {
    const path = (key === undefined ? this.#path : [...this.#path, key]).join('.');
    const short = path.length > 200 ? `${path.slice(0, 200)}…` : path;
    throw new BlitzError('E_SESSION_VALUE', { details: { key: short, found } });
  }
}

/** An object literal, one without a prototype, or one of another realm (vm, Jest). */
export function isRecord(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  const prototype: object | null = Object.getPrototypeOf(value);
  return (
    prototype === null ||
    prototype === Object.prototype ||
    (Object.getPrototypeOf(prototype) === null && constructorName(prototype) === 'Object')
  );
}

/** An instance of the built-in class itself, of this realm or another, not of a class that extends it. */
function isExactly(value: object, name: 'Array' | 'Map' | 'Set' | 'Date'): boolean {
  if (name === 'Array' && !Array.isArray(value)) return false;
  const prototype: object | null = Object.getPrototypeOf(value);
  if (prototype === null || constructorName(prototype) !== name) return false;
  const base: object | null = Object.getPrototypeOf(prototype);
  return base !== null && Object.getPrototypeOf(base) === null;
}

/** Named properties of byte arrays are not looked for: that would make a string of every index. */
function isBytes(value: object): boolean {
  if (!types.isUint8Array(value)) return false;
  const prototype: object = Object.getPrototypeOf(value);
  if (prototype === Buffer.prototype || prototype === Uint8Array.prototype) return true;
  return (
    constructorName(prototype) === 'Uint8Array' &&
    constructorName(Object.getPrototypeOf(prototype)) === 'TypedArray'
  );
}

function describe(value: unknown): string {
  if (typeof value !== 'object' || value === null) return value === null ? 'null' : typeof value;
  const prototype: object | null = Object.getPrototypeOf(value);
  const name = prototype === null ? '' : constructorName(prototype).slice(0, 64);
  if (types.isBoxedPrimitive(value)) return `boxed ${name}`;
  if (types.isTypedArray(value) && !types.isUint8Array(value)) return 'other typed array';
  return name === '' ? 'object with another prototype' : `class ${name}`;
}

/** Read without running user code; inherited through prototypes made by hand. */
function constructorName(prototype: object): string {
  const found: unknown = Object.getOwnPropertyDescriptor(prototype, 'constructor')?.value;
  if (typeof found !== 'function') return '';
  const name: unknown = Object.getOwnPropertyDescriptor(found, 'name')?.value;
  return typeof name === 'string' ? name : '';
}
