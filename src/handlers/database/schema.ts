/** The SQL that a server speaks, named as the drivers of `config/database`. */
export type Dialect = 'mysql' | 'postgre';

/** A table of sessions. */
export interface SessionTable {
  readonly dialect: Dialect;
  /** Its whole name, prefix included: `sessions`, or with a schema `web.sessions`. */
  readonly name: string;
  /** The primary key is (id, ip_address) instead of (id). */
  readonly matchIP: boolean;
  /** Whether a PHP application shares it: then it has that one's four columns and no others. */
  readonly shared?: boolean;
}

/** PostgreSQL takes 63 characters, and the name of the index is that of the table with a word behind. */
const LONGEST_NAME = 53;
const NAME = /^(?:[A-Za-z_][\w$]*\.)?[A-Za-z_][\w$]*$/;

/** The whole name of the table that `savePath` names in a group with this prefix; undefined when it is no name. */
export function tableName(savePath: string, prefix: string): string | undefined {
  const dot = savePath.lastIndexOf('.') + 1;
  const name = `${savePath.slice(0, dot)}${prefix}${savePath.slice(dot)}`;
  const fits = name.split('.').every((part) => part.length <= LONGEST_NAME);
  return savePath.slice(dot) !== '' && NAME.test(name) && fits ? name : undefined;
}

/** `web.sessions` as it stands in a statement. */
export function quotedName(dialect: Dialect, name: string): string {
  const mark = dialect === 'mysql' ? '`' : '"';
  return name
    .split('.')
    .map((part) => `${mark}${part}${mark}`)
    .join('.');
}

/** The columns of the primary key. */
export function primaryKey(matchIP: boolean): readonly string[] {
  return matchIP ? ['id', 'ip_address'] : ['id'];
}

const LEASE: Readonly<Record<Dialect, string>> = {
  mysql: `
  lock_owner varchar(32) CHARACTER SET ascii COLLATE ascii_bin NULL DEFAULT NULL,
  lock_until timestamp(6) NULL DEFAULT NULL,`,
  postgre: `
  lock_owner varchar(32) NULL DEFAULT NULL,
  lock_until timestamptz NULL DEFAULT NULL,`,
};

/**
 * The statements that make a table of sessions. The first four columns are BlitzPHP's, so that its applications can
 * read and write the rows; ours behind them have defaults, and where such an application takes part there are none. MySQL compares text without regard to case unless told
 * otherwise, and an id is no text.
 */
export function createTable({ dialect, name, matchIP, shared = false }: SessionTable): readonly string[] {
  const table = quotedName(dialect, name);
  const index = quotedName(dialect, `${name.slice(name.lastIndexOf('.') + 1)}_timestamp`);
  const lease = shared ? '' : LEASE[dialect];
  const key = `PRIMARY KEY (${primaryKey(matchIP).join(', ')})`;
  if (dialect === 'mysql') {
    return [
      `CREATE TABLE ${table} (
  id varchar(128) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  ip_address varchar(45) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  timestamp timestamp NOT NULL DEFAULT CURRENT_TIMESTAMP,
  data mediumblob NOT NULL,${lease}
  ${key},
  KEY ${index} (timestamp)
) ENGINE=InnoDB`,
    ];
  }
  return [
    `CREATE TABLE ${table} (
  id varchar(128) NOT NULL,
  ip_address inet NOT NULL,
  timestamp timestamptz NOT NULL DEFAULT CURRENT_TIMESTAMP,
  data bytea NOT NULL DEFAULT '',${lease}
  ${key}
)`,
    `CREATE INDEX ${index} ON ${table} (timestamp)`,
  ];
}

/** The statements that take it back, with every session in it. */
export function dropTable({ dialect, name }: SessionTable): readonly string[] {
  return [`DROP TABLE ${quotedName(dialect, name)}`];
}
