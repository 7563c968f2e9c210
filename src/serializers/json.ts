import type { Serializer } from '../contracts/serializer.js';
import type { Values } from '../contracts/session.js';
import { checkValue, checkValues } from './json-check.js';
import { isPlain, isPlainJson, TAG } from './json-plain.js';
import { malformed, reviveValues, tagValues } from './json-tags.js';

/**
 * Values as JSON, plus `Date`, `Map`, `Set`, `bigint`, `Uint8Array`, `Buffer`, `undefined`, `NaN`, `±Infinity`,
 * `-0` and objects without a prototype: all come back equal and with their type. Plain data gives exactly the
 * text of `JSON.stringify`. Anything else throws `E_SESSION_VALUE`. One object under two keys comes back as two.
 *
 * `check` looks at everything. `encode` does so for values with more than plain data; in plain data it reads
 * getters as their values, leaves out hidden properties, and sees symbol keys, named properties of lists and
 * `Object.create(data)` for certain only in the first containers.
 */
export const jsonSerializer: Serializer = {
  name: 'json',
  encoding: 'utf8',

  encode(values: Values): string {
    if (isPlain(values)) return JSON.stringify(values);
    checkValues(values);
    return JSON.stringify(tagValues(values));
  },

  /** Throws a `SyntaxError` that says nothing of the text. */
  decode(data: string): Values {
    const json = parse(data);
    if (!data.includes(TAG) && isObject(json) && isPlainJson(json)) return json;
    return reviveValues(json);
  },

  check: checkValue,
};

/** The error of `JSON.parse` quotes the text, so it is not passed on. */
function parse(data: string): unknown {
  try {
    return JSON.parse(data);
  } catch {
    throw malformed();
  }
}

function isObject(json: unknown): json is Values {
  return typeof json === 'object' && json !== null && !Array.isArray(json);
}
