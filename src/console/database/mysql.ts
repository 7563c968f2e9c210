import { createHash } from 'node:crypto';
import type { Duplex } from 'node:stream';
import type { ResolvedDatabaseGroup } from '../../contracts/config.js';
import { type GivenPool, givenPool } from '../../handlers/database/given-pool.js';
import { optionalPackage } from '../../support/optional-package.js';
import type { Connection, Rows } from './connection.js';
import { LONGEST_STATEMENT, within } from './limit.js';
import { lockBusy } from './refused.js';
import type { DatabaseTarget } from './target.js';

/** The slice of a mysql2 connection that is used here. */
interface Client {
  query(sql: string, values?: unknown[]): Promise<[unknown, unknown]>;
  on(event: 'error', listener: () => void): unknown;
  end(): Promise<void>;
  destroy(): void;
  readonly connection: { readonly stream: Duplex };
}

/** A connection of the console's own to MySQL or MariaDB. */
export async function connectMysql(target: DatabaseTarget): Promise<Connection> {
  const { createConnection } = await optionalPackage.load(
    'mysql',
    ['mysql2'],
    () => import('mysql2/promise'),
  );
  const { options, patience } = target;
  const given = givenPool(options.pool);
  const client = await createConnection({
    ...(given === undefined ? optionsOf(options) : copied(given)),
    connectTimeout: patience * 1000,
  });
  const connection = new MysqlConnection(client as unknown as Client, target);
  try {
    await connection.open();
  } catch (error) {
    await connection.close();
    throw error;
  }
  return connection;
}

function optionsOf(group: ResolvedDatabaseGroup): object {
  const { host, port, socket, username, password, database, charset, ssl } = group;
  return {
    ...(socket === '' ? { host, port } : { socketPath: socket }),
    user: username,
    password,
    database,
    charset,
    // mysql2 writes into the object that it is given.
    ...(ssl !== false && { ssl: ssl === true ? {} : { ...ssl } }),
  };
}

/** Where the server is and who connects; mysql2 warns of what else its own pool holds. */
const KEPT = ['host', 'port', 'socketPath', 'user', 'password', 'database', 'ssl', 'stream', 'authPlugins'];

function copied({ config }: GivenPool): object {
  const all = config?.connectionConfig ?? {};
  return Object.fromEntries(KEPT.flatMap((key) => (all[key] ? [[key, all[key]]] : [])));
}

class MysqlConnection implements Connection {
  readonly driver = 'mysql';
  server = '';
  readonly #client: Client;
  readonly #patience: number;
  #broken = false;

  constructor(client: Client, { patience }: DatabaseTarget) {
    this.#client = client;
    this.#patience = patience;
    // The statement that follows tells it better.
    client.on('error', () => {
      this.#broken = true;
    });
  }

  async open(): Promise<void> {
    const [row] = await this.#within(this.#patience, 'SELECT VERSION() AS version');
    const version = String(row?.['version']);
    const [number = version] = version.split('-');
    this.server = `${version.includes('MariaDB') ? 'MariaDB' : 'MySQL'} ${number}`;
  }

  run(sql: string, values?: readonly unknown[]): Promise<Rows> {
    return this.#within(LONGEST_STATEMENT, sql, values);
  }

  async locked<T>(name: string, seconds: number, work: () => Promise<T>): Promise<T> {
    // Names belong to the whole server, and MySQL takes 64 characters.
    const [here] = await this.#within(this.#patience, 'SELECT DATABASE() AS name');
    const lock = createHash('sha256').update(`${here?.['name']} ${name}`).digest('hex');
    const wait = Math.ceil(seconds);
    const [got] = await this.#within(wait + this.#patience, 'SELECT GET_LOCK(?, ?) AS got', [lock, wait]);
    if (Number(got?.['got']) !== 1) throw lockBusy(seconds);
    try {
      // A table that somebody reads: by default the server waits a day for it.
      await this.#within(this.#patience, `SET SESSION lock_wait_timeout = ${Math.max(wait, 1)}`);
      return await work();
    } finally {
      // What ends the connection frees it too.
      await this.#within(this.#patience, 'SELECT RELEASE_LOCK(?)', [lock]).catch(() => {});
    }
  }

  attempt(work: () => Promise<void>): Promise<void> {
    return work();
  }

  async close(): Promise<void> {
    if (this.#broken) return this.#destroy();
    await within(this.#patience, this.#client.end(), () => this.#destroy()).catch(() => {});
  }

  #destroy(): void {
    this.#broken = true;
    this.#client.destroy();
    // mysql2 only says goodbye, which a server that hangs does not hear.
    this.#client.connection.stream.destroy();
  }

  async #within(seconds: number, sql: string, values: readonly unknown[] = []): Promise<Rows> {
    const [rows] = await within(seconds, this.#client.query(sql, [...values]), () => this.#destroy());
    return Array.isArray(rows) ? (rows as Rows) : [];
  }
}
