import { MariadbServer } from '../fixtures/servers/mariadb.ts';
import { PostgresServer } from '../fixtures/servers/postgres.ts';

/** How the server would execute a statement of the collector. */
export interface Plan {
  readonly title: string;
  readonly text: string;
  readonly usesIndex: boolean;
}

export type MillionServer = MillionMariadb | MillionPostgres;

type Result = Record<string, unknown>[];

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** Ages of the rows in seconds: the odd ones expired hours ago, the even ones live for another hour. */
const AGE = 'CASE WHEN seq % 2 = 1 THEN 10800 + seq % 72000 ELSE seq % 3600 END';

/**
 * MariaDB whose commits are on the disk. Its buffer pool holds the whole table: it reads past the system's cache, which
 * holds PostgreSQL's. With a pool that is much smaller each row that is deleted costs reads of the disk.
 */
export class MillionMariadb {
  readonly #server: MariadbServer;

  private constructor(server: MariadbServer) {
    this.#server = server;
  }

  static async start(): Promise<MillionMariadb> {
    const sized = ['--innodb-buffer-pool-size=1G', '--innodb-log-file-size=96M'];
    const durable = ['--innodb-flush-log-at-trx-commit=1'];
    return new MillionMariadb(await MariadbServer.start({ args: [...sized, ...durable] }));
  }

  get group() {
    return this.#server.group;
  }

  sql(...statements: readonly string[]): Promise<Result> {
    return this.#server.sql(...statements);
  }

  /** `data`: of every row, in hexadecimal. What was written lies in its files at the end. */
  async fill(rows: number, data: string): Promise<void> {
    // In the order of the key, which is the fastest.
    await this.sql(
      `CREATE TABLE made AS SELECT seq, concat('blitz_session:', SHA2(MD5(seq), 256)) AS id FROM seq_1_to_${rows}`,
      `INSERT INTO sessions (id, ip_address, data, \`timestamp\`)
        SELECT id, '10.0.0.1', x'${data}', NOW() - INTERVAL (${AGE}) SECOND FROM made ORDER BY id`,
      'DROP TABLE made',
    );
    await this.sql('ANALYZE TABLE sessions', 'FLUSH TABLES sessions FOR EXPORT', 'UNLOCK TABLES');
  }

  async size(): Promise<string> {
    const [row] = await this.sql(
      "SELECT round((data_length + index_length) / 1048576) AS mb FROM information_schema.tables WHERE table_name = 'sessions'",
    );
    return `${row?.['mb']} MB`;
  }

  /** Of the statements that a collector which has just been started sends. */
  async plans(): Promise<Plan[]> {
    await this.sql("SET GLOBAL log_output = 'TABLE'", 'SET GLOBAL general_log = ON');
    try {
      const find = (beginning: string) =>
        seen(() =>
          this.sql(
            `SELECT CONVERT(argument USING utf8mb4) AS text FROM mysql.general_log
              WHERE command_type = 'Execute' AND argument LIKE '${beginning}%' LIMIT 1`,
          ),
        );
      const [select, remove] = [
        await find('SELECT id FROM `sessions`'),
        await find('DELETE FROM `sessions`'),
      ];
      return [
        await this.#plan('the ids of a batch', select, 'sessions_timestamp'),
        await this.#plan('their deletion', remove, 'PRIMARY'),
      ];
    } finally {
      await this.sql('SET GLOBAL general_log = OFF');
    }
  }

  async #plan(title: string, statement: string, index: string): Promise<Plan> {
    const [step, ...others] = await this.sql(`EXPLAIN ${statement}`);
    const text = `  ${statement.replace(/\s+/g, ' ').slice(0, 260)}\n  ${JSON.stringify(step)}`;
    const usesIndex = others.length === 0 && step?.['key'] === index && step['type'] === 'range';
    return { title: `${title} (EXPLAIN)`, text, usesIndex };
  }

  stop(): Promise<void> {
    return this.#server.stop();
  }
}

/** PostgreSQL with what it comes with: each commit is on the disk. */
export class MillionPostgres {
  readonly #server: PostgresServer;

  private constructor(server: PostgresServer) {
    this.#server = server;
  }

  static async start(): Promise<MillionPostgres> {
    const durable = ['-c', 'fsync=on', '-c', 'synchronous_commit=on'];
    return new MillionPostgres(await PostgresServer.start({ args: durable }));
  }

  get group() {
    return this.#server.group;
  }

  sql(...statements: readonly string[]): Promise<Result> {
    return this.#server.sql(...statements);
  }

  async fill(rows: number, data: string): Promise<void> {
    await this.sql(
      `INSERT INTO sessions (id, ip_address, data, "timestamp")
        SELECT concat('blitz_session:', encode(sha256(md5(seq::text)::bytea), 'hex')), '10.0.0.1', '\\x${data}', now() - (${AGE}) * interval '1 s'
        FROM generate_series(1, ${rows}) seq`,
      'VACUUM ANALYZE sessions',
      'CHECKPOINT',
    );
  }

  async size(): Promise<string> {
    const [row] = await this.sql("SELECT pg_total_relation_size('sessions') / 1048576 AS mb");
    return `${row?.['mb']} MB`;
  }

  /** Of the statement that a collector which has just been started sends, prepared and executed many times. */
  async plans(): Promise<Plan[]> {
    const statement = await seen(() =>
      this.sql(
        "SELECT query AS text FROM pg_stat_activity WHERE usename = 'web' AND query LIKE 'DELETE FROM %SKIP LOCKED%' LIMIT 1",
      ),
    );
    const steps = await this.sql(
      `PREPARE batch AS ${statement}`,
      // From the sixth on the server may plan once for all values.
      ...Array<string>(8).fill("EXPLAIN EXECUTE batch(7200, 'blitz_session:')"),
    );
    const text = steps.map((step) => `  ${step['QUERY PLAN']}`).join('\n');
    const usesIndex = text.includes('Index Scan using sessions_timestamp') && !text.includes('Seq Scan');
    return [{ title: 'a batch (EXPLAIN)', text, usesIndex }];
  }

  stop(): Promise<void> {
    return this.#server.stop();
  }
}

/** The text that `ask` finds, as soon as it finds one. */
async function seen(ask: () => Promise<Result>): Promise<string> {
  for (const deadline = performance.now() + 15_000; ; await pause(100)) {
    const [row] = await ask();
    if (row !== undefined) return String(row['text']);
    if (performance.now() > deadline) throw new Error('the collector never sent its statement');
  }
}
