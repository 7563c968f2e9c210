// Packs the package as it would be published, looks at what is in it, and uses it in an empty folder from
// JavaScript, TypeScript and the command line. The folder is left behind when something fails.
import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, posix } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as programs from './check-package-programs.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const scratch = mkdtempSync(join(tmpdir(), 'blitz-package-'));
const app = join(scratch, 'app');
const pkg = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));

/** What the programs run with: neither the tests' NODE_ENV nor the loaders of whoever called this. */
const { NODE_ENV: _env, NODE_OPTIONS: _options, ...clean } = process.env;

function run(label, command, args, cwd = app) {
  const started = performance.now();
  const done = spawnSync(command, args, { cwd, encoding: 'utf8', env: clean, maxBuffer: 1 << 26 });
  if (done.status !== 0) {
    fail(`${label}: exit code ${done.status}\n${done.stdout ?? ''}${done.stderr ?? ''}${done.error ?? ''}`);
  }
  console.log(`ok  ${label} (${((performance.now() - started) / 1000).toFixed(1)} s)`);
  return done.stdout;
}

function fail(message) {
  console.error(`FAILED  ${message}\nSee ${scratch}`);
  process.exit(1);
}

function expect(condition, message) {
  if (!condition) fail(message);
}

const tool = (name, path) => join(root, 'node_modules', name, path);
const node = process.execPath;
const files = (contents) => {
  for (const [path, text] of Object.entries(contents)) {
    mkdirSync(dirname(join(app, path)), { recursive: true });
    writeFileSync(join(app, path), text);
  }
};

// 1. The tarball. Scripts are left out of npm pack: `prepare` would build again what was just built.
run('build', node, ['scripts/build.mjs', '--if-stale'], root);
const pack = ['pack', '--json', '--ignore-scripts', '--pack-destination', scratch];
const [packed] = Object.values(JSON.parse(run('npm pack', 'npm', pack, root)));
const tarball = join(scratch, packed.filename);
const inside = packed.files.map(({ path }) => path);
const guide = readdirSync(join(root, 'docs-fr'), { recursive: true })
  .filter((name) => /\.(?:md|svg|png)$/.test(name) && !name.startsWith('.vitepress'))
  .map((name) => posix.join('docs-fr', name));
const texts = ['README.md', 'README.fr.md', 'CONTRIBUTING.md', 'CHANGELOG.md'];
texts.push(...guide.filter((name) => name.endsWith('.md')));
const required = ['package.json', 'LICENSE', 'dist/index.js', 'dist/index.d.ts', ...texts, ...guide];
for (const entry of [...Object.values(pkg.exports), ...Object.values(pkg.bin)]) {
  required.push(...(typeof entry === 'string' ? [entry] : Object.values(entry)).map((path) => path.slice(2)));
}
const missing = [...new Set(required)].filter((path) => !path.startsWith('.') && !inside.includes(path));
expect(missing.length === 0, `missing in the tarball: ${missing.join(', ')}`);
const allowed =
  /^(?:package\.json|(?:README|README\.fr|CONTRIBUTING|CHANGELOG|docs-fr\/[\w-]+)\.md|docs-fr\/images\/(?:(?:mesures\/)?[\w-]+\.svg|captures\/[\w-]+\.png)|LICENSE|dist\/[\w./-]+\.(?:js|d\.ts)|dist\/\.built)$/;
const strange = inside.filter((path) => !allowed.test(path));
expect(strange.length === 0, `not wanted in the tarball: ${strange.join(', ')}`);
for (const text of texts) {
  for (const [, target] of readFileSync(join(root, text), 'utf8').matchAll(/\]\(([^)#\s]+)[^)]*\)/g)) {
    const path = posix.join(posix.dirname(text), target);
    expect(
      /^https?:/.test(target) || inside.includes(path),
      `${text} leads to ${target}, not in the tarball`,
    );
  }
}
console.log(`ok  ${inside.length} files, ${Math.round(packed.size / 1024)} KB packed`);

// 2. What the entries of package.json promise.
run('publint', node, [tool('publint', 'src/cli.js'), tarball, '--strict'], root);
run('attw', node, [tool('@arethetypeswrong/cli', 'dist/index.js'), tarball, '--profile', 'esm-only'], root);

// 3. An empty folder.
mkdirSync(app);
files({ 'package.json': '{ "name": "consumer", "private": true, "type": "module" }\n' });
const types = pkg.devDependencies['@types/node'];
const install = ['install', '--prefer-offline', '--no-audit', '--no-fund', '--omit=dev', tarball];
run('npm install', 'npm', install);

files({ 'program.mjs': programs.javascript });
run('JavaScript program', node, ['program.mjs']);
files({ 'kernel.mjs': programs.kernelMissing });
run('what the kernel needs is named where it is missing', node, ['kernel.mjs']);

for (const name of Object.keys(pkg.exports).filter((each) => !each.endsWith('.json'))) {
  const specifier = name.replace(/^\./, pkg.name);
  const found = run(`import '${specifier}'`, node, [
    '--input-type=module',
    '--eval',
    `console.log(Object.keys(await import('${specifier}')).length)`,
  ]);
  const sideEffectOnly = pkg.sideEffects.includes(pkg.exports[name].default);
  expect(sideEffectOnly || Number(found) > 0, `'${specifier}' exports nothing`);
}

files({ 'config/session.ts': programs.config, 'configured.mjs': programs.configured });
run('config/session.ts read by plain Node', node, ['configured.mjs']);

const bin = join(app, 'node_modules', '.bin', 'klinge');
expect(run('klinge --version', bin, ['--version']).trim() === pkg.version, 'klinge --version is wrong');
expect(run('klinge list', bin, ['list']).includes('session:gc'), 'klinge list names no session:gc');
const collected = JSON.parse(run('klinge session:gc --json', bin, ['session:gc', '--json']));
expect(collected.deleted === 0, `klinge session:gc deleted ${collected.deleted} live sessions`);

// 4. TypeScript, with the types of Node as the only addition.
run('npm install @types/node', 'npm', [
  'install',
  '--prefer-offline',
  '--no-audit',
  '--no-fund',
  `@types/node@${types}`,
]);
files({
  'tsconfig.json': programs.tsconfig,
  'program.ts': programs.typescript,
  'middlewares.ts': programs.middlewares,
});
const pieces = ['README.md', 'README.fr.md'].flatMap((name) =>
  [...readFileSync(join(root, name), 'utf8').matchAll(/^```ts\n(.*?)^```$/gms)].map(([, code]) => code),
);
expect(pieces.length > 0, 'README.md shows no TypeScript');
pieces.forEach((code, index) => {
  files({ [`readme-${index + 1}.ts`]: code });
});
run(`tsc, strict, skipLibCheck false, and ${pieces.length} pieces of the READMEs`, node, [
  tool('typescript', 'bin/tsc'),
  '-p',
  '.',
]);
run('TypeScript program, compiled', node, ['built/program.js']);
run('TypeScript program, through tsx', node, [
  '--import',
  new URL('../node_modules/tsx/dist/esm/index.mjs', import.meta.url).href,
  'program.ts',
]);

// 5. A new project, as the README has it: nothing but the package, `klinge init`, `klinge serve`.
const project = join(scratch, 'project');
mkdirSync(project);
const begun = performance.now();
run(
  'npm install, empty folder',
  'npm',
  ['install', '--prefer-offline', '--no-audit', '--no-fund', tarball],
  project,
);
run('npx klinge init', 'npx', ['klinge', 'init'], project);
run('npx klinge config:check', 'npx', ['klinge', 'config:check'], project);
await checkServing();
console.log(`ok  a page with a session in ${((performance.now() - begun) / 1000).toFixed(1)} s`);

/** A page that remembers its visitor, and a process that ends well when it is asked to. */
async function checkServing() {
  const server = spawn('npx', ['klinge', 'serve', '--port', '0'], {
    cwd: project,
    env: { ...clean, BLITZ_LANG: 'fr' },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  let said = '';
  for (const stream of [server.stdout, server.stderr]) stream.on('data', (text) => (said += text));
  const ended = new Promise((resolve) => server.once('exit', resolve));
  let address;
  for (let tries = 0; tries < 600 && address === undefined && server.exitCode === null; tries++) {
    await new Promise((resolve) => setTimeout(resolve, 50));
    address = /http:\/\/127\.0\.0\.1:\d+/.exec(said)?.[0];
  }
  try {
    expect(address !== undefined, `klinge serve did not answer:\n${said}`);
    const first = await fetch(address);
    const cookie = first.headers.getSetCookie().find((each) => each.startsWith('blitz_session='));
    expect(first.status === 200 && cookie !== undefined, `klinge serve: ${first.status}, cookie: ${cookie}`);
    expect(/text\/html/.test(first.headers.get('content-type')), 'klinge serve sends no page');
    const again = await fetch(address, { headers: { cookie: cookie.split(';')[0] } });
    expect(
      again.status === 200 && (await again.text()) !== (await first.text()),
      'the page does not remember',
    );
  } finally {
    process.kill(-server.pid, 'SIGTERM');
  }
  await ended;
  run('klinge session:gc in the new project', 'npx', ['klinge', 'session:gc', '--json'], project);
}

rmSync(scratch, { recursive: true, force: true });
console.log('The package installs and works in an empty folder.');
