import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ClientProcess, ServerProcess } from './processes.mjs';

const CONNECTIONS = 16;
const SERVER_CORE = 0;
/** The client's, and the store's. */
export const CLIENT_CORE = 1;

/** One set-up at one size: `sessions` sessions in turn. `cpu` is microseconds of server CPU a request. */
export async function measure(setup, bytes, { sessions, warmUp, duration, store }) {
  return inFolder(async (folder) => {
    await store?.clear();
    const place = { folder, bytes, address: store?.address };
    const server = await ServerProcess.start(setup, place, SERVER_CORE);
    const client = new ClientProcess(CLIENT_CORE);
    await client.run('connect', { ports: [server.port], perServer: CONNECTIONS, sessions });
    await client.run('create');
    await client.run('load', { milliseconds: warmUp });
    const before = await server.cpu();
    const outcome = await client.run('load', { milliseconds: duration });
    const cpu = ((await server.cpu()) - before) / outcome.requests;
    await client.stop();
    await server.stop();
    return { ...outcome, cpu };
  });
}

/** Two processes serve one session: `requests` requests, and how many of their writes are missing afterwards. */
export async function measureHot(setup, bytes, { requests, store }) {
  return inFolder(async (folder) => {
    await store?.clear();
    const place = { folder, bytes, address: store?.address };
    const servers = [await ServerProcess.start(setup, place), await ServerProcess.start(setup, place)];
    const client = new ClientProcess();
    const ports = servers.map((server) => server.port);
    await client.run('connect', { ports, perServer: CONNECTIONS / 2, sessions: 1 });
    await client.run('create');
    const first = await client.run('load', { requests });
    const outcome = await client.run('load', { requests });
    const last = await client.run('load', { requests: 1 });
    await client.stop();
    for (const server of servers) await server.stop();
    const lost = 2 + first.requests + outcome.requests - last.lastAnswer;
    return { ...outcome, refused: first.refused + outcome.refused, lost };
  });
}

/** A folder on the disk of the system's temporary files, for as long as `work` runs. */
async function inFolder(work) {
  const folder = mkdtempSync(join(tmpdir(), 'blitz-bench-'));
  try {
    return await work(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
