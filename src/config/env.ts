import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseEnv } from 'node:util';
import type { Faults, Source } from './faults.js';
import type { FileSchema, Option } from './option.js';
import type { Layer } from './resolve.js';

/** The environment that the configuration sees. */
export interface Environment {
  /** `.env` with the real environment over it. */
  readonly variables: Readonly<Record<string, string | undefined>>;
  /** Names that only `.env` gives. */
  readonly fromFile: ReadonlySet<string>;
}

const FILE = '.env';

/** Reads `.env` of the application's root below the real environment, which stays as it is. */
export async function readEnvironment(
  root: string,
  real: Readonly<Record<string, string | undefined>>,
  faults: Faults,
): Promise<Environment> {
  let written: Record<string, string | undefined> = {};
  try {
    written = parseEnv((await readFile(join(root, FILE), 'utf8')).replace(/^\uFEFF/, ''));
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'error';
    if (code !== 'ENOENT' && code !== 'ENOTDIR') {
      faults.add(
        FILE,
        { fr: `le fichier est illisible (${code}).`, en: `the file cannot be read (${code}).` },
        error,
      );
    }
  }
  const variables: Record<string, string | undefined> = { ...written };
  const fromFile = new Set(Object.keys(written));
  for (const [name, value] of Object.entries(real)) {
    if (value === undefined) continue;
    variables[name] = value;
    fromFile.delete(name);
  }
  return { variables, fromFile };
}

/** `savePath` of `session` → `SESSION_SAVE_PATH`. */
export function variableName(file: string, option: string): string {
  return `${file}_${option.replace(/([a-z])([A-Z])/g, '$1_$2')}`.toUpperCase();
}

/** The options of one file that the environment gives: one layer a variable, so that a fault can name it. */
export function environmentLayers<T>(file: string, schema: FileSchema<T>, environment: Environment): Layer[] {
  const layers: Layer[] = [];
  for (const [name, option] of Object.entries<Option<unknown>>(
    schema.options as Record<string, Option<unknown>>,
  )) {
    const variable = variableName(file, name);
    const text = environment.variables[variable];
    if (text === undefined) continue;
    const source: Source = environment.fromFile.has(variable) ? `${FILE}:${variable}` : variable;
    layers.push({ source, values: { [name]: option.fromText(text) } });
  }
  return layers;
}
