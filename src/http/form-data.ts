import { unescape as decodeLoosely } from 'node:querystring';
import type { Values } from '../contracts/session.js';
import { assign } from '../support/paths.js';
import { HttpError } from './http-error.js';

/** Levels of brackets; what is deeper is left out, as PHP's `max_input_nesting_level` does. */
const DEEPEST = 32;
const INDEX = /^(?:0|[1-9]\d{0,9})$/;

/** Values by their keys, and the number that `[]` takes next. */
interface Branch {
  readonly entries: Map<string, string | Branch>;
  next: number;
}

/**
 * A query, or a body of `application/x-www-form-urlencoded`, as PHP reads it: `a[]=1&a[]=2` is a list, `user[name]=Ada` an
 * object, and so is `stock[12]=3`, whose key is kept; of two values with the same name the last one counts. Keys from 0
 * without a gap make a list. Names stay as they are (PHP makes `_` of dots and blanks). Throws 413 for more than `most`
 * values.
 */
export function parseForm(text: string, most: number = Number.POSITIVE_INFINITY): Values {
  const root = branch();
  let count = 0;
  for (let from = 0; from < text.length; ) {
    const found = text.indexOf('&', from);
    const end = found === -1 ? text.length : found;
    if (end > from) {
      count += 1;
      if (count > most) throw new HttpError(413);
      addPair(root, text.slice(from, end));
    }
    from = end + 1;
  }
  return objectOf(root);
}

function addPair(root: Branch, pair: string): void {
  const equals = pair.indexOf('=');
  const keys = keysOf(decoded(equals === -1 ? pair : pair.slice(0, equals)));
  if (keys === undefined || harms(keys)) return;
  const value = equals === -1 ? '' : decoded(pair.slice(equals + 1));
  let at = root;
  keys.forEach((key, depth) => {
    const own = key === '' ? String(at.next) : key;
    if (INDEX.test(own)) at.next = Math.max(at.next, Number(own) + 1);
    if (depth === keys.length - 1) {
      at.entries.set(own, value);
      return;
    }
    const known = at.entries.get(own);
    const inner = typeof known === 'object' ? known : branch();
    at.entries.set(own, inner);
    at = inner;
  });
}

/** Whoever merges objects key by key would change the prototype of all objects with it. */
function harms(keys: readonly string[]): boolean {
  return keys.some(
    (key, at) => key === '__proto__' || (key === 'prototype' && keys[at - 1] === 'constructor'),
  );
}

/** `rows[0][name]` → `rows`, `0`, `name`; undefined where it is no name or too deep. */
function keysOf(name: string): string[] | undefined {
  if (name === '') return undefined;
  const open = name.indexOf('[');
  if (open < 1) return [name];
  const keys = [name.slice(0, open)];
  for (let from = open; name[from] === '['; ) {
    const close = name.indexOf(']', from);
    // Without its end a bracket is a letter.
    if (close === -1) return keys.length === 1 ? [name] : keys;
    if (keys.length > DEEPEST) return undefined;
    keys.push(name.slice(from + 1, close));
    from = close + 1;
  }
  return keys;
}

function branch(): Branch {
  return { entries: new Map(), next: 0 };
}

function objectOf({ entries }: Branch): Values {
  const values: Values = {};
  for (const [key, value] of entries) assign(values, key, typeof value === 'string' ? value : treeOf(value));
  return values;
}

function treeOf(inner: Branch): Values | unknown[] {
  const { entries, next } = inner;
  // As many numbers as the next one says, and nothing else: none is missing.
  const isList = entries.size === next && [...entries.keys()].every((key) => INDEX.test(key));
  if (!isList) return objectOf(inner);
  return Array.from({ length: next }, (_, at) => {
    const value = entries.get(String(at)) as string | Branch;
    return typeof value === 'string' ? value : treeOf(value);
  });
}

function decoded(text: string): string {
  const spaced = text.includes('+') ? text.replaceAll('+', ' ') : text;
  if (!spaced.includes('%')) return spaced;
  try {
    return decodeURIComponent(spaced);
  } catch {
    return decodeLoosely(spaced);
  }
}
