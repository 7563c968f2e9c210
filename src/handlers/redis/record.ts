/** A record as the handler gives it on. */
export interface StoredRecord {
  readonly data: string;
  /** Milliseconds since 1970. */
  readonly lastActivity: number;
}

/**
 * `@<13 digits: milliseconds since 1970>~<8 digits: who wrote>|` stands in front of the payload. Always as long, so
 * that a touch overwrites it without sending the payload; who wrote tells a command that ran twice.
 */
export const HEADER_LENGTH = 24;
const [AT, TILDE, BAR] = [0x40, 0x7e, 0x7c];

export function headerOf(now: number, token: string): string {
  return `@${String(now).padStart(13, '0')}~${token.slice(0, 8)}|`;
}

/** UTF-8 goes as text, which the client sends with one copy less. */
export function encodeRecord(header: string, data: string, encoding: 'utf8' | 'latin1'): string | Buffer {
  const text = header + data;
  return encoding === 'utf8' ? text : Buffer.from(text, 'latin1');
}

/** What somebody else put there has no header: no age is known, and whoever decodes it decides. */
export function decodeRecord(stored: Buffer, encoding: 'utf8' | 'latin1'): StoredRecord {
  const lastActivity =
    stored[0] === AT && stored[14] === TILDE && stored[HEADER_LENGTH - 1] === BAR
      ? Number(stored.toString('latin1', 1, 14))
      : Number.NaN;
  if (Number.isNaN(lastActivity)) return { data: stored.toString(encoding), lastActivity: 0 };
  return { data: stored.toString(encoding, HEADER_LENGTH), lastActivity };
}
