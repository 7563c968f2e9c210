import { isUtf8 } from 'node:buffer';

// A "byte string" has one character for each byte: what `latin1` makes of a record.

const HIGH = /[\x80-\uffff]/;
const INTEGER = /^(?:0|-?[1-9]\d{0,18})$/;
export const INT64_MAX = 9223372036854775807n;
export const INT64_MIN: bigint = -9223372036854775808n;

/** Whether no surrogate stands alone. */
export function isWellFormed(text: string): boolean {
  return (text as string & { isWellFormed(): boolean }).isWellFormed();
}

/** The text of a byte string, or undefined when it is not UTF-8. */
export function textOf(bytes: string): string | undefined {
  if (!HIGH.test(bytes)) return bytes;
  const buffer = Buffer.from(bytes, 'latin1');
  return isUtf8(buffer) ? buffer.toString('utf8') : undefined;
}

/** The byte string of a text, or undefined when a surrogate stands alone. */
export function bytesOf(text: string): string | undefined {
  if (!HIGH.test(text)) return text;
  return isWellFormed(text) ? Buffer.from(text, 'utf8').toString('latin1') : undefined;
}

/** The key that stands for bytes; where they are not UTF-8, U+DC80 to U+DCFF stand for the bytes above 127. */
export function keyOf(bytes: string): string {
  return (
    textOf(bytes) ?? bytes.replace(/[\x80-\xff]/g, (byte) => String.fromCharCode(0xdc00 + byte.charCodeAt(0)))
  );
}

/** The bytes of a key, or undefined when no bytes have it. */
export function keyBytes(key: string): string | undefined {
  const bytes = bytesOf(key);
  if (bytes !== undefined) return bytes;
  if (/[^\x00-\x7f\udc80-\udcff]/.test(key)) return undefined;
  const raw = key.replace(/[^\x00-\x7f]/g, (unit) => String.fromCharCode(unit.charCodeAt(0) - 0xdc00));
  return textOf(raw) === undefined ? raw : undefined;
}

/** Whether PHP makes an integer of such a key: decimal, canonical, 64 bits. */
export function isIntegerKey(key: string): boolean {
  const first = key.charCodeAt(0);
  if (first > 57 || (first < 48 && first !== 45) || !INTEGER.test(key)) return false;
  if (key.length < 19) return true;
  const value = BigInt(key);
  return value <= INT64_MAX && value >= INT64_MIN;
}

/** Whether JavaScript moves such a key to the front of an object. */
export function isIndexKey(key: string): boolean {
  const first = key.charCodeAt(0);
  return first >= 48 && first <= 57 && key.length <= 10 && INTEGER.test(key) && Number(key) < 4294967295;
}

/** A float in PHP's notation (`serialize_precision` -1). */
export function floatText(value: number): string {
  const size = Math.abs(value);
  if ((size >= 1e-4 && size < 1e17) || value === 0) return Object.is(value, -0) ? '-0' : String(value);
  if (value - value !== 0) return value > 0 ? 'INF' : value < 0 ? '-INF' : 'NAN';
  const [digits = '', power = ''] = value.toExponential().split('e');
  return `${digits.includes('.') ? digits : `${digits}.0`}E${power}`;
}
