import type { Migration, MigrationDatabase } from '../../contracts/migration.js';
import type { Connection } from '../database/connection.js';
import { refused } from '../database/refused.js';
import { loadMigration, type MigrationFile } from './files.js';
import type { Ledger } from './ledger.js';

export interface Step {
  readonly name: string;
  readonly batch: number;
  readonly milliseconds: number;
}

/** What a run did. What stands before `failed` is done and recorded, `failed` is not, and nothing after it was tried. */
export interface Run {
  readonly done: readonly Step[];
  readonly failed?: { readonly name: string; readonly error: unknown };
}

interface Loaded {
  readonly file: MigrationFile;
  readonly migration: Migration;
}

export interface Situation {
  readonly applied: ReadonlyMap<string, number>;
  /** What the group still needs, the oldest first. */
  readonly pending: readonly Loaded[];
  /** Migrations of other groups: of each its group. */
  readonly elsewhere: readonly string[];
}

/** Migrations of one group of one application. */
export class Migrator {
  readonly #database: Connection;
  /** What migrations are given of it. */
  readonly #given: MigrationDatabase;
  readonly #ledger: Ledger;
  readonly #root: string;
  readonly #files: readonly MigrationFile[];
  readonly #group: string;
  readonly #byDefault: string;
  /** Seconds that another process is waited for. */
  readonly #wait: number;

  constructor(
    database: Connection,
    ledger: Ledger,
    { root, files, group, byDefault, wait }: MigratorOptions,
  ) {
    this.#database = database;
    this.#given = { driver: database.driver, run: (sql, values) => database.run(sql, values) };
    this.#ledger = ledger;
    this.#root = root;
    this.#files = files;
    this.#group = group;
    this.#byDefault = byDefault;
    this.#wait = wait;
  }

  async look(): Promise<Situation> {
    const applied = await this.#ledger.applied();
    const pending: Loaded[] = [];
    const elsewhere: string[] = [];
    for (const file of this.#files) {
      if (applied.has(file.name)) continue;
      const migration = await loadMigration(this.#root, file);
      const { group = this.#byDefault } = migration;
      if (group === this.#group) pending.push({ file, migration });
      else elsewhere.push(group);
    }
    return { applied, pending, elsewhere };
  }

  /** Applies what is not applied yet, as one batch. */
  up(): Promise<Run & Pick<Situation, 'applied' | 'elsewhere'>> {
    return this.#locked(async () => {
      await this.#ledger.create();
      const { applied, pending, elsewhere } = await this.look();
      const batch = Math.max(0, ...applied.values()) + 1;
      const run = await this.#each(
        pending.map(({ file, migration }) => ({ name: file.name, batch, migration })),
        async ({ name, migration }) => {
          await migration.up(this.#given);
          await this.#ledger.record(name, batch);
        },
      );
      return { ...run, applied, elsewhere };
    });
  }

  /** Takes back, the newest first, every batch above `keep`, or the last one. */
  down(keep?: number): Promise<Run> {
    return this.#locked(async () => {
      const applied = await this.#ledger.applied();
      const above = keep ?? Math.max(0, ...applied.values()) - 1;
      const names = [...applied]
        .filter(([, batch]) => batch > above)
        .sort(([a, batchOfA], [b, batchOfB]) => batchOfB - batchOfA || (a < b ? 1 : -1));
      const steps = [];
      for (const [name, batch] of names) steps.push({ name, batch, migration: await this.#load(name) });
      return this.#each(steps, async ({ name, migration }) => {
        await migration.down(this.#given);
        await this.#ledger.forget(name);
      });
    });
  }

  #load(name: string): Promise<Migration> {
    const file = this.#files.find((each) => each.name === name);
    if (file !== undefined) return loadMigration(this.#root, file);
    throw refused(
      `le fichier de ${name} n’est plus là, et lui seul sait la défaire ; remettez-le`,
      `the file of ${name} is gone, and it alone knows how to take it back; restore it`,
    );
  }

  #locked<T>(work: () => Promise<T>): Promise<T> {
    return this.#database.locked(this.#ledger.name, this.#wait, work);
  }

  /** One after the other, until one fails. */
  async #each(steps: readonly Pending[], work: (step: Pending) => Promise<void>): Promise<Run> {
    const done: Step[] = [];
    for (const step of steps) {
      const { name, batch } = step;
      const start = performance.now();
      try {
        await this.#database.attempt(() => work(step));
      } catch (error) {
        return { done, failed: { name, error } };
      }
      done.push({ name, batch, milliseconds: Math.round(performance.now() - start) });
    }
    return { done };
  }
}

interface Pending {
  readonly name: string;
  readonly batch: number;
  readonly migration: Migration;
}

interface MigratorOptions {
  readonly root: string;
  readonly files: readonly MigrationFile[];
  /** The group that is worked on. */
  readonly group: string;
  /** The group of a migration that names none. */
  readonly byDefault: string;
  readonly wait: number;
}
