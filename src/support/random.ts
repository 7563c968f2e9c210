import { randomFillSync } from 'node:crypto';

// Filling a pool costs a twentieth of asking for 16 bytes each time.
const pool = Buffer.allocUnsafeSlow(4096);
let used = pool.length;

/** `size` (at most 256) random bytes, valid until the next call. */
export function randomBytesView(size: number): Buffer {
  if (used + size > pool.length) {
    randomFillSync(pool);
    used = 0;
  }
  const bytes = pool.subarray(used, used + size);
  used += size;
  return bytes;
}

/** 32 hexadecimal digits, 128 random bits. */
export function randomId(): string {
  return randomBytesView(16).toString('hex');
}

const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';

/** `length` letters and digits, each equally likely (BlitzPHP: Text::random). */
export function randomText(length: number): string {
  let text = '';
  while (text.length < length) {
    for (const byte of randomBytesView(64)) {
      const letter = LETTERS[byte & 63];
      if (letter !== undefined && text.length < length) text += letter;
    }
  }
  return text;
}
