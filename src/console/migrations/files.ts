import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Migration } from '../../contracts/migration.js';
import { codeOf } from '../../support/file-errors.js';
import { importModule } from '../../support/import-module.js';
import { refused } from '../database/refused.js';

/** Where migrations are, from the root of the application. (BlitzPHP: app/Database/Migrations.) */
export const MIGRATIONS = 'app/Database/Migrations';

/** A file whose name begins with a time, `2026-11-27-135624_create_sessions_table.ts`: names give the order. */
export interface MigrationFile {
  /** Without its extension: what is recorded, also when the file was compiled meanwhile. */
  readonly name: string;
  /** From the root. */
  readonly path: string;
}

const FILE = /^(\d{4}-\d{2}-\d{2}-\d{6}_[\w-]+)\.(?:ts|mts|js|mjs|cjs)$/;

/** Every migration of the application, the oldest first. Throws `E_MIGRATION` where one is written twice. */
export function migrationFiles(root: string): MigrationFile[] {
  const files = namesIn(join(root, MIGRATIONS)).flatMap((file): MigrationFile[] => {
    const name = FILE.exec(file)?.[1];
    return name === undefined ? [] : [{ name, path: `${MIGRATIONS}/${file}` }];
  });
  files.sort((a, b) => (a.name < b.name ? -1 : 1));
  files.forEach(({ name, path }, at) => {
    const before = files[at - 1];
    if (before?.name !== name) return;
    throw refused(
      `${before.path} et ${path} sont la même migration ; gardez un seul de ces fichiers`,
      `${before.path} and ${path} are the same migration; keep one of these files`,
    );
  });
  return files;
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return [];
    throw error;
  }
}

/** Reads one. Throws `E_MIGRATION` where it cannot be read or is none. */
export async function loadMigration(root: string, { path }: MigrationFile): Promise<Migration> {
  let found: unknown;
  try {
    found = (await importModule(join(root, path), root))['default'];
  } catch (cause) {
    throw refused(`${path} ne se lit pas`, `${path} cannot be read`, cause);
  }
  const { up, down, group } = (found ?? {}) as Partial<Migration>;
  if (typeof up === 'function' && typeof down === 'function' && /^(?:string|undefined)$/.test(typeof group)) {
    return found as Migration;
  }
  throw refused(
    `${path} n’exporte pas par défaut un objet { up, down } ; écrivez export default defineMigration({ … })`,
    `${path} does not export an object { up, down } by default; write export default defineMigration({ … })`,
  );
}
