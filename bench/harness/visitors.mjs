/** The visitors whose requests are sent in turn, each with its cookie and the number of its visits so far. */
export class Visitors {
  #cookies;
  #visits;
  #next = 0;

  constructor(count) {
    this.#cookies = new Array(count).fill(undefined);
    this.#visits = new Uint32Array(count);
  }

  get count() {
    return this.#cookies.length;
  }

  /** The visitor whose turn it is. */
  next() {
    const visitor = this.#next;
    this.#next = visitor + 1 === this.#cookies.length ? 0 : visitor + 1;
    return visitor;
  }

  requestOf(visitor) {
    const cookie = this.#cookies[visitor];
    const header = cookie === undefined ? '' : `Cookie: ${cookie}\r\n`;
    return `GET / HTTP/1.1\r\nHost: localhost\r\n${header}\r\n`;
  }

  /** Takes over the first cookie of a response. */
  remember(visitor, head) {
    if (this.#cookies[visitor] !== undefined) return;
    this.#cookies[visitor] = /^set-cookie: ([^;\r]+)/im.exec(head)?.[1];
  }

  /** Whether the server counted this visit as we do. */
  counted(visitor, answer) {
    return ++this.#visits[visitor] === Number(answer);
  }
}
