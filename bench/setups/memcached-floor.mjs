import { AsyncLocalStorage } from 'node:async_hooks';
import { randomBytes } from 'node:crypto';
import { connect } from 'node:net';

const COOKIE = 'sid=';
const LIFE = 7_200;

/**
 * What locked sessions in memcached cannot cost less than: the text protocol by hand, `add` and `gets` in one write,
 * `cas` and `delete` in another, JSON, and nothing else. No renewal, no expiry of our own, no time-outs, no store, no
 * hashed ids, no errors, and a lock that anybody may delete.
 */
export function listen({ address, payload, context }) {
  const wire = new Wire(address);
  const scope = new AsyncLocalStorage();

  const visit = (values) => {
    const count = (values.count ?? 0) + 1;
    if (count === 1) values.payload = payload;
    values.count = count;
    return String(count);
  };

  async function serve(request, response) {
    const known = idIn(request.headers.cookie);
    const id = known ?? randomBytes(16).toString('hex');
    if (known === undefined) response.setHeader('Set-Cookie', `${COOKIE}${id}; path=/; HttpOnly`);
    const [key, lock] = [`session:${id}`, `session:${id}:lock`];
    const open = `add ${lock} 0 30 1\r\n1\r\ngets ${key}\r\n`;
    let [locked, found] = await wire.ask(open, 2);
    while (locked !== 'STORED') {
      await new Promise((resolve) => setTimeout(resolve, 2));
      [locked, found] = await wire.ask(open, 2);
    }
    const values = found.text === '' ? {} : JSON.parse(found.text);
    const body = context ? scope.run(values, () => visit(scope.getStore())) : visit(values);
    const text = JSON.stringify(values);
    const size = Buffer.byteLength(text);
    const store =
      found.unique === '' ? `add ${key} 0 ${LIFE} ${size}` : `cas ${key} 0 ${LIFE} ${size} ${found.unique}`;
    await wire.ask(`${store}\r\n${text}\r\ndelete ${lock}\r\n`, 2);
    response.end(body);
  }

  return context ? (request, response) => scope.run({}, () => void serve(request, response)) : serve;
}

/** One connection, pipelined, answered in order. */
class Wire {
  #socket;
  #waiting = [];
  #rest;

  constructor(address) {
    const [host, port] = address.split(':');
    this.#socket = connect(Number(port), host).setNoDelay(true);
    this.#socket.on('data', (piece) => this.#parse(this.#rest ? Buffer.concat([this.#rest, piece]) : piece));
  }

  ask(text, count) {
    return new Promise((resolve) => {
      this.#waiting.push({ resolve, count, replies: [] });
      this.#socket.write(text);
    });
  }

  #parse(bytes) {
    this.#rest = undefined;
    for (let at = 0; at < bytes.length; ) {
      const end = bytes.indexOf(10, at);
      if (end === -1) return this.#keep(bytes, at);
      const line = bytes.latin1Slice(at, end - 1);
      let reply = line;
      let next = end + 1;
      if (line === 'END') reply = { text: '', unique: '' };
      else if (line.startsWith('VALUE ')) {
        const [, , , size, unique] = line.split(' ');
        const to = next + Number(size);
        if (bytes.length < to + 7) return this.#keep(bytes, at);
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

  #keep(bytes, at) {
    this.#rest = bytes.subarray(at);
  }
}

function idIn(header) {
  const at = header?.indexOf(COOKIE) ?? -1;
  return at === -1 ? undefined : header.slice(at + COOKIE.length, at + COOKIE.length + 32);
}
