import {
  constants,
  fchmodSync,
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
 * A new record goes into a part that the current one does not use; then the header is replaced with one write inside
 * one page. A process killed at any point leaves the old record or the new one. A checksum that does not fit is what
 * a power cut leaves, and is treated as corrupt.
 */
const HEADER = 32;
const MAGIC = 0x315a4c42;
/** Up to this size the system calls are made synchronously: they cost less than a trip through the thread pool. */
const SYNC_LIMIT = 64 * 1024;
/** So many unused bytes behind the record are worth a call to give them back. */
const SLACK = 64 * 1024;

const scratch = Buffer.allocUnsafeSlow(HEADER + SYNC_LIMIT);
const header = Buffer.alloc(HEADER);

const writeLater = promisify(writeAsync);
const readLater = promisify(readAsync);

export type Encoding = 'utf8' | 'latin1';

/** `undefined`: nothing is stored here (never finished, or destroyed). */
export type Content = { readonly data: string } | 'corrupt' | undefined;

export class RecordFile extends Descriptor {
  #offset = HEADER;
  #length = 0;
  #crc = 0;
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
    return new RecordFile(fd);
  }

  /** Learns `lastActivity` without reading the record: 0 where there is nothing that can be read. */
  readHeader(): void {
    this.#parse(readSync(this.fd, scratch, 0, HEADER, 0));
  }

  #parse(size: number): 'alive' | 'corrupt' | undefined {
    if (size < HEADER || scratch.readUInt32LE(0) === 0) return undefined;
    if (scratch.readUInt32LE(0) !== MAGIC || scratch.readUInt32LE(28) !== crc32(scratch.subarray(0, 28))) {
      return 'corrupt';
    }
    if (scratch.readUInt32LE(24) !== 0) return undefined;
    this.#offset = scratch.readUInt32LE(4);
    this.#length = scratch.readUInt32LE(8);
    this.#crc = scratch.readUInt32LE(12);
    this.lastActivity = scratch.readDoubleLE(16);
    return 'alive';
  }

  read(encoding: Encoding): Awaitable<Content> {
    const size = readSync(this.fd, scratch, 0, scratch.length, 0);
    const state = this.#parse(size);
    if (state !== 'alive') return state;
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
    if (data.length * 3 > SYNC_LIMIT) return this.#writeLarge(Buffer.from(data, encoding), now);
    const length = scratch.write(data, HEADER, encoding);
    const record = scratch.subarray(HEADER, HEADER + length);
    const offset = this.#freePart(length);
    writeAll(this.fd, record, offset);
    this.#flip(offset, length, crc32(record), now);
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
    this.#flip(offset, record.length, crc32(record), now);
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

  #flip(offset: number, length: number, crc: number, now: number): void {
    const usedBefore = this.#offset + this.#length;
    this.#offset = offset;
    this.#length = length;
    this.#crc = crc;
    this.#writeHeader(now, 0);
    this.lastActivity = now;
    if (usedBefore - offset - length > SLACK) ftruncateSync(this.fd, offset + length);
  }

  #writeHeader(now: number, state: 0 | 1): void {
    header.writeUInt32LE(MAGIC, 0);
    header.writeUInt32LE(this.#offset, 4);
    header.writeUInt32LE(this.#length, 8);
    header.writeUInt32LE(this.#crc, 12);
    header.writeDoubleLE(now, 16);
    header.writeUInt32LE(state, 24);
    header.writeUInt32LE(crc32(header.subarray(0, 28)), 28);
    writeAll(this.fd, header, 0);
  }
}

function writeAll(fd: number, bytes: Buffer, position: number): void {
  for (let done = 0; done < bytes.length; ) {
    done += writeSync(fd, bytes, done, bytes.length - done, position + done);
  }
}
