// Builds dist/ with tsc. `--if-stale` does nothing when dist/ is newer than every source.
import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
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

if (!existsSync(join(root, 'src'))) process.exit(0); // installed from the registry: dist/ is already there
const fresh = existsSync(stamp) && statSync(stamp).mtimeMs >= newestSource();
if (!(process.argv.includes('--if-stale') && fresh)) {
  rmSync(join(root, 'dist'), { recursive: true, force: true });
  const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
  const run = spawnSync(process.execPath, [tsc, '-p', root], { stdio: 'inherit' });
  if (run.status !== 0) process.exit(run.status ?? 1);
  const bin = join(root, 'dist', 'console', 'klinge.js');
  if (existsSync(bin)) chmodSync(bin, 0o755);
  writeFileSync(stamp, '');
}
