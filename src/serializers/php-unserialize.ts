import { type Held, Instance, newSlot, Shape, type Slot } from './php-shapes.js';
import { INT64_MAX, INT64_MIN, keyOf, textOf } from './php-text.js';
import { PhpEnum, PhpSerializable } from './php-values.js';

/** Nesting that PHP reads (`unserialize_max_depth`). */
export const MAX_DEPTH = 4096;

const FLOAT = /(?:[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?|NAN|-?INF);/y;
/** Texts of `C:` objects in each other that are looked into. */
const MAX_INNER = 16;
const CLASS_NAME = /^[0-9A-Za-z_\x80-\xff][0-9A-Za-z_\x80-\xff\\]*$/;

/** Says nothing of the text: what a session holds does not belong in messages. */
export function malformed(): SyntaxError {
  return new SyntaxError('Not data that PHP serialized');
}

interface Frame {
  readonly shape: Shape;
  left: number;
}

/**
 * Reads what `serialize` of PHP writes, by PHP's own rules, the lenient ones included. No recursion, nothing is
 * instantiated, and nothing is allocated for a length before its bytes are there.
 */
export class PhpReader {
  readonly data: string;
  at = 0;
  #end: number;
  readonly #slots: Slot[] = [];
  readonly #cases = new Map<string, Instance>();
  #depth = 0;
  #inner = 0;

  constructor(data: string) {
    this.data = data;
    this.#end = data.length;
  }

  /** Reads one value into `slot`; throws when PHP would refuse it. */
  read(slot: Slot): void {
    const around: Frame[] = [];
    let place = slot;
    for (;;) {
      this.#value(place, around);
      let inner = around.at(-1);
      while (inner !== undefined && inner.left === 0) {
        this.#expect('}');
        around.pop();
        this.#depth--;
        inner = around.at(-1);
      }
      if (inner === undefined) return;
      inner.left--;
      place = this.#key(inner.shape);
    }
  }

  #value(slot: Slot, around: Frame[]): void {
    const type = this.at < this.#end ? this.data[this.at] : '';
    if (type !== 'R') this.#slots.push(slot);
    const { held } = slot;
    switch (type) {
      case 'N':
        this.#expect('N;');
        return;
      case 'b':
        held.value = this.data[this.at + 2] === '1';
        this.#expect(held.value === true ? 'b:1;' : 'b:0;');
        return;
      case 'i':
        held.value = this.#integer();
        return;
      case 'd':
        held.value = this.#float();
        held.float = true;
        return;
      case 's':
      case 'S': {
        const bytes = this.#string();
        held.value = textOf(bytes) ?? Buffer.from(bytes, 'latin1');
        return;
      }
      case 'a':
        this.#array(held, around);
        return;
      case 'O':
      case 'C':
        this.#object(held, around);
        return;
      case 'E':
        this.#case(held);
        return;
      case 'R':
      case 'r':
        this.#back(slot, type === 'R');
        return;
      default:
        throw malformed();
    }
  }

  #expect(text: string): void {
    if (!this.data.startsWith(text, this.at) || this.at + text.length > this.#end) throw malformed();
    this.at += text.length;
  }

  /** The digits here, at least one unless `optional`. */
  #digits(optional = false): string {
    const from = this.at;
    while (isDigit(this.data.charCodeAt(this.at))) this.at++;
    if (this.at === from && !optional) throw malformed();
    return this.data.slice(from, this.at);
  }

  /** A length or number as PHP adds it up: modulo 2^64. */
  #size(): number {
    const digits = this.#digits();
    if (digits.length < 16) return Number(digits);
    let sum = 0n;
    for (let i = 0; i < digits.length; i += 15) {
      const part = digits.slice(i, i + 15);
      sum = BigInt.asUintN(64, sum * 10n ** BigInt(part.length) + BigInt(part));
    }
    return Number(sum);
  }

  /** A signed number; those beyond 64 bits become the nearest that has them. */
  #signed(optional = false): number | bigint {
    const negative = this.data[this.at] === '-';
    if (negative || this.data[this.at] === '+') this.at++;
    const digits = this.#digits(optional);
    if (digits.length < 16)
      return digits === '' || Number(digits) === 0 ? 0 : Number(digits) * (negative ? -1 : 1);
    const significant = digits.replace(/^0+/, '');
    if (significant.length > 19) return negative ? INT64_MIN : INT64_MAX;
    const value = negative ? -BigInt(significant) : BigInt(significant);
    const near = value > INT64_MAX ? INT64_MAX : value < INT64_MIN ? INT64_MIN : value;
    return Number.isSafeInteger(Number(near)) ? Number(near) : near;
  }

  #integer(): number | bigint {
    this.#expect('i:');
    const value = this.#signed();
    this.#expect(';');
    return value;
  }

  #float(): number {
    this.#expect('d:');
    FLOAT.lastIndex = this.at;
    if (!FLOAT.test(this.data)) throw malformed();
    const text = this.data.slice(this.at, FLOAT.lastIndex - 1);
    this.at = FLOAT.lastIndex;
    if (text === 'NAN') return Number.NaN;
    return text.endsWith('INF') ? (text === 'INF' ? 1 : -1) * Number.POSITIVE_INFINITY : Number(text);
  }

  #string(): string {
    const escaped = this.data[this.at] === 'S';
    this.#expect(escaped ? 'S:' : 's:');
    const length = this.#size();
    this.#expect(':"');
    if (length > this.#end - this.at) throw malformed();
    const bytes = escaped ? this.#escaped(length) : this.#take(length);
    this.#expect('";');
    return bytes;
  }

  #take(length: number): string {
    this.at += length;
    return this.data.slice(this.at - length, this.at);
  }

  #escaped(length: number): string {
    const bytes: string[] = [];
    while (bytes.length < length) {
      const byte = this.data[this.at];
      if (byte === undefined) throw malformed();
      if (byte === '\\') {
        const hex = this.data.slice(this.at + 1, this.at + 3);
        if (!/^[0-9a-fA-F]{2}$/.test(hex)) throw malformed();
        bytes.push(String.fromCharCode(Number.parseInt(hex, 16)));
        this.at += 3;
      } else {
        bytes.push(byte);
        this.at++;
      }
    }
    return bytes.join('');
  }

  #key(shape: Shape): Slot {
    const type = this.data[this.at];
    if (type === 'i') {
      const key = String(this.#integer());
      if (shape.className !== undefined && !shape.slots.has(key)) {
        shape.integers ??= new Set();
        shape.integers.add(key);
      }
      return shape.at(key);
    }
    if (type !== 's' && type !== 'S') throw malformed();
    return shape.at(keyOf(this.#string()));
  }

  #array(held: Held, around: Frame[]): void {
    this.#expect('a:');
    if (!isDigit(this.data.charCodeAt(this.at))) throw malformed();
    const count = Number(this.#signed());
    this.#expect(':{');
    const shape = new Shape();
    held.value = shape;
    if (count === 0) this.#expect('}');
    else this.#open(shape, count, around);
  }

  #open(shape: Shape, count: number, around: Frame[]): void {
    if (count < 0 || count > (this.#end - this.at) / 2 || this.#depth >= MAX_DEPTH) throw malformed();
    this.#depth++;
    around.push({ shape, left: count });
  }

  /** `O:8:"stdClass":`, up to the colon. */
  #name(): string {
    this.at++;
    this.#expect(':');
    const length = this.#size();
    this.#expect(':"');
    if (length === 0 || length > this.#end - this.at) throw malformed();
    const name = this.#take(length);
    this.#expect('"');
    return name;
  }

  #object(held: Held, around: Frame[]): void {
    const custom = this.data[this.at] === 'C';
    const name = this.#name();
    if (!CLASS_NAME.test(name)) throw malformed();
    this.#expect(':');
    const count = Number(this.#signed(true));
    this.#expect(':{');
    if (custom) {
      this.#custom(held, keyOf(name), count);
      return;
    }
    const shape = new Shape(keyOf(name));
    held.value = shape;
    this.#open(shape, count, around);
  }

  #custom(held: Held, name: string, length: number): void {
    if (length < 0 || length >= this.#end - this.at) throw malformed();
    const from = this.at;
    const instance = new Instance(new PhpSerializable(name, this.#take(length)));
    held.value = instance;
    this.#expect('}');
    this.#inside(instance, from, length);
  }

  /** A class that calls `serialize` on its members has them counted: they are read too, if that is what the text is. */
  #inside(instance: Instance, from: number, length: number): void {
    if (this.#inner >= MAX_INNER) return;
    const { at } = this;
    const end = this.#end;
    const depth = this.#depth;
    const count = this.#slots.length;
    const slot = newSlot();
    this.at = from;
    this.#end = from + length;
    this.#inner++;
    try {
      this.read(slot);
      if (this.at === this.#end) instance.inner = slot;
    } catch {
      // Not serialized data: nothing in it is counted.
    }
    this.#inner--;
    this.#depth = depth;
    if (instance.inner === undefined) this.#slots.length = count;
    this.at = at;
    this.#end = end;
  }

  #case(held: Held): void {
    const name = this.#name();
    this.#expect(';');
    const colon = name.indexOf(':');
    if (!CLASS_NAME.test(name.slice(0, Math.max(colon, 0))) || colon === name.length - 1) throw malformed();
    let known = this.#cases.get(name);
    if (known === undefined) {
      known = new Instance(new PhpEnum(keyOf(name.slice(0, colon)), keyOf(name.slice(colon + 1))));
      this.#cases.set(name, known);
    }
    held.value = known;
  }

  #back(slot: Slot, reference: boolean): void {
    this.at++;
    this.#expect(':');
    const target = this.#slots[this.#size() - 1];
    this.#expect(';');
    if (target === undefined || target === slot) throw malformed();
    if (reference) {
      slot.held = target.held;
      return;
    }
    const { value } = target.held;
    if (!(value instanceof Instance || (value instanceof Shape && value.className !== undefined)))
      throw malformed();
    slot.held.value = value;
  }
}

function isDigit(code: number): boolean {
  return code >= 48 && code <= 57;
}
