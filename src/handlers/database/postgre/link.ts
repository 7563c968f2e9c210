import type { Duplex } from 'node:stream';
import { cleaned, isReadOnly, isTransient, SqlError } from '../failure.js';
import { Link } from '../link.js';

/** The slice of a pg client that is used here. */
export interface PostgreClient {
  readonly pipeline?: boolean;
  readonly connection: { readonly stream: Duplex };
  connect(done: (error?: unknown) => void): void;
  query(query: object, done: (error: Error | null, result: PostgreResult) => void): void;
  on(event: 'error' | 'end', listener: (error?: Error) => void): unknown;
  end(): Promise<void>;
}

export interface PostgreResult {
  readonly rowCount: number | null;
  /** Values in PostgreSQL's text form. */
  readonly rows: readonly (readonly (string | null)[])[];
}

export type Value = string | number | Buffer | null;

export interface Statement {
  /** Under this name the server keeps it prepared; undefined: it is sent whole each time. */
  readonly name: string | undefined;
  readonly text: string;
}

/** Values stay as they come; an application's own parsers, set for all of pg, do not reach them. */
const RAW = { getTypeParser: () => (value: unknown) => value };
/** Milliseconds that ending waits for the server. */
const PATIENCE = 500;

/** A pg client in pipeline mode: statements leave without waiting for the answers to those before. */
export class PostgreLink extends Link {
  readonly #client: PostgreClient;
  #gathering: Duplex | undefined;

  private constructor(client: PostgreClient, timeout: number) {
    super(timeout);
    this.#client = client;
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

  run(statement: Statement, values: readonly Value[]): Promise<PostgreResult> {
    return new Promise((resolve, reject) => this.#send(statement, values, true, resolve, reject));
  }

  #send(
    { name, text }: Statement,
    values: readonly Value[],
    again: boolean,
    resolve: (result: PostgreResult) => void,
    reject: (error: SqlError) => void,
  ): void {
    this.began(reject);
    this.#gather();
    const query = { name, text, values, rowMode: 'array', types: RAW, queryMode: 'extended' };
    this.#client.query(query, (error, result) => {
      if (!this.ended()) return;
      if (!error) resolve(result);
      else {
        const { code, severity } = error as { code?: string; severity?: string };
        if (again && isTransient(code)) return this.#send({ name, text }, values, false, resolve, reject);
        const failure = cleaned(error, true);
        reject(failure);
        if (severity === 'FATAL' || isReadOnly(code)) return this.retire(failure);
      }
      this.changed();
    });
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
