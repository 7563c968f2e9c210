import { emptyLists } from '../support/paths.js';
import { type Origin, origins } from './php-origin.js';
import { textOf } from './php-text.js';

/** Not plain data in PHP's own spelling: `PhpReader` has the last word. */
export const BAIL: unique symbol = Symbol('bail');

const DEEPEST = 64;
/** Zeros behind the payload: no test reads further. */
const AFTER = 16;
const KEPT = 1 << 20;
const MANY = 8;
/** Bytes from which C++ decodes faster. */
const LONG = 160;
const POWERS = Array.from({ length: 16 }, (_, power) => 10 ** power);

// One text at a time: nothing here calls code of others.
let data = '';
/** The bytes of `data`, then zeros: quicker to read than characters. */
let bytes = Buffer.alloc(1 << 14);
let end = 0;
let at = 0;
let depth = 0;
/** The value that was read last was a float. */
let float = false;
/** The characters of a text that is not ASCII. */
const units: number[] = [];

/** A key that was seen lately, and the one that came after it: the next map will have the same. */
interface Key {
  readonly name: string;
  readonly bytes: Uint8Array;
  next: Key | undefined;
}

const NONE: Key = { name: '', bytes: new Uint8Array(), next: undefined };
const keys: Key[] = new Array<Key>(256).fill(NONE);
let last = NONE;
const oneFloat = new Map<string, Origin>();

export function startQuick(payload: string): void {
  data = payload;
  end = payload.length;
  if (end + AFTER > bytes.length || (bytes.length > KEPT && end < KEPT / 2))
    bytes = Buffer.alloc(Math.max(2 * end, 1 << 14) + AFTER);
  bytes.write(payload, 0, 'latin1');
  bytes.fill(0, end, end + AFTER);
  at = 0;
  depth = 0;
}

/** Forgets the payload. */
export function endQuick(): void {
  data = '';
}

/** Where the next variable begins. */
export function quickPlace(): number {
  return at;
}

/** The name of a variable; then goes on at `next`, its value. */
export function quickKey(from: number, to: number, next: number): string | typeof BAIL {
  const key = textAt(from, to);
  at = next;
  return key;
}

export function quickFloat(): boolean {
  return float;
}

/** The value at the place, or `BAIL`. */
export function quickValue(): unknown {
  float = false;
  if ((bytes[at + 1] as number) !== 58) {
    if (!data.startsWith('N;', at)) return BAIL;
    at += 2;
    return null;
  }
  switch (bytes[at] as number) {
    case 115:
      return string();
    case 105:
      return integer();
    case 97:
      return array();
    case 100:
      return floating();
    case 98: {
      const bit = bytes[at + 2] as number;
      if ((bit !== 48 && bit !== 49) || (bytes[at + 3] as number) !== 59) return BAIL;
      at += 4;
      return bit === 49;
    }
    default:
      return BAIL;
  }
}

/** The text of the bytes, or `BAIL` when they are not UTF-8. */
function textAt(from: number, to: number): string | typeof BAIL {
  const b = bytes;
  let bits = 0;
  for (let i = from; i < to; i++) bits |= b[i] as number;
  if (bits < 128) return data.slice(from, to);
  return to - from > LONG ? (textOf(data.slice(from, to)) ?? BAIL) : decoded(from, to);
}

/** UTF-8 by hand: for short texts the way to C++ and back is longer. */
function decoded(from: number, to: number): string | typeof BAIL {
  const b = bytes;
  units.length = 0;
  let i = from;
  while (i < to) {
    const byte = b[i++] as number;
    if (byte < 128) {
      units.push(byte);
      continue;
    }
    const more = byte < 0xe0 ? 1 : byte < 0xf0 ? 2 : 3;
    if (byte < 0xc2 || byte > 0xf4 || i + more > to) return BAIL;
    let point = byte & (0x3f >> more);
    for (const end = i + more; i < end; i++) {
      const next = b[i] as number;
      if ((next & 0xc0) !== 0x80) return BAIL;
      point = (point << 6) | (next & 0x3f);
    }
    if (more === 1) {
      units.push(point);
    } else if (more === 2) {
      if (point < 0x800 || (point >= 0xd800 && point < 0xe000)) return BAIL;
      units.push(point);
    } else {
      if (point < 0x10000 || point > 0x10ffff) return BAIL;
      units.push(0xd7c0 + (point >> 10), 0xdc00 + (point & 0x3ff));
    }
  }
  return String.fromCharCode.apply(null, units);
}

/** The length before `:"`, with the place behind it; -1 for another spelling. */
function length(): number {
  const b = bytes;
  let p = at + 2;
  let digit = (b[p] as number) - 48;
  if (!(digit >= 0 && digit <= 9)) return -1;
  let size = 0;
  do {
    size = size * 10 + digit;
    digit = (b[++p] as number) - 48;
  } while (digit >= 0 && digit <= 9 && size < 1e8);
  if (digit !== 10 || b[p + 1] !== 34) return -1;
  at = p + 2;
  return size;
}

function string(): string | typeof BAIL {
  const size = length();
  if (size === -1) return BAIL;
  const from = at;
  const to = from + size;
  if (to >= end) return BAIL;
  if ((bytes[to] as number) !== 34 || (bytes[to + 1] as number) !== 59) return BAIL;
  at = to + 2;
  return textAt(from, to);
}

function integer(): number | typeof BAIL {
  let p = at + 2;
  let code = bytes[p] as number;
  const negative = code === 45;
  if (negative) code = bytes[++p] as number;
  const from = p;
  let value = 0;
  while (code >= 48 && code <= 57) {
    value = value * 10 + code - 48;
    code = bytes[++p] as number;
  }
  if (code !== 59 || p === from || p - from > 15) return BAIL;
  at = p + 1;
  return negative && value !== 0 ? -value : value;
}

/** Up to 15 digits: their quotient is rounded once, so it is the nearest float. */
function floating(): number | typeof BAIL {
  let p = at + 2;
  let code = bytes[p] as number;
  const negative = code === 45;
  if (negative) code = bytes[++p] as number;
  const from = p;
  let value = 0;
  let point = -1;
  for (;;) {
    if (code >= 48 && code <= 57) value = value * 10 + code - 48;
    else if (code === 46 && point === -1) point = p;
    else break;
    code = bytes[++p] as number;
  }
  const size = p - from;
  if (code !== 59 || size > 15 || size === 0 || point === from || point === p - 1) return BAIL;
  at = p + 1;
  float = true;
  if (point !== -1) value /= POWERS[p - point - 1] as number;
  return negative ? -value : value;
}

function array(): unknown {
  let p = at + 2;
  let digit = (bytes[p] as number) - 48;
  let count = 0;
  const from = p;
  while (digit >= 0 && digit <= 9) {
    count = count * 10 + digit;
    digit = (bytes[++p] as number) - 48;
  }
  if (digit !== 10 || p === from || (bytes[p + 1] as number) !== 123 || p - from > 9) return BAIL;
  at = p + 2;
  if (count === 0) {
    if ((bytes[at++] as number) !== 125) return BAIL;
    const empty: unknown[] = [];
    emptyLists.add(empty);
    return empty;
  }
  if (count > (data.length - at) / 6 || ++depth > DEEPEST) return BAIL;
  const made = data.startsWith('i:0;', at) ? list(count) : map(count);
  if (made === BAIL || (bytes[at++] as number) !== 125) return BAIL;
  depth--;
  float = false;
  return made;
}

function list(count: number): unknown {
  const made: unknown[] = [];
  let floats: Set<string> | undefined;
  for (let i = 0; i < count; i++) {
    if ((bytes[at] as number) !== 105 || (bytes[at + 1] as number) !== 58) return BAIL;
    if (i < 10) {
      if ((bytes[at + 2] as number) !== 48 + i || (bytes[at + 3] as number) !== 59) return BAIL;
      at += 4;
    } else {
      const next = at + 2;
      // A key with zeros in front is as long as another number would be.
      if ((bytes[next] as number) === 48 || integer() !== i) return BAIL;
    }
    const value = quickValue();
    if (value === BAIL) return BAIL;
    made.push(value);
    if (float) {
      floats ??= new Set();
      floats.add(String(i));
    }
  }
  if (floats !== undefined) origins.set(made, { floats: floats.size === count ? true : floats });
  return made;
}

function map(count: number): unknown {
  const made: Record<string, unknown> = {};
  let before = -1;
  let floats: string[] | undefined;
  for (let i = 0; i < count; i++) {
    const key = (bytes[at] as number) === 115 ? name() : index(before);
    if (key === BAIL) return BAIL;
    before = typeof key === 'number' ? key : Number.POSITIVE_INFINITY;
    const value = quickValue();
    if (value === BAIL) return BAIL;
    // A key that comes again: its last value need not be the float.
    if (floats !== undefined && floats.length < MANY && floats.includes(String(key))) return BAIL;
    made[key] = value;
    if (float) {
      floats ??= [];
      floats.push(String(key));
    }
  }
  if (floats === undefined) return made;
  if (floats.length >= MANY && Object.keys(made).length !== count) return BAIL;
  rememberFloats(made, floats);
  return made;
}

function rememberFloats(made: object, floats: readonly string[]): void {
  let origin = floats.length === 1 ? oneFloat.get(floats[0] as string) : undefined;
  if (origin === undefined) {
    origin = { floats: new Set(floats) };
    if (floats.length === 1 && oneFloat.size < 256) oneFloat.set(floats[0] as string, origin);
  }
  origins.set(made, origin);
}

/** A key that JavaScript leaves in its place. */
function name(): string | typeof BAIL {
  if ((bytes[at + 1] as number) !== 58) return BAIL;
  const size = length();
  if (size === -1) return BAIL;
  const from = at;
  const to = from + size;
  if (to >= end || (bytes[to] as number) !== 34 || (bytes[to + 1] as number) !== 59) return BAIL;
  at = to + 2;
  const guess = last.next;
  if (guess !== undefined && isAt(guess, from, size)) {
    last = guess;
    return guess.name;
  }
  return lookUp(from, size);
}

function isAt(key: Key, from: number, size: number): boolean {
  const known = key.bytes;
  if (known.length !== size) return false;
  const b = bytes;
  for (let i = 0; i < size; i++) if (known[i] !== b[from + i]) return false;
  return true;
}

function lookUp(from: number, size: number): string | typeof BAIL {
  const first = bytes[from] as number;
  // A digit or a minus sign may begin an integer.
  if (first < 58 && (first > 47 || first === 45)) return BAIL;
  const to = from + size;
  // Longer slices would keep their payload in memory.
  if (size > 12 || size === 0) return textAt(from, to);
  const middle = bytes[from + (size >> 1)] as number;
  const place = (size * 41 + first * 7 + (bytes[to - 1] as number) * 3 + middle) & 255;
  let key = keys[place] as Key;
  if (!isAt(key, from, size)) {
    const name = textAt(from, to);
    if (name === '__proto__' || name === BAIL) return BAIL;
    key = { name, bytes: Uint8Array.prototype.slice.call(bytes, from, to), next: undefined };
    keys[place] = key;
  }
  last.next = key;
  last = key;
  return key.name;
}

/** An integer key above the one before, which no text precedes: JavaScript has them in this order. */
function index(before: number): number | typeof BAIL {
  if ((bytes[at] as number) !== 105 || (bytes[at + 1] as number) !== 58) return BAIL;
  // A sign, or zeros in front: another spelling.
  if ((bytes[at + 2] as number) < 49) return BAIL;
  const value = integer();
  return value === BAIL || value <= before || value >= 4294967295 ? BAIL : value;
}
