// The process that sends requests; each message over IPC is a step, answered with its outcome.
import { connectAll, load } from './load.mjs';
import { Visitors } from './visitors.mjs';

let connections = [];
let visitors;

const steps = {
  visitors({ count, eachCookie }) {
    visitors = new Visitors(count, eachCookie);
  },
  async connect({ ports, perServer }) {
    for (const connection of connections) connection.close();
    connections = await connectAll(ports, perServer);
  },
  disconnect() {
    for (const connection of connections) connection.close();
    connections = [];
  },
  /** Every visitor's first request. */
  create: () => load(connections, visitors, { requests: visitors.count }),
  load: (limits) => load(connections, visitors, limits),
};

process.on('message', async ({ step, ...options }) => {
  try {
    process.send({ outcome: await steps[step](options) });
  } catch (error) {
    process.send({ error: String(error?.stack ?? error) });
  }
});
process.on('disconnect', () => process.exit(0));
