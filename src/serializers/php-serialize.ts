import { types } from 'node:util';
import { BlitzError } from '../errors.js';
import { isRecord } from './json-check.js';
import { type Cell, nested, type Origin, origins } from './php-origin.js';
import { bytesOf, floatText, INT64_MAX, INT64_MIN, isIntegerKey, keyBytes } from './php-text.js';
import { MAX_DEPTH } from './php-unserialize.js';
import { isPhpValue, PhpEnum, type PhpObject, PhpSerializable } from './php-values.js';

/** A container that is being written. */
interface Frame {
  readonly container: object;
  readonly keys: readonly string[];
  next: number;
  readonly list: boolean;
  readonly origin: Origin | undefined;
  readonly properties: boolean;
  /** Where the text of a `C:` object begins. */
  readonly from: number;
}

/**
 * Writes what `serialize` of PHP writes. Numbers of references count every value since the writer was made. No
 * recursion. Throws `E_SESSION_VALUE` naming the dotted path of what PHP could not read back; never the value.
 */
export class PhpWriter {
  /** A byte string. */
  out = '';
  #count = 0;
  readonly #path: string[];
  readonly #above: number;
  readonly #known = new Map<object | string, number>();
  readonly #cells = new Map<Cell, { number: number; value: unknown }>();
  readonly #around = new Set<object>();
  readonly #frames: Frame[] = [];

  /** `path`: the keys above the value; `above`: how many arrays they stand for. */
  constructor(path: readonly string[] = [], above: number = path.length) {
    this.#path = [...path];
    this.#above = above;
  }

  /** The value of a member of `container`, under the name that errors call it by. */
  member(container: object, key: string): void {
    const origin = origins.get(container);
    this.#path.push(key);
    this.write(memberOf(container, key, this), isFloat(origin, key), origin?.cells?.get(key));
    this.#path.pop();
  }

  write(value: unknown, float = false, cell?: Cell): void {
    const bottom = this.#frames.length;
    this.#value(value, float, cell);
    while (this.#frames.length > bottom) {
      const frame = this.#frames.at(-1) as Frame;
      if (frame.next === frame.keys.length) this.#close(frame);
      else this.#element(frame, frame.keys[frame.next++] as string);
    }
  }

  refuse(found: string, key?: string): never {
    const frames = this.#frames.flatMap(({ keys, next }) => keys[next - 1] ?? []);
    const path = [...this.#path, ...frames, ...(key === undefined ? [] : [key])].join('.');
    const short = path.length > 200 ? `${path.slice(0, 200)}…` : path;
    throw new BlitzError('E_SESSION_VALUE', { details: { key: short.replace(/\p{Cs}/gu, '\ufffd'), found } });
  }

  #element(frame: Frame, key: string): void {
    const { container, origin } = frame;
    this.#key(frame, key);
    this.#value(memberOf(container, key, this), isFloat(origin, key), origin?.cells?.get(key));
  }

  #key({ list, properties, origin }: Frame, key: string): void {
    if (list || (properties ? origin?.integers?.has(key) : isIntegerKey(key))) {
      this.out += `i:${key};`;
      return;
    }
    const bytes = keyBytes(key);
    if (bytes === undefined) this.refuse('key with a lone surrogate');
    this.out += `s:${bytes.length}:"${bytes}";`;
  }

  #value(value: unknown, float: boolean, cell: Cell | undefined): void {
    this.#count++;
    const reference = cell !== undefined && this.#isReference(cell, value);
    if (typeof value === 'object' && value !== null && isPhpValue(value)) {
      this.#object(value, reference);
      return;
    }
    if (reference) {
      const known = this.#cells.get(cell);
      if (known !== undefined && known.number !== this.#count) {
        this.#count--;
        this.out += `R:${known.number};`;
        return;
      }
    }
    if (typeof value === 'object' && value !== null) this.#container(value);
    else this.out += this.#scalar(value, float);
  }

  /** Whether a place still holds the reference: the first one that is written sets the value for all. */
  #isReference(cell: Cell, value: unknown): boolean {
    const known = this.#cells.get(cell);
    if (known !== undefined) return Object.is(known.value, value);
    this.#cells.set(cell, { number: this.#count, value });
    return true;
  }

  #scalar(value: unknown, float: boolean): string {
    switch (typeof value) {
      case 'string': {
        const bytes = bytesOf(value);
        if (bytes === undefined) this.refuse('text with a lone surrogate');
        return `s:${bytes.length}:"${bytes}";`;
      }
      case 'number':
        if (!float && Number.isSafeInteger(value) && !Object.is(value, -0)) return `i:${value};`;
        return `d:${floatText(value)};`;
      case 'boolean':
        return value ? 'b:1;' : 'b:0;';
      case 'bigint':
        if (value > INT64_MAX || value < INT64_MIN) this.refuse('bigint of more than 64 bits');
        return `i:${value};`;
      default:
        return value === null ? 'N;' : this.refuse(typeof value);
    }
  }

  #object(value: PhpObject | PhpEnum | PhpSerializable, reference: boolean): void {
    const name = this.#bytes(value.className);
    const identity = value instanceof PhpEnum ? `${value.className}:${value.caseName}` : value;
    const known = this.#known.get(identity);
    if (known !== undefined) {
      this.out += `${reference ? 'R' : 'r'}:${known};`;
      if (reference) this.#count--;
      return;
    }
    this.#known.set(identity, this.#count);
    if (value instanceof PhpEnum) {
      const text = `${name}:${this.#bytes(value.caseName)}`;
      this.out += `E:${text.length}:"${text}";`;
    } else if (value instanceof PhpSerializable) {
      this.#custom(value, name);
    } else {
      const keys = this.members(value.properties);
      this.out += `O:${name.length}:"${name}":${keys.length}:{`;
      this.#open(value.properties, keys, false, true);
    }
  }

  #custom(value: PhpSerializable, name: string): void {
    const inner = nested.get(value);
    this.out += `C:${name.length}:"${name}":`;
    if (inner === undefined) {
      if (/[^\x00-\xff]/.test(value.data)) this.refuse('PhpSerializable with more than bytes');
      this.out += `${value.data.length}:{${value.data}}`;
      return;
    }
    this.#open(value, [], false, false, this.out.length);
    this.#value(inner.value, inner.float, inner.cell);
  }

  #bytes(name: string): string {
    return keyBytes(name) ?? this.refuse('name with a lone surrogate');
  }

  #container(value: object): void {
    if (types.isUint8Array(value)) {
      const { buffer, byteOffset, byteLength } = value;
      this.out += `s:${byteLength}:"${Buffer.from(buffer, byteOffset, byteLength).toString('latin1')}";`;
      return;
    }
    const array = Array.isArray(value);
    if (!array && !isRecord(value)) this.refuse(describe(value));
    if (this.#around.has(value)) this.refuse('cycle');
    const keys = this.members(value);
    const list =
      array && keys.length === value.length && (keys.length === 0 || keys.at(-1) === String(keys.length - 1));
    this.out += `a:${keys.length}:{`;
    if (keys.length === 0) this.out += '}';
    else this.#open(value, keys, list, false);
  }

  /** The keys as they are written: those that came from PHP in its order, then new ones. */
  members(container: object): readonly string[] {
    if (Object.getOwnPropertySymbols(container).length > 0) this.refuse('symbol key');
    const keys = Object.keys(container);
    const hidden = Object.getOwnPropertyNames(container).length - (Array.isArray(container) ? 1 : 0);
    if (hidden !== keys.length) this.refuse('hidden property');
    const origin = origins.get(container);
    if (origin?.order === undefined) return keys;
    const rest = new Set(keys);
    return [...origin.order.filter((key) => rest.delete(key)), ...rest];
  }

  #open(container: object, keys: readonly string[], list: boolean, properties: boolean, from = -1): void {
    if (this.#above + this.#frames.length >= MAX_DEPTH) this.refuse(`more than ${MAX_DEPTH} levels`);
    this.#around.add(container);
    const origin = origins.get(container);
    this.#frames.push({ container, keys, next: 0, list, origin, properties, from });
  }

  #close({ container, from }: Frame): void {
    this.#frames.pop();
    this.#around.delete(container);
    if (from === -1) {
      this.out += '}';
      return;
    }
    const body = this.out.slice(from);
    this.out = `${this.out.slice(0, from)}${body.length}:{${body}}`;
  }
}

function isFloat(origin: Origin | undefined, key: string): boolean {
  const floats = origin?.floats;
  return floats === true || floats?.has(key) === true;
}

function memberOf(container: object, key: string, writer: PhpWriter): unknown {
  const property = Object.getOwnPropertyDescriptor(container, key);
  if (property !== undefined && !('value' in property)) writer.refuse('getter');
  return property?.value;
}

function describe(value: object): string {
  const name: unknown = Object.getOwnPropertyDescriptor(
    Object.getPrototypeOf(value) ?? {},
    'constructor',
  )?.value;
  return typeof name === 'function' && name.name !== ''
    ? `class ${name.name.slice(0, 64)}`
    : 'object with another prototype';
}
