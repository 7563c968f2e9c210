import type { Duplex } from 'node:stream';
import { Later } from '../../../support/later.js';
import { cleaned, isReadOnly, isTransient, SqlError } from '../failure.js';
import { Link } from '../link.js';
import { type PostgreResult, queryClass, type Statement, type Value } from './query.js';

/** The slice of a pg client that is used here. */
export interface PostgreClient {
  readonly connection: { readonly stream: Duplex };
  readonly constructor: { readonly Query: { readonly prototype: object } };
  connect(done: (error?: unknown) => void): void;
  query(query: object): void;
  on(event: 'error' | 'end', listener: (error?: Error) => void): unknown;
  end(): Promise<void>;
}

/** Milliseconds that ending waits for the server. */
const PATIENCE = 500;

/** A pg client in pipeline mode: statements leave without waiting for the answers to those before. */
export class PostgreLink extends Link {
  readonly #client: PostgreClient;
  readonly #Query: ReturnType<typeof queryClass>;
  #gathering: Duplex | undefined;

  private constructor(client: PostgreClient, timeout: number) {
    super(timeout);
    this.#client = client;
    this.#Query = queryClass(client.constructor.Query);
    // Without listeners a connection that the server ends would end the process.
    client.on('error', (error) => this.retire(cleaned(error, true)));
    client.on('end', () => this.retire(new SqlError('the connection is lost', 'ECONNRESET', true)));
  }

  /** Throws what the server or the network says. `timeout`: milliseconds. */
  static async open(client: PostgreClient, timeout: number): Promise<PostgreLink> {
    const link = new PostgreLink(client, timeout);
    try {
      await link.connecting((done) => client.connect(done));
    } catch (error) {
      const { message, code } = cleaned(error, false);
      // Nothing of a session was sent yet.
      const failure = new SqlError(message, code);
      link.retire(failure);
      throw failure;
    }
    if (link.lost !== undefined) throw link.lost;
    return link;
  }

  run(statement: Statement, values: readonly Value[]): Later<PostgreResult> {
    return Later.promised((resolve, reject) => this.#send(statement, values, true, resolve, reject));
  }

  /** As `run`, and never tried a second time: what was sent behind it may be done by then. */
  runOnce(statement: Statement, values: readonly Value[]): Later<PostgreResult> {
    return Later.promised((resolve, reject) => this.#send(statement, values, false, resolve, reject));
  }

  #send(
    statement: Statement,
    values: readonly Value[],
    again: boolean,
    resolve: (result: PostgreResult) => void,
    reject: (error: SqlError) => void,
  ): void {
    this.began(reject);
    this.#gather();
    const query = new this.#Query(statement, values, (error, result) => {
      if (!this.ended()) return;
      if (!error) resolve(result);
      else {
        const { code, severity } = error as { code?: string; severity?: string };
        if (again && isTransient(code)) return this.#send(statement, values, false, resolve, reject);
        const failure = cleaned(error, true);
        reject(failure);
        if (severity === 'FATAL' || isReadOnly(code)) return this.retire(failure);
      }
      this.changed();
    });
    this.#client.query(query);
  }

  /** Lets what this turn of the event loop sends leave together. */
  #gather(): void {
    const { stream } = this.#client.connection;
    if (stream === this.#gathering || stream.destroyed) return;
    this.#gathering = stream;
    stream.cork();
    setImmediate(this.#leave);
  }

  readonly #leave = (): void => {
    const stream = this.#gathering;
    this.#gathering = undefined;
    stream?.uncork();
  };

  async end(): Promise<void> {
    if (!this.usable) return;
    const patience = new Promise((resolve) => setTimeout(resolve, PATIENCE).unref());
    await Promise.race([this.#client.end().catch(() => {}), patience]);
    this.retire(new SqlError('the connection is closed', 'ECANCELED'));
  }

  protected destroy(): void {
    this.#client.connection.stream.destroy();
  }
}
