import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const LOG = fileURLToPath(new URL('import-log.mjs', import.meta.url));

/** What `import 'specifier'` loads: its packages by name, and how many files of ours. */
export function loadedBy(specifier) {
  const code = `await import(${JSON.stringify(specifier)})`;
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ['--import', LOG, '--input-type=module', '-e', code],
    { cwd: ROOT, encoding: 'utf8' },
  );
  if (status !== 0) throw new Error(`${specifier} could not be imported\n${stderr}`);
  const lines = [...new Set(stdout.split('\n').map((line) => line.replace('file://', '')))];
  const names = lines.flatMap((line) => /\/node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(line)?.[1] ?? []);
  const own = lines.filter((line) => line.startsWith(`${ROOT}dist/`)).length;
  return { packages: [...new Set(names)].sort(), own };
}
