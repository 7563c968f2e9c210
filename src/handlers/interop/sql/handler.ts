import type { Handler, HandlerOptions, HandlerRequest } from '../../../contracts/handler.js';
import type { Awaitable } from '../../../contracts/session.js';
import { BlitzError } from '../../../errors.js';
import type { Later } from '../../../support/later.js';
import { groupOf } from '../../database/boot.js';
import { collectInBatches } from '../../database/collect.js';
import { inWords } from '../../database/in-words.js';
import type { StoredRow } from '../../database/rows.js';
import { addressOf } from '../../database/store.js';
import { SavingHolder } from '../../locks/saving-holder.js';
import type { LockConnection } from './lock-pool.js';
import { waitInLine } from './lock-wait.js';
import type { Ended, Found, Target } from './peer-rows.js';
import { PeerStore } from './store.js';

/** A session that is locked, and the connection that holds the lock. */
interface Held {
  readonly id: string;
  readonly target: Target;
  readonly connection: LockConnection;
  /** Whether there was a row; one that vanished since then is not brought back. */
  existed: boolean;
}

/**
 * One row a session, in the table of a PHP application and under PHP's lock. An open session has a connection to
 * itself: the lock lives there, every write goes there, and when the connection is lost nothing is written any more.
 * One round trip locks and reads, another writes and unlocks. (BlitzPHP, CodeIgniter: Handlers\Database.)
 */
export abstract class PeerSqlHandler extends SavingHolder<Held> implements Handler {
  readonly bounded = true;
  lastActivity: number | undefined;
  #store: PeerStore | undefined;
  #until: number | undefined;

  constructor(options: HandlerOptions, request: HandlerRequest = {}) {
    super(options, request);
    this.#store = PeerStore.of(options);
  }

  override open(_savePath: string, _name: string): Awaitable<void> {
    if (this.#store !== undefined) return;
    return PeerStore.open(this.options, groupOf(this.options)).then((store) => {
      this.#store = store;
    });
  }

  read(id: string): Awaitable<string> {
    const { connections } = this.#opened;
    const connection = connections.take();
    if (connection !== undefined) return this.#lock(connection, id);
    const { signal } = this.request;
    const until = performance.now() + this.#deadline - this.options.clock.now();
    const late = () => this.#late(noConnection());
    return connections.wait({ until, signal, late }).then((free) => this.#lock(free, id));
  }

  #lock(connection: LockConnection, id: string): Later<string> {
    const { rows } = this.#opened;
    const target = this.#target(id);
    return this.#orDrop(connection, rows.tryLock(connection, target)).then((found) => {
      if (found !== 'busy') return this.#take(connection, id, target, found);
      return this.#wait(connection, id, target);
    });
  }

  async #wait(connection: LockConnection, id: string, target: Target): Promise<string> {
    const { rows, connections } = this.#opened;
    const { clock } = this.options;
    const found = await waitInLine(connection, target, {
      rows,
      clock,
      deadline: this.#deadline,
      signal: this.request.signal,
      late: () => this.#late(),
      cutOff: (lost) => void this.#opened.cutOff(lost),
    }).catch((error) => {
      // What was cut off is being ended at the server; anything else leaves nobody knows what.
      if (!(error instanceof BlitzError)) connections.drop(connection);
      throw error;
    });
    if (found !== undefined) return this.#take(connection, id, target, found);
    connections.give(connection);
    throw this.#late();
  }

  #take(connection: LockConnection, id: string, target: Target, found: Exclude<Found, 'busy'>): string {
    this.held = { id, target, connection, existed: found !== 'absent' };
    return found === 'absent' ? '' : this.#accept(found);
  }

  peek(id: string): Awaitable<string> {
    return this.#opened.rows
      .peek(this.#target(id))
      .then((row) => (row === undefined ? '' : this.#accept(row)));
  }

  create(id: string, data: string): Awaitable<boolean> {
    return this.#opened.rows.create(this.#newRow(id, data));
  }

  protected save(id: string, data: string | null, keep: boolean): Awaitable<void> {
    const held = this.#owned(id);
    if (!held.existed) return this.#insert(held, data ?? '', keep);
    const bytes = data === null ? null : this.#opened.bytesOf(data);
    const saving = this.#opened.rows.save(held.connection, held.target, bytes, keep);
    return this.#orDrop(held.connection, saving).then((ended) => {
      this.#ended(held, ended, keep);
      if (ended.count !== 1) throw new BlitzError('E_SESSION_LOCK_LOST');
    });
  }

  async #insert(held: Held, data: string, keep: boolean): Promise<void> {
    const row = this.#newRow(held.id, data);
    const made = await this.#orDrop(held.connection, this.#opened.rows.insert(held.connection, row));
    if (!made) throw new BlitzError('E_SESSION_LOCK_LOST');
    held.existed = true;
    if (!keep) await this.close();
  }

  /** The lock is free now, and the connection another's. */
  #ended(held: Held, { freed }: Ended, keep: boolean): void {
    if (keep) return;
    this.held = undefined;
    this.#putBack(held.connection, freed);
  }

  /** What was to be freed and was not there is a fault. */
  #putBack(connection: LockConnection, freed: boolean): void {
    const { connections } = this.#opened;
    if (freed) connections.give(connection);
    else {
      connections.drop(connection, 'the lock was not on it any more');
      throw new BlitzError('E_SESSION_LOCK_LOST');
    }
  }

  /** A connection that nobody hears of is ended by the server, and the lock with it. */
  async renew(id: string): Promise<boolean> {
    const { connection } = this.#owned(id);
    await this.#opened.rows.ping(connection);
    return connection.link.usable;
  }

  async destroy(id: string): Promise<void> {
    if (this.held === undefined) await this.read(id);
    const held = this.#owned(id);
    const ended = await this.#orDrop(held.connection, this.#opened.rows.remove(held.connection, held.target));
    this.#ended(held, ended, false);
  }

  /** The row stays under another id until the collector finds it. */
  async quarantine(id: string): Promise<void> {
    const held = this.#owned(id);
    const { rows } = this.#opened;
    const aside = `${held.target.row.slice(0, 120)}:corrupt`;
    if (!(await this.#orDrop(held.connection, rows.rename(held.connection, held.target, aside))))
      return this.destroy(id);
    await this.close();
  }

  /** Of a connection that is lost nothing need be freed: the server has done it. */
  override close(): Awaitable<void> {
    const held = this.letGo();
    if (held === undefined || !held.connection.link.usable) return;
    const releasing = this.#opened.rows.release(held.connection, held.target);
    return this.#orDrop(held.connection, releasing).then((freed) => this.#putBack(held.connection, freed));
  }

  /** Rows cannot be told from those of open sessions, so what was opened in time is left as long as it may be open. */
  override gc(maxLifetime: number): Promise<number> {
    const { rows } = this.#opened;
    return collectInBatches(rows, maxLifetime + this.options.lockMax, this.request.progress);
  }

  get #opened(): PeerStore {
    if (this.#store === undefined) throw new Error('open() comes before anything else');
    return this.#store;
  }

  #target(id: string): Target {
    return this.#opened.targetOf(id, this.request.ip);
  }

  #newRow(id: string, data: string) {
    const store = this.#opened;
    return { id: store.rowOf(id), ip: addressOf(this.request.ip), data: store.bytesOf(data) };
  }

  #accept(row: StoredRow): string {
    this.lastActivity = row.lastActivity;
    return row.data;
  }

  /** What this instance holds: without its connection it holds nothing. */
  #owned(id: string): Held {
    const held = this.held;
    if (held?.id !== id) throw new BlitzError('E_SESSION_LOCK_LOST');
    if (held.connection.link.usable) return held;
    this.held = undefined;
    throw new BlitzError('E_SESSION_LOCK_LOST', { cause: held.connection.link.lost });
  }

  /** After a failure nobody knows what a connection holds, so it is ended, and with it the lock. */
  #orDrop<T>(connection: LockConnection, work: Later<T>): Later<T> {
    return work.catch((error) => {
      this.#opened.connections.drop(connection);
      if (this.held?.connection === connection) this.held = undefined;
      throw error;
    });
  }

  /** The moment of the clock until which the lock may be waited for. */
  get #deadline(): number {
    const { clock, lockWait } = this.options;
    this.#until ??= this.request.deadline ?? clock.now() + lockWait * 1000;
    return this.#until;
  }

  #late(cause?: Error): BlitzError {
    const details = { seconds: this.options.lockWait };
    return new BlitzError('E_SESSION_LOCK_TIMEOUT', { details, ...(cause && { cause }) });
  }
}

function noConnection(): Error {
  return new Error(
    inWords(
      'toutes les connexions sont prises par des sessions ouvertes ; relevez pool: { max } dans le groupe de config/database',
      'every connection is taken by an open session; raise pool: { max } in the group of config/database',
    ),
  );
}
