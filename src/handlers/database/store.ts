import { isIP } from 'node:net';
import type { ResolvedDatabaseGroup } from '../../contracts/database.js';
import type { HandlerOptions } from '../../contracts/handler.js';
import { BlitzError } from '../../errors.js';
import type { Later } from '../../support/later.js';
import { OwedReleases } from '../locks/owed-releases.js';
import type { SqlError } from './failure.js';
import { groupPool } from './group-pool.js';
import { mysqlConnector } from './mysql/connect.js';
import { MysqlRows } from './mysql/rows.js';
import { postgreConnector } from './postgre/connect.js';
import { PostgreRows } from './postgre/rows.js';
import type { Rows, StoredRow } from './rows.js';
import { tableOf } from './save-path.js';
import { quotedName } from './schema.js';

/** Statements under way on one connection to PostgreSQL; mysql2 sends one after the other. */
const DEPTH = 32;
/** The address of who is unknown. */
const NOBODY = '0.0.0.0';

const stores = new WeakMap<HandlerOptions, DatabaseStore>();

/** The records and locks of one application: `Rows` for payloads and storage ids. */
export class DatabaseStore {
  readonly rows: Rows;
  /** Most bytes of a record; found out at boot. */
  largest: number = Number.POSITIVE_INFINITY;
  readonly #options: HandlerOptions;
  readonly #prefix: string;
  readonly #owed: OwedReleases<string>;

  private constructor(rows: Rows, options: HandlerOptions) {
    this.rows = rows;
    this.#options = options;
    this.#prefix = `${options.name}:`;
    this.#owed = new OwedReleases((id, owner) => rows.release(id, owner));
  }

  /** What `open` opened for an application. */
  static of(options: HandlerOptions): DatabaseStore | undefined {
    return stores.get(options);
  }

  /** Throws `E_SESSION_SAVE_PATH`, `E_PACKAGE_MISSING`. */
  static async open(options: HandlerOptions, group: ResolvedDatabaseGroup): Promise<DatabaseStore> {
    const name = tableOf(options, group);
    const table = quotedName(group.driver, name);
    const known = stores.get(options);
    if (known !== undefined) return known;
    const store = new DatabaseStore(await rowsOf(options, group, name, table), options);
    stores.set(options, store);
    return store;
  }

  /** What stands in the id column. */
  idOf(id: string): string {
    return this.#prefix + id;
  }

  acquire(id: string, owner: string): Later<StoredRow | 'absent' | undefined> {
    const key = this.#prefix + id;
    return this.rows.acquire(key, owner).catch((error) => {
      // The server may have executed it all the same.
      if ((error as SqlError).sent !== false) this.#owed.add(key, owner, this.#options.lockTtl * 1000);
      throw error;
    });
  }

  /** Frees the lock if it is still ours. What cannot be sent now is sent when the server is back. */
  async release(id: string, owner: string): Promise<void> {
    const key = this.#prefix + id;
    try {
      await this.rows.release(key, owner);
    } catch (error) {
      this.#owed.add(key, owner, this.#options.lockTtl * 1000);
      throw error;
    }
  }

  create(id: string, data: string, ip: string | undefined): Later<boolean> {
    return this.rows.create({ id: this.#prefix + id, ip: addressOf(ip), data: this.bytesOf(data) });
  }

  /** Throws `E_SESSION_TOO_LARGE` for what the column or the server cannot take. */
  bytesOf(data: string): Buffer {
    const bytes = Buffer.from(data, this.#options.encoding);
    if (bytes.length <= this.largest) return bytes;
    throw new BlitzError('E_SESSION_TOO_LARGE', { details: { handler: 'database' } });
  }

  forget(): void {
    this.#owed.forget();
    stores.delete(this.#options);
  }
}

/** As the column takes it: an address without a zone, IPv4 as such. */
export function addressOf(ip: string | undefined): string {
  const plain = (ip ?? '').replace(/^::ffff:(?=\d+\.)/i, '').replace(/%.*$/, '');
  return isIP(plain) === 0 ? NOBODY : plain;
}

async function rowsOf(
  options: HandlerOptions,
  group: ResolvedDatabaseGroup,
  name: string,
  table: string,
): Promise<Rows> {
  const timeout = options.operationTimeout * 1000;
  if (group.driver === 'mysql') {
    const pool = await groupPool(group, { timeout, depth: 1 }, mysqlConnector);
    return new MysqlRows(pool, options, name, table);
  }
  const pool = await groupPool(group, { timeout, depth: DEPTH }, postgreConnector);
  return new PostgreRows(pool, options, table, group.pool['prepare'] !== false);
}
