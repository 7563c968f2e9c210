import type { HandlerOptions } from '../../../contracts/handler.js';
import type { Later } from '../../../support/later.js';
import type { Pool } from '../pool.js';
import {
  type Column,
  momentOf,
  type NewRow,
  type Right,
  type Rows,
  type StoredRow,
  shiftOf,
} from '../rows.js';
import { columnsOf, LARGEST } from './catalogue.js';
import type { PostgreLink } from './link.js';
import { named, type PostgreResult, type Statement, type Value } from './query.js';
import { attempts, type Statements, statementsFor } from './statements.js';

/** A table of sessions in PostgreSQL. */
export class PostgreRows implements Rows {
  readonly #pool: Pool<PostgreLink>;
  readonly #options: HandlerOptions;
  readonly #table: string;
  readonly #lease: number;
  readonly #statements: Readonly<Record<keyof Statements, Statement>>;

  /** `table`: its name, quoted; `prepare`: whether the server keeps the statements prepared. */
  constructor(pool: Pool<PostgreLink>, options: HandlerOptions, table: string, prepare: boolean) {
    this.#pool = pool;
    this.#options = options;
    this.#table = table;
    this.#lease = options.lockTtl;
    this.#statements = named(statementsFor(table), 'blitz', table, prepare);
  }

  acquire(id: string, owner: string): Later<StoredRow | 'absent' | undefined> {
    return this.#run('acquire', id, owner, this.#lease).then(({ tuples: [row] }) => {
      if (row !== undefined) return this.#stored(row);
      return this.exists(id).then((there) => (there ? undefined : 'absent'));
    });
  }

  peek(id: string): Later<StoredRow | undefined> {
    return this.#run('peek', id).then(({ tuples: [row] }) =>
      row === undefined ? undefined : this.#stored(row),
    );
  }

  create({ id, ip, data }: NewRow): Later<boolean> {
    return this.#run('create', id, ip, data, shiftOf(this.#options)).then(changedOne);
  }

  save(id: string, owner: string, data: Buffer | null, keep: boolean): Later<boolean> {
    const shift = shiftOf(this.#options);
    if (data === null) {
      if (!keep) return this.#run('touch', id, owner, shift).then(changedOne);
      return this.#run('touchAndKeep', id, owner, shift, this.#lease).then(changedOne);
    }
    if (!keep) return this.#run('write', id, owner, data, shift).then(changedOne);
    return this.#run('writeAndKeep', id, owner, data, shift, this.#lease).then(changedOne);
  }

  renew(id: string, owner: string): Later<boolean> {
    return this.#run('renew', id, owner, this.#lease).then(changedOne);
  }

  release(id: string, owner: string): Later<boolean> {
    return this.#run('release', id, owner).then(changedOne);
  }

  destroy(id: string, owner: string): Later<boolean> {
    return this.#run('destroy', id, owner).then(changedOne);
  }

  exists(id: string): Later<boolean> {
    return this.#run('exists', id).then(({ tuples }) => tuples.length > 0);
  }

  rename(id: string, owner: string, to: string): Later<boolean> {
    return this.#run('rename', id, owner, to).then(changedOne);
  }

  async collect(seconds: number): Promise<number> {
    const age = seconds - shiftOf(this.#options);
    return (await this.#run('collect', age, `${this.#options.name}:`)).count;
  }

  columns(): Promise<readonly Column[]> {
    return columnsOf(this.#pool, this.#table);
  }

  attempt(right: Right): PromiseLike<unknown> {
    const text = attempts(this.#table)[right];
    return this.#pool.run((link) => link.run({ name: undefined, text }, []));
  }

  async largest(): Promise<number> {
    return LARGEST;
  }

  close(): Promise<void> {
    return this.#pool.close();
  }

  #stored([data, age]: PostgreResult['tuples'][number]): StoredRow {
    return {
      data: Buffer.from(data ?? '', 'base64').toString(this.#options.encoding),
      lastActivity: momentOf(this.#options, Number(age)),
    };
  }

  #run(key: keyof Statements, ...values: Value[]): Later<PostgreResult> {
    return this.#pool.run((link) => link.run(this.#statements[key], values));
  }
}

function changedOne({ count }: PostgreResult): boolean {
  return count === 1;
}
