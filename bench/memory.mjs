// Whether memory stays where it is: full load over many sessions, the server's memory again and again.
// `node bench/memory.mjs [--suite file] [--minutes 10] [--sessions 100000] [--every 10] [--payload 200] [--only name]`.
// Suites are those of run.mjs; what is measured is ours of it, or `--only`. Ends with 1 when memory is not flat.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { CLIENT_CORE, CONNECTIONS, SERVER_CORE } from './harness/measure.mjs';
import { ClientProcess, ServerProcess } from './harness/processes.mjs';
import { setupNamed } from './harness/setups.mjs';
import { median } from './harness/statistics.mjs';
import { suiteNamed } from './harness/suites.mjs';

const MB = 2 ** 20;
/** How far the end may be from the beginning. */
const FLAT = 0.05;
/** The part of the samples that is not looked at: the engine still makes room. */
const WARM_UP = 0.2;

const { values } = parseArgs({
  options: {
    suite: { type: 'string', default: 'file' },
    minutes: { type: 'string', default: '10' },
    sessions: { type: 'string', default: '100000' },
    every: { type: 'string', default: '10' },
    payload: { type: 'string', default: '200' },
    only: { type: 'string' },
  },
});
const suite = suiteNamed(values.suite);
const setup =
  values.only === undefined ? suite.setups.find(({ kind }) => kind === 'ours') : setupNamed(values.only);
const every = Number(values.every) * 1000;
const samples = Math.max(5, Math.round((Number(values.minutes) * 60_000) / every));

async function sampled(server, client) {
  const found = [];
  for (let at = 1; at <= samples; at++) {
    const { requests, perSecond, miscounted, refused } = await client.run('load', { milliseconds: every });
    const { rss, heap, external } = await server.memory();
    found.push({ rss, heap, external });
    const shown = [rss, heap, external].map((bytes) => (bytes / MB).toFixed(1));
    console.log(
      `${String((at * every) / 1000).padStart(5)} s: RSS ${shown[0]} MB, heap ${shown[1]} MB, external ${shown[2]} MB; ${requests} requests, ${perSecond.toFixed(0)}/s, ${miscounted} wrong, ${refused} not 200`,
    );
    if (miscounted + refused > 0) process.exitCode = 1;
  }
  return found.slice(Math.ceil(samples * WARM_UP));
}

/** The last third beside the first third, once it is warm. */
function verdict(found, field) {
  const third = Math.max(1, Math.floor(found.length / 3));
  const middle = (part) => median(part.map((sample) => sample[field]));
  const [first, last] = [middle(found.slice(0, third)), middle(found.slice(-third))];
  const growth = last / first - 1;
  const percent = `${growth < 0 ? '−' : '+'}${Math.abs(growth * 100).toFixed(1)} %`;
  console.log(
    `${field}: ${(first / MB).toFixed(1)} MB, then ${(last / MB).toFixed(1)} MB (${percent}): ${growth <= FLAT ? 'flat' : 'NOT FLAT'}`,
  );
  if (growth > FLAT) process.exitCode = 1;
}

const folder = mkdtempSync(join(tmpdir(), 'blitz-memory-'));
const store = await suite.store?.(CLIENT_CORE);
const client = new ClientProcess(CLIENT_CORE);
let server;
try {
  server = await ServerProcess.start(
    setup,
    { folder, bytes: Number(values.payload), address: store?.address },
    SERVER_CORE,
  );
  // Ids are renewed every few minutes: who kept the first cookie would be a visitor of a retired one.
  await client.run('visitors', { count: Number(values.sessions), eachCookie: true });
  await client.run('connect', { ports: [server.port], perServer: CONNECTIONS });
  const { perSecond } = await client.run('create');
  console.log(`${setup.name}: ${values.sessions} sessions created, ${perSecond.toFixed(0)}/s`);
  const found = await sampled(server, client);
  verdict(found, 'rss');
  verdict(found, 'heap');
} finally {
  await client.stop();
  await server?.stop();
  await store?.stop();
  rmSync(folder, { recursive: true, force: true });
}
