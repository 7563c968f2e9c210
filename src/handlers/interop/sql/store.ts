import type { ResolvedDatabaseGroup } from '../../../contracts/database.js';
import type { HandlerOptions } from '../../../contracts/handler.js';
import type { Interop } from '../../../contracts/interop.js';
import { BlitzError } from '../../../errors.js';
import { shared } from '../../connections.js';
import { largestPool } from '../../database/given-pool.js';
import { type Connector, groupPool, placeOf } from '../../database/group-pool.js';
import type { Link } from '../../database/link.js';
import { mysqlConnector } from '../../database/mysql/connect.js';
import { postgreConnector } from '../../database/postgre/connect.js';
import { tableOf } from '../../database/save-path.js';
import { quotedName } from '../../database/schema.js';
import { addressOf } from '../../database/store.js';
import { type PeerNames, peerNames } from '../names.js';
import { openMysqlConnection, openPostgreConnection } from './lock-connections.js';
import { type LockConnection, LockPool } from './lock-pool.js';
import { MysqlPeerRows } from './mysql-rows.js';
import type { PeerRows, Target } from './peer-rows.js';
import { PostgrePeerRows } from './postgre-rows.js';

/** Connections for open sessions at most, when the group says nothing. */
const CONNECTIONS = 16;
/** Connections beside them, for what needs no lock. */
const OTHERS = 4;
/** Statements under way on one of those to PostgreSQL. */
const DEPTH = 32;

/** For a class that is used without the option. */
const DEFAULT_PEER: Exclude<Interop, false> = { peer: 'blitzphp', version: '' };

const stores = new WeakMap<HandlerOptions, PeerStore>();

/** The records of one application that shares them with PHP, and the connections on which they are locked. */
export class PeerStore {
  readonly rows: PeerRows;
  readonly connections: LockPool;
  /** Most bytes of a record; found out at boot. */
  largest: number = Number.POSITIVE_INFINITY;
  readonly #options: HandlerOptions;
  readonly #names: PeerNames;
  readonly #mysql: boolean;

  private constructor(
    rows: PeerRows,
    connections: LockPool,
    options: HandlerOptions,
    group: ResolvedDatabaseGroup,
  ) {
    this.rows = rows;
    this.connections = connections;
    this.#options = options;
    this.#names = peerNames(options, options.interop || DEFAULT_PEER);
    this.#mysql = group.driver === 'mysql';
  }

  /** What `open` opened for an application. */
  static of(options: HandlerOptions): PeerStore | undefined {
    return stores.get(options);
  }

  /** Throws `E_SESSION_SAVE_PATH`, `E_PACKAGE_MISSING`. */
  static async open(options: HandlerOptions, group: ResolvedDatabaseGroup): Promise<PeerStore> {
    const name = tableOf(options, group);
    const table = quotedName(group.driver, name);
    const timeout = options.operationTimeout * 1000;
    let rows: PeerRows;
    let connections: LockPool;
    if (group.driver === 'mysql') {
      const pool = await groupPool(group, { timeout, depth: 1, max: OTHERS }, mysqlConnector);
      rows = new MysqlPeerRows(pool, options, name, table);
      connections = await groupLocks(group, options, mysqlConnector, openMysqlConnection);
    } else {
      const pool = await groupPool(group, { timeout, depth: DEPTH, max: OTHERS }, postgreConnector);
      rows = new PostgrePeerRows(pool, options, table, group.pool['prepare'] !== false);
      connections = await groupLocks(group, options, postgreConnector, openPostgreConnection);
    }
    const store = stores.get(options) ?? new PeerStore(rows, connections, options, group);
    stores.set(options, store);
    return store;
  }

  /** What stands in the id column. */
  rowOf(id: string): string {
    return this.#names.row(id);
  }

  targetOf(id: string, address: string | undefined): Target {
    const ip = this.#options.matchIP ? addressOf(address) : undefined;
    const lock = this.#mysql ? ([this.#names.mysqlLock(id, ip)] as const) : this.#names.postgreLock(id, ip);
    return { row: this.rowOf(id), ip, lock };
  }

  /** Throws `E_SESSION_TOO_LARGE` for what the column or the server cannot take. */
  bytesOf(data: string): Buffer {
    const bytes = Buffer.from(data, this.#options.encoding);
    if (bytes.length <= this.largest) return bytes;
    throw new BlitzError('E_SESSION_TOO_LARGE', { details: { handler: 'database' } });
  }

  /** Ends a connection that waits for a lock, first at the server, which may not notice by itself that nobody is there. */
  async cutOff(connection: LockConnection): Promise<void> {
    try {
      await this.rows.end(connection.backend);
    } catch {
      // It was ended already, or the server is away.
    }
    this.connections.drop(connection, 'no longer waited for');
  }

  forget(): void {
    stores.delete(this.#options);
  }
}

/** The connections of this process for the open sessions of a group; they are closed when the last application is. */
async function groupLocks<L extends Link>(
  group: ResolvedDatabaseGroup,
  { operationTimeout, lockTtl }: HandlerOptions,
  connector: Connector<L>,
  open: (link: L, silence: number) => Promise<number>,
): Promise<LockPool> {
  const name = `sql locks ${operationTimeout} ${lockTtl} ${placeOf(group)}`;
  // A process that stands still, or is cut off, frees its sessions after `lock_ttl`; one that works is never silent so long.
  const silence = Math.max(1, Math.ceil(lockTtl));
  const opened = async () => {
    const connect = await connector(group, operationTimeout * 1000);
    const openOne = async (): Promise<LockConnection<L>> => {
      const link = await connect();
      try {
        return { link, backend: await open(link, silence), idleSince: 0 };
      } catch (error) {
        void link.end();
        throw error;
      }
    };
    return new LockPool(openOne, { max: largestPool(group.pool) ?? CONNECTIONS, idle: lockTtl * 500 });
  };
  const connections = await shared(name, opened, (each) => each.close());
  return connections as unknown as LockPool;
}
