import { randomUUID } from 'node:crypto';
import { BaseHandler, BlitzError, type Handler, type HandlerOptions } from 'blitz-session';
import type { Collection, MongoClient } from 'mongodb';

interface StoredSession {
  _id: string;
  data: string;
  lastActivity: Date;
  /** Who has the session open, and until when at the latest. */
  lock?: { owner: string; until: Date };
}

const COLLECTION = /([?&])collection=([^&]*)&?/;

/** One client a process and address; the driver is imported at the first use, and connects at the first command. */
function connect({ savePath, operationTimeout }: HandlerOptions): MongoClient | PromiseLike<MongoClient> {
  const open = async () => {
    const { MongoClient } = await import('mongodb');
    const ms = operationTimeout * 1000;
    return new MongoClient(savePath.replace(COLLECTION, '$1').replace(/[?&]$/, ''), {
      connectTimeoutMS: ms,
      serverSelectionTimeoutMS: ms,
      socketTimeoutMS: ms,
      waitQueueTimeoutMS: ms,
    });
  };
  return BaseHandler.shared(`mongo ${savePath}`, open, (client) => client.close());
}

/**
 * One document a session. `savePath` is a connection string with the database in it, and the collection if it is not
 * to be `sessions`: `mongodb://127.0.0.1:27017/shop?collection=visits`.
 *
 * The lock is a lease in the document, taken by one atomic update and checked by every later one, so that a process
 * that died or stood still can neither keep a session nor overwrite what came after it. Machines that share a
 * collection need clocks that agree to well within `lock_ttl`.
 */
export class MongoSessionHandler extends BaseHandler implements Handler {
  readonly locks = true;
  lastActivity: number | undefined;
  #sessions!: Collection<StoredSession>;
  #owner = randomUUID();
  #locked: string | undefined;

  /** Stops the start of an application whose connection string is wrong. */
  static async boot(options: HandlerOptions): Promise<void> {
    await connect(options);
  }

  override async open(): Promise<void> {
    const client = await connect(this.options);
    this.#sessions = client.db().collection(COLLECTION.exec(this.options.savePath)?.[2] || 'sessions');
  }

  async read(id: string): Promise<string> {
    // Noted before the answer, because an update whose answer is lost may have been made: `close` then undoes it.
    this.#locked = id;
    const found = await this.waitForLock(() => this.#tryLock(id), { pollMin: 2, pollMax: 30 });
    if (found === 'absent') this.#locked = undefined;
    return this.#accept(found === 'absent' ? null : found);
  }

  async #tryLock(id: string): Promise<StoredSession | 'absent' | undefined> {
    const free = [{ lock: { $exists: false } }, { 'lock.until': { $lte: this.#fromNow(0) } }];
    const lock = { owner: this.#owner, until: this.#fromNow(this.options.lockTtl) };
    const found = await this.#sessions.findOneAndUpdate({ _id: id, $or: free }, { $set: { lock } });
    if (found) return found;
    return (await this.#sessions.findOne({ _id: id }, { projection: { _id: 1 } })) ? undefined : 'absent';
  }

  async peek(id: string): Promise<string> {
    return this.#accept(await this.#sessions.findOne({ _id: id }));
  }

  #accept(found: StoredSession | null): string {
    this.lastActivity = found?.lastActivity.getTime();
    return found?.data ?? '';
  }

  async create(id: string, data: string): Promise<boolean> {
    try {
      await this.#sessions.insertOne({ _id: id, data, lastActivity: this.#fromNow(0) });
      return true;
    } catch (error) {
      if ((error as { code?: unknown }).code === 11000) return false;
      throw error;
    }
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
    const saved = { lastActivity: this.#fromNow(0), ...(data === null ? {} : { data }) };
    const { matchedCount } = await this.#sessions.updateOne(
      this.#mine(id),
      keep ? { $set: saved } : { $set: saved, $unset: { lock: '' } },
    );
    if (matchedCount === 0) throw new BlitzError('E_SESSION_LOCK_LOST');
    if (!keep) this.#locked = undefined;
  }

  async renew(id: string): Promise<boolean> {
    const until = this.#fromNow(this.options.lockTtl);
    return (
      (await this.#sessions.updateOne(this.#mine(id), { $set: { 'lock.until': until } })).matchedCount > 0
    );
  }

  async destroy(id: string): Promise<void> {
    if (this.#locked === undefined) await this.read(id);
    if (this.#locked === undefined) return;
    const { deletedCount } = await this.#sessions.deleteOne(this.#mine(id));
    if (deletedCount === 0) throw new BlitzError('E_SESSION_LOCK_LOST');
    this.#locked = undefined;
  }

  override async close(): Promise<void> {
    const id = this.#locked;
    this.#locked = undefined;
    if (id !== undefined) await this.#sessions.updateOne(this.#mine(id), { $unset: { lock: '' } });
  }

  override async gc(maxLifetime: number): Promise<number> {
    await this.#sessions.createIndex({ lastActivity: 1 });
    const { deletedCount } = await this.#sessions.deleteMany({
      lastActivity: { $lte: this.#fromNow(-maxLifetime) },
      $or: [{ lock: { $exists: false } }, { 'lock.until': { $lte: this.#fromNow(0) } }],
    });
    return deletedCount;
  }

  /** The document, as long as nobody has taken the lock from us. */
  #mine(id: string) {
    return { _id: id, 'lock.owner': this.#owner };
  }

  #fromNow(seconds: number): Date {
    return new Date(this.options.clock.now() + seconds * 1000);
  }
}
