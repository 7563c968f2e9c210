import { BATCH, type Right } from '../rows.js';

/** Every statement on one table; `$1` is the id and `$2` the owner unless something else is said. */
export interface Statements {
  /** $3: seconds of the lease. */
  readonly acquire: string;
  readonly exists: string;
  readonly peek: string;
  /** $1 id, $2 address, $3 data, $4 seconds by which the clock was moved. */
  readonly create: string;
  /** $3 data, $4 as above. */
  readonly write: string;
  /** $5: seconds of the lease. */
  readonly writeAndKeep: string;
  /** $3: seconds by which the clock was moved. */
  readonly touch: string;
  /** $4: seconds of the lease. */
  readonly touchAndKeep: string;
  /** $3: seconds of the lease. */
  readonly renew: string;
  readonly release: string;
  readonly destroy: string;
  /** $3: the other id. */
  readonly rename: string;
  /** $1: seconds without use, $2: the beginning of this application's ids. */
  readonly collect: string;
}

/**
 * The lock and what only serves it need not survive a crash: the commit of these statements does not wait for the disk.
 * Who holds a lock that a crash has undone is refused by his own write, which names the owner and does wait.
 */
const UNHURRIED = `set_config('synchronous_commit', 'off', true)`;
export const AGE = `extract(epoch FROM clock_timestamp() - "timestamp")::float8`;
/** pg turns everything that it receives into text, so bytes are asked for as text. */
export const DATA = `encode(data, 'base64')`;
const FREE = 'lock_until IS NULL OR lock_until < clock_timestamp()';
const lease = (seconds: string) => `clock_timestamp() + ${seconds} * interval '1 second'`;
export const now = (shift: string) => `now() + ${shift} * interval '1 second'`;

/** `table`: its name, quoted. */
export function statementsFor(table: string): Statements {
  const mine = 'WHERE id = $1 AND lock_owner = $2';
  const update = (set: string, where = mine) => `UPDATE ${table} SET ${set} ${where}`;
  const nobody = 'lock_owner = NULL, lock_until = NULL';
  const unhurried = `RETURNING ${UNHURRIED}`;
  return {
    // UPDATE reads the newest version of the row even when it had to wait for it: no snapshot from before the lock.
    acquire: `${update(`lock_owner = $2, lock_until = ${lease('$3')}`, `WHERE id = $1 AND (${FREE})`)} RETURNING ${DATA}, ${AGE}, ${UNHURRIED}`,
    exists: `SELECT 1 FROM ${table} WHERE id = $1`,
    peek: `SELECT ${DATA}, ${AGE} FROM ${table} WHERE id = $1`,
    create: `INSERT INTO ${table} (id, ip_address, data, "timestamp") VALUES ($1, $2, $3, ${now('$4')}) ON CONFLICT DO NOTHING`,
    write: update(`data = $3, "timestamp" = ${now('$4')}, ${nobody}`),
    writeAndKeep: update(`data = $3, "timestamp" = ${now('$4')}, lock_until = ${lease('$5')}`),
    touch: update(`"timestamp" = ${now('$3')}, ${nobody}`),
    touchAndKeep: update(`"timestamp" = ${now('$3')}, lock_until = ${lease('$4')}`),
    renew: `${update(`lock_until = ${lease('$3')}`)} ${unhurried}`,
    release: `${update(nobody)} ${unhurried}`,
    destroy: `DELETE FROM ${table} ${mine}`,
    rename: update(`id = $3, ${nobody}`),
    collect: `DELETE FROM ${table} WHERE ctid = ANY(ARRAY(
      SELECT ctid FROM ${table} WHERE "timestamp" < now() - $1 * interval '1 second' AND (${FREE}) AND starts_with(id, $2)
      ORDER BY "timestamp" LIMIT ${BATCH} FOR UPDATE SKIP LOCKED))`,
  };
}

/** `lease`: with the columns of the lock. */
export function attempts(table: string, lease = true): Readonly<Record<Right, string>> {
  const columns = `id, ip_address, "timestamp", data${lease ? ', lock_owner, lock_until' : ''}`;
  const same = lease ? ', lock_owner = lock_owner, lock_until = lock_until' : '';
  return {
    SELECT: `SELECT ${columns} FROM ${table} WHERE false`,
    INSERT: `INSERT INTO ${table} (id, ip_address, data, "timestamp") SELECT id, ip_address, data, "timestamp" FROM ${table} WHERE false`,
    UPDATE: `UPDATE ${table} SET id = id, data = data, "timestamp" = "timestamp"${same} WHERE false`,
    DELETE: `DELETE FROM ${table} WHERE false`,
  };
}

/** $1: the table's name, quoted, as `to_regclass` takes it. */
export const COLUMNS = `
SELECT a.attname::text, t.typname::text,
  CASE WHEN t.typname = 'varchar' AND a.atttypmod > 4 THEN (a.atttypmod - 4)::text END,
  EXISTS (SELECT FROM pg_index i WHERE i.indrelid = a.attrelid AND i.indisprimary AND a.attnum = ANY (i.indkey))::text,
  EXISTS (SELECT FROM pg_index i WHERE i.indrelid = a.attrelid AND i.indisvalid AND i.indkey[0] = a.attnum)::text
FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid
WHERE a.attrelid = to_regclass($1) AND a.attnum > 0 AND NOT a.attisdropped`;
