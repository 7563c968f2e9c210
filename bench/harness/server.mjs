// The process of one server: `node server.mjs <set-up> <folder> <payload bytes> [store's address]`, talked to over IPC.
import { createServer } from 'node:http';
import { payloadOf } from './payload.mjs';
import { setupNamed } from './setups.mjs';

const [name, folder, bytes, address] = process.argv.slice(2);
const { module, options } = setupNamed(name);
const { listen } = await import(module);
/** A listener for `node:http`, or the port of a server that listens by itself. */
const listening = await listen({ folder, address, payload: payloadOf(Number(bytes)), ...options });

const answers = {
  cpu: () => process.cpuUsage(),
  /** Bytes; what lives is known after a collection, which needs `--expose-gc`. */
  memory() {
    globalThis.gc?.();
    const { rss, heapUsed: heap, external } = process.memoryUsage();
    return { rss, heap, external };
  },
};

process.on('message', (message) => process.send(answers[message]()));
process.on('disconnect', () => process.exit(0));
if (typeof listening === 'function') {
  const server = createServer(listening);
  server.listen(0, '127.0.0.1', () => process.send({ port: server.address().port }));
} else {
  process.send({ port: listening.port });
}
