import type { Clock } from '../contracts/clock.js';
import type { CookieConfig, SessionConfig } from '../contracts/config.js';
import { buildAttributes, buildCookie, decodeValue, findCookie } from './header.js';

/** The cookie that names the session. HttpOnly always; its value is the id and nothing else. */
export class SessionCookie {
  readonly name: string;
  readonly #clock: Clock;
  readonly #expiration: number;
  readonly #encoded: boolean;
  readonly #secure: boolean | 'auto';
  readonly #attributes: { readonly plain: string; readonly secure: string };
  readonly #gone: { readonly plain: string; readonly secure: string };
  #second = -1;
  #expires = '';

  constructor(session: SessionConfig, cookie: CookieConfig, clock: Clock) {
    const { domain, path, samesite, partitioned } = cookie;
    const shape = { domain, path, samesite, partitioned, httponly: true };
    this.name = session.cookie_name;
    this.#clock = clock;
    this.#expiration = session.expiration;
    // PHP encodes the comma that an id of six bits a character may have.
    this.#encoded = session.interop !== false;
    this.#secure = cookie.secure;
    this.#attributes = {
      plain: buildAttributes({ ...shape, secure: false }),
      secure: buildAttributes({ ...shape, secure: true }),
    };
    const gone = (secure: boolean) =>
      buildCookie(this.name, 'deleted', { ...shape, secure, expires: 1000, maxAge: 0 });
    this.#gone = { plain: gone(false), secure: gone(true) };
  }

  /** Whether it is of any interest how a request came. */
  get dependsOnHttps(): boolean {
    return this.#secure === 'auto';
  }

  /** What the request presents as an id; anything may stand here. */
  read(header: string | undefined): string | undefined {
    const value = findCookie(header, this.name);
    return this.#encoded && value !== undefined ? decodeValue(value) : value;
  }

  /**
   * `overHttps`: how the request came, for `secure: 'auto'`. `life`: seconds for a session that has a life of its own, 0
   * until the browser closes.
   */
  set(id: string, overHttps: boolean, life: number = this.#expiration): string {
    const attributes = this.#attributes[this.#kind(overHttps)];
    if (life === 0) return `${this.name}=${id}${attributes}`;
    const second = Math.floor(this.#clock.now() / 1000);
    if (life !== this.#expiration) {
      const expires = new Date((second + life) * 1000).toUTCString();
      return `${this.name}=${id}; expires=${expires}; Max-Age=${life}${attributes}`;
    }
    if (second !== this.#second) {
      this.#second = second;
      const expires = new Date((second + this.#expiration) * 1000).toUTCString();
      this.#expires = `; expires=${expires}; Max-Age=${this.#expiration}`;
    }
    return `${this.name}=${id}${this.#expires}${attributes}`;
  }

  /** Tells the browser to forget the cookie. */
  expire(overHttps: boolean): string {
    return this.#gone[this.#kind(overHttps)];
  }

  #kind(overHttps: boolean): 'plain' | 'secure' {
    return this.#secure === true || (this.#secure === 'auto' && overHttps) ? 'secure' : 'plain';
  }
}
