// `node --import ./scripts/ensure-built.mjs …` builds dist/ when a source is newer, before the program begins: with
// `exec`, `npm start` is then one process, and a signal that npm passes on reaches it.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const build = fileURLToPath(new URL('build.mjs', import.meta.url));
const { status } = spawnSync(process.execPath, [build, '--if-stale'], { stdio: 'inherit' });
if (status !== 0) process.exit(status ?? 1);
