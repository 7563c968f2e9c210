import type { HandlerOptions } from '../../contracts/handler.js';
import { BlitzError } from '../../errors.js';
import { isForbidden, type SqlError } from './failure.js';
import { inWords } from './in-words.js';
import { type Column, RIGHTS } from './rows.js';
import { type Dialect, primaryKey } from './schema.js';
import type { DatabaseStore } from './store.js';

/** The types that a column may have. The first four are BlitzPHP's columns, with the type that each must have. */
const TYPES: Readonly<Record<Dialect, Readonly<Record<string, readonly string[]>>>> = {
  mysql: {
    id: ['varchar', 'char'],
    ip_address: ['varchar', 'char', 'inet6'],
    timestamp: ['timestamp'],
    data: ['tinyblob', 'blob', 'mediumblob', 'longblob'],
    lock_owner: ['varchar', 'char'],
    lock_until: ['timestamp', 'datetime'],
  },
  postgre: {
    id: ['varchar', 'text'],
    ip_address: ['inet'],
    timestamp: ['timestamptz'],
    data: ['bytea'],
    lock_owner: ['varchar', 'text'],
    lock_until: ['timestamptz'],
  },
};
/** Characters of a lock's token. */
const OWNER = 32;

/**
 * Looks at the table once, at boot: that it is there with its columns, that ids fit, that its key goes with `matchIP`,
 * and that the account may do what sessions need. Finds out how large a record may be. Throws `E_SESSION_TABLE`.
 */
export async function checkTable(
  store: DatabaseStore,
  options: HandlerOptions,
  table: string,
  driver: Dialect,
): Promise<void> {
  const refuse = (reason: string, remedy: string, cause?: unknown) => {
    const details = { handler: 'database', table, reason, remedy };
    return new BlitzError('E_SESSION_TABLE', { details, ...(cause === undefined ? {} : { cause }) });
  };
  const columns = await store.rows.columns();
  if (columns.length === 0) throw refuse(...absent());
  for (const [name, types] of Object.entries(TYPES[driver])) {
    const column = columns.find((each) => each.name === name);
    if (column === undefined) throw refuse(...withoutColumn(name));
    if (!types.includes(column.type)) throw refuse(...wrongType(column, types));
  }
  const wanted = primaryKey(options.matchIP);
  const found = columns.filter(({ inKey }) => inKey).map(({ name }) => name);
  if (wanted.length !== found.length || !wanted.every((name) => found.includes(name)))
    throw refuse(...wrongKey(found, wanted, options.matchIP));
  demandRoom(columns, 'id', store.idOf('0'.repeat(64)).length, refuse);
  demandRoom(columns, 'lock_owner', OWNER, refuse);
  for (const right of RIGHTS) {
    try {
      await store.rows.attempt(right);
    } catch (cause) {
      if (isForbidden((cause as SqlError).code)) throw refuse(...forbidden(right, table), cause);
      throw cause;
    }
  }
  store.largest = await store.rows.largest(columns);
}

type Refuse = (reason: string, remedy: string) => BlitzError;
type Said = readonly [reason: string, remedy: string];

function demandRoom(columns: readonly Column[], name: string, needed: number, refuse: Refuse): void {
  const limit = columns.find((column) => column.name === name)?.limit;
  if (limit === undefined || limit >= needed) return;
  throw refuse(
    inWords(
      `la colonne ${name} tient ${limit} caractères, et il en faut ${needed}`,
      `the column ${name} holds ${limit} characters, and ${needed} are needed`,
    ),
    name === 'id'
      ? inWords('Élargissez-la, ou raccourcissez cookie_name', 'Widen it, or shorten cookie_name')
      : inWords('Élargissez-la', 'Widen it'),
  );
}

function migrate(): string {
  return inWords(
    'Lancez npx klinge session:table, puis npx klinge migrate',
    'Run npx klinge session:table, then npx klinge migrate',
  );
}

function absent(): Said {
  return [inWords('elle n’existe pas dans cette base', 'it does not exist in this database'), migrate()];
}

function withoutColumn(name: string): Said {
  return [inWords(`la colonne ${name} manque`, `the column ${name} is missing`), migrate()];
}

function wrongType({ name, type }: Column, types: readonly string[]): Said {
  const reason = inWords(
    `la colonne ${name} est de type ${type}, et non ${types.join(', ')}`,
    `the column ${name} is of the type ${type}, not ${types.join(', ')}`,
  );
  return [reason, migrate()];
}

function wrongKey(found: readonly string[], wanted: readonly string[], matchIP: boolean): Said {
  const key = (names: readonly string[]) => `(${names.join(', ')})`;
  const reason = inWords(
    `sa clé primaire est ${key(found)}, et matchIP: ${matchIP} demande ${key(wanted)}`,
    `its primary key is ${key(found)}, and matchIP: ${matchIP} needs ${key(wanted)}`,
  );
  return [reason, migrate()];
}

function forbidden(right: string, table: string): Said {
  return [
    inWords(
      `le compte de la base n’y a pas le droit ${right}`,
      `the account of the database has no right ${right} to it`,
    ),
    inWords(
      `Accordez-le : GRANT SELECT, INSERT, UPDATE, DELETE ON ${table} TO …`,
      `Grant it: GRANT SELECT, INSERT, UPDATE, DELETE ON ${table} TO …`,
    ),
  ];
}
