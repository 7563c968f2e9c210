import { quotedName } from '../../handlers/database/schema.js';
import type { Connection } from '../database/connection.js';

/** Which migrations a database has, in a table of its own: the table `migrations` is that of BlitzPHP. */
export class Ledger {
  readonly name: string;
  readonly #database: Connection;
  readonly #table: string;

  constructor(database: Connection, prefix: string) {
    this.name = `${prefix}klinge_migrations`;
    this.#database = database;
    this.#table = quotedName(database.driver, this.name);
  }

  /** Makes the table where there is none; under the lock, for PostgreSQL may fail when two do it at once. */
  async create(): Promise<void> {
    await this.#database.run(`CREATE TABLE IF NOT EXISTS ${this.#table} (
  name varchar(191) NOT NULL,
  batch integer NOT NULL,
  applied_at timestamp NOT NULL DEFAULT CURRENT_TIMESTAMP,
  PRIMARY KEY (name)
)`);
  }

  /** The batch of each applied migration; none where the table was never made. */
  async applied(): Promise<Map<string, number>> {
    if (!(await this.#exists())) return new Map();
    const rows = await this.#database.run(`SELECT name, batch FROM ${this.#table} ORDER BY name`);
    return new Map(rows.map(({ name, batch }) => [String(name), Number(batch)]));
  }

  async #exists(): Promise<boolean> {
    const schema = this.#database.driver === 'mysql' ? 'DATABASE()' : 'ANY (current_schemas(false))';
    const [value] = this.#values(1);
    const rows = await this.#database.run(
      `SELECT 1 FROM information_schema.tables WHERE table_schema = ${schema} AND table_name = ${value}`,
      [this.name],
    );
    return rows.length > 0;
  }

  async record(name: string, batch: number): Promise<void> {
    const [first, second] = this.#values(2);
    await this.#database.run(`INSERT INTO ${this.#table} (name, batch) VALUES (${first}, ${second})`, [
      name,
      batch,
    ]);
  }

  async forget(name: string): Promise<void> {
    await this.#database.run(`DELETE FROM ${this.#table} WHERE name = ${this.#values(1)[0]}`, [name]);
  }

  #values(count: number): string[] {
    return Array.from({ length: count }, (_, at) => (this.#database.driver === 'mysql' ? '?' : `$${at + 1}`));
  }
}
