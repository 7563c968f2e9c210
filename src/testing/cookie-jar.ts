import type { Clock } from '../contracts/clock.js';

interface Kept {
  readonly name: string;
  readonly value: string;
  readonly path: string;
  /** Milliseconds since 1970; undefined: until the browser closes. */
  readonly until: number | undefined;
}

/** A cookie as a response sets it. */
export interface ReceivedCookie {
  readonly name: string;
  readonly value: string;
  /** Attributes by their names in lower case; true for one without a value. */
  readonly attributes: Readonly<Record<string, string | true>>;
}

/**
 * The cookies of one visitor of one site: paths and ends are obeyed, `Domain` and `Secure` are not, because a test has
 * neither names nor certificates.
 */
export class CookieJar {
  readonly #clock: Pick<Clock, 'now'>;
  readonly #cookies = new Map<string, Kept>();

  constructor(clock: Pick<Clock, 'now'>) {
    this.#clock = clock;
  }

  /** In the place of the one of that name, where there is one; else for every page. */
  set(name: string, value: string): void {
    const known = this.#alive().find((cookie) => cookie.name === name);
    this.#keep({ name, value, path: known?.path ?? '/', until: known?.until });
  }

  delete(name: string): void {
    for (const [key, cookie] of this.#cookies) if (cookie.name === name) this.#cookies.delete(key);
  }

  clear(): void {
    this.#cookies.clear();
  }

  /** The value, for a page of any path. */
  get(name: string): string | undefined {
    return this.#alive().find((cookie) => cookie.name === name)?.value;
  }

  /** The `Cookie` header for a path; undefined when there is none to send. */
  header(path: string): string | undefined {
    const sent = this.#alive()
      .filter((cookie) => covers(cookie.path, path))
      .sort((a, b) => b.path.length - a.path.length);
    return sent.length === 0 ? undefined : sent.map(({ name, value }) => `${name}=${value}`).join('; ');
  }

  /** Takes what a response to a request of `path` sets. */
  receive(cookies: readonly ReceivedCookie[], path: string): void {
    for (const { name, value, attributes } of cookies) {
      const own = attributes['path'];
      const folder = path.slice(0, Math.max(1, path.lastIndexOf('/')));
      this.#keep({
        name,
        value,
        path: typeof own === 'string' && own.startsWith('/') ? own : folder,
        until: this.#endOf(attributes),
      });
    }
  }

  #endOf({ 'max-age': age, expires }: ReceivedCookie['attributes']): number | undefined {
    if (typeof age === 'string' && /^-?\d+$/.test(age)) return this.#clock.now() + Number(age) * 1000;
    const moment = typeof expires === 'string' ? Date.parse(expires) : Number.NaN;
    return Number.isNaN(moment) ? undefined : moment;
  }

  #keep(cookie: Kept): void {
    this.#cookies.set(`${cookie.name};${cookie.path}`, cookie);
  }

  #alive(): Kept[] {
    const now = this.#clock.now();
    return [...this.#cookies.values()].filter(({ until }) => until === undefined || until > now);
  }
}

/** One `Set-Cookie` header; undefined for what is none. */
export function receivedCookie(header: string): ReceivedCookie | undefined {
  const [pair = '', ...rest] = header.split(';');
  const equals = pair.indexOf('=');
  if (equals < 1) return undefined;
  const attributes: Record<string, string | true> = {};
  for (const part of rest) {
    const [name = '', ...value] = part.trim().split('=');
    attributes[name.toLowerCase()] = value.length === 0 ? true : value.join('=');
  }
  return { name: pair.slice(0, equals).trim(), value: pair.slice(equals + 1).trim(), attributes };
}

function covers(cookiePath: string, path: string): boolean {
  return path === cookiePath || path.startsWith(cookiePath.endsWith('/') ? cookiePath : `${cookiePath}/`);
}
