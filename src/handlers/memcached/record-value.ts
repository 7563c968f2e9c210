import { inflateSync } from 'node:zlib';
import { decodeFastlz } from './fastlz.js';
import type { Item, Value } from './transport.js';

/** Flags of php-memcached: a string, compressed with FastLZ or zlib, its length in four bytes in front. */
const PHP_FASTLZ = 80;
const PHP_ZLIB = 48;
/** What a compressed value may unfold to: no session of PHP's is larger, and a forged length must not take the memory. */
const MAX_UNFOLDED = 64 * 1024 * 1024;

const BAR = 124;
const ZERO = 48;
/** Digits of the longest date. */
const LONGEST = 15;

export interface RecordValue {
  readonly data: string;
  /** Milliseconds since 1970 of the last write; 0 where the record does not say. */
  readonly lastActivity: number;
}

/** The stored form: the date of the last activity, `|`, the payload. */
export function encodeRecord(data: string, now: number, encoding: Value['encoding']): Value {
  return { text: `${Math.floor(now)}|${data}`, encoding };
}

/** Throws when the value cannot be a session: flags that are not a string's, or damaged compression. */
export function decodeRecord(item: Item, encoding: Value['encoding']): RecordValue {
  const bytes = unfold(item);
  const bar = stampEnd(bytes);
  if (bar === 0) return { data: bytes.toString(encoding), lastActivity: 0 };
  return { data: bytes.toString(encoding, bar + 1), lastActivity: Number(bytes.toString('latin1', 0, bar)) };
}

/** Where the `|` behind the date is; 0 when there is none. */
function stampEnd(bytes: Buffer): number {
  for (let at = 0; at <= LONGEST; at++) {
    const byte = bytes[at];
    if (byte === BAR) return at;
    if (byte === undefined || byte < ZERO || byte > ZERO + 9) return 0;
  }
  return 0;
}

/** The bytes that PHP or we stored, decompressed. */
export function unfold({ flags, value }: Pick<Item, 'flags' | 'value'>): Buffer {
  if (flags === 0) return value;
  if (flags !== PHP_FASTLZ && flags !== PHP_ZLIB) throw new Error(`a value with flags ${flags} is no string`);
  if (value.length < 4) throw new Error('a compressed value is cut off');
  const length = value.readUInt32LE(0);
  if (length > MAX_UNFOLDED) throw new Error('a compressed value is too large');
  const block = value.subarray(4);
  if (flags === PHP_FASTLZ) return decodeFastlz(block, length);
  const unfolded = inflateSync(block, { maxOutputLength: Math.max(1, length) });
  if (unfolded.length !== length) throw new Error('a compressed value has not the length it says');
  return unfolded;
}
