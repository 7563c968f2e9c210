import { createHash } from 'node:crypto';
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
import type { PostgreLink } from './link.js';
import type { PostgreResult, Statement, Value } from './query.js';
import { COLUMNS, type Statements, statementsFor } from './statements.js';

/** PostgreSQL's own limit of a value, with room for the message around it. */
const LARGEST = 2 ** 30 - 2 ** 16;

/** A table of sessions in PostgreSQL. */
export class PostgreRows implements Rows {
  readonly #pool: Pool<PostgreLink>;
  readonly #options: HandlerOptions;
  readonly #table: string;
  readonly #lease: number;
  readonly #statements: Readonly<Record<keyof Omit<Statements, 'attempts'>, Statement>>;
  readonly #attempts: Statements['attempts'];

  /** `table`: its name, quoted; `prepare`: whether the server keeps the statements prepared. */
  constructor(pool: Pool<PostgreLink>, options: HandlerOptions, table: string, prepare: boolean) {
    this.#pool = pool;
    this.#options = options;
    this.#table = table;
    this.#lease = options.lockTtl;
    const { attempts, ...texts } = statementsFor(table);
    // PostgreSQL looks at the first 63 characters of a statement's name only, and a table's name may be longer.
    const sum = createHash('sha256').update(table).digest('hex').slice(0, 16);
    this.#attempts = attempts;
    this.#statements = Object.fromEntries(
      Object.entries(texts).map(([key, text]) => [
        key,
        { name: prepare ? `blitz_${key}_${sum}` : undefined, text },
      ]),
    ) as Record<keyof typeof texts, Statement>;
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

  async columns(): Promise<readonly Column[]> {
    const { tuples } = await this.#once(COLUMNS, this.#table);
    return tuples.map((row) => {
      const [name = '', type = '', limit, inKey, leadsIndex] = row.map((value) => value ?? undefined);
      return {
        name,
        type,
        limit: limit === undefined ? undefined : Number(limit),
        inKey: inKey === 'true',
        leadsIndex: leadsIndex === 'true',
      };
    });
  }

  attempt(right: Right): PromiseLike<unknown> {
    return this.#once(this.#attempts[right]);
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

  #run(key: keyof Omit<Statements, 'attempts'>, ...values: Value[]): Later<PostgreResult> {
    return this.#pool.run((link) => link.run(this.#statements[key], values));
  }

  #once(text: string, ...values: Value[]): Later<PostgreResult> {
    return this.#pool.run((link) => link.run({ name: undefined, text }, values));
  }
}

function changedOne({ count }: PostgreResult): boolean {
  return count === 1;
}
