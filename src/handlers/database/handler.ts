import type { Handler, HandlerOptions, HandlerRequest } from '../../contracts/handler.js';
import type { Awaitable } from '../../contracts/session.js';
import { BlitzError } from '../../errors.js';
import { randomId } from '../../support/random.js';
import { after } from '../../support/thenable.js';
import { SavingHolder } from '../locks/saving-holder.js';
import { groupOf, whenReachable } from './boot.js';
import { checkTable } from './check.js';
import { collectInBatches } from './collect.js';
import type { StoredRow } from './rows.js';
import { ownTable } from './rules.js';
import { tableOf } from './save-path.js';
import type { Dialect } from './schema.js';
import { DatabaseStore } from './store.js';

/** A lock that is held, or one that another handler of this process hands over. */
interface Held {
  readonly id: string;
  readonly owner: string;
}

/** Milliseconds between two tries for a lock: each is work for the server. */
const POLL = { pollMin: 2, pollMax: 8 };

/**
 * One row a session, in the table that `savePath` names, with BlitzPHP's four columns and two for the lock: a lease of
 * `lock_ttl` in the row itself, by the server's clock. One round trip locks and reads; another checks the owner,
 * writes or touches, and unlocks, in one statement. No connection is held while a session is open, so it works with
 * few of them and behind poolers, and a failover that loses a lock refuses its holder. (BlitzPHP: Handlers\Database.)
 */
export abstract class SqlHandler extends SavingHolder<Held> implements Handler {
  readonly bounded = true;
  lastActivity: number | undefined;
  #store: DatabaseStore | undefined;

  constructor(options: HandlerOptions, request: HandlerRequest = {}) {
    super(options, request);
    this.#store = DatabaseStore.of(options);
  }

  override open(_savePath: string, _name: string): Awaitable<void> {
    if (this.#store !== undefined) return;
    return DatabaseStore.open(this.options, groupOf(this.options)).then((store) => {
      this.#store = store;
    });
  }

  /** The first try goes without the waiting around it: a lock is nearly always free, and each promise costs. */
  read(id: string): Awaitable<string> {
    const store = this.#opened;
    const owner = randomId();
    const take = (row: StoredRow | 'absent'): string => {
      if (row === 'absent') return '';
      this.held = { id, owner };
      return this.#accept(row);
    };
    return store.acquire(id, owner).then((found) => {
      if (found !== undefined) return take(found);
      return after(
        this.waitForLock(() => store.acquire(id, owner), POLL),
        take,
      );
    });
  }

  peek(id: string): Awaitable<string> {
    const store = this.#opened;
    return store.rows.peek(store.idOf(id)).then((row) => (row === undefined ? '' : this.#accept(row)));
  }

  create(id: string, data: string): Awaitable<boolean> {
    return this.#opened.create(id, data, this.request.ip);
  }

  protected save(id: string, data: string | null, keep: boolean): Awaitable<void> {
    const store = this.#opened;
    const { owner } = this.owned(id);
    const bytes = data === null ? null : store.bytesOf(data);
    return store.rows.save(store.idOf(id), owner, bytes, keep).then((saved) => {
      if (!keep || !saved) this.held = undefined;
      if (!saved) throw new BlitzError('E_SESSION_LOCK_LOST');
    });
  }

  renew(id: string): Awaitable<boolean> {
    const store = this.#opened;
    return store.rows.renew(store.idOf(id), this.owned(id).owner);
  }

  async destroy(id: string): Promise<void> {
    if (this.held === undefined) await this.read(id);
    if (this.held === undefined) return;
    const { rows, key } = this.#row(id);
    const gone = (await rows.destroy(key, this.owned(id).owner)) || !(await rows.exists(key));
    this.held = undefined;
    if (!gone) throw new BlitzError('E_SESSION_LOCK_LOST');
  }

  /** The row stays under another id until the collector finds it. */
  async quarantine(id: string): Promise<void> {
    const { rows, key } = this.#row(id);
    const { owner } = this.owned(id);
    const kept =
      (await rows.rename(key, owner, `${key.slice(0, 120)}:corrupt`)) || (await rows.destroy(key, owner));
    this.held = undefined;
    if (!kept) throw new BlitzError('E_SESSION_LOCK_LOST');
  }

  override close(): Awaitable<void> {
    const held = this.letGo();
    if (held !== undefined) return this.#opened.release(held.id, held.owner);
  }

  override gc(maxLifetime: number): Promise<number> {
    return collectInBatches(this.#opened.rows, maxLifetime, this.request.progress);
  }

  get #opened(): DatabaseStore {
    if (this.#store === undefined) throw new Error('open() comes before anything else');
    return this.#store;
  }

  #row(id: string) {
    const { rows } = this.#opened;
    return { rows, key: this.#opened.idOf(id) };
  }

  #accept(row: StoredRow): string {
    this.lastActivity = row.lastActivity;
    return row.data;
  }
}

/**
 * Connects and looks at the table. Throws `E_SESSION_SAVE_PATH`, `E_PACKAGE_MISSING`, `E_SESSION_TABLE`, and
 * `E_SESSION_BACKEND` when the server cannot be used within `operation_timeout`.
 */
export async function bootSql(options: HandlerOptions, driver?: Dialect): Promise<void> {
  await whenReachable(options, driver, async (group) => {
    const store = await DatabaseStore.open(options, group);
    const rules = ownTable(group.driver, store.idOf('0'.repeat(64)).length);
    store.largest = await checkTable(store.rows, options, tableOf(options, group), rules);
  });
}

export function shutDownSql(options: HandlerOptions): void {
  DatabaseStore.of(options)?.forget();
}
