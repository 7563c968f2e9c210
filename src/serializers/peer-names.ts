import type { Serializer } from '../contracts/serializer.js';
import type { Values } from '../contracts/session.js';
import { type Origin, origins } from './php-origin.js';

/**
 * `serializer` for a peer that has names of its own for some values of a session: `names` maps ours to its. A value that
 * happens to bear one of our names in its payload bears the peer's here, so that none is lost.
 */
export function withNames(serializer: Serializer, names: ReadonlyMap<string, string>): Serializer {
  const exchanged = new Map([...names, ...[...names].map(([ours, theirs]) => [theirs, ours] as const)]);
  return {
    name: serializer.name,
    encoding: serializer.encoding,
    encode: (values) => serializer.encode(renamed(values, exchanged)),
    decode: (data) => renamed(serializer.decode(data), exchanged),
    check: (key, value) => serializer.check(key, value),
  };
}

/** The same values in the same order; the object itself where no name changes. */
function renamed(values: Values, names: ReadonlyMap<string, string>): Values {
  const keys = Object.keys(values);
  if (!keys.some((key) => names.has(key))) return values;
  const nameOf = (key: string) => names.get(key) ?? key;
  const result: Values = {};
  for (const key of keys) {
    const property = { value: values[key], enumerable: true, configurable: true, writable: true };
    Object.defineProperty(result, nameOf(key), property);
  }
  const origin = origins.get(values);
  if (origin !== undefined) origins.set(result, renamedOrigin(origin, nameOf));
  return result;
}

function renamedOrigin(origin: Origin, nameOf: (key: string) => string): Origin {
  const { order, floats, cells, integers } = origin;
  return {
    ...(order !== undefined && { order: order.map(nameOf) }),
    ...(floats !== undefined && { floats: floats === true ? floats : new Set([...floats].map(nameOf)) }),
    ...(cells !== undefined && { cells: new Map([...cells].map(([key, cell]) => [nameOf(key), cell])) }),
    ...(integers !== undefined && { integers }),
  };
}
