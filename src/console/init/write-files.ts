import { accessSync, constants, existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { BlitzError } from '../../errors.js';
import { codeOf } from '../../support/file-errors.js';
import { language } from '../../support/language.js';
import type { ProjectFile } from '../templates/words.js';

export interface Written {
  readonly path: string;
  readonly state: 'created' | 'kept' | 'replaced';
  /** The file that is there instead, where it is not this one: `config/session.json`. */
  readonly because?: string;
}

const REASONS = {
  folder: (folder: string, code: string) => ({
    fr: `le dossier ${folder} n’est pas accessible en écriture (${code}). Placez-vous dans un autre dossier, ou donnez-vous ce droit`,
    en: `the folder ${folder} cannot be written to (${code}). Go to another folder, or give yourself that right`,
  }),
  file: (path: string, code: string) => ({
    fr: `${path} n’a pas pu être écrit (${code})`,
    en: `${path} could not be written (${code})`,
  }),
};

/** Folders whose code is not the project's own, or not run by Node. */
const APART: ReadonlySet<string> = new Set(['node_modules', 'vendor', 'dist', 'build', 'public', 'storage']);
const DEEPEST = 6;

/** Throws `E_INIT` unless files can be made in `root`. */
export function checkWritable(root: string): void {
  try {
    accessSync(root, constants.W_OK | constants.X_OK);
  } catch (cause) {
    throw refusal(REASONS.folder(root, codeOf(cause) ?? '?'), cause);
  }
}

/** Whether the project holds JavaScript or TypeScript of its own. */
export function hasCode(folder: string, depth = 0): boolean {
  return readdirSync(folder, { withFileTypes: true }).some((entry) => {
    if (entry.name.startsWith('.') || APART.has(entry.name)) return false;
    if (entry.isDirectory()) return depth < DEEPEST && hasCode(join(folder, entry.name), depth + 1);
    return /(?<!\.d)\.[jt]sx?$/.test(entry.name);
  });
}

/** Writes each file that is not there, and with `force` those that are. Throws `E_INIT`. */
export function writeFiles(root: string, files: readonly ProjectFile[], force: boolean): Written[] {
  return files.map(({ path, content }) => {
    const file = join(root, path);
    const rival = rivalOf(root, path);
    if (rival !== undefined) return { path, state: 'kept', because: rival };
    const there = existsSync(file);
    if (there && !force) return { path, state: 'kept' };
    try {
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, content, { flag: there ? 'w' : 'wx' });
    } catch (cause) {
      if (codeOf(cause) === 'EEXIST' && existsSync(file)) return { path, state: 'kept' };
      throw refusal(REASONS.file(path, codeOf(cause) ?? '?'), cause);
    }
    return { path, state: there ? 'replaced' : 'created' };
  });
}

/** The same configuration under another extension: written twice it would stop the boot. */
function rivalOf(root: string, path: string): string | undefined {
  const name = /^config\/(\w+)\.ts$/.exec(path)?.[1];
  if (name === undefined) return undefined;
  return ['mts', 'js', 'mjs', 'cjs', 'json', 'yaml', 'yml']
    .map((extension) => `config/${name}.${extension}`)
    .find((other) => existsSync(join(root, other)));
}

function refusal(reason: { fr: string; en: string }, cause: unknown): BlitzError {
  return new BlitzError('E_INIT', { cause, details: { reason: reason[language()] } });
}
