// How long an application takes to its first answer, and `klinge list`: `node bench/startup.mjs [--runs 15] [--dry]`.
// The application is JavaScript on dist/: configuration files, routes, a view, a file session.
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { median, range } from './harness/statistics.mjs';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const KLINGE = join(ROOT, 'dist', 'console', 'klinge.js');
const RESULTS = fileURLToPath(new URL('results', import.meta.url));
const WANTED = { application: 500, klinge: 200 };

const { values } = parseArgs({
  options: { runs: { type: 'string', default: '15' }, dry: { type: 'boolean', default: false } },
});

const APPLICATION = {
  'package.json': '{ "type": "module" }',
  'config/session.js': "export default { handler: 'file', savePath: 'storage/session' };",
  'config/cookie.js': "export default { secure: 'auto' };",
  'config/app.js': "export default { env: 'production' };",
  'config/routes.js':
    "import { defineRoutes, session, view } from 'blitz-session';\n" +
    "export default defineRoutes((route) => { route.get('/', () => view('home', { n: session().increment('n') })); });",
  'app/Views/layout.eta': '<!doctype html><title>Accueil</title><%~ it.body %>',
  'app/Views/home.eta': "<% layout('layout') %><p><%= it.n %></p>",
  'public/style.css': 'body { margin: 0 }',
  'server.js':
    "import { Application } from 'blitz-session';\n" +
    'const app = await Application.boot({ root: import.meta.dirname });\n' +
    'const url = new URL(await app.listen(0));\n' +
    "process.stdout.write(url.port + '\\n');\n",
};

function writeApplication() {
  const folder = mkdtempSync(join(tmpdir(), 'blitz-startup-'));
  for (const [path, text] of Object.entries(APPLICATION)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  mkdirSync(join(folder, 'node_modules'));
  symlinkSync(ROOT, join(folder, 'node_modules', 'blitz-session'));
  return folder;
}

/** Milliseconds from the start of the process to the first byte of its first answer. */
function firstAnswer(folder) {
  return new Promise((resolve, reject) => {
    const began = performance.now();
    const child = spawn(process.execPath, ['server.js'], {
      cwd: folder,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    child.once('error', reject);
    child.stdout.once('data', (port) => {
      const socket = connect(Number(port), '127.0.0.1', () => {
        socket.write('GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n');
      });
      socket.once('error', reject);
      socket.once('data', (answer) => {
        const took = performance.now() - began;
        socket.destroy();
        child.once('exit', () => resolve(took));
        child.kill('SIGKILL');
        if (!answer.toString('latin1').startsWith('HTTP/1.1 200')) reject(new Error('the answer is not 200'));
      });
    });
  });
}

/** Milliseconds that a whole process takes. */
function runTime(args) {
  return new Promise((resolve, reject) => {
    const began = performance.now();
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'inherit'] });
    child.once('error', reject);
    child.once('exit', () => resolve(performance.now() - began));
  });
}

const folder = writeApplication();
const [application, klinge, bare] = [[], [], []];
try {
  await firstAnswer(folder);
  for (let run = 0; run < Number(values.runs); run++) {
    application.push(await firstAnswer(folder));
    klinge.push(await runTime([KLINGE, 'list']));
    bare.push(await runTime(['-e', '0']));
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}

const shown = (numbers) =>
  `${median(numbers).toFixed(0)} (${range(numbers)
    .map((n) => n.toFixed(0))
    .join('–')})`;
const text = `# Start-up

Repeat it with \`npm run bench:startup\`. Node ${process.versions.node}, ${values.runs} runs, median, in brackets the lowest and the highest, milliseconds.

| | ms | wanted |
| --- | --: | --: |
| \`node -e 0\` | ${shown(bare)} | |
| application from \`dist/\`: start of the process to the first answer (configuration files, routes, view, file session) | ${shown(application)} | < ${WANTED.application} |
| \`klinge list\` | ${shown(klinge)} | < ${WANTED.klinge} |
`;
console.log(text);
if (!values.dry) {
  mkdirSync(RESULTS, { recursive: true });
  writeFileSync(join(RESULTS, 'startup.md'), text);
}
