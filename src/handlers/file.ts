import { renameSync } from 'node:fs';
import type { Handler, HandlerOptions } from '../contracts/handler.js';
import type { Awaitable } from '../contracts/session.js';
import { BlitzError } from '../errors.js';
import { codeOf } from '../support/file-errors.js';
import { isThenable } from '../support/thenable.js';
import { prepareFolder } from './files/folder.js';
import { type Content, RecordFile } from './files/record-file.js';
import { sweep, unlinkIfThere } from './files/sweep.js';
import { loadFlock, tryFlock } from './locks/flock.js';
import { LeaseFile } from './locks/lease-file.js';
import { LockHolder } from './locks/lock-holder.js';

const SUFFIX = '.blitz';
const PEEK_TRIES = 5;
/**
 * A lock that is refused is tried again so often, a turn of the event loop later each, before the first pause: it is
 * rarely held for longer, a try at `flock` costs a system call, and the shortest pause is ten requests long.
 */
const SPINS = 20;
const STORAGE_ID = /^[A-Za-z0-9,-]{1,200}$/;

/** A session file that is open and locked. */
interface Held {
  readonly id: string;
  readonly file: RecordFile;
  readonly lease: LeaseFile | undefined;
}

/**
 * One file a session in `savePath`: `<cookie_name>_<id>.blitz`, mode 0600, locked for as long as the session is open
 * with `flock(2)` (freed by the kernel when the process dies) or a lease file. (BlitzPHP: Handlers\File.)
 */
export class FileHandler extends LockHolder<Held> implements Handler {
  lastActivity: number | undefined;
  #waiting: RecordFile | undefined;
  /** Of the lock that it waits for; after more than `SPINS` it has left a mark on the file. */
  #refusals = 0;
  /** A kernel's lock needs no renewal. */
  readonly renew: ((id: string) => boolean) | undefined =
    this.options.fileLock === 'lease' ? (id) => this.#owned(id).lease?.renew() ?? false : undefined;

  /** Prepares the folder and loads the lock. Throws `E_SESSION_FOLDER`, `E_SESSION_FLOCK`. */
  static async boot(options: HandlerOptions): Promise<void> {
    if (options.fileLock === 'flock') await loadFlock();
    prepareFolder(options.savePath, options.fileLock, options.trustFolder);
  }

  read(id: string): Awaitable<string> {
    const first = this.#tryLock(id);
    if (first !== undefined) return this.#readHeld(first);
    const spins = this.options.fileLock === 'flock' ? SPINS : 0;
    const held = this.waitForLock<Held | 'absent'>(() => this.#tryLock(id), { spins });
    return isThenable(held) ? Promise.resolve(held).then((h) => this.#readHeld(h)) : this.#readHeld(held);
  }

  #tryLock(id: string): Held | 'absent' | undefined {
    const path = this.#path(id);
    try {
      if (this.options.fileLock === 'lease') return this.#tryLease(id, path);
      this.#waiting ??= RecordFile.open(path, 'write');
      const file = this.#waiting;
      if (!tryFlock(file.fd)) {
        if (++this.#refusals > SPINS) file.markWanted();
        return undefined;
      }
      if (this.#refusals > SPINS) file.takeMark();
      this.#refusals = 0;
      this.#waiting = undefined;
      return { id, file, lease: undefined };
    } catch (error) {
      if (codeOf(error) === 'ENOENT') return 'absent';
      throw error;
    }
  }

  #tryLease(id: string, path: string): Held | undefined {
    // Asking for a session that does not exist must create nothing, so the file is looked for before the lease.
    RecordFile.open(path, 'read').close();
    const lease = LeaseFile.tryAcquire(`${path}.lock`, this.options.lockTtl * 1000, this.options.clock);
    if (!lease) return undefined;
    try {
      return { id, file: RecordFile.open(path, 'write'), lease };
    } catch (error) {
      lease.release();
      throw error;
    }
  }

  #readHeld(held: Held | 'absent'): Awaitable<string> {
    if (held === 'absent') return '';
    this.held = held;
    const content = held.file.read(this.options.encoding);
    return isThenable(content)
      ? Promise.resolve(content).then((c) => this.#accept(c, held))
      : this.#accept(content, held);
  }

  #accept(content: Content, held: Held): string {
    if (typeof content === 'object') {
      this.lastActivity = held.file.lastActivity;
      return content.data;
    }
    if (content === 'corrupt') {
      this.#keepAside(held.id);
      this.options.warn('E_SESSION_CORRUPT', { handler: 'file' });
    }
    this.close();
    return '';
  }

  /** The last committed record; a writer that is at work meanwhile is noticed by the checksum. */
  async peek(id: string): Promise<string> {
    for (let tries = 0; tries < PEEK_TRIES; tries++) {
      let file: RecordFile;
      try {
        file = RecordFile.open(this.#path(id), 'read');
      } catch (error) {
        if (codeOf(error) === 'ENOENT') return '';
        throw error;
      }
      try {
        const content = await file.read(this.options.encoding);
        this.lastActivity = file.lastActivity;
        if (content === undefined) return '';
        if (content !== 'corrupt') return content.data;
      } finally {
        file.close();
      }
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
    // Damaged, or written faster than it can be read: either way nobody knows what it holds.
    throw new Error('the session file could not be read as a whole');
  }

  create(id: string, data: string): Awaitable<boolean> {
    let file: RecordFile;
    try {
      file = RecordFile.create(this.#path(id));
    } catch (error) {
      if (codeOf(error) === 'EEXIST') return false;
      throw error;
    }
    const finish = () => {
      file.close();
      return true;
    };
    const fail = (error: unknown): never => {
      unlinkIfThere(this.#path(id));
      file.close();
      throw error;
    };
    try {
      const written = file.write(data, this.options.encoding, this.options.clock.now());
      return isThenable(written) ? Promise.resolve(written).then(finish, fail) : finish();
    } catch (error) {
      return fail(error);
    }
  }

  write(id: string, data: string): Awaitable<boolean | void> {
    if (this.held) return this.#owned(id).file.write(data, this.options.encoding, this.options.clock.now());
    return this.#writeUnread(id, data);
  }

  /** PHP lets a handler write an id that it never read. */
  async #writeUnread(id: string, data: string): Promise<void> {
    if (await this.create(id, data)) return;
    await this.read(id);
    await this.#owned(id).file.write(data, this.options.encoding, this.options.clock.now());
  }

  updateTimestamp(id: string): void {
    this.#owned(id).file.touch(this.options.clock.now());
  }

  commit(id: string, data: string | null, keep: boolean): Awaitable<void> {
    const { file } = this.#owned(id);
    const now = this.options.clock.now();
    const done = data === null ? file.touch(now) : file.write(data, this.options.encoding, now);
    const finish = () => {
      if (!keep) this.close();
    };
    return isThenable(done) ? Promise.resolve(done).then(finish) : finish();
  }

  override uncontended(): boolean {
    const { held } = this;
    return held !== undefined && held.lease === undefined && !held.file.takeMark();
  }

  destroy(id: string): Awaitable<void> {
    if (this.held) return this.#remove(this.#owned(id));
    return Promise.resolve(this.read(id)).then(() => {
      if (this.held) this.#remove(this.held);
    });
  }

  #remove(held: Held): void {
    held.file.kill();
    unlinkIfThere(this.#path(held.id));
    this.close();
  }

  quarantine(id: string): void {
    this.#owned(id);
    this.#keepAside(id);
    this.close();
  }

  #keepAside(id: string): void {
    const path = this.#path(id);
    try {
      renameSync(path, `${path}.corrupt-${this.options.clock.now()}`);
    } catch (error) {
      if (codeOf(error) !== 'ENOENT') throw error;
    }
  }

  override close(): void {
    const held = this.letGo();
    this.#waiting?.close();
    this.#waiting = undefined;
    try {
      held?.file.close();
    } finally {
      held?.lease?.release();
    }
  }

  override async gc(maxLifetime: number): Promise<number> {
    const before = this.options.clock.now() - maxLifetime * 1000;
    const prefix = `${this.options.name}_`;
    // An id has no `_`, so the files of a cookie whose name merely begins like ours are not taken.
    const wanted = (name: string) =>
      name.startsWith(prefix) && name.endsWith(SUFFIX) && !name.includes('_', prefix.length);
    const { savePath, warn } = this.options;
    let count = 0;
    const { removed, failed } = await sweep(savePath, wanted, before, (path) => {
      const gone = this.#removeIfOld(path, before);
      if (gone) this.request.progress?.(++count);
      return gone;
    });
    if (failed > 0) warn('E_SESSION_UNREMOVABLE', { folder: savePath, count: failed });
    return removed;
  }

  #removeIfOld(path: string, before: number): boolean {
    const lease =
      this.options.fileLock === 'lease'
        ? LeaseFile.tryAcquire(`${path}.lock`, this.options.lockTtl * 1000, this.options.clock)
        : undefined;
    if (this.options.fileLock === 'lease' && !lease) return false;
    try {
      const file = RecordFile.open(path, 'write');
      try {
        if (!lease && !tryFlock(file.fd)) return false;
        file.readHeader();
        if (file.lastActivity > before) return false;
        file.kill();
        unlinkIfThere(path);
        return true;
      } finally {
        file.close();
      }
    } finally {
      lease?.release();
    }
  }

  /** What this instance holds, once it is sure that the lock is still its own. */
  #owned(id: string): Held {
    const held = this.held;
    if (held?.id !== id || (held.lease !== undefined && !held.lease.owns())) {
      throw new BlitzError('E_SESSION_LOCK_LOST');
    }
    return held;
  }

  #path(id: string): string {
    // Ids are checked before they come here; a handler that is used by itself must not leave its folder either.
    if (!STORAGE_ID.test(id)) throw new TypeError('not a storage id');
    const { savePath, name } = this.options;
    return `${savePath}/${name}_${id}${SUFFIX}`;
  }
}
