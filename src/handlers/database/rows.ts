import type { HandlerOptions } from '../../contracts/handler.js';
import type { Later } from '../../support/later.js';

/** A record as it was read. */
export interface StoredRow {
  readonly data: string;
  /** Milliseconds since 1970, by the application's clock. */
  readonly lastActivity: number;
}

/** What a row is created with. */
export interface NewRow {
  readonly id: string;
  readonly ip: string;
  readonly data: Buffer;
}

/** A column of the table as the server's catalogue describes it. */
export interface Column {
  readonly name: string;
  /** `varchar`, `inet`, `timestamp` … */
  readonly type: string;
  /** Most characters, or bytes for `data`; undefined where there is no limit. */
  readonly limit: number | undefined;
  /** Part of the primary key. */
  readonly inKey: boolean;
  /** The first column of an index. */
  readonly leadsIndex: boolean;
}

/**
 * The table of one application, in one server's SQL. `owner` is the token of who has the lock: every write names it in
 * the same statement, so that nobody writes who has lost it. All times of the lock and of the record are the server's.
 */
export interface Rows {
  /**
   * Locks and reads. `absent`: nothing there, nothing locked; undefined: somebody else has the lock.
   */
  acquire(id: string, owner: string): Later<StoredRow | 'absent' | undefined>;
  peek(id: string): Later<StoredRow | undefined>;
  /** False when the id is taken. */
  create(row: NewRow): Later<boolean>;
  /** Writes, or touches (`null`), and frees the lock unless `keep`; false: it was lost, and nothing is written. */
  save(id: string, owner: string, data: Buffer | null, keep: boolean): Later<boolean>;
  renew(id: string, owner: string): Later<boolean>;
  release(id: string, owner: string): Later<boolean>;
  /** False: nothing was deleted, the lock was lost or the row is gone. */
  destroy(id: string, owner: string): Later<boolean>;
  exists(id: string): Later<boolean>;
  /** Gives the row another id and frees it; false: the lock was lost, or that id is taken. */
  rename(id: string, owner: string, to: string): Later<boolean>;
  /** Deletes some of the rows that were not used for `seconds` and are not locked; how many. */
  collect(seconds: number): Promise<number>;
  /** The columns of the table; none when there is no table. */
  columns(): Promise<readonly Column[]>;
  /** Asks for each right that is needed, and changes nothing. */
  attempt(right: Right): PromiseLike<unknown>;
  /** Most bytes of one record. */
  largest(columns: readonly Column[]): Promise<number>;
  close(): Promise<void>;
}

export const RIGHTS = ['SELECT', 'INSERT', 'UPDATE', 'DELETE'] as const;
export type Right = (typeof RIGHTS)[number];

/** Rows that one statement of the collector deletes. */
export const BATCH = 100;

/** Seconds by which the application's clock was moved; only clocks of tests are. */
export function shiftOf({ clock }: HandlerOptions): number {
  return Math.round((clock.now() - Date.now()) / 1000);
}

/** The moment, by the application's clock, that lies `age` seconds before the server's present. */
export function momentOf(options: HandlerOptions, age: number): number {
  return options.clock.now() - (age + shiftOf(options)) * 1000;
}
