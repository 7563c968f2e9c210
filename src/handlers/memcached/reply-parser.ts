import type { Item, Reply, Status } from './transport.js';

const LF = 10;
const ZERO = 48;
const VALUE = 'VALUE ';
/** No line of the protocol is longer: a key has 250 bytes. */
const MAX_LINE = 8192;
/** So many bytes become text at a time: a call into the engine for each line costs more than to look at the line. */
const WINDOW = 4096;
const NO_ITEMS: readonly Item[] = [];

/** First words of one-line answers; two letters are the meta commands' form. */
const WORDS: Readonly<Record<string, Status>> = {
  STORED: 'stored',
  NOT_STORED: 'held',
  EXISTS: 'changed',
  NOT_FOUND: 'absent',
  TOUCHED: 'done',
  HD: 'done',
  EX: 'changed',
  NF: 'absent',
  EN: 'absent',
  NS: 'held',
  VERSION: 'done',
  OK: 'done',
  ERROR: 'failed',
  CLIENT_ERROR: 'failed',
  SERVER_ERROR: 'failed',
};

const PLAIN: Readonly<Partial<Record<string, Reply>>> = Object.fromEntries(
  Object.entries(WORDS).map(([word, status]) => [word, { status, detail: '', items: NO_ITEMS }]),
);

const STORED = PLAIN['STORED'] as Reply;
const DONE = PLAIN['HD'] as Reply;

/** Statistics are told as `name=value`, joined by spaces, in `detail`. */
const NOTHING_FOUND: Reply = { status: 'items', detail: '', items: NO_ITEMS };

/**
 * Turns what the server sends into replies, whatever pieces it comes in. Throws when it is not the text protocol of
 * memcached; the connection is then of no more use. (memcached: doc/protocol.txt.)
 */
export class ReplyParser {
  readonly #emit: (reply: Reply) => void;
  #pieces: Buffer[] = [];
  #size = 0;
  /** Bytes that must be there before looking again is worth it. */
  #needed = 0;
  #items: Item[] = [];
  #statistics: string[] = [];

  constructor(emit: (reply: Reply) => void) {
    this.#emit = emit;
  }

  push(piece: Buffer): void {
    if (this.#size === 0) {
      this.#parse(piece);
      return;
    }
    this.#pieces.push(piece);
    this.#size += piece.length;
    if (this.#size < this.#needed) return;
    const whole = Buffer.concat(this.#pieces, this.#size);
    this.#pieces = [];
    this.#size = 0;
    this.#parse(whole);
  }

  #parse(bytes: Buffer): void {
    let at = 0;
    let start = 0;
    let text = bytes.toString('latin1', 0, WINDOW);
    while (at < bytes.length) {
      let found = text.indexOf('\n', at - start);
      if (found === -1 && start + text.length < bytes.length) {
        start = at;
        text = bytes.toString('latin1', at, at + MAX_LINE);
        found = text.indexOf('\n');
      }
      if (found === -1) {
        if (bytes.length - at > MAX_LINE) throw unexpected();
        this.#keep(bytes, at, 0);
        return;
      }
      const end = start + found;
      if (bytes[end - 1] !== 13) throw unexpected();
      const line = text.slice(at - start, found - 1);
      if (!line.startsWith(VALUE)) {
        this.#line(line);
        at = end + 1;
        continue;
      }
      const keyEnd = line.indexOf(' ', VALUE.length);
      const flagsEnd = line.indexOf(' ', keyEnd + 1);
      const sizeEnd = line.indexOf(' ', flagsEnd + 1);
      const flags = countIn(line, keyEnd + 1, flagsEnd);
      const from = end + 1;
      const to = from + countIn(line, flagsEnd + 1, sizeEnd);
      if (bytes.length < to + 2) {
        this.#keep(bytes, at, to + 2 - at);
        return;
      }
      if (bytes[to] !== 13 || bytes[to + 1] !== LF) throw unexpected();
      const key = line.slice(VALUE.length, keyEnd);
      this.#items.push({ key, flags, unique: line.slice(sizeEnd + 1), value: bytes.subarray(from, to) });
      at = to + 2;
    }
  }

  #keep(bytes: Buffer, from: number, needed: number): void {
    const rest = bytes.subarray(from);
    this.#pieces = [rest];
    this.#size = rest.length;
    this.#needed = needed;
  }

  #line(line: string): void {
    if (line === 'END') {
      this.#end();
      return;
    }
    if (line.startsWith('STAT ')) {
      this.#statistics.push(line.slice(5).replace(' ', '='));
      return;
    }
    // An error in the middle of an answer is the answer.
    if (this.#items.length > 0) this.#items = [];
    if (this.#statistics.length > 0) this.#statistics = [];
    // The two that nearly every answer is need no table.
    if (line === 'STORED') this.#emit(STORED);
    else if (line === 'HD') this.#emit(DONE);
    else this.#told(line);
  }

  #told(line: string): void {
    const space = line.indexOf(' ');
    const word = space === -1 ? line : line.slice(0, space);
    const plain = PLAIN[word];
    if (plain === undefined) throw unexpected();
    if (space === -1 && plain.status !== 'failed') this.#emit(plain);
    else this.#emit({ ...plain, detail: plain.status === 'failed' ? line : line.slice(space + 1) });
  }

  #end(): void {
    const [items, statistics] = [this.#items, this.#statistics];
    if (items.length > 0) {
      this.#items = [];
      this.#emit({ status: 'items', detail: '', items });
    } else if (statistics.length > 0) {
      this.#statistics = [];
      this.#emit({ status: 'done', detail: statistics.join(' '), items: NO_ITEMS });
    } else this.#emit(NOTHING_FOUND);
  }
}

/** The number of at most ten digits that stands between two places of a line. */
function countIn(line: string, from: number, to: number): number {
  if (to <= from || to - from > 10) throw unexpected();
  let count = 0;
  for (let at = from; at < to; at++) {
    const digit = line.charCodeAt(at) - ZERO;
    if (digit < 0 || digit > 9) throw unexpected();
    count = count * 10 + digit;
  }
  return count;
}

function unexpected(): Error {
  return new Error('the answer is not in the text protocol of memcached');
}
