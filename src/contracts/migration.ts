import type { Awaitable } from './session.js';

/** What a migration is given: one connection to the database of its group. */
export interface MigrationDatabase {
  /** The driver of the group, for a migration that serves both. */
  readonly driver: 'mysql' | 'postgre';
  /**
   * Runs one statement; resolves to its rows, none where it has none. Values stand for `?` (`mysql`) or `$1`
   * (`postgre`).
   */
  run(sql: string, values?: readonly unknown[]): Promise<readonly Readonly<Record<string, unknown>>[]>;
}

/**
 * What a file of `app/Database/Migrations` exports by default. On PostgreSQL each of the two runs whole or not at all;
 * MySQL and MariaDB commit at each statement that changes a table. (BlitzPHP: Database\Migration\Migration.)
 */
export interface Migration {
  /** The group of `config/database` that it changes. Default: the default group. */
  readonly group?: string;
  /** Makes the change. */
  up(database: MigrationDatabase): Awaitable<void>;
  /** Takes it back. */
  down(database: MigrationDatabase): Awaitable<void>;
}
