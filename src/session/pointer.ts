import { createCipheriv, createDecipheriv, hkdfSync } from 'node:crypto';
import { randomBytesView } from '../support/random.js';
import { isSessionId } from './id.js';

const MARK = '>blitz:';
const CIPHER = 'aes-256-gcm';

/** What an old id leaves behind: until when it counts, and the id it leads to, if it leads anywhere. */
export interface Pointer {
  /** Milliseconds since 1970. */
  readonly until: number;
  /** Sealed; only who knows the old id can open it. */
  readonly sealed: string;
}

/** The record that replaces a retired session. Without `to` the old id leads nowhere. */
export function pointerRecord(until: number, oldId: string, to?: string): string {
  return `${MARK}${until}:${to === undefined ? '' : seal(oldId, to)}`;
}

/** `undefined` when the record is not a pointer. */
export function parsePointer(data: string): Pointer | undefined {
  if (!data.startsWith(MARK)) return undefined;
  const [until = '', sealed = ''] = data.slice(MARK.length).split(':');
  return { until: Number(until) || 0, sealed };
}

/** The id that the pointer leads to; `undefined` when it leads nowhere or was not sealed for this id. */
export function followPointer(pointer: Pointer, oldId: string): string | undefined {
  if (pointer.sealed === '') return undefined;
  try {
    const bytes = Buffer.from(pointer.sealed, 'base64url');
    const decipher = createDecipheriv(CIPHER, keyOf(oldId), bytes.subarray(0, 12));
    decipher.setAuthTag(bytes.subarray(-16));
    const id = Buffer.concat([decipher.update(bytes.subarray(12, -16)), decipher.final()]).toString('latin1');
    return isSessionId(id) ? id : undefined;
  } catch {
    return undefined;
  }
}

function seal(oldId: string, newId: string): string {
  const nonce = Buffer.from(randomBytesView(12));
  const cipher = createCipheriv(CIPHER, keyOf(oldId), nonce);
  const sealed = Buffer.concat([cipher.update(newId, 'latin1'), cipher.final()]);
  return Buffer.concat([nonce, sealed, cipher.getAuthTag()]).toString('base64url');
}

function keyOf(id: string): Uint8Array {
  return new Uint8Array(hkdfSync('sha256', id, '', 'blitz-session pointer', 32));
}
