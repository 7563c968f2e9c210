import { mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ServerProcess } from './processes.mjs';

const module = '../setups/waiting.mjs';

export const WAITING_SETUPS = [
  { name: 'waiting-bare', kind: 'bare', label: 'bare `node:http`', module },
  { name: 'waiting', kind: 'ours', label: 'waiting for their session', module, options: { sessions: true } },
];

/** Bytes of heap and of resident memory that each of `count` requests keeps that are under way and rest. */
export async function restingCost(setup, count) {
  const folder = mkdtempSync(join(tmpdir(), 'blitz-waiting-'));
  const server = await ServerProcess.start(setup, { folder, bytes: 200 });
  const sockets = [];
  try {
    const head = await firstAnswer(server.port);
    const cookie = /^set-cookie: ([^;\r]+)/im.exec(head)?.[1] ?? 'none=1';
    while (sockets.length < count) sockets.push(await opened(server.port));
    await settled();
    const before = await server.memory();
    let answered = 0;
    for (const socket of sockets) {
      socket.on('data', () => answered++);
      socket.write(`GET /hold HTTP/1.1\r\nHost: localhost\r\nCookie: ${cookie}\r\n\r\n`);
    }
    await settled();
    const after = await server.memory();
    if (answered > 0) throw new Error(`${answered} of ${count} requests did not wait`);
    return { heap: (after.heap - before.heap) / count, rss: (after.rss - before.rss) / count };
  } finally {
    for (const socket of sockets) socket.destroy();
    await server.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function firstAnswer(port) {
  const socket = await opened(port);
  socket.write('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n');
  const head = await new Promise((resolve) =>
    socket.once('data', (text) => resolve(text.toString('latin1'))),
  );
  socket.destroy();
  return head;
}

function opened(port) {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => resolve(socket));
    socket.once('error', reject);
  });
}

/** Until the server has taken in what was sent. */
function settled() {
  return new Promise((resolve) => setTimeout(resolve, 1500));
}
