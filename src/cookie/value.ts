import type { CookieInput, CookieValue } from '../contracts/cookie.js';
import type { Values } from '../contracts/session.js';
import { getPath, isContainer, MISSING, removePath, setPath } from '../support/paths.js';
import { refusal } from './refusal.js';

/** A value as a cookie keeps it. */
export interface CookieText {
  readonly text: string;
  /** The text is the JSON of a list or an object. */
  readonly structured: boolean;
}

/** Text as it is, numbers and booleans as text, lists and plain objects as JSON. Throws `E_COOKIE`. */
export function toText(value: CookieInput): CookieText {
  if (typeof value === 'string') return { text: value, structured: false };
  if (typeof value === 'number' || typeof value === 'boolean' || typeof value === 'bigint') {
    return { text: String(value), structured: false };
  }
  if (!isContainer(value)) throw refusal('type', { found: kindOf(value) });
  const text = toJson(value);
  if (text === undefined) throw refusal('json');
  return { text, structured: true };
}

/** Undefined where an own `toJSON` says so. */
function toJson(value: object): string | undefined {
  try {
    return JSON.stringify(value);
  } catch (cause) {
    throw refusal('json', {}, cause);
  }
}

function kindOf(value: unknown): string {
  if (value === null || value === undefined) return String(value);
  return typeof value === 'object' ? Object.prototype.toString.call(value).slice(8, -1) : typeof value;
}

/** The list or object that a text holds as JSON; else the text itself. A new one at each call. */
export function expand(text: string): CookieValue {
  if (!/^[[{]/.test(text)) return text;
  try {
    return JSON.parse(text) as CookieValue;
  } catch {
    return text;
  }
}

/** The part of the expanded value under a dotted path; `MISSING` when there is none. */
export function readPart(text: string, path: string): unknown {
  const value = expand(text);
  return typeof value === 'string' ? MISSING : getPath(...rooted(value, path));
}

/** The expanded value with `part` under a dotted path; empty text counts as an empty object. Throws `E_COOKIE`. */
export function withPart(text: string, path: string, part: unknown): CookieInput {
  const value = text === '' ? {} : expand(text);
  if (typeof value === 'string') throw refusal('added', { path });
  if (setPath(...rooted(value, path), part) !== undefined) throw refusal('added', { path });
  return value;
}

/** The expanded value without what is under a dotted path; the elements behind a removed one move up. */
export function withoutPart(text: string, path: string): CookieInput {
  const value = expand(text);
  if (typeof value !== 'string') removePath(...rooted(value, path));
  return value;
}

/** A list is walked as the value of a key: its own `length` is not one of its elements. */
function rooted(value: Values | unknown[], path: string): [Values, string] {
  return Array.isArray(value) ? [{ list: value }, `list.${path}`] : [value, path];
}
