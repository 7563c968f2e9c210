import type { Serializer } from '../contracts/serializer.js';
import type { Values } from '../contracts/session.js';
import { assign } from '../support/paths.js';
import { type Origin, origins } from './php-origin.js';

/**
 * `inner`, for payloads in which some variables have names of the peer's: `names` leads from ours to the peer's. Nothing
 * else changes, neither values nor order. (CodeIgniter: `__ci_vars`, `__ci_last_regenerate`.)
 */
export function renamed(inner: Serializer, names: ReadonlyMap<string, string>): Serializer {
  const ours = new Map([...names].map(([our, peers]) => [peers, our]));
  return {
    name: inner.name,
    encoding: inner.encoding,
    encode: (values) => inner.encode(underNames(values, names)),
    decode: (data) => underNames(inner.decode(data), ours),
    check: (key, value) => inner.check(key, value),
  };
}

/** The same values, those under names of `names` under their others. */
function underNames(values: Values, names: ReadonlyMap<string, string>): Values {
  const keys = Object.keys(values);
  if (!keys.some((key) => names.has(key))) return values;
  const result: Values = {};
  for (const key of keys) assign(result, names.get(key) ?? key, values[key]);
  const origin = origins.get(values);
  if (origin !== undefined) origins.set(result, originUnder(origin, names));
  return result;
}

function originUnder(origin: Origin, names: ReadonlyMap<string, string>): Origin {
  const named = (key: string) => names.get(key) ?? key;
  const { order, floats, cells } = origin;
  return {
    ...origin,
    ...(order !== undefined && { order: order.map(named) }),
    ...(floats instanceof Set && { floats: new Set([...floats].map(named)) }),
    ...(cells !== undefined && { cells: new Map([...cells].map(([key, cell]) => [named(key), cell])) }),
  };
}
