// Runs the unit tests on every Node that the package supports; each comes from the registry package `node`.
// `npm run check:nodes`, or with versions of your own: `npm run check:nodes -- 22 24`.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const versions = process.argv.length > 2 ? process.argv.slice(2) : ['20.19', '22', '24', '26'];
const scratch = mkdtempSync(join(tmpdir(), 'blitz-nodes-'));
const failed = (run) => `${run.stdout ?? ''}${run.stderr ?? ''}${run.error ?? ''}`;

function locate(version) {
  const args = ['-y', '--prefer-offline', '-p', `node@${version}`];
  const run = spawnSync('npx', [...args, 'node', '-p', 'process.execPath'], {
    encoding: 'utf8',
    cwd: scratch,
  });
  if (run.status !== 0) throw new Error(`node@${version} cannot be installed\n${failed(run)}`);
  return run.stdout.trim();
}

function check(version) {
  const node = locate(version);
  const results = join(scratch, `${version}.json`);
  const started = performance.now();
  const args = ['node_modules/mocha/bin/mocha.js', '--config', '.mocharc.unit.json'];
  const run = spawnSync(
    node,
    [...args, '--forbid-only', '--forbid-pending', '--reporter', './scripts/mocha-results.mjs'],
    { cwd: root, encoding: 'utf8', env: { ...process.env, MOCHA_RESULTS: results }, maxBuffer: 1 << 28 },
  );
  const seconds = (performance.now() - started) / 1000;
  let passes = 0;
  let failures = 0;
  try {
    ({ passes, failures } = JSON.parse(readFileSync(results, 'utf8')));
  } catch {
    // Mocha did not come to its end: the status says so.
  }
  if (run.status !== 0) console.log(failed(run).replace(/^[\s\S]*?(?=^ +\d+ passing)/m, ''));
  const exact = spawnSync(node, ['--version'], { encoding: 'utf8' }).stdout.trim();
  return { node: exact, passed: passes, failed: failures, seconds, ok: run.status === 0 && passes > 0 };
}

const build = spawnSync(process.execPath, ['scripts/build.mjs', '--if-stale'], {
  cwd: root,
  stdio: 'inherit',
});
if (build.status !== 0) process.exit(1);

const rows = [];
try {
  for (const version of versions) {
    try {
      rows.push(check(version));
    } catch (error) {
      console.log(error.message);
      rows.push({ node: version, passed: 0, failed: 0, seconds: 0, ok: false });
    }
  }
} finally {
  rmSync(scratch, { recursive: true, force: true });
}

console.log('node        passed  failed  seconds');
for (const { node, passed, failed, seconds, ok } of rows) {
  const numbers = [String(passed).padStart(6), String(failed).padStart(6), seconds.toFixed(1).padStart(7)];
  console.log(`${node.padEnd(11)} ${numbers.join('  ')}  ${ok ? 'ok' : 'FAILED'}`);
}
if (rows.some(({ ok }) => !ok)) process.exit(1);
