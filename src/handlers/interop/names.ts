import { hash } from 'node:crypto';
import type { HandlerOptions } from '../../contracts/handler.js';
import type { Interop } from '../../contracts/interop.js';

/** A record's key and the key of its lock. */
export interface KeyPair {
  readonly data: string;
  readonly lock: string;
}

/** What the peer calls a session, in each of its stores. `ip` counts only with `matchIP`, and only where PHP uses it. */
export interface PeerNames {
  /** The name of the file. */
  file(id: string, ip?: string): string;
  /** `prefix`: what the address of the server asks for in the place of PHP's own. */
  redis(id: string, ip?: string, prefix?: string): KeyPair;
  memcached(id: string, ip?: string, prefix?: string): KeyPair;
  /** The id column; the address has a column of its own. */
  row(id: string): string;
  /** What MySQL's GET_LOCK is asked for. */
  mysqlLock(id: string, ip?: string): string;
  /** What PostgreSQL's hashtext() turns into the keys of an advisory lock: one, or two. */
  postgreLock(id: string, ip?: string): readonly [id: string] | readonly [id: string, ip: string];
}

/** The peer's names. (BlitzPHP and CodeIgniter: Handlers\*Handler; PHP: ext/session, phpredis, php-memcached.) */
export function peerNames(options: HandlerOptions, interop: Exclude<Interop, false>): PeerNames {
  return interop.peer === 'php' ? plainNames() : frameworkNames(options, interop);
}

function frameworkNames(
  { name, matchIP }: HandlerOptions,
  { peer, version }: Exclude<Interop, false>,
): PeerNames {
  const family = peer === 'codeigniter4' ? 'ci_session' : 'blitz_session';
  // BlitzPHP forgot a colon until 1.5, with memcached alone.
  const joined = peer === 'blitzphp' && /^(?:0|1\.[0-4])(?:\.|$)/.test(version) ? '' : ':';
  const from = (ip: string | undefined) => (matchIP ? (ip ?? '') : undefined);
  const keyed = (prefix: string, id: string, ip: string | undefined): KeyPair => {
    const address = from(ip);
    const data = `${prefix}${address === undefined ? '' : `${address}:`}${id}`;
    return { data, lock: `${data}:lock` };
  };
  return {
    file(id, ip) {
      const address = from(ip);
      return `${name}${address === undefined ? '' : hash('md5', address, 'hex')}${id}`;
    },
    redis: (id, ip, prefix = `${family}:${name}:`) => keyed(prefix, id, ip),
    memcached: (id, ip, prefix = `${family}:${name}${joined}`) => keyed(prefix, id, ip),
    row: (id) => `${name}:${id}`,
    mysqlLock(id, ip) {
      const address = from(ip);
      return hash('md5', address === undefined ? id : `${id}_${address}`, 'hex');
    },
    postgreLock(id, ip) {
      const address = from(ip);
      return address === undefined ? [id] : [id, address];
    },
  };
}

/** PHP itself keeps no sessions in databases: config/rules refuses that. */
function plainNames(): PeerNames {
  return {
    file: (id) => `sess_${id}`,
    redis(id, _ip, prefix = 'PHPREDIS_SESSION:') {
      const data = prefix + id;
      return { data, lock: `${data}_LOCK` };
    },
    memcached: (id, _ip, prefix = 'memc.sess.key.') => ({ data: prefix + id, lock: `${prefix}lock.${id}` }),
    row: (id) => id,
    mysqlLock: (id) => id,
    postgreLock: (id) => [id],
  };
}
