import { origins } from './php-origin.js';
import { floatText, isIntegerKey } from './php-text.js';

const DEEPEST = 64;
const KEPT = 1 << 20;
/** Characters from which C++ writes faster. */
const LONG = 64;
const TRUE = Buffer.from('b:1;');
const FALSE = Buffer.from('b:0;');
const NULL = Buffer.from('N;');
const INDEXES = Array.from({ length: 256 }, (_, index) => Buffer.from(`i:${index};`));

// Named properties of lists have no cheap test. Members pay for it: the first lists are tested, later ones as members
// allow, and the cost stays a fixed share.
const START = 28;
const LIST_COST = 100;

// One value at a time: getters are called, as `JSON.stringify` does, and must not write sessions themselves.
let bytes = Buffer.allocUnsafe(1 << 14);
let at = 0;
let credit = 0;

/** A key as it is written, and the one that came after it: the next map will have the same. */
interface Key {
  readonly name: string;
  readonly bytes: Uint8Array;
  next: Key | undefined;
}

const keys = new Map<string, Key>();
const NONE: Key = { name: '', bytes: new Uint8Array(), next: undefined };
let last = NONE;

export function startWrite(): void {
  at = 0;
  credit = START;
}

/** The byte string that was written. */
export function endWrite(): string {
  const text = bytes.toString('latin1', 0, at);
  if (bytes.length > KEPT) bytes = Buffer.allocUnsafe(1 << 14);
  return text;
}

/** Writes text of ASCII, or bytes. */
export function writeAscii(text: string): void {
  const { length } = text;
  room(length);
  const into = bytes;
  const to = at;
  for (let i = 0; i < length; i++) into[to + i] = text.charCodeAt(i);
  at = to + length;
}

/** Writes plain data; false means "look closer", not "refuse". */
export function quickWrite(value: unknown, float: boolean, depth: number): boolean {
  switch (typeof value) {
    case 'string':
      return writeString(value);
    case 'number':
      writeNumber(value, float);
      return true;
    case 'boolean':
      copy(value ? TRUE : FALSE);
      return true;
    case 'object':
      if (value === null) {
        copy(NULL);
        return true;
      }
      if (depth >= DEEPEST) return false;
      return Array.isArray(value)
        ? writeList(value, depth)
        : writeMap(value as Record<string, unknown>, depth);
    default:
      return false;
  }
}

/** Room for `more` bytes and a number. */
function room(more: number): void {
  if (at + more + 64 <= bytes.length) return;
  const larger = Buffer.allocUnsafe(Math.max(bytes.length * 2, at + more + 64));
  bytes.copy(larger, 0, 0, at);
  bytes = larger;
}

function copy(from: Uint8Array): void {
  const { length } = from;
  room(length);
  const into = bytes;
  const to = at;
  for (let i = 0; i < length; i++) into[to + i] = from[i] as number;
  at = to + length;
}

function writeNumber(value: number, float: boolean): void {
  if (float || !Number.isSafeInteger(value) || (value === 0 && 1 / value < 0)) {
    writeFloat(value);
    return;
  }
  room(0);
  bytes[at++] = 105;
  bytes[at++] = 58;
  if (value < 0) bytes[at++] = 45;
  writeDigits(value < 0 ? -value : value);
  bytes[at++] = 59;
}

function writeFloat(value: number): void {
  const hundredths = Math.round(value * 100);
  // Below 2^53 the quotient names its float: no other way to write it is shorter.
  if (hundredths / 100 !== value || !(hundredths > 0 && hundredths < 0x3fffffff)) {
    writeAscii(`d:${floatText(value)};`);
    return;
  }
  room(0);
  bytes[at++] = 100;
  bytes[at++] = 58;
  const rest = hundredths % 100;
  writeDigits((hundredths - rest) / 100);
  if (rest !== 0) {
    bytes[at++] = 46;
    bytes[at++] = 48 + ((rest / 10) | 0);
    if (rest % 10 !== 0) bytes[at++] = 48 + (rest % 10);
  }
  bytes[at++] = 59;
}

/** Decimal digits of a safe integer; the room is there. */
function writeDigits(value: number): void {
  if (value > 0x3fffffff) {
    const high = Math.floor(value / 1e6);
    writeDigits(high);
    let rest = value - high * 1e6;
    for (let i = 5; i >= 0; i--) {
      bytes[at + i] = 48 + (rest % 10);
      rest = (rest / 10) | 0;
    }
    at += 6;
    return;
  }
  const size = digitsOf(value);
  let rest = value;
  for (let i = at + size - 1; i >= at; i--) {
    bytes[i] = 48 + (rest % 10);
    rest = (rest / 10) | 0;
  }
  at += size;
}

function digitsOf(value: number): number {
  let size = 1;
  for (let limit = 10; limit <= value; limit *= 10) size++;
  return size;
}

/** `s:`, length, `:"`. */
function writeLength(size: number): void {
  bytes[at++] = 115;
  bytes[at++] = 58;
  writeDigits(size);
  bytes[at++] = 58;
  bytes[at++] = 34;
}

/** False for a surrogate alone. */
function writeString(value: string): boolean {
  const { length } = value;
  room(3 * length);
  const start = at;
  writeLength(length);
  if (length > LONG) {
    const size = bytes.write(value, at, 'utf8');
    if (size !== length) return writeWide(value, start);
    at += size;
  } else {
    const into = bytes;
    const to = at;
    let bits = 0;
    for (let i = 0; i < length; i++) {
      const unit = value.charCodeAt(i);
      bits |= unit;
      into[to + i] = unit;
    }
    if (bits > 127) return writeWide(value, start);
    at = to + length;
  }
  bytes[at++] = 34;
  bytes[at++] = 59;
  return true;
}

/** Writes text that is not ASCII at `start`; false for a surrogate alone. */
function writeWide(value: string, start: number): boolean {
  at = start;
  writeLength(value.length);
  const from = at;
  if (!writePoints(value)) return false;
  const to = at;
  // The length in bytes may have more digits than the one in characters.
  const grown = digitsOf(to - from) - digitsOf(value.length);
  if (grown > 0) bytes.copyWithin(from + grown, from, to);
  at = start;
  writeLength(to - from);
  at = to + grown;
  bytes[at++] = 34;
  bytes[at++] = 59;
  return true;
}

function writePoints(value: string): boolean {
  const into = bytes;
  const { length } = value;
  let to = at;
  for (let i = 0; i < length; i++) {
    const unit = value.charCodeAt(i);
    if (unit < 128) {
      into[to++] = unit;
    } else if (unit < 0x800) {
      into[to++] = 0xc0 | (unit >> 6);
      into[to++] = 0x80 | (unit & 63);
    } else if (unit < 0xd800 || unit > 0xdfff) {
      into[to++] = 0xe0 | (unit >> 12);
      into[to++] = 0x80 | ((unit >> 6) & 63);
      into[to++] = 0x80 | (unit & 63);
    } else {
      const low = value.charCodeAt(++i);
      if (unit > 0xdbff || !(low >= 0xdc00 && low <= 0xdfff)) return false;
      const point = 0x10000 + ((unit - 0xd800) << 10) + low - 0xdc00;
      into[to++] = 0xf0 | (point >> 18);
      into[to++] = 0x80 | ((point >> 12) & 63);
      into[to++] = 0x80 | ((point >> 6) & 63);
      into[to++] = 0x80 | (point & 63);
    }
  }
  at = to;
  return true;
}

/** `a:`, count, `:{`. */
function writeCount(count: number): void {
  room(0);
  bytes[at++] = 97;
  bytes[at++] = 58;
  writeDigits(count);
  bytes[at++] = 58;
  bytes[at++] = 123;
}

function writeList(list: readonly unknown[], depth: number): boolean {
  const { length } = list;
  if (Object.getPrototypeOf(list) !== Array.prototype) return false;
  const origin = origins.get(list);
  const floats = origin?.floats;
  if (origin !== undefined && (floats === undefined || origin.cells !== undefined)) return false;
  const cost = LIST_COST + 2 * length;
  if (length === 0) {
    for (const _ in list) return false;
  } else if (credit >= cost) {
    credit -= cost;
    if (Object.keys(list).length !== length) return false;
  }
  credit += length;
  writeCount(length);
  for (let i = 0; i < length; i++) {
    if (i < 256) copy(INDEXES[i] as Uint8Array);
    else writeNumber(i, false);
    const float = floats !== undefined && (floats === true || floats.has(String(i)));
    if (!quickWrite(list[i], float, depth + 1)) return false;
  }
  room(0);
  bytes[at++] = 125;
  return true;
}

function writeMap(map: Record<string, unknown>, depth: number): boolean {
  if (Object.getPrototypeOf(map) !== Object.prototype) return false;
  const origin = origins.get(map);
  let floats: ReadonlySet<string> | undefined;
  if (origin !== undefined) {
    if (origin.floats === undefined || origin.floats === true || origin.cells !== undefined) return false;
    if (origin.order !== undefined) return false;
    floats = origin.floats;
  }
  const names = Object.keys(map);
  const { length } = names;
  credit += length;
  writeCount(length);
  for (let i = 0; i < length; i++) {
    const name = names[i] as string;
    const guess = last.next;
    if (guess !== undefined && guess.name === name) {
      copy(guess.bytes);
      last = guess;
    } else if (!writeKey(name)) {
      return false;
    }
    if (!quickWrite(map[name], floats?.has(name) === true, depth + 1)) return false;
  }
  room(0);
  bytes[at++] = 125;
  return true;
}

function writeKey(name: string): boolean {
  let key = keys.get(name);
  if (key !== undefined) {
    copy(key.bytes);
  } else if (isIntegerKey(name)) {
    writeAscii(`i:${name};`);
    return true;
  } else {
    const start = at;
    if (!writeString(name)) return false;
    if (name.length > 32) return true;
    key = { name, bytes: Uint8Array.prototype.slice.call(bytes, start, at), next: undefined };
    if (keys.size === 512) keys.clear();
    keys.set(name, key);
  }
  last.next = key;
  last = key;
  return true;
}
