import type { TableRules } from './check.js';
import { inWords } from './in-words.js';
import type { Dialect } from './schema.js';

/** The first four are BlitzPHP's columns, with the type that each must have. */
const TYPES: Readonly<Record<Dialect, TableRules['types']>> = {
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

/** What our own table is like. `id`: characters of the longest id. */
export function ownTable(driver: Dialect, id: number): TableRules {
  return {
    types: TYPES[driver],
    room: { id, lock_owner: OWNER },
    mend(fault) {
      if (fault.kind !== 'room') return migrateIt();
      if (fault.column !== 'id') return inWords('Élargissez-la', 'Widen it');
      return inWords('Élargissez-la, ou raccourcissez cookie_name', 'Widen it, or shorten cookie_name');
    },
  };
}

/** The commands that make the table. */
export function migrateIt(): string {
  return inWords(
    'Lancez npx klinge session:table, puis npx klinge migrate',
    'Run npx klinge session:table, then npx klinge migrate',
  );
}
