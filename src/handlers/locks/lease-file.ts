import {
  closeSync,
  constants,
  linkSync,
  lstatSync,
  openSync,
  readSync,
  renameSync,
  unlinkSync,
  writeSync,
} from 'node:fs';
import type { Clock } from '../../contracts/clock.js';
import { codeOf } from '../../support/file-errors.js';
import { randomBytesView } from '../../support/random.js';

const LINE = 64;

/**
 * An exclusive lock kept in a file of its own: `<until> <token>`. For folders where `flock` cannot be had. A holder
 * that died is overtaken once its lease has run out; `owns()` is asked before each write. No file operation can tie
 * that question to the write itself, so a process that stops for longer than its lease exactly between the two can
 * still overwrite: this is the limit of every lock of this kind, and why `flock` is the default.
 */
export class LeaseFile {
  readonly #path: string;
  readonly #token: string;
  readonly #ttl: number;
  readonly #clock: Clock;
  #fd: number;

  private constructor(path: string, fd: number, token: string, ttl: number, clock: Clock) {
    this.#path = path;
    this.#fd = fd;
    this.#token = token;
    this.#ttl = ttl;
    this.#clock = clock;
  }

  /** One attempt; `undefined` when a live holder has it. `ttl` in milliseconds. */
  static tryAcquire(path: string, ttl: number, clock: Clock): LeaseFile | undefined {
    const token = randomBytesView(12).toString('hex');
    for (let attempt = 0; attempt < 2; attempt++) {
      try {
        const fd = openSync(
          path,
          constants.O_CREAT | constants.O_EXCL | constants.O_RDWR | constants.O_NOFOLLOW,
          0o600,
        );
        return LeaseFile.#begin(new LeaseFile(path, fd, token, ttl, clock));
      } catch (error) {
        if (codeOf(error) !== 'EEXIST') throw error;
      }
      if (!removeStale(path, token, ttl, clock)) return undefined;
    }
    return undefined;
  }

  static #begin(lease: LeaseFile): LeaseFile {
    try {
      lease.#write();
      return lease;
    } catch (error) {
      // A full disk: the empty file would block the session for the length of a lease.
      closeSync(lease.#fd);
      unlinkQuietly(lease.#path);
      throw error;
    }
  }

  /** Whether the lock file at the path is still ours and its lease has not run out. */
  owns(): boolean {
    const content = read(this.#path);
    return content?.token === this.#token && content.until > this.#clock.now();
  }

  /** Renews the lease; false when it was lost. */
  renew(): boolean {
    if (!this.owns()) return false;
    this.#write();
    return true;
  }

  /** Frees the lock if it is still ours. */
  release(): void {
    if (this.#fd < 0) return;
    closeSync(this.#fd);
    this.#fd = -1;
    if (read(this.#path)?.token === this.#token) unlinkQuietly(this.#path);
  }

  #write(): void {
    const line = `${this.#clock.now() + this.#ttl} ${this.#token}`.padEnd(LINE);
    writeSync(this.#fd, line, 0);
  }
}

interface LeaseContent {
  readonly until: number;
  readonly token: string;
}

function read(path: string): LeaseContent | undefined {
  let fd: number | undefined;
  try {
    fd = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW);
    const buffer = Buffer.alloc(LINE);
    const size = readSync(fd, buffer, 0, LINE, 0);
    const [until = '', token = ''] = buffer.toString('latin1', 0, size).trim().split(' ');
    return { until: Number(until) || 0, token };
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error;
  } finally {
    if (fd !== undefined) closeSync(fd);
  }
}

/**
 * Takes a dead lock out of the way. Moving it aside first and looking at what was moved keeps two overtakers from
 * removing each other's new lock: one that moved a live lock puts it back.
 */
function removeStale(path: string, token: string, ttl: number, clock: Clock): boolean {
  const seen = read(path);
  if (seen === undefined) return true;
  // A file without a complete line was created this instant, or its writer died before the first write.
  const until = seen.token === '' ? modified(path) + ttl : seen.until;
  if (until > clock.now()) return false;
  const aside = `${path}.${token}`;
  try {
    renameSync(path, aside);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return true;
    throw error;
  }
  const moved = read(aside);
  if (moved !== undefined && moved.token !== seen.token && moved.until > clock.now()) {
    try {
      linkSync(aside, path);
    } catch (error) {
      if (codeOf(error) !== 'EEXIST') throw error;
    }
    unlinkQuietly(aside);
    return false;
  }
  unlinkQuietly(aside);
  return true;
}

function modified(path: string): number {
  try {
    return lstatSync(path).mtimeMs;
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return 0;
    throw error;
  }
}

function unlinkQuietly(path: string): void {
  try {
    unlinkSync(path);
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') throw error;
  }
}
