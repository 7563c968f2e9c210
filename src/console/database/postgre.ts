import { createHash } from 'node:crypto';
import { dirname } from 'node:path';
import type { ResolvedDatabaseGroup } from '../../contracts/config.js';
import { givenPool } from '../../handlers/database/given-pool.js';
import { codeOf } from '../../support/file-errors.js';
import { optionalPackage } from '../../support/optional-package.js';
import type { Connection, Rows } from './connection.js';
import { LONGEST_STATEMENT, within } from './limit.js';
import { lockBusy } from './refused.js';
import type { DatabaseTarget } from './target.js';

/** The slice of a pg client that is used here. */
interface Client {
  connect(): Promise<unknown>;
  query(sql: string, values?: unknown[]): Promise<Answer>;
  on(event: 'error', listener: () => void): unknown;
  end(): Promise<void>;
}

interface Answer {
  readonly rows: Rows;
  readonly command: string;
}

/** PostgreSQL's code where `lock_timeout` has passed. */
const LOCK_NOT_AVAILABLE = '55P03';

/** A connection of the console's own to PostgreSQL. */
export async function connectPostgre(target: DatabaseTarget): Promise<Connection> {
  const { default: pg } = await optionalPackage.load('postgre', ['pg'], () => import('pg'));
  const given = givenPool(target.options.pool);
  const options = given === undefined ? optionsOf(target.options) : (given.options ?? {});
  const client: Client = new pg.Client({
    ...options,
    // pg hides it from copies.
    password: options['password'] as string,
    application_name: 'klinge',
    connectionTimeoutMillis: target.patience * 1000,
    query_timeout: 0,
    statement_timeout: 0,
    keepAlive: true,
  });
  const connection = new PostgreConnection(client, target);
  try {
    await connection.open();
  } catch (error) {
    await connection.close();
    throw error;
  }
  return connection;
}

function optionsOf(group: ResolvedDatabaseGroup): Record<string, unknown> {
  const { host, port, socket, username, password, database, ssl } = group;
  // pg takes the folder of a socket; its name holds the port.
  const [, named] = /\.s\.PGSQL\.(\d+)$/.exec(socket) ?? [];
  return {
    host: socket === '' ? host : named === undefined ? socket : dirname(socket),
    port: named === undefined ? port : Number(named),
    user: username,
    password,
    database,
    ssl: typeof ssl === 'object' ? { ...ssl } : ssl,
  };
}

class PostgreConnection implements Connection {
  readonly driver = 'postgre';
  server = '';
  readonly #client: Client;
  readonly #patience: number;
  #broken = false;

  constructor(client: Client, { patience }: DatabaseTarget) {
    this.#client = client;
    this.#patience = patience;
    // Without a listener the process would end; the statement that follows tells it better.
    client.on('error', () => {
      this.#broken = true;
    });
  }

  async open(): Promise<void> {
    await this.#client.connect();
    const [row] = (await this.#within(this.#patience, 'SHOW server_version')).rows;
    this.server = `PostgreSQL ${String(row?.['server_version']).split(' ')[0]}`;
  }

  async run(sql: string, values?: readonly unknown[]): Promise<Rows> {
    return (await this.#within(LONGEST_STATEMENT, sql, values)).rows ?? [];
  }

  async locked<T>(name: string, seconds: number, work: () => Promise<T>): Promise<T> {
    await this.#within(this.#patience, 'BEGIN');
    try {
      await this.#lock(name, seconds);
      const result = await work();
      // A transaction that an error has spoilt answers ROLLBACK, and no error.
      const { command } = await this.#within(this.#patience, 'COMMIT');
      if (command !== 'COMMIT') throw new Error('the transaction could not be committed');
      return result;
    } catch (error) {
      await this.#within(this.#patience, 'ROLLBACK').catch(() => {});
      throw error;
    }
  }

  async #lock(name: string, seconds: number): Promise<void> {
    const key = createHash('sha256').update(`klinge ${name}`).digest().readBigInt64BE();
    const limit = (longest: number) =>
      this.#within(this.#patience, `SET LOCAL lock_timeout = ${Math.ceil(longest * 1000)}`);
    // 0 would be no limit.
    await limit(Math.max(seconds, 0.001));
    try {
      await this.#within(seconds + this.#patience, 'SELECT pg_advisory_xact_lock($1)', [String(key)]);
    } catch (error) {
      throw codeOf(error) === LOCK_NOT_AVAILABLE ? lockBusy(seconds, error) : error;
    }
    // For a table that somebody uses.
    await limit(Math.max(seconds, 1));
  }

  async attempt(work: () => Promise<void>): Promise<void> {
    await this.#within(this.#patience, 'SAVEPOINT klinge');
    try {
      await work();
      await this.#within(this.#patience, 'RELEASE SAVEPOINT klinge');
    } catch (error) {
      await this.#within(this.#patience, 'ROLLBACK TO SAVEPOINT klinge').catch(() => {});
      throw error;
    }
  }

  /** Also ends a connection on which a statement is still running. */
  async close(): Promise<void> {
    const ended = this.#client.end();
    if (this.#broken) ended.catch(() => {});
    else await within(this.#patience, ended, () => {}).catch(() => {});
  }

  #within(seconds: number, sql: string, values?: readonly unknown[]): Promise<Answer> {
    const answer = this.#client.query(sql, values && [...values]);
    const giveUp = () => {
      this.#broken = true;
      void this.close();
    };
    return within(seconds, answer, giveUp);
  }
}
