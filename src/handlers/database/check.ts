import type { HandlerOptions } from '../../contracts/handler.js';
import { BlitzError } from '../../errors.js';
import { isForbidden, type SqlError } from './failure.js';
import { inWords } from './in-words.js';
import { type Column, RIGHTS, type Rows } from './rows.js';
import { primaryKey } from './schema.js';

/** What a table must be like. */
export interface TableRules {
  /** The columns, and the types that each may have. */
  readonly types: Readonly<Record<string, readonly string[]>>;
  /** Characters that a column must hold. */
  readonly room: Readonly<Record<string, number>>;
  /** What to do about a table that is not. */
  readonly mend: (fault: TableFault) => string;
}

export type TableFault =
  | { readonly kind: 'absent' }
  | { readonly kind: 'missing' | 'type' | 'room'; readonly column: string }
  | { readonly kind: 'key'; readonly found: readonly string[]; readonly wanted: readonly string[] };

/**
 * Looks at the table once, at boot: that it is there with its columns, that ids fit, that its key goes with `matchIP`,
 * and that the account may do what sessions need. Finds out how large a record may be. Throws `E_SESSION_TABLE`.
 */
export async function checkTable(
  rows: Pick<Rows, 'attempt' | 'columns' | 'largest'>,
  { matchIP }: HandlerOptions,
  table: string,
  { types, room, mend }: TableRules,
): Promise<number> {
  const refuse: Refuse = (reason, remedy, cause) => {
    const details = { handler: 'database', table, reason, remedy };
    return new BlitzError('E_SESSION_TABLE', { details, ...(cause === undefined ? {} : { cause }) });
  };
  const columns = await rows.columns();
  if (columns.length === 0) throw refuse(absent(), mend({ kind: 'absent' }));
  for (const [name, allowed] of Object.entries(types)) {
    const column = columns.find((each) => each.name === name);
    if (column === undefined) throw refuse(withoutColumn(name), mend({ kind: 'missing', column: name }));
    if (!allowed.includes(column.type))
      throw refuse(wrongType(column, allowed), mend({ kind: 'type', column: name }));
  }
  const wanted = primaryKey(matchIP);
  const found = columns.filter(({ inKey }) => inKey).map(({ name }) => name);
  if (wanted.length !== found.length || !wanted.every((name) => found.includes(name)))
    throw refuse(wrongKey(found, wanted, matchIP), mend({ kind: 'key', found, wanted }));
  for (const [name, needed] of Object.entries(room)) {
    const limit = columns.find((column) => column.name === name)?.limit ?? needed;
    if (limit < needed) throw refuse(tooShort(name, limit, needed), mend({ kind: 'room', column: name }));
  }
  for (const right of RIGHTS) {
    try {
      await rows.attempt(right);
    } catch (cause) {
      if (isForbidden((cause as SqlError).code)) throw refuse(...forbidden(right, table), cause);
      throw cause;
    }
  }
  return rows.largest(columns);
}

type Refuse = (reason: string, remedy: string, cause?: unknown) => BlitzError;

function tooShort(name: string, limit: number, needed: number): string {
  return inWords(
    `la colonne ${name} tient ${limit} caractères, et il en faut ${needed}`,
    `the column ${name} holds ${limit} characters, and ${needed} are needed`,
  );
}

function absent(): string {
  return inWords('elle n’existe pas dans cette base', 'it does not exist in this database');
}

function withoutColumn(name: string): string {
  return inWords(`la colonne ${name} manque`, `the column ${name} is missing`);
}

function wrongType({ name, type }: Column, types: readonly string[]): string {
  return inWords(
    `la colonne ${name} est de type ${type}, et non ${types.join(', ')}`,
    `the column ${name} is of the type ${type}, not ${types.join(', ')}`,
  );
}

function wrongKey(found: readonly string[], wanted: readonly string[], matchIP: boolean): string {
  const key = (names: readonly string[]) => `(${names.join(', ')})`;
  return inWords(
    `sa clé primaire est ${key(found)}, et matchIP: ${matchIP} demande ${key(wanted)}`,
    `its primary key is ${key(found)}, and matchIP: ${matchIP} needs ${key(wanted)}`,
  );
}

function forbidden(right: string, table: string): readonly [reason: string, remedy: string] {
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
