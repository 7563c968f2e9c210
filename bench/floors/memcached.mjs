import { connect } from 'node:net';
import { LIFETIME } from './cookie.mjs';
import { floor } from './floor.mjs';

/**
 * The text protocol by hand on one pipelined connection. With `lock`, `add` and `gets` in one write, `cas` and `delete`
 * in another, and a lock that anybody may delete; without it `get` and `set`.
 */
export function listen({ address, lock, ...run }) {
  const wire = new Wire(address);
  const set = (id, text) => wire.ask(`set ${keyOf(id)} 0 ${LIFETIME} ${sizeOf(text)}\r\n${text}\r\n`, 1);
  const peek = async (id) => (await wire.ask(`get ${keyOf(id)}\r\n`, 1))[0].text;
  if (!lock) return floor({ open: peek, create: set, save: (id, _token, text) => set(id, text), peek }, run);
  /** What `cas` must be told, by the holder's name. */
  const uniques = new Map();
  return floor(
    {
      async open(id, token) {
        const [locked, found] = await wire.ask(`add ${lockOf(id)} 0 30 1\r\n1\r\ngets ${keyOf(id)}\r\n`, 2);
        if (locked !== 'STORED') return undefined;
        uniques.set(token, found.unique);
        return found.text;
      },
      create: set,
      save(id, token, text) {
        const unique = uniques.get(token);
        uniques.delete(token);
        const store = unique === undefined ? 'add' : 'cas';
        const proof = unique === undefined ? '' : ` ${unique}`;
        return wire.ask(
          `${store} ${keyOf(id)} 0 ${LIFETIME} ${sizeOf(text)}${proof}\r\n${text}\r\ndelete ${lockOf(id)}\r\n`,
          2,
        );
      },
      peek,
    },
    run,
  );
}

function keyOf(id) {
  return `session:${id}`;
}

function lockOf(id) {
  return `session:${id}:lock`;
}

function sizeOf(text) {
  return Buffer.byteLength(text);
}

/** One connection, pipelined, answered in order. */
class Wire {
  #socket;
  #waiting = [];
  #pieces = [];
  #missing = 0;

  constructor(address) {
    const [host, port] = address.split(':');
    this.#socket = connect(Number(port), host).setNoDelay(true);
    this.#socket.on('data', (piece) => this.#receive(piece));
  }

  ask(text, count) {
    return new Promise((resolve) => {
      this.#waiting.push({ resolve, count, replies: [] });
      this.#socket.write(text);
    });
  }

  #receive(piece) {
    if (this.#pieces.length === 0) return this.#parse(piece);
    this.#pieces.push(piece);
    this.#missing -= piece.length;
    if (this.#missing > 0) return;
    const bytes = Buffer.concat(this.#pieces);
    this.#pieces = [];
    this.#parse(bytes);
  }

  #parse(bytes) {
    for (let at = 0; at < bytes.length; ) {
      const end = bytes.indexOf(10, at);
      if (end === -1) return this.#keep(bytes, at, 1);
      const line = bytes.latin1Slice(at, end - 1);
      let reply = line;
      let next = end + 1;
      if (line === 'END') reply = { text: null, unique: undefined };
      else if (line.startsWith('VALUE ')) {
        const [, , , size, unique] = line.split(' ');
        const to = next + Number(size);
        if (bytes.length < to + 7) return this.#keep(bytes, at, to + 7 - bytes.length);
        reply = { text: bytes.utf8Slice(next, to), unique };
        next = to + 7;
      }
      at = next;
      const first = this.#waiting[0];
      first.replies.push(reply);
      if (first.replies.length === first.count) {
        this.#waiting.shift();
        first.resolve(first.replies);
      }
    }
  }

  #keep(bytes, at, missing) {
    this.#pieces = [bytes.subarray(at)];
    this.#missing = missing;
  }
}
