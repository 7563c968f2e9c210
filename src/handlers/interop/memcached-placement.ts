import { createHash } from 'node:crypto';
import type { Interop } from '../../contracts/interop.js';
import type { Placement, RingServer } from '../memcached/ring.js';
import { type MemcachedAddress, refused } from '../memcached/save-path.js';
import type { PeerNames } from './names.js';

type Peer = Exclude<Interop, false>['peer'];

/** libmemcached's points on the ring: a server's, and those of a server of average weight. */
const POINTS = 100;
const WEIGHTED_POINTS = 160;
const POINTS_PER_HASH = 4;
/** A server on this port is hashed by its host alone. */
const DEFAULT_PORT = 11_211;

/**
 * Where PHP's client looks for a key; undefined for a single server. `memcached.sess_consistent_hash`, on by default,
 * makes PHP's own sessions a ketama ring; BlitzPHP and CodeIgniter use a client of their own, whose default is the
 * remainder of a hash. (libmemcached: hosts.cc, hash.cc.)
 */
export function placementOf(address: MemcachedAddress, peer: Peer, names: PeerNames): Placement | undefined {
  const { servers, prefix } = address;
  if (servers.length < 2) return undefined;
  const distribution = address.distribution ?? (peer === 'php' ? 'ketama' : 'modula');
  if (distribution !== 'ketama_weighted' && servers.some(({ weight }) => weight !== 1)) {
    throw refused(
      `les poids ne comptent pas pour distribution=${distribution}`,
      `weights do not count for distribution=${distribution}`,
    );
  }
  // PHP's own sessions have their prefix put in front by libmemcached, which leaves it out of the hash.
  const unhashed = peer === 'php' ? names.memcached('', undefined, prefix).data.length : 0;
  const where =
    distribution === 'modula'
      ? modula(servers.length)
      : new KetamaRing(servers, distribution === 'ketama_weighted');
  return { find: (key) => where.find(key.slice(unhashed)) };
}

function modula(count: number): Placement {
  return { find: (key) => oneAtATime(key) % count };
}

/** Bob Jenkins's hash. */
function oneAtATime(text: string): number {
  let hash = 0;
  for (const byte of Buffer.from(text, 'latin1')) {
    hash = (hash + byte) >>> 0;
    hash = (hash + (hash << 10)) >>> 0;
    hash = (hash ^ (hash >>> 6)) >>> 0;
  }
  hash = (hash + (hash << 3)) >>> 0;
  hash = (hash ^ (hash >>> 11)) >>> 0;
  return (hash + (hash << 15)) >>> 0;
}

class KetamaRing implements Placement {
  readonly #points: readonly { readonly point: number; readonly owner: number }[];
  readonly #hash: (key: string) => number;

  constructor(servers: readonly RingServer[], weighted: boolean) {
    const total = servers.reduce((sum, { weight }) => sum + weight, 0);
    const points = servers.flatMap(({ host, port, weight }, owner) => {
      const label = port === undefined || port === DEFAULT_PORT ? host : `${host}:${port}`;
      // libmemcached divides in single precision.
      const share = Math.fround(weight / total) * (WEIGHTED_POINTS / POINTS_PER_HASH) * servers.length;
      const names = Array.from(
        { length: weighted ? Math.floor(share + 1e-10) : POINTS },
        (_, n) => `${label}-${n}`,
      );
      return names.flatMap((name) =>
        (weighted ? parts(md5(name)) : [oneAtATime(name)]).map((point) => ({ point, owner })),
      );
    });
    this.#points = points.sort((a, b) => a.point - b.point);
    this.#hash = weighted ? (key) => md5(key).readUInt32LE(0) : oneAtATime;
  }

  find(key: string): number {
    const wanted = this.#hash(key);
    const points = this.#points;
    let low = 0;
    let high = points.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((points[middle]?.point ?? 0) < wanted) low = middle + 1;
      else high = middle;
    }
    return (points[low] ?? points[0])?.owner ?? 0;
  }
}

function parts(digest: Buffer): number[] {
  return Array.from({ length: POINTS_PER_HASH }, (_, part) => digest.readUInt32LE(part * 4));
}

function md5(text: string): Buffer {
  return createHash('md5').update(text, 'latin1').digest();
}
