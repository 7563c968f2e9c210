import { AGE, DATA, now } from '../../database/postgre/statements.js';
import { BATCH } from '../../database/rows.js';

/**
 * Every statement on one table. Those on one row begin with its id and, with `matchIP`, its address; `lock` and its
 * kin take the name, or both names, of the lock.
 */
export interface PostgreStatements {
  readonly tryLock: string;
  readonly lock: string;
  readonly unlock: string;
  /** Milliseconds of waiting for a lock, and of a whole statement. */
  readonly limits: string;
  /** Back to what the connection began with. */
  readonly noLimits: string;
  readonly read: string;
  /** … the connection's number, seconds by which the clock was moved. */
  readonly touch: string;
  /** … and the data. */
  readonly write: string;
  /** … the connection's number. */
  readonly remove: string;
  /** … the connection's number, the other id. */
  readonly rename: string;
  readonly ping: string;
  /** id, address, data, seconds by which the clock was moved. */
  readonly create: string;
  /** Seconds without use, the beginning of this application's ids. */
  readonly collect: string;
  readonly end: string;
}

/** `table`: its name, quoted. */
export function postgreStatements(table: string, matchIP: boolean): PostgreStatements {
  const row = matchIP ? 'WHERE id = $1 AND ip_address = $2' : 'WHERE id = $1';
  const next = (n: number) => `$${(matchIP ? 2 : 1) + n}`;
  // A lock is the backend's that took it: behind another one it would not be ours.
  const held = `${row} AND pg_backend_pid() = ${next(1)}::int`;
  const keys = matchIP ? 'hashtext($1), hashtext($2)' : 'hashtext($1)';
  const touched = `"timestamp" = ${now(next(2))}`;
  return {
    tryLock: `SELECT pg_try_advisory_lock(${keys})`,
    lock: `SELECT pg_advisory_lock(${keys})`,
    unlock: `SELECT pg_advisory_unlock(${keys})`,
    limits: `SELECT set_config('lock_timeout', $1, false), set_config('statement_timeout', $2, false)`,
    noLimits: `SELECT set_config('lock_timeout', NULL, false), set_config('statement_timeout', NULL, false)`,
    read: `SELECT ${DATA}, ${AGE} FROM ${table} ${row}`,
    touch: `UPDATE ${table} SET ${touched} ${held}`,
    write: `UPDATE ${table} SET ${touched}, data = ${next(3)} ${held}`,
    remove: `DELETE FROM ${table} ${held}`,
    rename: `UPDATE ${table} SET id = ${next(2)} ${held}`,
    ping: 'SELECT 1',
    create: `INSERT INTO ${table} (id, ip_address, data, "timestamp") VALUES ($1, $2, $3, ${now('$4')}) ON CONFLICT DO NOTHING`,
    collect: `DELETE FROM ${table} WHERE ctid = ANY(ARRAY(
      SELECT ctid FROM ${table} WHERE "timestamp" < now() - $1 * interval '1 second' AND starts_with(id, $2)
      ORDER BY "timestamp" LIMIT ${BATCH} FOR UPDATE SKIP LOCKED))`,
    end: 'SELECT pg_terminate_backend($1::int)',
  };
}
