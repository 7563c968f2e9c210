import type { MigrationDatabase } from '../../contracts/migration.js';

export type Rows = readonly Readonly<Record<string, unknown>>[];

/** One connection of the console to a database. */
export interface Connection extends MigrationDatabase {
  /** What answers: `MariaDB 10.11.19`. */
  readonly server: string;
  /**
   * Runs `work` while nobody else runs some under the same name in this database; waits at most `seconds` for that.
   * On PostgreSQL all of it is one transaction, which a pooler of transactions keeps on one connection.
   */
  locked<T>(name: string, seconds: number, work: () => Promise<T>): Promise<T>;
  /** Runs `work`; when it throws, PostgreSQL takes back what it did, and what was done before it stays. */
  attempt(work: () => Promise<void>): Promise<void>;
  close(): Promise<void>;
}
