import { types } from 'node:util';
import { isRecord } from './json-check.js';
import { MAX_DEPTH, TAG } from './json-plain.js';

type Json = Record<string, unknown>;

/**
 * The JSON form of values that passed the check. What JSON lacks becomes `{"@blitz": [kind, …]}`:
 * date ms|null · map [[key, value] …] · set [value …] · bigint digits · number NaN|Infinity|-Infinity|-0 ·
 * bytes base64 · buffer base64 · undefined · bare {…} (without prototype) · object {…} (has a member "@blitz").
 */
export function tagValues(values: object): unknown {
  const copy = tagMembers(values);
  return Object.hasOwn(values, TAG) ? tag('object', copy) : copy;
}

/** The values that `tagValues` was given; throws on any text that it does not make. `json` is used up. */
export function reviveValues(json: unknown): Json {
  if (!isObject(json)) throw malformed();
  if (!Object.hasOwn(json, TAG)) return reviveMembers(json, 0);
  const body = json[TAG];
  if (Object.keys(json).length !== 1 || !Array.isArray(body) || body[0] !== 'object') throw malformed();
  return reviveTag(body, 0) as Json;
}

/** Says nothing of the text: what a session holds does not belong in messages. */
export function malformed(): SyntaxError {
  return new SyntaxError('Not a session record of the json serializer');
}

function tag(kind: string, ...rest: unknown[]): Json {
  return { [TAG]: [kind, ...rest] };
}

function tagValue(value: unknown): unknown {
  switch (typeof value) {
    case 'number':
      if (Number.isFinite(value) && !Object.is(value, -0)) return value;
      return tag('number', Object.is(value, -0) ? '-0' : String(value));
    case 'bigint':
      return tag('bigint', value.toString());
    case 'undefined':
      return tag('undefined');
    case 'object':
      return value === null ? null : tagObject(value);
    default:
      return value;
  }
}

function tagObject(value: object): unknown {
  if (Array.isArray(value)) return value.map(tagValue);
  if (isRecord(value)) {
    const copy = tagMembers(value);
    if (Object.getPrototypeOf(value) === null) return tag('bare', copy);
    return Object.hasOwn(value, TAG) ? tag('object', copy) : copy;
  }
  if (types.isDate(value)) {
    const ms = value.getTime();
    return tag('date', Number.isNaN(ms) ? null : ms);
  }
  if (types.isMap(value))
    return tag(
      'map',
      Array.from(value, ([key, of]) => [tagValue(key), tagValue(of)]),
    );
  if (types.isSet(value)) return tag('set', Array.from(value, tagValue));
  const bytes = value as Uint8Array;
  const base64 = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64');
  return tag(Buffer.isBuffer(bytes) ? 'buffer' : 'bytes', base64);
}

function tagMembers(object: object): Json {
  const copy: Json = {};
  for (const key of Object.keys(object)) set(copy, key, tagValue((object as Json)[key]));
  return copy;
}

function revive(json: unknown, depth: number): unknown {
  if (typeof json === 'number' && (!Number.isFinite(json) || Object.is(json, -0))) throw malformed();
  if (typeof json !== 'object' || json === null) return json;
  if (depth > MAX_DEPTH) throw malformed();
  if (Array.isArray(json)) return reviveList(json, depth);
  if (!Object.hasOwn(json, TAG)) return reviveMembers(json as Json, depth);
  const body = (json as Json)[TAG];
  if (Object.keys(json).length !== 1 || !Array.isArray(body)) throw malformed();
  return reviveTag(body, depth);
}

function reviveMembers(json: Json, depth: number, into: Json = json): Json {
  for (const key of Object.keys(json)) set(into, key, revive(json[key], depth + 1));
  return into;
}

function reviveList(json: unknown[], depth: number): unknown[] {
  for (let i = 0; i < json.length; i++) json[i] = revive(json[i], depth + 1);
  return json;
}

function reviveTag(body: readonly unknown[], depth: number): unknown {
  const [kind, data] = body;
  if (body.length !== (kind === 'undefined' ? 1 : 2)) throw malformed();
  switch (kind) {
    case 'undefined':
      return undefined;
    case 'date':
      return reviveDate(data);
    case 'number':
      return reviveNumber(data);
    case 'bigint':
      if (typeof data !== 'string' || !/^(?:0|-?[1-9]\d*)$/.test(data)) throw malformed();
      return BigInt(data);
    case 'bytes':
      return new Uint8Array(reviveBytes(data));
    case 'buffer':
      return reviveBytes(data);
    case 'map':
      return reviveMap(data, depth);
    case 'set':
      return reviveSet(data, depth);
    case 'bare':
      if (!isObject(data)) throw malformed();
      return reviveMembers(data, depth, Object.create(null) as Json);
    case 'object':
      if (!isObject(data) || !Object.hasOwn(data, TAG)) throw malformed();
      return reviveMembers(data, depth);
    default:
      throw malformed();
  }
}

function reviveDate(data: unknown): Date {
  if (data === null) return new Date(Number.NaN);
  const date = new Date(typeof data === 'number' ? data : Number.NaN);
  if (!Object.is(date.getTime(), data)) throw malformed();
  return date;
}

function reviveNumber(data: unknown): number {
  if (data === 'NaN' || data === 'Infinity' || data === '-Infinity' || data === '-0') return Number(data);
  throw malformed();
}

function reviveBytes(data: unknown): Buffer {
  if (typeof data !== 'string') throw malformed();
  const bytes = Buffer.from(data, 'base64');
  if (bytes.toString('base64') !== data) throw malformed();
  return bytes;
}

function reviveMap(data: unknown, depth: number): Map<unknown, unknown> {
  if (!Array.isArray(data)) throw malformed();
  const map = new Map<unknown, unknown>();
  for (const pair of data as unknown[]) {
    if (!Array.isArray(pair) || pair.length !== 2) throw malformed();
    map.set(revive(pair[0], depth + 1), revive(pair[1], depth + 1));
  }
  if (map.size !== data.length) throw malformed();
  return map;
}

function reviveSet(data: unknown, depth: number): Set<unknown> {
  if (!Array.isArray(data)) throw malformed();
  const set = new Set(reviveList(data, depth));
  if (set.size !== data.length) throw malformed();
  return set;
}

function isObject(json: unknown): json is Json {
  return typeof json === 'object' && json !== null && !Array.isArray(json);
}

/** Plain assignment of `__proto__` would change the prototype. */
function set(object: Json, key: string, value: unknown): void {
  if (key !== '__proto__') object[key] = value;
  else Object.defineProperty(object, key, { value, writable: true, enumerable: true, configurable: true });
}
