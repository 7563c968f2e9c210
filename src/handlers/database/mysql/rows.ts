import type { HandlerOptions } from '../../../contracts/handler.js';
import type { Later } from '../../../support/later.js';
import type { Pool } from '../pool.js';
import {
  BATCH,
  type Column,
  momentOf,
  type NewRow,
  type Right,
  type Rows,
  type StoredRow,
  shiftOf,
} from '../rows.js';
import { columnsOf, largestData, largestMessage } from './catalogue.js';
import type { MysqlLink, MysqlResult, Value } from './link.js';
import { acquire, attempts, deleteOld, type Statements, statementsFor } from './statements.js';
import { changedOne, countOf, quoted, unlessTaken } from './values.js';

/** Bytes of a message beside the data. */
const AROUND = 1024;

type Read = readonly (readonly [data: Buffer | null, age: string | number])[];

/** A table of sessions in MySQL or MariaDB. */
export class MysqlRows implements Rows {
  readonly #pool: Pool<MysqlLink>;
  readonly #options: HandlerOptions;
  readonly #name: string;
  readonly #table: string;
  readonly #lease: number;
  readonly #statements: Statements;

  /** `name`: the table's, with its schema; `table`: the same, quoted. */
  constructor(pool: Pool<MysqlLink>, options: HandlerOptions, name: string, table: string) {
    this.#pool = pool;
    this.#options = options;
    this.#name = name;
    this.#table = table;
    this.#lease = Math.ceil(options.lockTtl * 1_000_000);
    this.#statements = statementsFor(table);
  }

  acquire(id: string, owner: string): Later<StoredRow | 'absent' | undefined> {
    const sql = acquire(this.#table, quoted(id), quoted(owner), this.#lease);
    return this.#pool
      .run((link) => link.lockAndRead(sql))
      .then(({ changed, row }) => {
        if (row === undefined) return 'absent';
        return changed === 1 && row[0] !== null ? this.#stored(row) : undefined;
      });
  }

  peek(id: string): Later<StoredRow | undefined> {
    return this.#run<Read>('peek', id).then(([row]) => (row === undefined ? undefined : this.#stored(row)));
  }

  create({ id, ip, data }: NewRow): Later<boolean> {
    return this.#run('create', id, ip, data, shiftOf(this.#options)).then(changedOne, unlessTaken);
  }

  save(id: string, owner: string, data: Buffer | null, keep: boolean): Later<boolean> {
    const shift = shiftOf(this.#options);
    if (data === null) {
      if (!keep) return this.#run('touch', shift, id, owner).then(changedOne);
      return this.#run('touchAndKeep', shift, this.#lease, id, owner).then(changedOne);
    }
    if (!keep) return this.#run('write', data, shift, id, owner).then(changedOne);
    return this.#run('writeAndKeep', data, shift, this.#lease, id, owner).then(changedOne);
  }

  renew(id: string, owner: string): Later<boolean> {
    return this.#run('renew', this.#lease, id, owner).then(changedOne);
  }

  release(id: string, owner: string): Later<boolean> {
    return this.#run('release', id, owner).then(changedOne);
  }

  destroy(id: string, owner: string): Later<boolean> {
    return this.#run('destroy', id, owner).then(changedOne);
  }

  exists(id: string): Later<boolean> {
    return this.#run<readonly unknown[]>('exists', id).then((rows) => rows.length > 0);
  }

  rename(id: string, owner: string, to: string): Later<boolean> {
    return this.#run('rename', to, id, owner).then(changedOne, unlessTaken);
  }

  /** The ids are read first, so that only rows that go are locked, and each by its key. */
  async collect(seconds: number): Promise<number> {
    const age = seconds - shiftOf(this.#options);
    const prefix = `${this.#options.name}:`;
    const old = await this.#run<readonly (readonly [id: string])[]>('old', age, prefix, prefix);
    if (old.length === 0) return 0;
    // Always as many, so that the statement stays prepared.
    const ids = Array.from({ length: BATCH }, (_, n) => old[n]?.[0] ?? '');
    const sql = deleteOld(this.#table, BATCH);
    const result = await this.#pool.run((link) => link.execute(sql, [age, ...ids]));
    return countOf(result);
  }

  columns(): Promise<readonly Column[]> {
    return columnsOf(this.#pool, this.#name);
  }

  attempt(right: Right): PromiseLike<unknown> {
    return this.#pool.run((link) => link.query(attempts(this.#table)[right]));
  }

  async largest(columns: readonly Column[]): Promise<number> {
    return Math.min((await largestMessage(this.#pool)) - AROUND, largestData(columns));
  }

  close(): Promise<void> {
    return this.#pool.close();
  }

  #stored([data, age]: Read[number]): StoredRow {
    return {
      data: data?.toString(this.#options.encoding) ?? '',
      lastActivity: momentOf(this.#options, Number(age)),
    };
  }

  #run<T = MysqlResult>(key: keyof Statements, ...values: Value[]): Later<T> {
    return this.#pool.run((link) => link.execute<T>(this.#statements[key], values));
  }
}
