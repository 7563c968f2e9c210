import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Faults } from './faults.js';
import { isPlain } from './plain.js';

/** The files that carry options; `routes` is located where the routes are loaded. */
export const CONFIG_NAMES = ['session', 'cookie', 'database', 'app', 'services'] as const;
export type ConfigName = (typeof CONFIG_NAMES)[number];

/** Where one file's options are: in a file of their own, or under a key of package.json, already read. */
export interface Place {
  /** As faults and origins show it: `config/session.ts`, `package.json#session`. */
  readonly label: string;
  readonly path: string;
  readonly value?: unknown;
}

const FOLDER = 'config';
const PACKAGE = 'package.json';
const EXTENSION = /\.(?:ts|mts|js|mjs|cjs|json|yaml|yml)$/;

/** At most one place a name: two files that say the same thing are a fault, not a matter of luck. */
export async function locate(root: string, faults: Faults): Promise<ReadonlyMap<ConfigName, Place>> {
  const [files, inPackage] = await Promise.all([configFiles(root, faults), packageKeys(root, faults)]);
  const places = new Map<ConfigName, Place>();
  for (const name of CONFIG_NAMES) {
    const found: Place[] = files
      .filter((file) => file.replace(EXTENSION, '') === name)
      .map((file) => ({ label: `${FOLDER}/${file}`, path: join(root, FOLDER, file) }));
    if (Object.hasOwn(inPackage, name)) {
      found.push({ label: `${PACKAGE}#${name}`, path: join(root, PACKAGE), value: inPackage[name] });
    }
    const [first, ...others] = found;
    if (first === undefined) continue;
    places.set(name, first);
    if (others.length > 0) {
      const all = found.map((place) => place.label);
      faults.add(all.join(', '), {
        fr: `la configuration « ${name} » est écrite ${all.length} fois ; gardez un seul de ces fichiers.`,
        en: `the configuration "${name}" is written ${all.length} times; keep one of these files.`,
      });
    }
  }
  return places;
}

async function configFiles(root: string, faults: Faults): Promise<string[]> {
  try {
    const entries = await readdir(join(root, FOLDER), { withFileTypes: true });
    return entries
      .filter((entry) => EXTENSION.test(entry.name) && !entry.isDirectory())
      .map((entry) => entry.name)
      .sort();
  } catch (error) {
    unreadable(FOLDER, error, faults);
    return [];
  }
}

/** Keys of package.json that are ours. A service is a function, which JSON cannot hold: no `services`. */
async function packageKeys(root: string, faults: Faults): Promise<Record<string, unknown>> {
  let text: string;
  try {
    text = await readFile(join(root, PACKAGE), 'utf8');
  } catch (error) {
    unreadable(PACKAGE, error, faults);
    return {};
  }
  try {
    const parsed: unknown = JSON.parse(text.replace(/^\uFEFF/, ''));
    if (!isPlain(parsed)) return {};
    const { services: _, ...ours } = parsed;
    return ours;
  } catch {
    // The parser's own message quotes the file, which may hold secrets.
    faults.add(PACKAGE, { fr: "ce n'est pas du JSON valide.", en: 'this is not valid JSON.' });
    return {};
  }
}

function unreadable(label: string, error: unknown, faults: Faults): void {
  const code = (error as NodeJS.ErrnoException).code ?? 'error';
  if (code === 'ENOENT' || code === 'ENOTDIR') return;
  faults.add(label, { fr: `lecture impossible (${code}).`, en: `it cannot be read (${code}).` }, error);
}
