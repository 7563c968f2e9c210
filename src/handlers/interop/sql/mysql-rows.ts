import type { HandlerOptions } from '../../../contracts/handler.js';
import type { Later } from '../../../support/later.js';
import { columnsOf, largestData, largestMessage } from '../../database/mysql/catalogue.js';
import type { MysqlLink, MysqlResult } from '../../database/mysql/link.js';
import { AGE, attempts } from '../../database/mysql/statements.js';
import { changedOne, countOf, quoted, unlessTaken } from '../../database/mysql/values.js';
import type { Pool } from '../../database/pool.js';
import {
  BATCH,
  type Column,
  momentOf,
  type NewRow,
  type Right,
  type StoredRow,
  shiftOf,
} from '../../database/rows.js';
import type { LockConnection } from './lock-pool.js';
import type { Ended, Found, PeerRows, Target } from './peer-rows.js';

/** Bytes of a message beside the data, of which each byte is two hexadecimal digits. */
const AROUND = 2048;

type Read = readonly (readonly [data: Buffer | null, age: string | number])[];
type Flag = readonly (readonly [number | string | null])[];
type Connection = LockConnection<MysqlLink>;

/**
 * The table and the locks of a PHP application in MySQL or MariaDB: GET_LOCK and RELEASE_LOCK. Statements that go
 * together are sent as one text, since mysql2 waits for an answer before it sends the next.
 */
export class MysqlPeerRows implements PeerRows {
  readonly #pool: Pool<MysqlLink>;
  readonly #options: HandlerOptions;
  readonly #name: string;
  readonly #table: string;
  /** Milliseconds of one statement. */
  readonly #timeout: number;

  /** `name`: the table's, with its schema; `table`: the same, quoted. */
  constructor(pool: Pool<MysqlLink>, options: HandlerOptions, name: string, table: string) {
    this.#pool = pool;
    this.#options = options;
    this.#name = name;
    this.#table = table;
    this.#timeout = options.operationTimeout * 1000;
  }

  tryLock(connection: Connection, target: Target): Later<Found> {
    return this.#lock(connection, target, '0');
  }

  /** MariaDB takes parts of seconds, MySQL rounds them. */
  waitForLock(connection: Connection, target: Target, milliseconds: number, whole: boolean): Later<Found> {
    const seconds = whole ? Math.ceil(milliseconds / 1000).toFixed(0) : (milliseconds / 1000).toFixed(3);
    return connection.link.patiently(Math.ceil(milliseconds) + 1000 + this.#timeout, () =>
      this.#lock(connection, target, seconds),
    );
  }

  #lock({ link }: Connection, target: Target, seconds: string): Later<Found> {
    return link
      .query<readonly [Flag, Read]>(
        `SELECT GET_LOCK(${quoted(target.lock[0])}, ${seconds}) AS got;${this.#select(target)}`,
      )
      .then(([[flag], [row]]) => {
        const got = flag?.[0];
        if (got === null || got === undefined) throw new Error('GET_LOCK was interrupted');
        if (Number(got) !== 1) return 'busy';
        return row === undefined ? 'absent' : this.#stored(row);
      });
  }

  save(connection: Connection, target: Target, data: Buffer | null, keep: boolean): Later<Ended> {
    const bytes = data === null ? '' : `data = X'${data.toString('hex')}', `;
    const sql = `UPDATE ${this.#table} SET ${bytes}\`timestamp\` = ${this.#now()} ${held(target)}`;
    return this.#ending(connection, target, sql, keep);
  }

  remove(connection: Connection, target: Target): Later<Ended> {
    return this.#ending(connection, target, `DELETE FROM ${this.#table} ${held(target)}`, false);
  }

  #ending({ link }: Connection, target: Target, sql: string, keep: boolean): Later<Ended> {
    if (keep) return link.query(sql).then((result) => ({ count: countOf(result), freed: true }));
    return link
      .query<readonly [MysqlResult, Flag]>(`${sql};${release(target)}`)
      .then(([result, flag]) => ({ count: countOf(result), freed: isOne(flag) }));
  }

  insert({ link }: Connection, row: NewRow): Later<boolean> {
    return this.#insert(link, row);
  }

  rename({ link }: Connection, target: Target, to: string): Later<boolean> {
    const same = '`timestamp` = `timestamp`';
    return link
      .query(`UPDATE ${this.#table} SET id = ${quoted(to)}, ${same} ${held(target)}`)
      .then(changedOne, unlessTaken);
  }

  release({ link }: Connection, target: Target): Later<boolean> {
    return link.query<Flag>(release(target)).then(isOne);
  }

  ping({ link }: Connection): Later<unknown> {
    return link.query('DO 1');
  }

  peek(target: Target): Later<StoredRow | undefined> {
    return this.#pool
      .run((link) => link.query<Read>(this.#select(target)))
      .then(([row]) => (row === undefined ? undefined : this.#stored(row)));
  }

  create(row: NewRow): Later<boolean> {
    return this.#pool.run((link) => this.#insert(link, row));
  }

  #insert(link: MysqlLink, { id, ip, data }: NewRow): Later<boolean> {
    const columns = 'id, ip_address, data, `timestamp`';
    const now = 'NOW() + INTERVAL ? SECOND';
    const sql = `INSERT INTO ${this.#table} (${columns}) VALUES (?, ?, ?, ${now})`;
    return link.execute(sql, [id, ip, data, shiftOf(this.#options)]).then(changedOne, unlessTaken);
  }

  /** The ids are read first, so that only rows that go are locked by the server, and each by its key. */
  async collect(seconds: number): Promise<number> {
    const age = seconds - shiftOf(this.#options);
    const prefix = quoted(`${this.#options.name}:`);
    const old = `\`timestamp\` < NOW() - INTERVAL ${age} SECOND AND LEFT(id, CHAR_LENGTH(${prefix})) = ${prefix}`;
    const select = `SELECT id FROM ${this.#table} WHERE ${old} ORDER BY \`timestamp\` LIMIT ${BATCH}`;
    const rows = await this.#pool.run((link) => link.query<readonly (readonly [string])[]>(select));
    if (rows.length === 0) return 0;
    // Always as many, so that the statement stays prepared.
    const ids = Array.from({ length: BATCH }, (_, n) => rows[n]?.[0] ?? '');
    const marks = ids.map(() => '?').join(', ');
    const sql = `DELETE FROM ${this.#table} WHERE \`timestamp\` < NOW() - INTERVAL ? SECOND AND id IN (${marks})`;
    return countOf(await this.#pool.run((link) => link.execute(sql, [age, ...ids])));
  }

  end(backend: number): Later<unknown> {
    return this.#pool.run((link) => link.query(`KILL ${backend}`));
  }

  columns(): Promise<readonly Column[]> {
    return columnsOf(this.#pool, this.#name);
  }

  attempt(right: Right): PromiseLike<unknown> {
    return this.#pool.run((link) => link.query(attempts(this.#table, false)[right]));
  }

  async largest(columns: readonly Column[]): Promise<number> {
    const message = Math.floor(((await largestMessage(this.#pool)) - AROUND) / 2);
    return Math.min(message, largestData(columns));
  }

  #select(target: Target): string {
    return `SELECT data, ${AGE} AS age FROM ${this.#table} WHERE ${rowOf(target)}`;
  }

  #now(): string {
    const shift = shiftOf(this.#options);
    return shift === 0 ? 'NOW()' : `NOW() + INTERVAL ${shift} SECOND`;
  }

  #stored([data, age]: Read[number]): StoredRow {
    return {
      data: data?.toString(this.#options.encoding) ?? '',
      lastActivity: momentOf(this.#options, Number(age)),
    };
  }
}

function rowOf({ row, ip }: Target): string {
  return ip === undefined ? `id = ${quoted(row)}` : `id = ${quoted(row)} AND ip_address = ${quoted(ip)}`;
}

/** In the same statement as what it guards: a proxy may have changed the connection behind our back. */
function held(target: Target): string {
  return `WHERE ${rowOf(target)} AND IS_USED_LOCK(${quoted(target.lock[0])}) = CONNECTION_ID()`;
}

function release({ lock: [name] }: Target): string {
  return `SELECT RELEASE_LOCK(${quoted(name)}) AS freed`;
}

function isOne([row]: Flag): boolean {
  return Number(row?.[0]) === 1;
}
