import { BATCH, type Right } from '../rows.js';

/** Every prepared statement on one table, its values in the order of the question marks. */
export interface Statements {
  readonly exists: string;
  readonly peek: string;
  /** id, address, data, seconds by which the clock was moved. */
  readonly create: string;
  /** data, seconds as above, id, owner. */
  readonly write: string;
  /** data, seconds as above, microseconds of the lease, id, owner. */
  readonly writeAndKeep: string;
  /** seconds as above, id, owner. */
  readonly touch: string;
  /** seconds as above, microseconds of the lease, id, owner. */
  readonly touchAndKeep: string;
  /** microseconds of the lease, id, owner. */
  readonly renew: string;
  readonly release: string;
  readonly destroy: string;
  /** the other id, id, owner. */
  readonly rename: string;
  /** seconds without use, the beginning of this application's ids twice. */
  readonly old: string;
}

// UNIX_TIMESTAMP reads what the column holds whatever the zone of the connection; NOW() is written in its zone, UTC.
export const AGE = 'UNIX_TIMESTAMP(NOW(6)) - UNIX_TIMESTAMP(`timestamp`)';
const FREE = '(lock_until IS NULL OR lock_until < NOW(6))';
const NOW = 'NOW() + INTERVAL ? SECOND';
const LEASE = 'NOW(6) + INTERVAL ? MICROSECOND';
/** A column that some servers would renew with every change of the row. */
const SAME_AGE = '`timestamp` = `timestamp`';

/** `table`: its name, quoted. */
export function statementsFor(table: string): Statements {
  const mine = 'WHERE id = ? AND lock_owner = ?';
  const update = (set: string) => `UPDATE ${table} SET ${set} ${mine}`;
  const nobody = 'lock_owner = NULL, lock_until = NULL';
  return {
    exists: `SELECT 1 FROM ${table} WHERE id = ?`,
    peek: `SELECT data, ${AGE} AS age FROM ${table} WHERE id = ?`,
    create: `INSERT INTO ${table} (id, ip_address, data, \`timestamp\`) VALUES (?, ?, ?, ${NOW})`,
    write: update(`data = ?, \`timestamp\` = ${NOW}, ${nobody}`),
    writeAndKeep: update(`data = ?, \`timestamp\` = ${NOW}, lock_until = ${LEASE}`),
    touch: update(`\`timestamp\` = ${NOW}, ${nobody}`),
    touchAndKeep: update(`\`timestamp\` = ${NOW}, lock_until = ${LEASE}`),
    renew: update(`lock_until = ${LEASE}, ${SAME_AGE}`),
    release: update(`${nobody}, ${SAME_AGE}`),
    destroy: `DELETE FROM ${table} ${mine}`,
    rename: update(`id = ?, ${nobody}, ${SAME_AGE}`),
    old: `SELECT id FROM ${table} WHERE \`timestamp\` < NOW() - INTERVAL ? SECOND AND ${FREE} AND LEFT(id, CHAR_LENGTH(?)) = ? ORDER BY \`timestamp\` LIMIT ${BATCH}`,
  };
}

/**
 * Lock, then read, as two statements of one message: MySQL has no UPDATE that returns rows, and one statement that does
 * both would read a snapshot from before the lock. The values are quoted already; `lease` are microseconds. The columns
 * have names, or the server would say each owner's token in its answer.
 */
export function acquire(table: string, id: string, owner: string, lease: number): string {
  return `UPDATE ${table} SET lock_owner = ${owner}, lock_until = NOW(6) + INTERVAL ${lease} MICROSECOND, ${SAME_AGE} WHERE id = ${id} AND ${FREE};SELECT IF(lock_owner = ${owner}, data, NULL) AS data, ${AGE} AS age FROM ${table} WHERE id = ${id}`;
}

/** Deletes those of `count` rows that are still old and free: seconds without use, then the ids. */
export function deleteOld(table: string, count: number): string {
  const ids = Array(count).fill('?').join(', ');
  return `DELETE FROM ${table} WHERE \`timestamp\` < NOW() - INTERVAL ? SECOND AND ${FREE} AND id IN (${ids})`;
}

/** `lease`: with the columns of the lock. */
export function attempts(table: string, lease = true): Readonly<Record<Right, string>> {
  const columns = `id, ip_address, \`timestamp\`, data${lease ? ', lock_owner, lock_until' : ''}`;
  const same = lease ? ', lock_owner = lock_owner, lock_until = lock_until' : '';
  return {
    SELECT: `SELECT ${columns} FROM ${table} WHERE 1 = 0`,
    INSERT: `INSERT INTO ${table} (id, ip_address, data, \`timestamp\`) SELECT id, ip_address, data, \`timestamp\` FROM ${table} WHERE 1 = 0`,
    UPDATE: `UPDATE ${table} SET id = id, data = data, ${SAME_AGE}${same} WHERE 1 = 0`,
    DELETE: `DELETE FROM ${table} WHERE 1 = 0`,
  };
}

/** The schema, NULL for the connection's own, and the table. */
export const COLUMNS = `
SELECT c.column_name, c.data_type, COALESCE(IF(c.data_type LIKE '%blob', c.character_octet_length, c.character_maximum_length), -1),
  EXISTS (SELECT 1 FROM information_schema.statistics s WHERE s.table_schema = c.table_schema AND s.table_name = c.table_name
    AND s.column_name = c.column_name AND s.index_name = 'PRIMARY'),
  EXISTS (SELECT 1 FROM information_schema.statistics s WHERE s.table_schema = c.table_schema AND s.table_name = c.table_name
    AND s.column_name = c.column_name AND s.seq_in_index = 1)
FROM information_schema.columns c WHERE c.table_schema = COALESCE(?, DATABASE()) AND c.table_name = ?`;

/** What a connection is told first; `seconds`: longest wait for a row that somebody else changes. */
export function firstWords(seconds: number): string {
  return [
    "SET time_zone = '+00:00'",
    // What does not fit is an error, never cut.
    "SET SESSION sql_mode = CONCAT_WS(',', NULLIF(@@sql_mode, ''), 'STRICT_TRANS_TABLES')",
    `SET SESSION innodb_lock_wait_timeout = ${seconds}`,
    'SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED',
  ].join(';');
}
