/** The visitors whose requests are sent in turn, each with its cookie and the number of its visits so far. */
export class Visitors {
  #cookies;
  #visits;
  #eachCookie;
  #next = 0;

  /** `eachCookie`: the sessions are in the cookies, so each response's replaces the one before. */
  constructor(count, eachCookie = false) {
    this.#cookies = new Array(count).fill(undefined);
    this.#visits = new Uint32Array(count);
    this.#eachCookie = eachCookie;
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

  requestOf(visitor, path) {
    const cookie = this.#cookies[visitor];
    const header = cookie === undefined ? '' : `Cookie: ${cookie}\r\n`;
    return `GET ${path} HTTP/1.1\r\nHost: localhost\r\n${header}\r\n`;
  }

  remember(visitor, head) {
    if (this.#cookies[visitor] !== undefined && !this.#eachCookie) return;
    const set = [...head.matchAll(/^set-cookie: ([^;\r]+)/gim)].map(([, pair]) => pair);
    if (set.length > 0) this.#cookies[visitor] = set.join('; ');
  }

  /** Whether the server counted this visit as we do; one that only read is not counted. */
  counted(visitor, answer, reads) {
    if (!reads) this.#visits[visitor]++;
    return this.#visits[visitor] === Number(answer);
  }
}
