import { hash } from 'node:crypto';

const LENGTH = 32;

/** The id rule: 32 hexadecimal digits in lower case. Nothing else ever becomes a key or a path. */
export function isSessionId(value: unknown): value is string {
  if (typeof value !== 'string' || value.length !== LENGTH) return false;
  for (let at = 0; at < LENGTH; at++) {
    const code = value.charCodeAt(at);
    if ((code < 48 || code > 57) && (code < 97 || code > 102)) return false;
  }
  return true;
}

/**
 * What the store knows an id by: its SHA-256, so that who reads the store cannot become its visitors. With `matchIP`
 * the address is part of it, and the same id from another address is another, unknown session.
 */
export function storageId(id: string, ip?: string): string {
  return hash('sha256', ip === undefined ? id : `${id} ${ip}`, 'hex');
}

/** Keys that are remembered, twice that at most: some hundred kilobytes. */
const REMEMBERED = 1024;

/** The storage ids of the last visitors: a request is rarely a visitor's only one, and asking OpenSSL again costs more. */
export class StorageIds {
  #recent = new Map<string, string>();
  #older = new Map<string, string>();

  of(id: string): string {
    const recent = this.#recent.get(id);
    if (recent !== undefined) return recent;
    const known = this.#older.get(id);
    const key = known ?? storageId(id);
    if (this.#recent.size >= REMEMBERED) {
      this.#older = this.#recent;
      this.#recent = new Map();
    }
    // A copy: what a cookie was cut from would otherwise stay as long as the id.
    this.#recent.set(Buffer.from(id, 'latin1').toString('latin1'), key);
    return key;
  }
}
