import type { HandlerOptions } from '../../../contracts/handler.js';
import { Later } from '../../../support/later.js';
import type { SqlError } from '../../database/failure.js';
import type { Pool } from '../../database/pool.js';
import { columnsOf, LARGEST } from '../../database/postgre/catalogue.js';
import type { PostgreLink } from '../../database/postgre/link.js';
import { named, type PostgreResult, type Statement, type Value } from '../../database/postgre/query.js';
import { attempts } from '../../database/postgre/statements.js';
import {
  type Column,
  momentOf,
  type NewRow,
  type Right,
  type StoredRow,
  shiftOf,
} from '../../database/rows.js';
import type { LockConnection } from './lock-pool.js';
import type { Ended, Found, PeerRows, Target } from './peer-rows.js';
import { type PostgreStatements, postgreStatements } from './postgre-statements.js';

type Connection = LockConnection<PostgreLink>;
type Key = keyof PostgreStatements;

/** The server gave up waiting for a lock. */
const LOCK_NOT_AVAILABLE = '55P03';
/** Another row has this key. */
const DUPLICATE = '23505';
/** Milliseconds by which a statement that waits for a lock may outlast the wait. */
const AFTER_WAIT = 1000;

/**
 * The table and the locks of a PHP application in PostgreSQL: `pg_advisory_lock`, of the session. Statements that go
 * together are pipelined, each in a transaction of its own: what reads behind a lock sees what was written under it,
 * and what unlocks comes after what was written is committed.
 */
export class PostgrePeerRows implements PeerRows {
  readonly #pool: Pool<PostgreLink>;
  readonly #options: HandlerOptions;
  readonly #table: string;
  readonly #statements: Readonly<Record<Key, Statement>>;
  /** Milliseconds of one statement. */
  readonly #timeout: number;

  /** `table`: its name, quoted; `prepare`: whether the server keeps the statements prepared. */
  constructor(pool: Pool<PostgreLink>, options: HandlerOptions, table: string, prepare: boolean) {
    this.#pool = pool;
    this.#options = options;
    this.#table = table;
    this.#timeout = options.operationTimeout * 1000;
    this.#statements = named(postgreStatements(table, options.matchIP), 'blitz_php', table, prepare);
  }

  tryLock(connection: Connection, target: Target): Later<Found> {
    const got = this.#once(connection, 'tryLock', target.lock).then(isTrue);
    return this.#reading(connection, target, got);
  }

  waitForLock(connection: Connection, target: Target, milliseconds: number): Later<Found> {
    const wait = Math.max(1, Math.ceil(milliseconds));
    return connection.link.patiently(wait + AFTER_WAIT + this.#timeout, () => {
      const set = this.#once(connection, 'limits', [wait, wait + AFTER_WAIT]);
      const got = this.#once(connection, 'lock', target.lock).then(() => true, unlessBusy);
      const found = this.#reading(connection, target, got);
      const reset = this.#once(connection, 'noLimits', []);
      return Later.from(Promise.all([found, set, reset])).then(([answer]) => answer);
    });
  }

  #reading(connection: Connection, target: Target, got: Later<boolean>): Later<Found> {
    const read = this.#once(connection, 'read', rowOf(target));
    return Later.from(Promise.all([got, read])).then(([locked, { tuples }]) => {
      if (!locked) return 'busy';
      const [row] = tuples;
      return row === undefined ? 'absent' : this.#stored(row);
    });
  }

  save(connection: Connection, target: Target, data: Buffer | null, keep: boolean): Later<Ended> {
    const shift = shiftOf(this.#options);
    const changed =
      data === null
        ? this.#once(connection, 'touch', [...rowOf(target), connection.backend, shift])
        : this.#once(connection, 'write', [...rowOf(target), connection.backend, shift, data]);
    return this.#ending(connection, target, changed, keep);
  }

  remove(connection: Connection, target: Target): Later<Ended> {
    return this.#ending(
      connection,
      target,
      this.#once(connection, 'remove', [...rowOf(target), connection.backend]),
      false,
    );
  }

  #ending(
    connection: Connection,
    target: Target,
    changed: Later<PostgreResult>,
    keep: boolean,
  ): Later<Ended> {
    if (keep) return changed.then(({ count }) => ({ count, freed: true }));
    const freed = this.#once(connection, 'unlock', target.lock);
    return Later.from(Promise.all([changed, freed])).then(([{ count }, answer]) => ({
      count,
      freed: isTrue(answer),
    }));
  }

  insert(connection: Connection, { id, ip, data }: NewRow): Later<boolean> {
    return this.#once(connection, 'create', [id, ip, data, shiftOf(this.#options)]).then(changedOne);
  }

  rename(connection: Connection, target: Target, to: string): Later<boolean> {
    return this.#once(connection, 'rename', [...rowOf(target), connection.backend, to]).then(
      changedOne,
      unlessTaken,
    );
  }

  release(connection: Connection, target: Target): Later<boolean> {
    return this.#once(connection, 'unlock', target.lock).then(isTrue);
  }

  ping(connection: Connection): Later<unknown> {
    return this.#once(connection, 'ping', []);
  }

  peek(target: Target): Later<StoredRow | undefined> {
    return this.#anywhere('read', rowOf(target)).then(({ tuples: [row] }) =>
      row === undefined ? undefined : this.#stored(row),
    );
  }

  create({ id, ip, data }: NewRow): Later<boolean> {
    return this.#anywhere('create', [id, ip, data, shiftOf(this.#options)]).then(changedOne);
  }

  async collect(seconds: number): Promise<number> {
    const age = seconds - shiftOf(this.#options);
    return (await this.#anywhere('collect', [age, `${this.#options.name}:`])).count;
  }

  end(backend: number): Later<unknown> {
    return this.#anywhere('end', [backend]);
  }

  columns(): Promise<readonly Column[]> {
    return columnsOf(this.#pool, this.#table);
  }

  attempt(right: Right): PromiseLike<unknown> {
    const text = attempts(this.#table, false)[right];
    return this.#pool.run((link) => link.run({ name: undefined, text }, []));
  }

  async largest(): Promise<number> {
    return LARGEST;
  }

  #stored([data, age]: PostgreResult['tuples'][number]): StoredRow {
    return {
      data: Buffer.from(data ?? '', 'base64').toString(this.#options.encoding),
      lastActivity: momentOf(this.#options, Number(age)),
    };
  }

  /** Never twice: what came behind a statement that failed was done by then, the unlocking among it. */
  #once({ link }: Connection, key: Key, values: readonly Value[]): Later<PostgreResult> {
    return link.runOnce(this.#statements[key], values);
  }

  #anywhere(key: Key, values: readonly Value[]): Later<PostgreResult> {
    return this.#pool.run((link) => link.run(this.#statements[key], values));
  }
}

function rowOf({ row, ip }: Target): readonly string[] {
  return ip === undefined ? [row] : [row, ip];
}

function isTrue({ tuples: [row] }: PostgreResult): boolean {
  return row?.[0] === 't';
}

function changedOne({ count }: PostgreResult): boolean {
  return count === 1;
}

function unlessBusy(error: unknown): false {
  if ((error as SqlError).code === LOCK_NOT_AVAILABLE) return false;
  throw error;
}

function unlessTaken(error: unknown): false {
  if ((error as SqlError).code === DUPLICATE) return false;
  throw error;
}
