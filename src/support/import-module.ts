import { existsSync } from 'node:fs';
import { realpath } from 'node:fs/promises';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { importWithJiti } from './import-jiti.js';

/** What a module exports, `default` among it. */
export type ModuleExports = Readonly<Record<string, unknown>>;

/** Once jiti has read a file it reads them all: two readers would evaluate a shared module twice. */
let transpiling = false;

/**
 * Imports a module of the application: configuration, listener, controller. `.ts` works in every process.
 *
 * Native `import()` comes first, and the process itself answers whether it reads TypeScript: under tsx or
 * another loader, or with Node's type stripping, the import succeeds, and the module is the one that the
 * rest of the program sees. Nothing else tells: `process.features.typescript` knows no loaders, and loaders
 * cannot be listed. Where Node refuses the file before running any of it, jiti reads it; ECMAScript modules
 * in `.js` and packages stay native below jiti too. So a module imported here twice is evaluated once.
 *
 * The limit is type stripping alone (Node 22.18 and later without a loader): when one file needs jiti (an
 * enum, `./x.js` for `x.ts`) and an earlier one did not, a `.ts` module that both import is evaluated twice.
 *
 * @param path absolute path of a file
 * @param root the application's root; jiti's cache is `storage/cache/jiti` below it
 * @throws what the file throws, or what refused it
 */
export async function importModule(path: string, root: string = process.cwd()): Promise<ModuleExports> {
  const file = await realpath(path);
  if (!transpiling) {
    try {
      return unwrap(await import(pathToFileURL(file).href));
    } catch (error) {
      if (!isUnread(error)) throw error;
    }
  }
  const exported = unwrap(await importWithJiti(file, root));
  transpiling = true;
  return exported;
}

/** TypeScript compiled to CommonJS hides its exports under `default`. */
function unwrap(exported: unknown): ModuleExports {
  const module = exported as ModuleExports;
  const inner = module['default'];
  const compiled = typeof inner === 'object' && inner !== null && '__esModule' in inner;
  return compiled ? (inner as ModuleExports) : module;
}

/** What Node's own reader cannot take, all reported before any code of the file runs. */
const REFUSALS: ReadonlySet<unknown> = new Set([
  'ERR_UNKNOWN_FILE_EXTENSION',
  'ERR_UNSUPPORTED_TYPESCRIPT_SYNTAX',
  'ERR_INVALID_TYPESCRIPT_SYNTAX',
  'ERR_UNSUPPORTED_NODE_MODULES_TYPE_STRIPPING',
]);

function isUnread(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const { code, url } = error as Error & { code?: unknown; url?: unknown };
  if (REFUSALS.has(code)) return true;
  if (code === 'ERR_MODULE_NOT_FOUND') return typeof url === 'string' && isWrittenInTypeScript(url);
  // An import of a mere type, or ESM in a package without "type": jiti takes both. A loader that the
  // program was started with has already said its word, and two readers must not mix.
  return error instanceof SyntaxError && !mayHaveLoader();
}

/** `./x.js` or `./x` in an import, while the file is `x.ts`: TypeScript's spelling, unknown to Node. */
function isWrittenInTypeScript(url: string): boolean {
  if (!url.startsWith('file:')) return false;
  const file = fileURLToPath(url);
  const candidates = [file.replace(/\.([cm]?)js$/, '.$1ts'), `${file}.ts`, `${file}/index.ts`];
  return candidates.some((candidate) => candidate !== file && existsSync(candidate));
}

function mayHaveLoader(): boolean {
  const flags = [...process.execArgv, process.env['NODE_OPTIONS'] ?? ''].join(' ');
  return /(?:^|\s)(?:--(?:import|require|loader|experimental-loader)\b|-r\b)/.test(flags);
}
