// Builds dist/: declarations by tsc, and JavaScript by esbuild as one file an entry of the package with shared chunks.
// 170 small modules took Node 100 ms longer to load. `--if-stale` does nothing when dist/ is newer than every source.
import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const stamp = join(root, 'dist', '.built');

function newestSource() {
  let newest = statSync(join(root, 'tsconfig.json')).mtimeMs;
  for (const entry of readdirSync(join(root, 'src'), { recursive: true, withFileTypes: true })) {
    newest = Math.max(newest, statSync(join(entry.parentPath, entry.name)).mtimeMs);
  }
  return newest;
}

/** The entries are those of package.json: `dist/a/b.js` is `src/a/b.ts`. */
async function bundle() {
  const { build } = await import('esbuild');
  const { exports, bin } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const entries = [...Object.values(exports).map((each) => each.default), ...Object.values(bin)]
    .filter((path) => path?.endsWith('.js'))
    .map((path) => join(root, path.replace('./dist/', 'src/').replace(/\.js$/, '.ts')));
  await build({
    entryPoints: entries,
    outdir: join(root, 'dist'),
    outbase: join(root, 'src'),
    // As deep as the entries that look for package.json.
    chunkNames: 'chunks/[name]-[hash]',
    bundle: true,
    splitting: true,
    packages: 'external',
    platform: 'node',
    format: 'esm',
    target: 'node20.19',
    charset: 'utf8',
    logLevel: 'warning',
  });
}

if (!existsSync(join(root, 'src'))) process.exit(0); // installed from the registry: dist/ is already there
const fresh = existsSync(stamp) && statSync(stamp).mtimeMs >= newestSource();
if (!(process.argv.includes('--if-stale') && fresh)) {
  rmSync(join(root, 'dist'), { recursive: true, force: true });
  const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
  const run = spawnSync(process.execPath, [tsc, '-p', root, '--emitDeclarationOnly'], { stdio: 'inherit' });
  if (run.status !== 0) process.exit(run.status ?? 1);
  await bundle();
  chmodSync(join(root, 'dist', 'console', 'klinge.js'), 0o755);
  writeFileSync(stamp, '');
}
