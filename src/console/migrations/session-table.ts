import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadConfig } from '../../config/load.js';
import type { ResolvedConfig } from '../../contracts/config.js';
import { createTable, type SessionTable, tableName } from '../../handlers/database/schema.js';
import { codeOf } from '../../support/file-errors.js';
import { type Language, language } from '../../support/language.js';
import type { ConsoleContext } from '../command.js';
import { refused } from '../database/refused.js';
import { keepsInTable, targetOf } from '../database/target.js';
import { migrationCode } from '../templates/migration.js';
import { loadMigration, MIGRATIONS, type MigrationFile, migrationFiles } from './files.js';

const TEXTS = {
  fr: {
    created: 'écrite',
    replaced: 'remplacée',
    next: 'Pour créer la table :',
    again: 'Si elle était déjà appliquée, défaites-la d’abord avec klinge migrate:rollback.',
  },
  en: {
    created: 'written',
    replaced: 'replaced',
    next: 'To make the table:',
    again: 'If it was applied already, take it back first with klinge migrate:rollback.',
  },
} satisfies Record<Language, unknown>;

export interface SessionTableOptions {
  /** The group of `config/database`; undefined: that of the sessions. */
  readonly group: string | undefined;
  readonly force: boolean;
  readonly print: boolean;
  readonly json: boolean;
}

/** Writes the migration of the table that the configuration asks for, or shows its SQL. */
export async function sessionTable(
  root: string,
  { group, force, print, json }: SessionTableOptions,
  { line }: ConsoleContext,
): Promise<void> {
  const config = await loadConfig({ root });
  const table = tableOf(config, group);
  const { dialect: driver, name, matchIP } = table;
  if (print) {
    const sql = createTable(table);
    if (json) line(JSON.stringify({ table: name, driver, matchIP, sql }));
    else line(sql.map((statement) => `${statement};`).join('\n\n'));
    return;
  }
  const { path, state } = await write(root, table, config, group, force);
  if (json) return line(JSON.stringify({ table: name, driver, matchIP, path, state }));
  const texts = TEXTS[language()];
  line(`  ${texts[state]}  ${path}`);
  line();
  if (state === 'replaced') line(texts.again);
  line(texts.next);
  line(`  npx klinge migrate${isElsewhere(config, group) ? ` --group ${group}` : ''}`);
}

/** Whether a command that names no group would work on another one. */
function isElsewhere(config: ResolvedConfig, group: string | undefined): boolean {
  return group !== undefined && group !== targetOf(config).group;
}

function tableOf(config: ResolvedConfig, group: string | undefined): SessionTable {
  const { handler, savePath, matchIP, interop } = config.session;
  if (!keepsInTable(config)) {
    const found = typeof handler === 'string' ? handler : handler.name;
    throw refused(
      `le gestionnaire « ${found} » ne range pas les sessions dans une table ; mettez handler: 'database' dans config/session, et le nom de la table dans savePath`,
      `the handler "${found}" does not keep sessions in a table; set handler: 'database' in config/session, and the name of the table in savePath`,
    );
  }
  const { options } = targetOf(config, group);
  const name = tableName(String(savePath), options.prefix);
  if (name === undefined) {
    throw refused(
      'savePath, dans config/session, doit nommer une table : des lettres sans accent, des chiffres et « _ », 53 caractères au plus avec le préfixe du groupe ; par exemple sessions',
      'savePath, in config/session, must name a table: unaccented letters, digits and "_", at most 53 characters with the prefix of the group; for example sessions',
    );
  }
  return { dialect: options.driver, name, matchIP, shared: interop !== false };
}

interface Written {
  readonly path: string;
  readonly state: 'created' | 'replaced';
}

/** One migration makes a table: a second one is refused, and with `force` takes the place of the first, name included. */
async function write(
  root: string,
  table: SessionTable,
  config: ResolvedConfig,
  asked: string | undefined,
  force: boolean,
): Promise<Written> {
  const { group } = targetOf(config, asked);
  const made = `create_${asWords(table.name)}_table`;
  const others = `${made}_in_${asWords(group)}`;
  const alike = migrationFiles(root).filter(({ name }) => [made, others].includes(titleOf(name)));
  const owners = await Promise.all(alike.map((file) => groupOf(root, file, config)));
  const there = alike.find((_, at) => owners[at] === undefined || owners[at] === group);
  if (there !== undefined && !force) {
    throw refused(
      `${there.path} crée déjà cette table ; « --force » la remplace, et « klinge migrate » l’applique`,
      `${there.path} makes this table already; "--force" replaces it, and "klinge migrate" applies it`,
    );
  }
  // A group whose table has the same name as that of another group is named in the name of its migration.
  const title = alike.length === 0 ? made : others;
  const path = there?.path ?? `${MIGRATIONS}/${stamp(new Date())}_${title}.${extension(root)}`;
  try {
    mkdirSync(join(root, MIGRATIONS), { recursive: true });
    writeFileSync(join(root, path), migrationCode(table, asked ?? config.session.group ?? undefined), {
      flag: there ? 'w' : 'wx',
    });
  } catch (cause) {
    const code = codeOf(cause) ?? '?';
    throw refused(`${path} n’a pas pu être écrit (${code})`, `${path} could not be written (${code})`, cause);
  }
  return { path, state: there ? 'replaced' : 'created' };
}

/** The group that a migration is for; undefined when it cannot be read, as where the package is not installed. */
async function groupOf(
  root: string,
  file: MigrationFile,
  { database }: ResolvedConfig,
): Promise<string | undefined> {
  try {
    return (await loadMigration(root, file)).group ?? database.connection;
  } catch {
    return undefined;
  }
}

/** What follows the time: `create_sessions_table`. */
function titleOf(name: string): string {
  return name.slice(name.indexOf('_') + 1);
}

function asWords(name: string): string {
  return name.replace(/\W/g, '_').toLowerCase();
}

/** `2026-11-27-135624`, in universal time: the order of names is the order of time on every machine. */
function stamp(now: Date): string {
  return now.toISOString().slice(0, 19).replace('T', '-').replaceAll(':', '');
}

/** TypeScript, as `klinge init` writes it, unless the project is written in JavaScript alone. */
function extension(root: string): 'ts' | 'js' | 'mjs' {
  const folders = ['config', 'app', 'app/Controllers', 'app/Listeners', MIGRATIONS];
  const names = folders.flatMap((folder) => filesIn(join(root, folder)));
  const typed = existsSync(join(root, 'tsconfig.json')) || names.some((name) => /\.m?ts$/.test(name));
  if (typed || !names.some((name) => /\.[cm]?js$/.test(name))) return 'ts';
  return isModule(root) ? 'js' : 'mjs';
}

function filesIn(folder: string): string[] {
  return existsSync(folder) ? readdirSync(folder) : [];
}

function isModule(root: string): boolean {
  try {
    const { type } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { type?: unknown };
    return type === 'module';
  } catch {
    return false;
  }
}
