import { inflateSync } from 'node:zlib';
import { decodeFastlz } from './fastlz.js';
import type { Item, Value } from './transport.js';

/** Flags of php-memcached: a string, compressed with FastLZ or zlib, its length in four bytes in front. */
const PHP_FASTLZ = 80;
const PHP_ZLIB = 48;
/** What a compressed value may unfold to: no session of PHP's is larger, and a forged length must not take the memory. */
const MAX_UNFOLDED = 64 * 1024 * 1024;

const STAMP = /^(\d{1,15})\|/;

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
  const text = unfold(item).toString(encoding);
  const stamp = STAMP.exec(text);
  if (stamp === null) return { data: text, lastActivity: 0 };
  return { data: text.slice(stamp[0].length), lastActivity: Number(stamp[1]) };
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
