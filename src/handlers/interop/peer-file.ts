import {
  constants,
  fchmodSync,
  fchownSync,
  fstatSync,
  ftruncateSync,
  futimesSync,
  lstatSync,
  openSync,
  read as readAsync,
  readSync,
  type Stats,
  write as writeAsync,
  writeSync,
} from 'node:fs';
import { promisify } from 'node:util';
import type { Awaitable } from '../../contracts/session.js';
import { codeOf } from '../../support/file-errors.js';
import { after, attempt } from '../../support/thenable.js';
import { Descriptor } from '../files/descriptor.js';

/** Up to this size the system calls are made synchronously: they cost less than a trip through the thread pool. */
const SYNC_LIMIT = 64 * 1024;

const readLater = promisify(readAsync);
const writeLater = promisify(writeAsync);

export interface NewFile {
  readonly mode: number;
  /** To whom it is given. */
  readonly owner?: { readonly uid: number; readonly gid: number } | undefined;
}

/**
 * A session file as PHP keeps it: the payload and nothing else, written in place. Nothing in it could tell half a
 * payload from a whole one, so it is only read and written under the lock.
 */
export class PeerFile extends Descriptor {
  #stat: Stats | undefined;
  /** What the file holds, as far as it was read or written here. */
  #content: Buffer = Buffer.alloc(0);

  /** Throws `ENOENT` when there is no file and `ELOOP` when it is a symbolic link. */
  static open(path: string, access: 'read' | 'write'): PeerFile {
    const flags = access === 'read' ? constants.O_RDONLY : constants.O_RDWR;
    return new PeerFile(openSync(path, flags | constants.O_NOFOLLOW | constants.O_NONBLOCK));
  }

  /** Throws `EEXIST` when the name is taken. */
  static create(path: string, { mode, owner }: NewFile): PeerFile {
    const { O_CREAT, O_EXCL, O_RDWR, O_NOFOLLOW } = constants;
    const fd = openSync(path, O_CREAT | O_EXCL | O_RDWR | O_NOFOLLOW, mode);
    const file = new PeerFile(fd);
    // Whatever the umask.
    fchmodSync(fd, mode);
    if (owner !== undefined) fchownSync(fd, owner.uid, owner.gid);
    return file;
  }

  /** Looks at the file anew. */
  look(): Stats {
    this.#stat = fstatSync(this.fd);
    return this.#stat;
  }

  /** Milliseconds since 1970 of the last write or touch, when it was last looked at. */
  get lastActivity(): number {
    return Math.floor((this.#stat ?? this.look()).mtimeMs);
  }

  /** What was last read or written here. */
  get content(): Buffer {
    return this.#content;
  }

  /** Whether `path` still leads here: PHP deletes files that others wait for, and makes new ones under their names. */
  isAt(path: string): boolean {
    const mine = this.look();
    if (mine.nlink === 0) return false;
    try {
      const there = lstatSync(path);
      return there.ino === mine.ino && there.dev === mine.dev;
    } catch (error) {
      if (codeOf(error) === 'ENOENT') return false;
      throw error;
    }
  }

  read(): Awaitable<Buffer> {
    const { size } = this.look();
    const bytes = Buffer.allocUnsafe(size);
    return after(this.#readAll(bytes), (count) => {
      this.#content = bytes.subarray(0, count);
      return this.#content;
    });
  }

  #readAll(bytes: Buffer): Awaitable<number> {
    if (bytes.length > SYNC_LIMIT) return this.later(this.#readParts(bytes));
    let done = 0;
    while (done < bytes.length) {
      const count = readSync(this.fd, bytes, done, bytes.length - done, done);
      if (count === 0) break;
      done += count;
    }
    return done;
  }

  async #readParts(bytes: Buffer): Promise<number> {
    let done = 0;
    while (done < bytes.length) {
      const { bytesRead } = await readLater(this.fd, bytes, done, bytes.length - done, done);
      if (bytesRead === 0) break;
      done += bytesRead;
    }
    return done;
  }

  /**
   * Replaces what was read, and dates it `now`. A payload that does not shrink takes the old one's place with one write;
   * before one that does the file is emptied, as PHP does it, so that a process killed in between leaves an empty
   * session and never a mixture. A write that fails leaves the old payload.
   */
  write(bytes: Buffer, now: number): Awaitable<void> {
    const old = this.#content;
    const done = attempt<void>(
      () => {
        if (bytes.length < old.length) ftruncateSync(this.fd, 0);
        return this.#writeAll(bytes);
      },
      (error) => {
        this.#putBack(old);
        throw error;
      },
    );
    return after(done, () => {
      this.#content = bytes;
      this.touch(now);
    });
  }

  #writeAll(bytes: Buffer): Awaitable<void> {
    if (bytes.length > SYNC_LIMIT) return this.later(this.#writeParts(bytes));
    for (let done = 0; done < bytes.length; ) {
      done += writeSync(this.fd, bytes, done, bytes.length - done, done);
    }
  }

  async #writeParts(bytes: Buffer): Promise<void> {
    for (let done = 0; done < bytes.length; ) {
      done += (await writeLater(this.fd, bytes, done, bytes.length - done, done)).bytesWritten;
    }
  }

  #putBack(old: Buffer): void {
    try {
      for (let done = 0; done < old.length; ) done += writeSync(this.fd, old, done, old.length - done, done);
      ftruncateSync(this.fd, old.length);
    } catch {
      // The failure that came before is the one that counts.
    }
  }

  /** Says that the payload was used, without writing it again. */
  touch(now: number): void {
    futimesSync(this.fd, now / 1000, now / 1000);
    this.#stat = undefined;
  }

  /** For those who opened the file and wait for its lock: there is nothing here any more. */
  empty(): void {
    ftruncateSync(this.fd, 0);
    this.#content = Buffer.alloc(0);
  }
}
