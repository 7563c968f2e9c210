import * as v from 'valibot';
import type { DatabaseConfig, ResolvedDatabaseGroup } from '../contracts/config.js';
import type { Faults, Source } from './faults.js';
import { type DefaultsContext, type FileSchema, type Known, type Option, secret, text } from './option.js';
import { isPlain } from './plain.js';
import { type Layer, type Resolved, resolveOptions } from './resolve.js';
import { asBoolean, asNumber, asText } from './text.js';

type Driver = ResolvedDatabaseGroup['driver'];

const DRIVERS: ReadonlyMap<string, Driver> = new Map([
  ['mysql', 'mysql'],
  ['pdomysql', 'mysql'],
  ['postgre', 'postgre'],
  ['pdopgsql', 'postgre'],
  ['pgsql', 'postgre'],
  ['postgres', 'postgre'],
]);

const DRIVER: Option<Driver> = {
  schema: v.pipe(
    v.string(),
    v.transform((name) => DRIVERS.get(name.toLowerCase().replaceAll('_', ''))),
    v.picklist(['mysql', 'postgre']),
  ),
  otherwise: () => 'mysql',
  allowed: {
    fr: 'mysql ou postgre (aussi pdomysql, pdo_mysql, pdopgsql, pdo_pgsql, pgsql, postgres)',
    en: 'mysql or postgre (also pdomysql, pdo_mysql, pdopgsql, pdo_pgsql, pgsql, postgres)',
  },
  fromText: asText,
  required: true,
};

const PORT: Option<number> = {
  schema: v.pipe(v.number(), v.safeInteger(), v.minValue(1), v.maxValue(65535)),
  otherwise: (known: Known) => (known['driver'] === 'postgre' ? 5432 : 3306),
  allowed: { fr: 'un nombre entier de 1 à 65535', en: 'a whole number from 1 to 65535' },
  fromText: asNumber,
};

const CHARSET: Option<string> = {
  schema: v.pipe(v.string(), v.regex(/^[\w-]+$/)),
  otherwise: (known: Known) => (known['driver'] === 'postgre' ? 'utf8' : 'utf8mb4'),
  allowed: { fr: 'le nom d’un jeu de caractères', en: 'the name of a character set' },
  fromText: asText,
};

const object: v.GenericSchema<unknown, Record<string, unknown>> = v.custom<Record<string, unknown>>(
  (value) => typeof value === 'object' && value !== null && !Array.isArray(value),
);

const SSL: Option<boolean | Record<string, unknown>> = {
  schema: v.union([v.boolean(), object]),
  otherwise: () => false,
  allowed: {
    fr: 'true, false ou un objet { ca, cert, key… }',
    en: 'true, false or an object { ca, cert, key… }',
  },
  fromText: asBoolean,
  secret: true,
};

const POOL: Option<Record<string, unknown>> = {
  schema: object,
  otherwise: () => ({}),
  allowed: { fr: 'un objet', en: 'an object' },
  fromText: asText,
  secret: true,
};

const GROUP: FileSchema<ResolvedDatabaseGroup> = {
  aliases: {},
  options: {
    driver: DRIVER,
    host: text('localhost'),
    port: PORT,
    username: text(''),
    password: secret(''),
    database: text(''),
    charset: CHARSET,
    prefix: text(''),
    socket: text(''),
    ssl: SSL,
    pool: POOL,
  },
};

const AUTO = 'auto';
const DEFAULT_GROUP = 'default';

/** `config/database.ts` after all layers; a layer's group is laid over the same group of the layers below. */
export function resolveDatabase(
  layers: readonly Layer[],
  environment: string,
  context: DefaultsContext,
  faults: Faults,
): Resolved<DatabaseConfig> {
  const perGroup = new Map<string, Layer[]>();
  const origins: Record<string, Source> = { connection: 'default' };
  let asked = AUTO;
  for (const { source, values } of layers) {
    for (const [name, value] of Object.entries(values)) {
      if (value === undefined) continue;
      if (name === 'connection') {
        if (typeof value === 'string' && value !== '') {
          asked = value;
          origins['connection'] = source;
        } else {
          faults.value(source, name, value, {
            fr: "'auto' ou le nom d'un groupe",
            en: "'auto' or a group's name",
          });
        }
      } else if (isPlain(value)) {
        perGroup.set(name, [...(perGroup.get(name) ?? []), { source, values: value }]);
      } else {
        faults.value(
          source,
          name,
          value,
          { fr: 'un objet : un groupe { driver, host… }', en: 'an object: a group { driver, host… }' },
          true,
        );
      }
    }
  }

  const groups = new Map<string, ResolvedDatabaseGroup>();
  const refused = new Set<string>();
  for (const [name, own] of perGroup) {
    const resolved = resolveOptions(GROUP, own, context, faults, `${name}.`);
    groups.set(name, resolved.values);
    for (const [option, source] of Object.entries(resolved.origins)) origins[`${name}.${option}`] = source;
    for (const option of resolved.refused) refused.add(`${name}.${option}`);
  }

  const connection = asked !== AUTO ? asked : groups.has(environment) ? environment : DEFAULT_GROUP;
  if (asked !== AUTO && !groups.has(asked)) {
    const known = [AUTO, ...groups.keys()].join(', ');
    faults.value(origins['connection']!, 'connection', asked, { fr: known, en: known });
  }
  // fromEntries defines own properties, also for a group named `__proto__`.
  return { values: { connection, groups: Object.fromEntries(groups) }, origins, refused };
}
