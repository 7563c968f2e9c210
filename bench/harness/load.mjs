import { Connection } from './connection.mjs';

const MAX_SAMPLES = 1_000_000;

/**
 * Sends the visitors' requests over all connections at once, one at a time on each, until `requests` were sent or
 * `milliseconds` are over, and waits for every answer. `reads`: requests that only read. Latencies are milliseconds.
 */
export async function load(
  connections,
  visitors,
  { requests = Infinity, milliseconds = Infinity, reads = false },
) {
  const path = reads ? '/read' : '/';
  const latencies = new Float64Array(Math.min(requests, MAX_SAMPLES));
  const cpuBefore = process.cpuUsage();
  const began = performance.now();
  const end = began + milliseconds;
  let sent = 0;
  let answered = 0;
  let miscounted = 0;
  let refused = 0;
  let lastAnswer = 0;

  const pump = (connection) =>
    new Promise((resolve, reject) => {
      const again = (now) => {
        if (sent >= requests || now >= end) return resolve();
        sent++;
        const visitor = visitors.next();
        connection.send(
          visitors.requestOf(visitor, path),
          (head, body) => {
            const then = performance.now();
            if (answered < latencies.length) latencies[answered] = then - now;
            answered++;
            lastAnswer = Number(body);
            visitors.remember(visitor, head);
            if (!head.startsWith('HTTP/1.1 200')) refused++;
            if (!visitors.counted(visitor, body, reads)) miscounted++;
            again(then);
          },
          reject,
        );
      };
      again(performance.now());
    });
  await Promise.all(connections.map(pump));

  const elapsed = performance.now() - began;
  const { user, system } = process.cpuUsage(cpuBefore);
  const sorted = latencies.subarray(0, Math.min(answered, latencies.length)).sort();
  return {
    requests: answered,
    perSecond: (answered * 1000) / elapsed,
    p50: quantile(sorted, 0.5),
    p99: quantile(sorted, 0.99),
    longest: sorted.at(-1) ?? Number.NaN,
    miscounted,
    refused,
    lastAnswer,
    /** Share of one core that the client itself used: near 1, it was the bottleneck. */
    clientShare: (user + system) / 1000 / elapsed,
  };
}

/** `perServer` connections to each port. */
export function connectAll(ports, perServer) {
  return Promise.all(ports.flatMap((port) => Array.from({ length: perServer }, () => Connection.open(port))));
}

function quantile(sorted, share) {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}
