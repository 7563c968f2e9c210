import type { Duplex } from 'node:stream';
import { Later } from '../../../support/later.js';
import { cleaned, isReadOnly, isTransient, SqlError } from '../failure.js';
import { Link } from '../link.js';
import { type LockedRow, LockingRead } from './locking-read.js';

/** The slice of a mysql2 connection that is used here. */
export interface MysqlClient {
  readonly stream: Duplex;
  connect(done: (error?: unknown) => void): void;
  query(sql: string, done: Done): unknown;
  execute(sql: string, values: readonly Value[], done: Done): unknown;
  addCommand(command: object): unknown;
  on(event: 'error' | 'end', listener: (error?: Error) => void): unknown;
  end(done: () => void): void;
  destroy(): void;
}

type Done = (error: Error | null, result?: unknown) => void;

export type Value = string | number | Buffer | null;
type Row = readonly (Buffer | number | string | null)[];

/** What one statement answers: rows, or how many rows it found. */
export type MysqlResult = readonly Row[] | { readonly affectedRows: number };

/** Milliseconds that ending waits for the server. */
const PATIENCE = 500;

/** A mysql2 connection; one statement after the other. */
export class MysqlLink extends Link {
  readonly #client: MysqlClient;

  private constructor(client: MysqlClient, timeout: number) {
    super(timeout);
    this.#client = client;
    client.on('error', (error) => this.retire(cleaned(error, true)));
    client.on('end', () => this.retire(new SqlError('the connection is lost', 'ECONNRESET', true)));
  }

  /** `first`: what the connection is told before anything else. `timeout`: milliseconds. */
  static async open(client: MysqlClient, first: string, timeout: number): Promise<MysqlLink> {
    const link = new MysqlLink(client, timeout);
    try {
      await link.connecting((done) => client.connect(done));
      await link.query(first);
      return link;
    } catch (error) {
      const { message, code } = cleaned(error, false);
      // Nothing of a session was sent yet.
      const failure = new SqlError(message, code);
      link.retire(failure);
      throw failure;
    }
  }

  /** Statements as text, several of them together: one round trip, an answer each. */
  query<T = MysqlResult>(sql: string): Later<T> {
    return this.#run(sql, undefined);
  }

  /** One statement that the server keeps prepared, with its values in binary form. */
  execute<T = MysqlResult>(sql: string, values: readonly Value[]): Later<T> {
    return this.#run(sql, values);
  }

  /** The message of an UPDATE that locks a row and a SELECT that reads it. */
  lockAndRead(sql: string): Later<LockedRow> {
    return Later.promised<LockedRow>((resolve, reject) =>
      this.#send(sql, 'lock', true, resolve as (answer: unknown) => void, reject),
    );
  }

  #run<T>(sql: string, values: readonly Value[] | undefined): Later<T> {
    return Later.promised<T>((resolve, reject) =>
      this.#send(sql, values, true, resolve as (answer: unknown) => void, reject),
    );
  }

  #send(
    sql: string,
    values: readonly Value[] | 'lock' | undefined,
    again: boolean,
    resolve: (answer: unknown) => void,
    reject: (error: SqlError) => void,
  ): void {
    this.began(reject);
    const done: Done = (error, answer) => {
      if (!this.ended()) return;
      if (!error) resolve(answer);
      else {
        const { code, fatal } = error as { code?: string; fatal?: boolean };
        if (again && isTransient(code)) return this.#send(sql, values, false, resolve, reject);
        const failure = cleaned(error, true);
        reject(failure);
        if (fatal === true || isReadOnly(code)) return this.retire(failure);
      }
      this.changed();
    };
    if (values === 'lock') this.#client.addCommand(new LockingRead(sql, done));
    else if (values === undefined) this.#client.query(sql, done);
    else this.#client.execute(sql, values, done);
  }

  async end(): Promise<void> {
    if (!this.usable) return;
    await new Promise<void>((resolve) => {
      setTimeout(resolve, PATIENCE).unref();
      this.#client.end(() => resolve());
    });
    this.retire(new SqlError('the connection is closed', 'ECANCELED'));
  }

  protected destroy(): void {
    // It only says goodbye, which a server that hangs does not hear.
    this.#client.destroy();
    this.#client.stream.destroy();
  }
}
