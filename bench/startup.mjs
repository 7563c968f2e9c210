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

/** What the kernel is made of, without us: what any application on Fastify with a view and files pays. */
const PEER = {
  'package.json': '{ "type": "module" }',
  'views/home.eta': '<p><%= it.n %></p>',
  'public/style.css': 'body { margin: 0 }',
  'server.js':
    "import { join } from 'node:path';\n" +
    "import { fastify } from 'fastify';\n" +
    "import statics from '@fastify/static';\n" +
    "import { Eta } from 'eta';\n" +
    "const eta = new Eta({ views: join(import.meta.dirname, 'views') });\n" +
    'const server = fastify();\n' +
    "await server.register(statics, { root: join(import.meta.dirname, 'public') });\n" +
    "server.get('/', (_request, reply) => reply.type('text/html').send(eta.render('home', { n: 1 })));\n" +
    "await server.listen({ port: 0, host: '127.0.0.1' });\n" +
    "process.stdout.write(server.server.address().port + '\\n');\n",
};

function writeApplication(files) {
  const folder = mkdtempSync(join(tmpdir(), 'blitz-startup-'));
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  mkdirSync(join(folder, 'node_modules'));
  symlinkSync(ROOT, join(folder, 'node_modules', 'blitz-session'));
  mkdirSync(join(folder, 'node_modules', '@fastify'));
  for (const name of ['fastify', '@fastify/static', 'eta']) {
    symlinkSync(join(ROOT, 'node_modules', name), join(folder, 'node_modules', name));
  }
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

const [folder, peerFolder] = [writeApplication(APPLICATION), writeApplication(PEER)];
const [application, klinge, bare, peer] = [[], [], [], []];
try {
  await firstAnswer(folder);
  await firstAnswer(peerFolder);
  for (let run = 0; run < Number(values.runs); run++) {
    application.push(await firstAnswer(folder));
    peer.push(await firstAnswer(peerFolder));
    klinge.push(await runTime([KLINGE, 'list']));
    bare.push(await runTime(['-e', '0']));
  }
} finally {
  for (const each of [folder, peerFolder]) rmSync(each, { recursive: true, force: true });
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
| Fastify, @fastify/static and eta by themselves, to the first answer | ${shown(peer)} | |
| application from \`dist/\`: start of the process to the first answer (configuration files, routes, view, file session) | ${shown(application)} | < ${WANTED.application} |
| \`klinge list\` | ${shown(klinge)} | < ${WANTED.klinge} |

The application takes ${(median(application) / median(peer)).toFixed(2)} × as long as Fastify with files and a view by itself, in the same run.
`;
console.log(text);
if (!values.dry) {
  mkdirSync(RESULTS, { recursive: true });
  writeFileSync(join(RESULTS, 'startup.md'), text);
}
