import type { Later } from '../../../support/later.js';
import type { NewRow, Rows, StoredRow } from '../../database/rows.js';
import type { LockConnection } from './lock-pool.js';

/** A session's row, and the lock that PHP takes for it. */
export interface Target {
  /** What stands in the id column. */
  readonly row: string;
  /** With `matchIP`: what stands in the column of the address. */
  readonly ip: string | undefined;
  /** The lock's name; PostgreSQL may have two for one. */
  readonly lock: readonly [string] | readonly [string, string];
}

/** `busy`: somebody else has the lock. `absent`: locked, and no row there. */
export type Found = StoredRow | 'absent' | 'busy';

export interface Ended {
  /** Rows that were changed. */
  readonly count: number;
  /** Whether the lock was still held, and is free now; true where it was to be kept. */
  readonly freed: boolean;
}

/**
 * The table of a PHP application, in one server's SQL, with the locks that PHP takes. What belongs to a lock goes
 * through the connection that holds it, and changes a row only as long as that is so.
 */
export interface PeerRows extends Pick<Rows, 'attempt' | 'columns' | 'largest'> {
  /** Locks if that can be done at once, then reads: two statements, one round trip. */
  tryLock(connection: LockConnection, target: Target): Later<Found>;
  /**
   * The same, waiting on the server among all others who do. `whole`: the server was seen to count in seconds, so the
   * last one is begun. It may take longer than asked for, and then must be cut off.
   */
  waitForLock(connection: LockConnection, target: Target, milliseconds: number, whole: boolean): Later<Found>;
  /** Writes, or touches (`null`), then frees the lock unless `keep`: one round trip. */
  save(connection: LockConnection, target: Target, data: Buffer | null, keep: boolean): Later<Ended>;
  /** Makes the row that was absent when the lock was taken. */
  insert(connection: LockConnection, row: NewRow): Later<boolean>;
  /** Deletes the row, then frees the lock. */
  remove(connection: LockConnection, target: Target): Later<Ended>;
  /** Gives the row another id; false: it is gone, or that id is taken. */
  rename(connection: LockConnection, target: Target, to: string): Later<boolean>;
  /** False: there was no such lock on this connection. */
  release(connection: LockConnection, target: Target): Later<boolean>;
  /** Tells the server that the connection is in use. */
  ping(connection: LockConnection): Later<unknown>;

  // Over any connection.

  peek(target: Target): Later<StoredRow | undefined>;
  /** False when the id is taken. */
  create(row: NewRow): Later<boolean>;
  /** Deletes some of the rows that were not used for `seconds`; how many. */
  collect(seconds: number): Promise<number>;
  /** Ends another connection of this account, whatever it waits for. */
  end(backend: number): Later<unknown>;
}
