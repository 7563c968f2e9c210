import { loadConfig } from '../../config/load.js';
import type { ConsoleContext } from '../command.js';
import { withConnection } from '../database/connect.js';
import { refused } from '../database/refused.js';
import { targetOf } from '../database/target.js';
import { type MigrationFile, migrationFiles } from './files.js';
import { Ledger } from './ledger.js';
import { MigrationReport } from './report.js';
import { Migrator } from './runner.js';

/** Options as commander gives them. */
export type Given = Readonly<Record<string, unknown>>;

/** What a command on migrations works with. */
export interface Opened {
  readonly migrator: Migrator;
  readonly report: MigrationReport;
  readonly files: readonly MigrationFile[];
}

/** Seconds that another klinge is waited for. */
const PATIENCE = 60;

/** Opens the group that the command names, does `work`, and closes. */
export async function withMigrator(
  root: string,
  given: Given,
  context: ConsoleContext,
  work: (opened: Opened) => Promise<number>,
): Promise<number> {
  const wait = numberOf(given, 'wait') ?? PATIENCE;
  const config = await loadConfig({ root });
  const target = targetOf(config, given['group'] as string | undefined);
  const files = migrationFiles(root);
  return withConnection(target, async (connection) => {
    const ledger = new Ledger(connection, target.options.prefix);
    const byDefault = config.database.connection;
    const migrator = new Migrator(connection, ledger, { root, files, group: target.group, byDefault, wait });
    const report = new MigrationReport(target, connection, given['json'] === true, context);
    return work({ migrator, report, files });
  });
}

/** A whole number that was given to an option. Throws `E_MIGRATION` for anything else. */
export function numberOf(given: Given, name: string): number | undefined {
  const text = given[name];
  if (text === undefined) return undefined;
  if (/^\d{1,6}$/.test(String(text))) return Number(text);
  throw refused(`--${name} attend un nombre entier`, `--${name} takes a whole number`);
}
