import * as v from 'valibot';
import type { Faults, Source } from './faults.js';
import type { DefaultsContext, FileSchema, Option } from './option.js';

/** What one source says about one file's options. */
export interface Layer {
  readonly source: Source;
  readonly values: Readonly<Record<string, unknown>>;
}

/** One file's options after all layers. */
export interface Resolved<T> {
  readonly values: T;
  /** Option → where its value came from; `default` where nobody said. */
  readonly origins: Readonly<Record<string, Source>>;
  /** Options with a fault of their own: rules between options leave them alone. */
  readonly refused: ReadonlySet<string>;
}

type Table = ReadonlyMap<string, Option<unknown>>;

/**
 * Lays the layers over each other, the last one winning, and fills in the defaults in the table's order.
 * Every value of every layer is checked, also one that a later layer replaces. `undefined` says nothing.
 *
 * @param prefix stands before each option's name in a fault: `default.` for a database group
 */
export function resolveOptions<T extends object>(
  schema: FileSchema<T>,
  layers: readonly Layer[],
  context: DefaultsContext,
  faults: Faults,
  prefix = '',
): Resolved<T> {
  const table: Table = new Map(Object.entries<Option<unknown>>(schema.options as never));
  const values: Record<string, unknown> = {};
  const origins: Record<string, Source> = {};
  const refused = new Set<string>();

  for (const { source, values: given } of layers) {
    for (const [name, key] of namesOf(given, schema, table, { source, faults, prefix })) {
      const option = table.get(name)!;
      const raw = given[key];
      if (raw === null && option.nullable) {
        delete values[name];
        continue;
      }
      const checked = v.safeParse(option.schema, raw);
      if (checked.success) {
        values[name] = checked.output;
        origins[name] = source;
      } else {
        refused.add(name);
        faults.value(source, prefix + key, raw, option.explain?.(raw) ?? option.allowed, option.secret);
      }
    }
  }

  for (const [name, option] of table) {
    if (Object.hasOwn(values, name)) continue;
    if (option.required && !refused.has(name)) {
      refused.add(name);
      faults.missing(layers.at(-1)?.source ?? 'default', prefix + name, option.allowed);
    }
    values[name] = option.otherwise(values, context);
    origins[name] = 'default';
  }
  const inOrder = <V>(record: Record<string, V>): Record<string, V> =>
    Object.fromEntries([...table.keys()].map((name) => [name, record[name]!]));
  return { values: inOrder(values) as T, origins: inOrder(origins), refused };
}

/** Option → the key that gives it in this layer. Unknown keys and second spellings become faults. */
function* namesOf<T>(
  given: Layer['values'],
  schema: FileSchema<T>,
  table: Table,
  { source, faults, prefix }: { source: Source; faults: Faults; prefix: string },
): Generator<[name: string, key: string]> {
  const names = new Map<string, string>();
  for (const [key, raw] of Object.entries(given)) {
    if (raw === undefined) continue;
    const name = Object.hasOwn(schema.aliases, key) ? schema.aliases[key]! : key;
    if (!table.has(name)) faults.unknown(source, key, [...table.keys()], raw, prefix);
    else if (names.has(name)) faults.twice(source, prefix + key, prefix + names.get(name)!);
    else {
      names.set(name, key);
      yield [name, key];
    }
  }
}
