import { resolve } from 'node:path';
import type { ConfigOverrides, ResolvedConfig } from '../contracts/config.js';
import type { ConfigContext } from './define.js';
import { environmentLayers, readEnvironment } from './env.js';
import { Faults, type Source } from './faults.js';
import { CONFIG_NAMES, type ConfigName, locate } from './locate.js';
import type { FileSchema } from './option.js';
import { frozenCopy, isPlain } from './plain.js';
import { readPlace } from './read-file.js';
import { type Layer, type Resolved, resolveOptions } from './resolve.js';
import { checkRules } from './rules.js';
import { APP } from './schema-app.js';
import { COOKIE } from './schema-cookie.js';
import { resolveDatabase } from './schema-database.js';
import { resolveServices } from './schema-services.js';
import { finishSession, SESSION } from './schema-session.js';

export interface LoadConfigOptions {
  /** The application's root. Default: the current directory. */
  root?: string;
  /** Laid over the files and the environment. */
  config?: ConfigOverrides;
  /** The real environment; read, never changed. Default `process.env`. */
  env?: Readonly<Record<string, string | undefined>>;
}

const BOOT: Source = 'Application.boot';

/**
 * The whole configuration of an application: defaults < files < `.env` < environment < `config`.
 * Deeply frozen, except for classes, functions and instances that were handed in.
 *
 * @throws E_SESSION_CONFIG with every fault of every file, one a line
 */
export async function loadConfig(options: LoadConfigOptions = {}): Promise<ResolvedConfig> {
  const root = resolve(options.root ?? process.cwd());
  const faults = new Faults();
  const [environment, places] = await Promise.all([
    readEnvironment(root, options.env ?? process.env, faults),
    locate(root, faults),
  ]);
  const context: ConfigContext = { root, env: Object.freeze({ ...environment.variables }) };

  const files = new Map<ConfigName, Layer[]>();
  for (const name of CONFIG_NAMES) {
    const place = places.get(name);
    const values = place && (await readPlace(place, context, faults));
    files.set(name, place && values ? [{ source: place.label, values }] : []);
  }
  const overrides = overrideLayers(options.config ?? {}, faults);
  const layersOf = (name: ConfigName): Layer[] => [...files.get(name)!, ...overrides.get(name)!];
  const resolveFile = <T extends object>(name: ConfigName, schema: FileSchema<T>): Resolved<T> =>
    resolveOptions(
      schema,
      [...files.get(name)!, ...environmentLayers(name, schema, environment), ...overrides.get(name)!],
      context,
      faults,
    );

  const session = resolveFile('session', SESSION);
  const cookie = resolveFile('cookie', COOKIE);
  const app = resolveFile('app', APP);
  const database = resolveDatabase(layersOf('database'), app.values.env, context, faults);
  const services = resolveServices(layersOf('services'), faults);
  checkRules({ session, cookie, database }, faults);
  faults.throwIfAny();

  return frozenCopy({
    root,
    session: finishSession(session.values, context),
    cookie: cookie.values,
    database: database.values,
    app: app.values,
    services: services.values,
    origins: dotted({ session, cookie, database, app, services }),
  });
}

function overrideLayers(config: ConfigOverrides, faults: Faults): ReadonlyMap<ConfigName, Layer[]> {
  const layers = new Map<ConfigName, Layer[]>(CONFIG_NAMES.map((name) => [name, []]));
  for (const [name, values] of Object.entries(config as Record<string, unknown>)) {
    const known = layers.get(name as ConfigName);
    if (values === undefined) continue;
    if (known === undefined) faults.unknown(BOOT, name, CONFIG_NAMES, values);
    else if (isPlain(values)) known.push({ source: BOOT, values });
    else faults.value(BOOT, name, values, { fr: 'un objet', en: 'an object' }, true);
  }
  return layers;
}

function dotted(
  files: Record<ConfigName, { origins: Readonly<Record<string, Source>> }>,
): Record<string, Source> {
  const all: Record<string, Source> = {};
  for (const name of CONFIG_NAMES) {
    for (const [option, source] of Object.entries(files[name].origins)) all[`${name}.${option}`] = source;
  }
  return all;
}
