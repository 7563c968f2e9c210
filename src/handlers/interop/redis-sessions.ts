import { hash } from 'node:crypto';
import { hostname } from 'node:os';
import type { HandlerOptions, HandlerRequest } from '../../contracts/handler.js';
import type { Interop } from '../../contracts/interop.js';
import type { BlitzError } from '../../errors.js';
import type { Later } from '../../support/later.js';
import { randomId } from '../../support/random.js';
import { isOne, type Keys, type RedisConnection } from '../redis/connection.js';
import type { StoredRecord } from '../redis/record.js';
import { parseSavePath, refused } from '../redis/save-path.js';
import { DESTROY, QUARANTINE, RELEASE, RENEW } from '../redis/scripts.js';
import { type RedisSessions, type Saved, savedOf } from '../redis/sessions.js';
import { sharedConnection } from '../redis/shared-connection.js';
import { KEEP_CORRUPT } from '../redis/store.js';
import { unknownAge } from './age.js';
import { type PeerNames, peerNames } from './names.js';
import { ACQUIRE_SHARED, SAVE_SHARED, TOUCH_SHARED } from './redis-scripts.js';

const applications = new WeakMap<HandlerOptions, Application>();

/** What all sessions of one application have in common. */
interface Application {
  readonly connection: RedisConnection;
  readonly options: HandlerOptions;
  readonly names: PeerNames;
  readonly prefix: string | undefined;
  /** Seconds. */
  readonly life: number;
  /** Milliseconds. */
  readonly lease: number;
  /** What a token begins with. */
  readonly mark: () => string;
  /**
   * By token, the sum of the record as it was read; only beside PHP itself, which writes without a lock unless
   * `redis.session.locking_enabled` is set.
   */
  readonly read: Map<string, string> | undefined;
}

/**
 * The sessions of a PHP application in Redis: its names, its payloads without anything in front of them, its expiry.
 * The lock is PHP's too, but its value is a token of ours (PHP looks only whether it is there), and its lease is
 * `lock_ttl`, renewed, where PHP asks for 300 seconds: a process that was killed must not keep PHP out for longer than
 * the 30 seconds that it waits.
 */
export class PeerRedisSessions implements RedisSessions {
  readonly #application: Application;
  readonly #ip: string | undefined;

  private constructor(application: Application, { ip }: HandlerRequest) {
    this.#application = application;
    this.#ip = ip;
  }

  static of(options: HandlerOptions, request: HandlerRequest): PeerRedisSessions | undefined {
    const application = applications.get(options);
    return application && new PeerRedisSessions(application, request);
  }

  /** Throws `E_SESSION_SAVE_PATH` for a cluster too. */
  static async open(options: HandlerOptions, request: HandlerRequest): Promise<PeerRedisSessions> {
    if (options.client === undefined && parseSavePath(options.savePath).kind === 'cluster') throw noCluster();
    const connection = await sharedConnection(options);
    if (connection.client.isCluster === true) throw noCluster();
    const application = applicationOf(connection, options);
    applications.set(options, application);
    return new PeerRedisSessions(application, request);
  }

  newToken(): string {
    return this.#application.mark() + randomId();
  }

  acquire(id: string, token: string): Later<StoredRecord | 'absent' | undefined> {
    const { connection, lease, options, read } = this.#application;
    const keys = this.#keys(id);
    // What came too late, or was never answered, may have taken the lock.
    const late = (found: Buffer | null | 0 | undefined) => {
      if (found !== null && found !== 0) connection.owed.add(keys, token, lease);
    };
    const accept = (stored: Buffer | null | 0) => {
      if (stored === 0) return undefined;
      if (stored === null) return 'absent';
      read?.set(token, sumOf(stored));
      return recordOf(stored, options);
    };
    const keep = Math.ceil(options.lockMax) + 1;
    return connection.run(ACQUIRE_SHARED, accept, [...keys, token, lease, keep], late);
  }

  peek(id: string): Later<StoredRecord | undefined> {
    const { connection, options } = this.#application;
    return connection.get(this.#keys(id)[0], (stored) =>
      stored === null ? undefined : recordOf(stored, options),
    );
  }

  create(id: string, data: string): Later<boolean> {
    const { connection, life } = this.#application;
    return connection.setNew(this.#keys(id)[0], this.#bytes(data), life * 1000);
  }

  save(id: string, token: string, data: string | null, keep: boolean): Later<Saved> {
    const { connection, lease, life, read } = this.#application;
    const keys = this.#keys(id);
    const lasting = keep ? lease : '';
    if (data === null) {
      if (!keep) read?.delete(token);
      return connection.run(TOUCH_SHARED, savedOf, [...keys, token, life, lasting]);
    }
    const bytes = this.#bytes(data);
    const before = read?.get(token) ?? '';
    if (keep) read?.set(token, sumOf(bytes));
    else read?.delete(token);
    return connection.run(SAVE_SHARED, savedOf, [...keys, token, bytes, life, lasting, before]);
  }

  renew(id: string, token: string): Later<boolean> {
    const { connection, lease } = this.#application;
    return connection.run(RENEW, isOne, [...this.#keys(id), token, lease]);
  }

  destroy(id: string, token: string): Later<boolean> {
    const { connection, read } = this.#application;
    read?.delete(token);
    return connection.run(DESTROY, isOne, [...this.#keys(id), token]);
  }

  quarantine(id: string, token: string): Later<boolean> {
    const { connection, read } = this.#application;
    const [record, lock] = this.#keys(id);
    read?.delete(token);
    return connection.run(QUARANTINE, isOne, [record, lock, `${record}:corrupt`, token, KEEP_CORRUPT]);
  }

  async release(id: string, token: string): Promise<void> {
    const { connection, lease, read } = this.#application;
    const keys = this.#keys(id);
    read?.delete(token);
    try {
      await connection.run(RELEASE, isOne, [...keys, token]);
    } catch (error) {
      connection.owed.add(keys, token, lease);
      throw error;
    }
  }

  #keys(id: string): Keys {
    const { connection, names, prefix } = this.#application;
    const { data, lock } = names.redis(id, this.#ip, prefix);
    return [connection.keyPrefix + data, connection.keyPrefix + lock];
  }

  #bytes(data: string): Buffer {
    return Buffer.from(data, this.#application.options.encoding);
  }
}

function noCluster(): BlitzError {
  return refused(
    'une grappe ne se partage pas avec PHP : BlitzPHP et CodeIgniter n’emploient qu’un serveur, les noms de PHP mettent le verrou et la session sur deux nœuds, et rediscluster ne verrouille rien',
    'a cluster cannot be shared with PHP: BlitzPHP and CodeIgniter use a single server, PHP’s names put lock and session on two nodes, and rediscluster locks nothing',
  );
}

function applicationOf(connection: RedisConnection, options: HandlerOptions): Application {
  const interop = options.interop as Exclude<Interop, false>;
  const plain = interop.peer === 'php';
  const owner = `${hostname()}|${process.pid}|`;
  return {
    connection,
    options,
    names: peerNames(options, interop),
    prefix: connection.prefix,
    life: Math.max(1, Math.ceil(options.lifetime)),
    lease: Math.ceil(options.lockTtl * 1000),
    // The form that each peer gives its own: who, or since when.
    mark: plain ? () => owner : () => `${Math.floor(options.clock.now() / 1000)}:`,
    read: plain ? new Map() : undefined,
  };
}

function recordOf(stored: Buffer, options: HandlerOptions): StoredRecord {
  return { data: stored.toString(options.encoding), lastActivity: unknownAge(options) };
}

function sumOf(bytes: Buffer): string {
  return hash('sha1', bytes, 'hex');
}
