import type { TableFault, TableRules } from '../../database/check.js';
import { inWords } from '../../database/in-words.js';
import { migrateIt } from '../../database/rules.js';
import type { Dialect } from '../../database/schema.js';

/** The columns of BlitzPHP and CodeIgniter, and the types that PHP's statements work with. */
const TYPES: Readonly<Record<Dialect, TableRules['types']>> = {
  mysql: {
    id: ['varchar', 'char'],
    ip_address: ['varchar', 'char'],
    timestamp: ['timestamp'],
    data: ['blob', 'mediumblob', 'longblob', 'tinyblob'],
  },
  postgre: {
    id: ['varchar', 'text'],
    ip_address: ['inet', 'varchar', 'text'],
    timestamp: ['timestamptz'],
    data: ['bytea'],
  },
};

/** Each column as both frameworks document it; `data` without MySQL's limit of 64 KB. */
const COLUMNS: Readonly<Record<Dialect, Readonly<Record<string, readonly [type: string, rest: string]>>>> = {
  mysql: {
    id: ['varchar(128)', 'NOT NULL'],
    ip_address: ['varchar(45)', 'NOT NULL'],
    timestamp: ['timestamp', 'NOT NULL DEFAULT CURRENT_TIMESTAMP'],
    data: ['mediumblob', 'NOT NULL'],
  },
  postgre: {
    id: ['varchar(128)', 'NOT NULL'],
    ip_address: ['inet', 'NOT NULL'],
    timestamp: ['timestamptz', 'NOT NULL DEFAULT CURRENT_TIMESTAMP'],
    data: ['bytea', "NOT NULL DEFAULT ''"],
  },
};

/** What the table of a PHP application is like. `table`: its name, quoted; `id`: characters of the longest id. */
export function peerTable(driver: Dialect, table: string, id: number): TableRules {
  return {
    types: TYPES[driver],
    room: { id },
    mend(fault) {
      if (fault.kind === 'absent') return migrateIt();
      const sql = `ALTER TABLE ${table} ${changeFor(fault, driver, table)}`;
      return inWords(
        `La table est aussi celle de PHP ; pour la changer : ${sql}`,
        `The table is PHP's as well; to change it: ${sql}`,
      );
    },
  };
}

function changeFor(fault: Exclude<TableFault, { kind: 'absent' }>, driver: Dialect, table: string): string {
  if (fault.kind === 'key') return keyFor(fault.found, fault.wanted, driver, table);
  const { column } = fault;
  const [type = '', rest = ''] = COLUMNS[driver][column] ?? [];
  if (fault.kind === 'missing') return `ADD ${column} ${type} ${rest}`;
  return driver === 'mysql' ? `MODIFY ${column} ${type} ${rest}` : `ALTER ${column} TYPE ${type}`;
}

function keyFor(found: readonly string[], wanted: readonly string[], driver: Dialect, table: string): string {
  const add = `ADD PRIMARY KEY (${wanted.join(', ')})`;
  if (found.length === 0) return add;
  const name = table.slice(table.lastIndexOf('.') + 1).replaceAll('"', '');
  return `DROP ${driver === 'mysql' ? 'PRIMARY KEY' : `CONSTRAINT "${name}_pkey"`}, ${add}`;
}
