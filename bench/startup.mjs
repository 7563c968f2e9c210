// How long an application takes to its first answer, and `klinge list`; what an import loads; what a request costs that
// waits: `node bench/startup.mjs [--runs 15] [--dry]`.
// The applications are JavaScript on dist/: one with configuration files, routes, a view and a file session, and one that
// has nothing but a file session on node:http.
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { loadedBy } from './harness/imports.mjs';
import { median, range } from './harness/statistics.mjs';
import { restingCost, WAITING_SETUPS } from './harness/waiting.mjs';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const KLINGE = join(ROOT, 'dist', 'console', 'klinge.js');
const RESULTS = fileURLToPath(new URL('results', import.meta.url));
const WANTED = { node: 250, application: 400, klinge: 200 };
const WAITING = 1000;
const ENTRIES = ['', '/node', '/express', '/fastify', '/koa', '/hono', '/fetch', '/php'];
/** Libraries that a handler, a framework or a view brings, and that nobody loads who does not use it. */
const OTHERS = ['ioredis', 'memcached', 'pg', 'mysql2', 'fastify', 'express', 'koa', 'hono', 'eta', 'koffi'];

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

/** `withSession` on `node:http`, as the README shows it. */
const NODE = {
  'package.json': '{ "type": "module" }',
  'config/session.js': "export default { handler: 'file', savePath: 'storage/session' };",
  'server.js':
    "import { createServer } from 'node:http';\n" +
    "import { Application, session } from 'blitz-session';\n" +
    "import { withSession } from 'blitz-session/node';\n" +
    'const app = await Application.boot({ root: import.meta.dirname });\n' +
    "const listener = withSession(app, (_, response) => response.end(String(session().increment('n'))));\n" +
    "const server = createServer(listener).listen(0, '127.0.0.1', () => process.stdout.write(server.address().port + '\\n'));\n",
};

const BARE_NODE = {
  'package.json': '{ "type": "module" }',
  'server.js':
    "import { createServer } from 'node:http';\n" +
    "const server = createServer((_, response) => response.end('1'));\n" +
    "server.listen(0, '127.0.0.1', () => process.stdout.write(server.address().port + '\\n'));\n",
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

const folders = Object.fromEntries(
  Object.entries({ application: APPLICATION, peer: PEER, node: NODE, bareNode: BARE_NODE }).map(
    ([name, files]) => [name, writeApplication(files)],
  ),
);
const took = { application: [], peer: [], node: [], bareNode: [] };
const [klinge, bare] = [[], []];
try {
  for (const folder of Object.values(folders)) await firstAnswer(folder);
  for (let run = 0; run < Number(values.runs); run++) {
    for (const [name, folder] of Object.entries(folders)) took[name].push(await firstAnswer(folder));
    klinge.push(await runTime([KLINGE, 'list']));
    bare.push(await runTime(['-e', '0']));
  }
} finally {
  for (const folder of Object.values(folders)) rmSync(folder, { recursive: true, force: true });
}
const waiting = [];
for (const setup of WAITING_SETUPS) waiting.push({ setup, ...(await restingCost(setup, WAITING)) });

const shown = (numbers) =>
  `${median(numbers).toFixed(0)} (${range(numbers)
    .map((n) => n.toFixed(0))
    .join('–')})`;
const entries = ENTRIES.map((entry) => ({
  name: `blitz-session${entry}`,
  ...loadedBy(`blitz-session${entry}`),
}));
const imports = entries.map(
  ({ name, own, packages }) => `| \`${name}\` | ${own} | ${packages.join(', ') || 'none'} |`,
);
const unwanted = entries.flatMap(({ name, packages }) => {
  const found = packages.filter((each) => OTHERS.includes(each));
  return found.length === 0 ? [] : [`${name} loads ${found.join(', ')}`];
});
const kilobytes = (bytes) => (bytes / 1024).toFixed(1);
const resting = waiting.map(
  ({ setup, heap, rss }) => `| ${setup.label} | ${kilobytes(heap)} | ${kilobytes(rss)} |`,
);
const text = `# Start-up

Repeat it with \`npm run bench:startup\`. Node ${process.versions.node}, ${values.runs} runs, median, in brackets the lowest and the highest, milliseconds.

| | ms | wanted |
| --- | --: | --: |
| \`node -e 0\` | ${shown(bare)} | |
| \`node:http\` by itself, to the first answer | ${shown(took.bareNode)} | |
| \`withSession\` on \`node:http\` from \`dist/\`, file session, to the first answer | ${shown(took.node)} | < ${WANTED.node} |
| Fastify, @fastify/static and eta by themselves, to the first answer | ${shown(took.peer)} | |
| application from \`dist/\`: start of the process to the first answer (configuration files, routes, view, file session) | ${shown(took.application)} | < ${WANTED.application} |
| \`klinge list\` | ${shown(klinge)} | < ${WANTED.klinge} |

The application takes ${(median(took.application) / median(took.peer)).toFixed(2)} × as long as Fastify with files and a view by itself, in the same run.

## What an import loads

| import | files of ours | packages |
| --- | --: | --- |
${imports.join('\n')}

${unwanted.length === 0 ? `None of ${OTHERS.join(', ')} is loaded by an import; each is when it is first used.` : `Loaded by an import though nobody asked for it: ${unwanted.join('; ')}.`}

## Requests that wait

${WAITING} requests of one session that another request holds, beside as many that \`node:http\` keeps open without sessions; KB a request, connections not counted.

| | heap after a collection | resident |
| --- | --: | --: |
${resting.join('\n')}
`;
console.log(text);
if (!values.dry) {
  mkdirSync(RESULTS, { recursive: true });
  writeFileSync(join(RESULTS, 'startup.md'), text);
}
