import { randomBytesView } from '../support/random.js';
import type { Settings } from './ini.js';

const ALPHABET = '0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-,';

/** A new id as PHP draws it: `session.sid_length` characters of `session.sid_bits_per_character` random bits each. */
export function newSid(settings: Settings): string {
  const mask = (1 << settings.number('sid_bits_per_character')) - 1;
  let sid = '';
  for (const byte of randomBytesView(settings.number('sid_length'))) sid += ALPHABET[byte & mask];
  return sid;
}

/** Whether PHP takes it for an id at all; one that it does not is replaced without a word. */
export function isUsableSid(id: string): boolean {
  return id !== '' && !/[\r\n\t <>'"\\]/.test(id);
}

/** What `session_create_id` accepts as a prefix. */
export function isUsablePrefix(prefix: string): boolean {
  return /^[A-Za-z0-9,-]*$/.test(prefix) && prefix.length <= 256;
}
