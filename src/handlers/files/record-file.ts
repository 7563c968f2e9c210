import {
  constants,
  fchmodSync,
  fstatSync,
  ftruncateSync,
  openSync,
  read as readAsync,
  readSync,
  write as writeAsync,
  writeSync,
} from 'node:fs';
import { promisify } from 'node:util';
import { crc32 } from 'node:zlib';
import type { Awaitable } from '../../contracts/session.js';
import { Descriptor } from './descriptor.js';

/*
 * One file holds one record. A header of 32 bytes says which part of the file is the current record:
 *
 *   0 magic "BLZ1"   4 offset u32   8 length u32   12 crc32 of the record u32
 *   16 last activity, ms, f64       24 state u32 (0 alive, 1 dead)   28 crc32 of bytes 0 to 27
 *
 * What a system writes inside one page of bytes that the file has already, it writes as a whole or not at all, whatever
 * becomes of the process. So a record that fits into the first page together with the header is written over the old one
 * in one call. Any other goes into a part that the current one does not use; then the header is replaced. A process
 * killed at any point leaves the old record or the new one. A checksum that does not fit is what a power cut leaves, and
 * is treated as corrupt.
 */
const HEADER = 32;
const MAGIC = 0x315a4c42;
/**
 * Up to this size the system calls are made synchronously: they cost less than a trip through the thread pool, and a
 * tenth of what parsing the text costs, which nobody else can do either.
 */
const SYNC_LIMIT = 128 * 1024;
/** The smallest page there is. */
const PAGE = 4096;
/** The sticky bit, which means nothing on a file: somebody waits for its lock. */
const WANTED = 0o1000;
/** So many unused bytes behind the record are worth a call to give them back. */
const SLACK = 64 * 1024;

const scratch = Buffer.allocUnsafeSlow(HEADER + SYNC_LIMIT);
/** The header of what was just read, or is written next, is in front of it. */
const header = new DataView(scratch.buffer, scratch.byteOffset, HEADER);
const sealed = scratch.subarray(0, 28);

const writeLater = promisify(writeAsync);
const readLater = promisify(readAsync);

export type Encoding = 'utf8' | 'latin1';

/** `undefined`: nothing is stored here (never finished, or destroyed). */
export type Content = { readonly data: string } | 'corrupt' | undefined;

export class RecordFile extends Descriptor {
  #offset = HEADER;
  #length = 0;
  #crc = 0;
  /** So many bytes can be written over without asking the file system for room. */
  #extent = 0;
  #closed = false;
  /** Milliseconds since 1970; 0 before the first read. */
  lastActivity = 0;

  /** Throws `ENOENT` when there is no file and `ELOOP` when it is a symbolic link. */
  static open(path: string, access: 'read' | 'write'): RecordFile {
    const flags = access === 'read' ? constants.O_RDONLY : constants.O_RDWR;
    return new RecordFile(openSync(path, flags | constants.O_NOFOLLOW));
  }

  /** A new file with mode 0600 whatever the umask. Throws `EEXIST` when the name is taken. */
  static create(path: string): RecordFile {
    const { O_CREAT, O_EXCL, O_RDWR, O_NOFOLLOW } = constants;
    const fd = openSync(path, O_CREAT | O_EXCL | O_RDWR | O_NOFOLLOW, 0o600);
    fchmodSync(fd, 0o600);
    const file = new RecordFile(fd);
    // Nobody knows it yet: what a full disk cuts short is removed.
    file.#extent = PAGE;
    return file;
  }

  /** Tells the holder of the lock that somebody waits for it, where the file system and its owner allow it. */
  markWanted(): void {
    try {
      const { mode } = fstatSync(this.fd);
      if ((mode & WANTED) === 0) fchmodSync(this.fd, mode | WANTED);
    } catch {
      // The holder then keeps the session in its process for longer, within bounds.
    }
  }

  /** Whether that was told since the last look. A mark that only the file's owner may take off stays. */
  takeMark(): boolean {
    const { mode } = fstatSync(this.fd);
    if ((mode & WANTED) === 0) return false;
    try {
      fchmodSync(this.fd, mode & ~WANTED);
    } catch {
      // Then the session is offered more often than it need be.
    }
    return true;
  }

  /** Learns `lastActivity` without reading the record: 0 where there is nothing that can be read. */
  readHeader(): void {
    this.#parse(readSync(this.fd, scratch, 0, HEADER, 0));
  }

  #parse(size: number): 'alive' | 'corrupt' | undefined {
    if (size < HEADER || header.getUint32(0, true) === 0) return undefined;
    if (header.getUint32(0, true) !== MAGIC || header.getUint32(28, true) !== crc32(sealed)) return 'corrupt';
    if (header.getUint32(24, true) !== 0) return undefined;
    this.#offset = header.getUint32(4, true);
    this.#length = header.getUint32(8, true);
    this.#crc = header.getUint32(12, true);
    this.lastActivity = header.getFloat64(16, true);
    return 'alive';
  }

  read(encoding: Encoding): Awaitable<Content> {
    const size = readSync(this.fd, scratch, 0, scratch.length, 0);
    const state = this.#parse(size);
    if (state !== 'alive') return state;
    this.#extent = size;
    const end = this.#offset + this.#length;
    if (end <= size) return this.#checked(scratch.subarray(this.#offset, end), encoding);
    const record = Buffer.allocUnsafe(this.#length);
    if (this.#length > SYNC_LIMIT) {
      return this.later(readLater(this.fd, record, 0, this.#length, this.#offset)).then(({ bytesRead }) =>
        this.#checked(record.subarray(0, bytesRead), encoding),
      );
    }
    const got = readSync(this.fd, record, 0, this.#length, this.#offset);
    return this.#checked(record.subarray(0, got), encoding);
  }

  #checked(record: Buffer, encoding: Encoding): Content {
    if (record.length !== this.#length || crc32(record) !== this.#crc) return 'corrupt';
    return { data: record.toString(encoding) };
  }

  /** Replaces the record. */
  write(data: string, encoding: Encoding, now: number): Awaitable<void> {
    if (isLarge(data, encoding)) return this.#writeLarge(Buffer.from(data, encoding), now);
    const length = scratch.write(data, HEADER, encoding);
    const end = HEADER + length;
    const crc = crc32(scratch.subarray(HEADER, end));
    if (end <= PAGE && end <= this.#extent) {
      this.#become(HEADER, length, crc, now, length);
      return;
    }
    const offset = this.#freePart(length);
    writeAll(this.fd, HEADER, length, offset);
    this.#become(offset, length, crc, now);
  }

  async #writeLarge(record: Buffer, now: number): Promise<void> {
    const offset = this.#freePart(record.length);
    for (let done = 0; done < record.length; ) {
      this.#demandOpen();
      const { bytesWritten } = await this.later(
        writeLater(this.fd, record, done, record.length - done, offset + done),
      );
      done += bytesWritten;
    }
    this.#demandOpen();
    this.#become(offset, record.length, crc32(record), now);
  }

  /** Says that the record was used, without writing it again. */
  touch(now: number): void {
    this.#writeHeader(now, 0);
  }

  /** Says that nothing is stored here any more, to everybody who still has the file open. */
  kill(): void {
    this.#writeHeader(0, 1);
  }

  override close(): void {
    this.#closed = true;
    super.close();
  }

  /** A write that was given up must not go on: the record may be somebody else's turn by now. */
  #demandOpen(): void {
    if (this.#closed) throw new Error('the session file was closed during a write');
  }

  /** Where `length` bytes fit without touching the current record. */
  #freePart(length: number): number {
    if (this.#length === 0 || HEADER + length <= this.#offset) return HEADER;
    return this.#offset + this.#length;
  }

  /** The header says from now on where the record is; `behind`: bytes of the record that follow it in `scratch`. */
  #become(offset: number, length: number, crc: number, now: number, behind = 0): void {
    const usedBefore = this.#offset + this.#length;
    this.#offset = offset;
    this.#length = length;
    this.#crc = crc;
    this.#writeHeader(now, 0, behind);
    this.lastActivity = now;
    const end = offset + length;
    if (end > this.#extent) this.#extent = end;
    if (usedBefore - end <= SLACK) return;
    ftruncateSync(this.fd, end);
    this.#extent = end;
  }

  #writeHeader(now: number, state: 0 | 1, behind = 0): void {
    header.setUint32(0, MAGIC, true);
    header.setUint32(4, this.#offset, true);
    header.setUint32(8, this.#length, true);
    header.setUint32(12, this.#crc, true);
    header.setFloat64(16, now, true);
    header.setUint32(24, state, true);
    header.setUint32(28, crc32(sealed), true);
    writeAll(this.fd, 0, HEADER + behind, 0);
  }
}

/** No character takes more than three bytes for each unit of its string. */
function isLarge(data: string, encoding: Encoding): boolean {
  return data.length * 3 > SYNC_LIMIT && Buffer.byteLength(data, encoding) > SYNC_LIMIT;
}

/** Writes a part of `scratch`. */
function writeAll(fd: number, from: number, length: number, position: number): void {
  for (let done = 0; done < length; ) {
    done += writeSync(fd, scratch, from + done, length - done, position + done);
  }
}
