import { unlinkSync } from 'node:fs';
import type { Handler, HandlerOptions } from '../../contracts/handler.js';
import type { Awaitable } from '../../contracts/session.js';
import { BlitzError } from '../../errors.js';
import { codeOf } from '../../support/file-errors.js';
import { after, attempt } from '../../support/thenable.js';
import { prepareSharedFolder } from '../files/folder.js';
import { sweep, unlinkIfThere } from '../files/sweep.js';
import { loadFlock, tryFlock } from '../locks/flock.js';
import { FlockRequest, loadFlockLine } from '../locks/flock-line.js';
import { LockHolder } from '../locks/lock-holder.js';
import { PeerFile } from './peer-file.js';
import { PeerFolder } from './peer-folder.js';

/** Milliseconds between two attempts: while a lock is ours and we do not know it, everybody waits. */
const POLL = { pollMin: 1, pollMax: 2 };
/** How long a file that is locked and empty is believed to be in the middle of a write. Milliseconds. */
const MID_WRITE = 1000;

/** A session file that is open and locked. */
interface Held {
  readonly id: string;
  readonly path: string;
  readonly file: PeerFile;
}

/** A session file that is open, and whose lock is asked for. */
interface Waiting {
  readonly file: PeerFile;
  readonly request: FlockRequest;
}

/**
 * Session files shared with PHP: its names, its lock (`flock(2)` on the file itself), its bytes, written in place. The
 * age of a session is the age of its file. (BlitzPHP: Handlers\File, CodeIgniter: FileHandler, PHP: ext/session.)
 */
export class PeerFileHandler extends LockHolder<Held> implements Handler {
  /** Undefined as long as no file was found: an empty one is a session without values. */
  lastActivity: number | undefined;
  readonly #folder: PeerFolder = PeerFolder.of(this.options);
  #waiting: Waiting | undefined;

  /** Looks at the folder and loads the lock. Throws `E_SESSION_FOLDER`, `E_SESSION_FLOCK`. */
  static async boot(options: HandlerOptions): Promise<void> {
    await loadFlock();
    await loadFlockLine();
    prepareSharedFolder(PeerFolder.of(options).folder, options.trustFolder);
  }

  read(id: string): Awaitable<string> {
    return after(this.#lock(id), (held) => {
      if (held === 'absent') return '';
      this.held = held;
      return this.#readHeld(held);
    });
  }

  #lock(id: string): Awaitable<Held | 'absent'> {
    const path = this.#pathOf(id);
    return this.waitForLock<Held | 'absent'>(() => {
      for (;;) {
        this.#waiting ??= requestFor(path);
        if (this.#waiting === undefined) return 'absent';
        const { file, request } = this.#waiting;
        if (!request.attempt()) return undefined;
        this.#waiting = undefined;
        if (this.#isOurs(file, path)) return { id, path, file };
        // It was deleted meanwhile: there is nothing, or a new file to be asked for.
        file.close();
      }
    }, POLL);
  }

  /** Whether a file that was just locked is still the session's. */
  #isOurs(file: PeerFile, path: string): boolean {
    try {
      if (!file.isAt(path)) return false;
      this.#folder.refuseForeign(file.look());
      return true;
    } catch (error) {
      file.close();
      throw error;
    }
  }

  #readHeld({ file }: Held): Awaitable<string> {
    return after(file.read(), (bytes) => {
      this.lastActivity = file.lastActivity;
      this.#keepFromCollectors(file);
      return bytes.toString(this.options.encoding);
    });
  }

  /** PHP's collectors ask for no lock: what was opened in time must not be old enough for them until it is saved. */
  #keepFromCollectors(file: PeerFile): void {
    const { clock, lifetime, lockMax } = this.options;
    const now = clock.now();
    const left = lifetime * 1000 - (now - file.lastActivity);
    if (left > 0 && left < lockMax * 1000) file.touch(now);
  }

  /**
   * The last committed payload. PHP writes in place and holds its lock for a whole request, so the lock is shared where
   * it is free, and where it is not the payload is read until two readings agree.
   */
  async peek(id: string): Promise<string> {
    const path = this.#pathOf(id);
    const end = performance.now() + MID_WRITE;
    let last: Buffer | undefined;
    for (;;) {
      let file: PeerFile;
      try {
        file = PeerFile.open(path, 'read');
      } catch (error) {
        if (isAbsent(error)) return '';
        throw error;
      }
      try {
        this.#folder.refuseForeign(file.look());
        const alone = tryFlock(file.fd, 'shared');
        if (!alone || file.isAt(path)) {
          const bytes = await file.read();
          const stable = last?.equals(bytes) === true && (bytes.length > 0 || performance.now() > end);
          if (alone || stable) {
            this.lastActivity = file.lastActivity;
            return bytes.toString(this.options.encoding);
          }
          last = bytes;
        }
      } finally {
        file.close();
      }
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
  }

  create(id: string, data: string): Awaitable<boolean> {
    return attempt<boolean>(
      () => newFile(this.#pathOf(id), this.#bytes(data), this.options.clock.now(), this.#folder),
      (error) => {
        if (codeOf(error) === 'EEXIST') return false;
        throw error;
      },
    );
  }

  write(id: string, data: string): Awaitable<boolean | void> {
    if (this.held) return this.#owned(id).file.write(this.#bytes(data), this.options.clock.now());
    return this.#writeUnread(id, data);
  }

  /** PHP lets a handler write an id that it never read. */
  async #writeUnread(id: string, data: string): Promise<void> {
    if (await this.create(id, data)) return;
    await this.read(id);
    await this.#owned(id).file.write(this.#bytes(data), this.options.clock.now());
  }

  updateTimestamp(id: string): void {
    this.#owned(id).file.touch(this.options.clock.now());
  }

  commit(id: string, data: string | null, keep: boolean): Awaitable<void> {
    const { file } = this.#owned(id);
    const now = this.options.clock.now();
    return after(data === null ? file.touch(now) : file.write(this.#bytes(data), now), () => {
      if (!keep) this.close();
    });
  }

  destroy(id: string): Awaitable<void> {
    const held = this.held;
    if (held === undefined) return after(this.read(id), () => this.held && this.#remove(this.held));
    if (held.id !== id) throw new BlitzError('E_SESSION_LOCK_LOST');
    this.#remove(held);
  }

  /** Who waits for this file in PHP opened it already, and finds it empty. */
  #remove({ file, path }: Held): void {
    if (file.isAt(path)) {
      file.empty();
      unlinkIfThere(path);
    }
    this.close();
  }

  /** PHP would delete it; a copy is kept where no collector takes it. */
  quarantine(id: string): Awaitable<void> {
    const held = this.#owned(id);
    const now = this.options.clock.now();
    const path = this.#folder.pathAside(held.path, now);
    return after(newFile(path, held.file.content, now, this.#folder), () => this.#remove(held));
  }

  override close(): void {
    const held = this.letGo();
    const waiting = this.#waiting;
    this.#waiting = undefined;
    waiting?.request.giveUp();
    waiting?.file.close();
    held?.file.close();
  }

  /** As PHP's own collector: by the age of the files, and nothing where folders lie below the folder. */
  override async gc(maxLifetime: number): Promise<number> {
    const { folder, levels } = this.#folder;
    if (levels > 0) return 0;
    const before = this.options.clock.now() - maxLifetime * 1000;
    let count = 0;
    try {
      const { removed, failed } = await sweep(
        folder,
        (name) => this.#folder.collects(name),
        before,
        (path) => {
          const gone = removeIfOld(path, before);
          if (gone) this.request.progress?.(++count);
          return gone;
        },
      );
      if (failed > 0) this.options.warn('E_SESSION_UNREMOVABLE', { folder, count: failed });
      return removed;
    } catch (error) {
      // Debian lets nobody list PHP's folder, and collects there itself.
      if (codeOf(error) === 'EACCES') return count;
      throw error;
    }
  }

  #bytes(data: string): Buffer {
    return Buffer.from(data, this.options.encoding);
  }

  #pathOf(id: string): string {
    return this.#folder.pathOf(id, this.request.ip);
  }

  /** What this instance holds, once it is sure that the path still leads to it. */
  #owned(id: string): Held {
    const held = this.held;
    if (held?.id !== id || !held.file.isAt(held.path)) throw new BlitzError('E_SESSION_LOCK_LOST');
    return held;
  }
}

/** Undefined: there is no file. */
function requestFor(path: string): Waiting | undefined {
  try {
    const file = PeerFile.open(path, 'write');
    return { file, request: new FlockRequest(file.fd) };
  } catch (error) {
    if (isAbsent(error)) return undefined;
    throw error;
  }
}

/** PHP cannot have such a file either: the name may be longer than a name can be. */
function isAbsent(error: unknown): boolean {
  return codeOf(error) === 'ENOENT' || codeOf(error) === 'ENAMETOOLONG';
}

/** Writes a file that nobody knows yet. Throws `EEXIST` when the name is taken; a failed write leaves nothing. */
function newFile(path: string, bytes: Buffer, now: number, folder: PeerFolder): Awaitable<boolean> {
  const file = PeerFile.create(path, folder.newFile());
  const written = attempt<void>(
    () => file.write(bytes, now),
    (error) => {
      unlinkIfThere(path);
      file.close();
      throw error;
    },
  );
  return after(written, () => {
    file.close();
    return true;
  });
}

function removeIfOld(path: string, before: number): boolean {
  const file = PeerFile.open(path, 'write');
  try {
    if (!tryFlock(file.fd) || !file.isAt(path) || file.lastActivity > before) return false;
    file.empty();
    unlinkSync(path);
    return true;
  } finally {
    file.close();
  }
}
