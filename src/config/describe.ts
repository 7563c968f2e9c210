import type { Sentence } from './sentence.js';

const LONGEST = 60;
/** Texts that may hold a password although their option is no secret: addresses with credentials, `auth=…`. */
const CREDENTIALS = /@|(?:auth|pass\w*|key|token|secret)\s*[=:]/i;

/**
 * What was found, for a fault: the value of a short scalar, else its type.
 * A secret is described by its type alone.
 */
export function describe(value: unknown, secret: boolean): Sentence {
  if (value === null) return same('null');
  if (typeof value === 'boolean' && !secret) return same(String(value));
  if ((typeof value === 'number' || typeof value === 'bigint') && !secret) return same(String(value));
  if (typeof value === 'string' && !secret && !CREDENTIALS.test(value)) {
    return same(JSON.stringify(value.length > LONGEST ? `${value.slice(0, LONGEST)}…` : value));
  }
  return kindOf(value);
}

function kindOf(value: unknown): Sentence {
  if (Array.isArray(value)) return { fr: 'une liste', en: 'a list' };
  if (value instanceof Date) return { fr: 'une date', en: 'a date' };
  switch (typeof value) {
    case 'string':
      return { fr: 'un texte', en: 'a string' };
    case 'number':
    case 'bigint':
      return { fr: 'un nombre', en: 'a number' };
    case 'boolean':
      return { fr: 'un booléen', en: 'a boolean' };
    case 'function':
      return { fr: 'une fonction', en: 'a function' };
    case 'object':
      return { fr: 'un objet', en: 'an object' };
    default:
      return same(typeof value);
  }
}

function same(text: string): Sentence {
  return { fr: text, en: text };
}
