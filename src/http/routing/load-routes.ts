import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { BlitzError } from '../../errors.js';
import { codeOf } from '../../support/file-errors.js';
import { importModule } from '../../support/import-module.js';
import { language } from '../../support/language.js';
import { processWide } from '../../support/process-wide.js';
import type { RecordedRoutes, Router } from './router.js';

/** What `config/routes.ts` exports by default. */
export type RoutesExport = (route: Router) => void | Promise<void>;

const FILE = /^routes\.(?:ts|mts|js|mjs|cjs)$/;
const REASONS = {
  several: {
    fr: 'il y a plusieurs fichiers de routes ; gardez-en un seul',
    en: 'there are several routes files; keep one of them',
  },
  exported: {
    fr: 'l’export par défaut doit être une fonction : export default defineRoutes((route) => { … })',
    en: 'the default export must be a function: export default defineRoutes((route) => { … })',
  },
};

/** What routes files added while they were evaluated, which happens once a process: later applications get it too. */
const recorded = processWide('routes', () => new Map<string, RecordedRoutes>());

/** Types the default export of `config/routes.ts`. */
export function defineRoutes(routes: RoutesExport): RoutesExport {
  return routes;
}

/** Evaluates `config/routes.*` of the application: its calls of the façade, then the function that it exports. */
export async function loadRoutes(root: string, router: Router): Promise<void> {
  const [name, ...others] = await filesIn(join(root, 'config'));
  if (name === undefined) return;
  if (others.length > 0)
    throw refused([name, ...others].map((each) => `config/${each}`).join(', '), 'several');
  const path = join(root, 'config', name);
  const mark = router.mark();
  const exported = exportOf(await importModule(path, root));
  const before = recorded.get(path);
  if (before === undefined) recorded.set(path, router.recordedSince(mark));
  else router.adopt(before);
  if (exported === undefined) return;
  if (typeof exported !== 'function') throw refused(`config/${name}`, 'exported');
  await (exported as RoutesExport)(router);
}

/**
 * The default export; undefined where there is none, also in CommonJS, where it is then `module.exports`, an empty object,
 * or has another one in it.
 */
function exportOf(module: Record<string, unknown>): unknown {
  const exported = module['default'];
  if (typeof exported !== 'object' || exported === null) return exported;
  return Object.keys(exported).length === 0
    ? undefined
    : ((exported as { default?: unknown }).default ?? exported);
}

async function filesIn(folder: string): Promise<string[]> {
  try {
    return (await readdir(folder)).filter((name) => FILE.test(name)).sort();
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes(codeOf(error) ?? '')) return [];
    throw error;
  }
}

function refused(route: string, reason: keyof typeof REASONS): BlitzError {
  return new BlitzError('E_ROUTE', { details: { route, reason: REASONS[reason][language()] } });
}
