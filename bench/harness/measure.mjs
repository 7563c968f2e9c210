import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ClientProcess, ServerProcess } from './processes.mjs';

export const CONNECTIONS = 16;
/** How many requests of one session are under way at once. */
export const HOT_CONNECTIONS = 32;
export const SERVER_CORE = 0;
/** The client's, and the store's. */
export const CLIENT_CORE = 1;
/** Milliseconds of load before each turn that is measured. */
const RUN_UP = 300;
/** Milliseconds that a slow server gets for the requests of one session. */
const HOT_LIMIT = 5_000;

/** A server that is there for many turns, and the client that asks it for nothing between them. */
export class Subject {
  #server;
  #client;
  #folder;

  /** Starts the server, and gives it as many sessions of `bytes` bytes. */
  static async start(setup, bytes, { sessions, store }) {
    const subject = new Subject();
    try {
      await subject.#begin(setup, bytes, { sessions, store });
    } catch (error) {
      await subject.stop();
      throw new Error(`${setup.name} could not be started`, { cause: error });
    }
    return subject;
  }

  async #begin(setup, bytes, { sessions, store }) {
    this.#folder = mkdtempSync(join(tmpdir(), 'blitz-bench-'));
    const place = { folder: this.#folder, bytes, address: store?.address };
    this.#server = await ServerProcess.start(setup, place, SERVER_CORE);
    this.#client = new ClientProcess(CLIENT_CORE);
    await this.#client.run('visitors', { count: sessions, eachCookie: setup.cookie === 'each' });
    await this.#connected(() => this.#client.run('create'));
  }

  /** Load that nobody measures. */
  warmUp(milliseconds, reads) {
    return this.#connected(() => this.#client.run('load', { milliseconds, reads }));
  }

  /** One turn; `cpu` is microseconds of server CPU a request. */
  turn(milliseconds, reads = false) {
    return this.#connected(async () => {
      await this.#client.run('load', { milliseconds: RUN_UP, reads });
      const before = await this.#server.cpu();
      const outcome = await this.#client.run('load', { milliseconds, reads });
      return { ...outcome, cpu: ((await this.#server.cpu()) - before) / outcome.requests };
    });
  }

  memory() {
    return this.#server.memory();
  }

  async stop() {
    await this.#client?.stop();
    await this.#server?.stop();
    if (this.#folder !== undefined) rmSync(this.#folder, { recursive: true, force: true });
  }

  /** Connections that rest are closed by the server, so each turn has its own. */
  async #connected(work) {
    await this.#client.run('connect', { ports: [this.#server.port], perServer: CONNECTIONS });
    const outcome = await work();
    await this.#client.run('disconnect');
    return outcome;
  }
}

/** One set-up at one size by itself. */
export async function measure(setup, bytes, { sessions, warmUp, duration, store }) {
  await store?.clear();
  const subject = await Subject.start(setup, bytes, { sessions, store });
  try {
    await subject.warmUp(warmUp);
    return await subject.turn(duration);
  } finally {
    await subject.stop();
  }
}

/**
 * `processes` processes serve one session: `requests` requests after `warmUp` milliseconds for each of them, and how
 * many of all writes are missing afterwards.
 */
export async function measureHot(setup, bytes, { processes, requests, warmUp, store }) {
  await store?.clear();
  const folder = mkdtempSync(join(tmpdir(), 'blitz-bench-'));
  const place = { folder, bytes, address: store?.address };
  const servers = [];
  const client = new ClientProcess();
  try {
    while (servers.length < processes) servers.push(await ServerProcess.start(setup, place));
    const ports = servers.map((server) => server.port);
    await client.run('visitors', { count: 1 });
    await client.run('connect', { ports, perServer: HOT_CONNECTIONS / processes });
    await client.run('create');
    const first = await client.run('load', { milliseconds: warmUp * processes });
    const outcome = await client.run('load', { requests, milliseconds: HOT_LIMIT });
    const last = await client.run('load', { requests: 1 });
    const lost = 2 + first.requests + outcome.requests - last.lastAnswer;
    // One session's visits are not counted in the order in which they are answered.
    return { ...outcome, miscounted: 0, refused: first.refused + outcome.refused, lost };
  } finally {
    await client.stop();
    for (const server of servers) await server.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}
