import { hash } from 'node:crypto';

const RULE = /^[0-9a-f]{32}$/;

/** The id rule: 32 hexadecimal digits in lower case. Nothing else ever becomes a key or a path. */
export function isSessionId(value: unknown): value is string {
  return typeof value === 'string' && value.length === 32 && RULE.test(value);
}

/**
 * What the store knows an id by: its SHA-256, so that who reads the store cannot become its visitors. With `matchIP`
 * the address is part of it, and the same id from another address is another, unknown session.
 */
export function storageId(id: string, ip?: string): string {
  return hash('sha256', ip === undefined ? id : `${id} ${ip}`, 'hex');
}
