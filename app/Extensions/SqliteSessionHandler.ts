import { randomUUID } from 'node:crypto';
import { closeSync, mkdirSync, openSync } from 'node:fs';
import { dirname } from 'node:path';
import { setImmediate, setTimeout } from 'node:timers/promises';
import { BaseHandler, BlitzError, type Handler, type HandlerOptions } from 'blitz-session';
import type Libsql from 'libsql';

interface Row {
  data: Buffer;
  last_activity: number;
  lock_until: number;
}

const SCHEMA = `
  PRAGMA busy_timeout = 0;
  PRAGMA journal_mode = WAL;
  PRAGMA synchronous = NORMAL;
  CREATE TABLE IF NOT EXISTS sessions (
    id TEXT PRIMARY KEY,
    data BLOB NOT NULL,
    last_activity INTEGER NOT NULL,
    lock_owner TEXT,
    lock_until INTEGER NOT NULL DEFAULT 0
  );
  CREATE INDEX IF NOT EXISTS sessions_last_activity ON sessions (last_activity)`;

const MINE = 'id = ? AND lock_owner = ?';
const SAVE = 'UPDATE sessions SET data = coalesce(?, data), last_activity = ?';
const UNLOCK = 'lock_owner = NULL, lock_until = 0';

function prepare(db: Libsql.Database) {
  db.exec(SCHEMA);
  return {
    find: db.prepare('SELECT data, last_activity, lock_until FROM sessions WHERE id = ?'),
    lock: db.prepare(`UPDATE sessions SET lock_owner = ?, lock_until = ?
      WHERE id = ? AND lock_until <= ? RETURNING data, last_activity, lock_until`),
    renew: db.prepare(`UPDATE sessions SET lock_until = ? WHERE ${MINE}`),
    unlock: db.prepare(`UPDATE sessions SET ${UNLOCK} WHERE ${MINE}`),
    create: db.prepare(
      'INSERT INTO sessions (id, data, last_activity) VALUES (?, ?, ?) ON CONFLICT DO NOTHING',
    ),
    save: db.prepare(`${SAVE} WHERE ${MINE}`),
    saveAndUnlock: db.prepare(`${SAVE}, ${UNLOCK} WHERE ${MINE}`),
    destroy: db.prepare(`DELETE FROM sessions WHERE ${MINE}`),
    collect: db.prepare(`DELETE FROM sessions WHERE id IN
      (SELECT id FROM sessions WHERE last_activity <= ? AND lock_until <= ? LIMIT 200)`),
  };
}

/** One connection a process and file; the library is imported and the table made at the first use. */
function connect(options: HandlerOptions) {
  const { savePath } = options;
  const open = async () => {
    const { default: Database } = await import('libsql');
    mkdirSync(dirname(savePath), { recursive: true, mode: 0o700 });
    closeSync(openSync(savePath, 'a', 0o600));
    const db = new Database(savePath);
    return { db, statements: await patiently(options, () => prepare(db)) };
  };
  return BaseHandler.shared(`sqlite ${savePath}`, open, ({ db }) => db.close());
}

/** Asks again while another process writes. Left to wait by itself, SQLite would stop the event loop. */
async function patiently<T>({ operationTimeout }: HandlerOptions, work: () => T): Promise<T> {
  // Given up before the session manager does: what it has reported as failed must not be written after all.
  const end = performance.now() + operationTimeout * 900;
  for (;;) {
    try {
      return work();
    } catch (error) {
      if (!isBusy(error) || performance.now() > end) throw error;
    }
    await setTimeout(1 + Math.random() * 4);
  }
}

function isBusy(error: unknown): boolean {
  return String((error as { code?: unknown }).code).startsWith('SQLITE_BUSY');
}

/**
 * One row a session in the database file `savePath` (`storage/sessions.db`), which several processes of one machine may
 * share; the folder must not be a network drive.
 *
 * The lock is a lease in the row, and every write has its condition in its own statement, so that a process that died
 * or stood still can neither keep a session nor overwrite what came after it.
 */
export class SqliteSessionHandler extends BaseHandler implements Handler {
  readonly locks = true;
  lastActivity: number | undefined;
  #connection!: Awaited<ReturnType<typeof connect>>;
  #owner = randomUUID();
  #locked: string | undefined;

  /** Stops the start of an application whose database cannot be opened. */
  static async boot(options: HandlerOptions): Promise<void> {
    await connect(options);
  }

  override async open(): Promise<void> {
    this.#connection = await connect(this.options);
  }

  async read(id: string): Promise<string> {
    const found = await this.waitForLock(() => this.#tryLock(id), { pollMax: 10 });
    if (found !== 'absent') this.#locked = id;
    return this.#accept(found === 'absent' ? undefined : found);
  }

  #tryLock(id: string): Row | 'absent' | undefined {
    const { find, lock } = this.#connection.statements;
    const now = this.options.clock.now();
    try {
      const found = find.get(id) as Row | undefined;
      if (!found) return 'absent';
      if (found.lock_until > now) return undefined;
      const until = now + this.options.lockTtl * 1000;
      return this.#transaction(() => lock.get(this.#owner, until, id, now) as Row | undefined);
    } catch (error) {
      if (isBusy(error)) return undefined;
      throw error;
    }
  }

  async peek(id: string): Promise<string> {
    const { find } = this.#connection.statements;
    return this.#accept((await patiently(this.options, () => find.get(id))) as Row | undefined);
  }

  #accept(row: Row | undefined): string {
    this.lastActivity = row?.last_activity;
    return row?.data.toString(this.options.encoding) ?? '';
  }

  async create(id: string, data: string): Promise<boolean> {
    return (await this.#run('create', id, this.#bytes(data), this.options.clock.now())) > 0;
  }

  async write(id: string, data: string): Promise<void> {
    // PHP lets a handler write what it never read.
    if (this.#locked === undefined && (await this.create(id, data))) return;
    if (this.#locked === undefined) await this.read(id);
    await this.commit(id, data, true);
  }

  updateTimestamp(id: string): Promise<void> {
    return this.commit(id, null, true);
  }

  async commit(id: string, data: string | null, keep: boolean): Promise<void> {
    const bytes = data === null ? null : this.#bytes(data);
    const statement = keep ? 'save' : 'saveAndUnlock';
    const saved = await this.#run(statement, bytes, this.options.clock.now(), id, this.#owner);
    if (saved === 0) throw new BlitzError('E_SESSION_LOCK_LOST');
    if (!keep) this.#locked = undefined;
  }

  async renew(id: string): Promise<boolean> {
    const until = this.options.clock.now() + this.options.lockTtl * 1000;
    return (await this.#run('renew', until, id, this.#owner)) > 0;
  }

  async destroy(id: string): Promise<void> {
    if (this.#locked === undefined) await this.read(id);
    if (this.#locked === undefined) return;
    if ((await this.#run('destroy', id, this.#owner)) === 0) throw new BlitzError('E_SESSION_LOCK_LOST');
    this.#locked = undefined;
  }

  override async close(): Promise<void> {
    const id = this.#locked;
    this.#locked = undefined;
    if (id !== undefined) await this.#run('unlock', id, this.#owner);
  }

  override async gc(maxLifetime: number): Promise<number> {
    const before = this.options.clock.now() - maxLifetime * 1000;
    let all = 0;
    for (;;) {
      const removed = await this.#run('collect', before, this.options.clock.now());
      if (removed === 0) return all;
      all += removed;
      await setImmediate();
    }
  }

  /** The number of rows that were changed. */
  #run(
    name: Exclude<keyof ReturnType<typeof prepare>, 'find' | 'lock'>,
    ...values: unknown[]
  ): Promise<number> {
    const statement = this.#connection.statements[name];
    return patiently(this.options, () => this.#transaction(() => statement.run(...values).changes));
  }

  /**
   * Only `BEGIN` may find the database busy: libsql does not reset a prepared statement that did, and whatever its
   * connection writes afterwards is never committed.
   */
  #transaction<T>(work: () => T): T {
    return this.#connection.db.transaction(work).immediate() as T;
  }

  #bytes(data: string): Buffer {
    return Buffer.from(data, this.options.encoding);
  }
}
