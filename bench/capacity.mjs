// What one request costs the server and the store, and how much room one session takes: `node bench/capacity.mjs
// [--suite redis,file] [--payload 200,4096] [--sessions 10000] [--seconds 5] [--rounds 3]`. Writes results/capacity.json
// and the figures of the guide's page on capacity. On Linux only: what a store uses is read from /proc.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import {
  CAPACITY_RESULTS,
  CAPACITY_SUITES,
  capacityResults,
  writeCapacity,
} from './harness/capacity-page.mjs';
import { CLIENT_CORE, CONNECTIONS, SERVER_CORE } from './harness/measure.mjs';
import { ClientProcess, ServerProcess } from './harness/processes.mjs';
import { median } from './harness/statistics.mjs';
import { suiteNamed } from './harness/suites.mjs';

/** What the server's clock ticks count, in microseconds. */
const TICK = 1_000_000 / Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }));

/** Milliseconds under load before anything is measured. */
const WARM_UP = 8000;

const { values } = parseArgs({
  options: {
    suite: { type: 'string', default: CAPACITY_SUITES.join(',') },
    payload: { type: 'string', default: '200,4096' },
    sessions: { type: 'string', default: '10000' },
    seconds: { type: 'string', default: '5' },
    rounds: { type: 'string', default: '3' },
  },
});
const sessions = Number(values.sessions);
const milliseconds = Number(values.seconds) * 1000;

/** CPU of a process and all below it, in microseconds. */
function cpuOf(pid) {
  const parents = new Map();
  const spent = new Map();
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    try {
      const stat = readFileSync(`/proc/${name}/stat`, 'utf8');
      const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      parents.set(Number(name), Number(fields[1]));
      spent.set(Number(name), Number(fields[11]) + Number(fields[12]));
    } catch {
      // It has ended meanwhile.
    }
  }
  let ticks = 0;
  for (const [each, own] of spent) {
    for (let at = each; at !== undefined && at > 1; at = parents.get(at)) {
      if (at === pid) ticks += own;
    }
  }
  return ticks * TICK;
}

/** Bytes that a folder's files take on the disk. */
function onDisk(folder) {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .reduce((sum, entry) => sum + statSync(join(entry.parentPath, entry.name)).blocks * 512, 0);
}

async function measured(suite, bytes) {
  const store = await suite.store?.(CLIENT_CORE);
  const folder = mkdtempSync(join(tmpdir(), 'blitz-capacity-'));
  let server;
  const client = new ClientProcess(CLIENT_CORE);
  try {
    await store?.clear();
    const room = async () => (store === undefined ? onDisk(folder) : store.room());
    const place = { folder, bytes, address: store?.address };
    const ours = suite.setups.find(({ kind }) => kind === 'ours');
    server = await ServerProcess.start(ours, place, SERVER_CORE);
    const empty = await room();
    await client.run('visitors', { count: sessions });
    await client.run('connect', { ports: [server.port], perServer: CONNECTIONS });
    await store?.hurry?.(true);
    await client.run('create');
    await store?.hurry?.(false);
    await client.run('load', { milliseconds: WARM_UP });
    const rounds = [];
    for (let round = 0; round < Number(values.rounds); round++) {
      const before = [await server.cpu(), store === undefined ? 0 : cpuOf(store.pid)];
      const { requests, refused, miscounted } = await client.run('load', { milliseconds });
      if (refused + miscounted > 0) throw new Error(`${refused} refused, ${miscounted} miscounted`);
      const after = [await server.cpu(), store === undefined ? 0 : cpuOf(store.pid)];
      rounds.push([0, 1].map((at) => (after[at] - before[at]) / requests));
    }
    // After the load: a record that was written again and again takes more room than a new one.
    const each = ((await room()) - empty) / sessions;
    const [mine, theirs] = [0, 1].map((at) => median(rounds.map((round) => round[at])));
    return {
      suite: suite.name,
      bytes,
      server: mine,
      store: store && theirs,
      session: each,
      date: new Date().toISOString().slice(0, 10),
      node: process.versions.node,
      cores: availableParallelism(),
    };
  } finally {
    await client.stop();
    await server?.stop();
    await store?.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

const rows = [];
for (const name of values.suite.split(',')) {
  for (const bytes of values.payload.split(',').map(Number)) {
    const row = await measured(suiteNamed(name), bytes);
    rows.push(row);
    const said = [row.server, row.store ?? 0, row.session].map((value) => value.toFixed(0));
    console.log(`${name}, ${bytes} B: server ${said[0]} µs, store ${said[1]} µs, ${said[2]} bytes a session`);
  }
}
const kept = capacityResults().filter(
  (old) => !rows.some((row) => row.suite === old.suite && row.bytes === old.bytes),
);
const all = [...kept, ...rows].sort(
  (a, b) => CAPACITY_SUITES.indexOf(a.suite) - CAPACITY_SUITES.indexOf(b.suite) || a.bytes - b.bytes,
);
writeFileSync(CAPACITY_RESULTS, `${JSON.stringify(all, null, 1)}\n`);
writeCapacity(all);
console.log(`written to ${fileURLToPath(new URL('./results/capacity.json', import.meta.url))}`);
