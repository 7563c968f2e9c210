import { createHash } from 'node:crypto';

export interface RingServer {
  /** `host:port`, or the path of a socket. */
  readonly name: string;
  readonly host: string;
  readonly port: number | undefined;
  readonly weight: number;
}

/** Which server a key belongs to. */
export interface Placement {
  /** The index of the server. */
  find(key: string): number;
}

const POINTS_PER_SERVER = 40;
const POINTS_PER_HASH = 4;
/** A server on this port is hashed by its host alone. */
const DEFAULT_PORT = 11211;

/**
 * Consistent hashing as the package `memcached` does it (its `hashring` in ketama mode), so that both find a key on the
 * same server. Adding a server to n moves one key in n + 1. (libketama, ketama.c.)
 */
export class HashRing implements Placement {
  readonly #points: Uint32Array;
  readonly #owners: readonly number[];

  constructor(servers: readonly RingServer[]) {
    const total = servers.reduce((sum, { weight }) => sum + weight, 0);
    const points: { readonly point: number; readonly owner: number }[] = [];
    servers.forEach(({ name, host, port, weight }, owner) => {
      const hashes = Math.floor((weight / total) * POINTS_PER_SERVER * servers.length);
      const label = port === DEFAULT_PORT ? host : name;
      for (let n = 0; n < hashes; n++) {
        const digest = md5(`${label}-${n}`);
        for (let part = 0; part < POINTS_PER_HASH; part++) {
          points.push({ point: digest.readUInt32LE(part * 4), owner });
        }
      }
    });
    points.sort((a, b) => a.point - b.point);
    this.#points = Uint32Array.from(points, ({ point }) => point);
    this.#owners = points.map(({ owner }) => owner);
  }

  find(key: string): number {
    const wanted = md5(key).readUInt32LE(0);
    let low = 0;
    let high = this.#points.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#points[middle] as number) < wanted) low = middle + 1;
      else high = middle;
    }
    return this.#owners[low] ?? this.#owners[0] ?? 0;
  }
}

function md5(text: string): Buffer {
  return createHash('md5').update(text).digest();
}
