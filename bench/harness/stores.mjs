import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PINNED } from './processes.mjs';

/** A Redis that forgets everything at its end: its address, how to empty it, how to end it. */
export function startRedis(core) {
  return startStore(core, 'redis-server', (port, folder) => [
    ...['--port', String(port), '--bind', '127.0.0.1', '--dir', folder, '--save', '', '--appendonly', 'no'],
  ]).then((store) => ({
    ...store,
    address: `tcp://127.0.0.1:${store.port}`,
    clear: () => say(store.port, 'FLUSHALL\r\n'),
    room: async () => Number(/used_memory:(\d+)/.exec(await say(store.port, 'INFO memory\r\n'))[1]),
  }));
}

/** A memcached of one thread; see startRedis. */
export function startMemcached(core) {
  const asUser = process.getuid?.() === 0 ? ['-u', 'nobody'] : [];
  return startStore(core, 'memcached', (port) => [
    ...asUser,
    ...['-l', '127.0.0.1', '-p', String(port), '-U', '0', '-m', '256', '-t', '1'],
  ]).then((store) => ({
    ...store,
    address: `127.0.0.1:${store.port}`,
    clear: () => say(store.port, 'flush_all\r\n'),
    room: async () => Number(/STAT bytes (\d+)/.exec(await say(store.port, 'stats\r\n'))[1]),
  }));
}

/**
 * Starts a store's program on a free port and waits until it takes connections. `prepare` fills its folder first;
 * `asUser` is put in front of its command; `signal` ends it.
 */
export async function startStore(core, program, argsOf, { prepare, asUser = [], signal = 'SIGKILL' } = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'blitz-bench-store-'));
  const port = await freePort();
  prepare?.(folder);
  const command = [...asUser, program, ...argsOf(port, folder)];
  if (PINNED && core !== undefined) command.unshift('taskset', '-c', String(core));
  const child = spawn(command[0], command.slice(1), { stdio: 'ignore' });
  const failed = once(child, 'error').then(([error]) => {
    throw new Error(`${program} could not be started; is it installed?`, { cause: error });
  });
  failed.catch(() => {});
  for (let tries = 0; ; tries++) {
    const open = await Promise.race([answers(port), failed]);
    if (open) break;
    if (tries === 100 || child.exitCode !== null) throw new Error(`${program} did not start`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return {
    port,
    pid: child.pid,
    async stop() {
      const ended = once(child, 'exit');
      child.kill(signal);
      await ended;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Sends one line and waits for the first piece of the answer, which is answered. */
export async function say(port, line) {
  const socket = connect(port, '127.0.0.1');
  socket.write(line);
  const [answer] = await once(socket, 'data');
  socket.destroy();
  return String(answer);
}

async function answers(port) {
  const socket = connect(port, '127.0.0.1');
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
}
