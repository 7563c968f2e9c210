import type { Clock } from '../contracts/clock.js';
import type { CookieConfig } from '../contracts/config.js';
import type { CookieInput, MakeCookieOptions } from '../contracts/cookie.js';
import { BlitzError } from '../errors.js';
import { Cookie } from './cookie.js';
import { decodeValue, findCookie } from './header.js';
import { refusal } from './refusal.js';

/** The cookies of one request and of its response. */
export interface CookieExchange {
  /** The request's `Cookie` header. */
  readonly header: string | undefined;
  /** What the response will carry, by its id. Whoever sends the response turns it into `Set-Cookie` headers. */
  readonly queued: Map<string, Cookie>;
  /** Whether the request came over HTTPS, for `secure: 'auto'`. */
  readonly overHttps: boolean;
  /** True once the response's headers have left; to queue a cookie is an error then. */
  readonly sent?: boolean | undefined;
}

/** Which name is meant: with the prefix of `config/cookie`, or with another one. */
type Prefixed = Pick<MakeCookieOptions, 'prefix'>;

/** RFC 6265bis §5.5: no browser keeps a cookie longer than 400 days. */
const FOREVER = 400 * 24 * 60;

/**
 * Makes the application's cookies with the attributes and the prefix of `config/cookie`, and reads those of the current
 * request. One an application: what belongs to a request is looked up at each call. The session's cookie is not its
 * business. (BlitzPHP: Session\Cookie\CookieManager; the queue is Laravel's.)
 */
export class CookieManager {
  readonly #config: CookieConfig;
  readonly #clock: Clock;
  readonly #current: () => CookieExchange | undefined;

  /** `current`: the exchange of the request in which it is called; undefined outside. */
  constructor(config: CookieConfig, clock: Clock, current: () => CookieExchange | undefined) {
    this.#config = config;
    this.#clock = clock;
    this.#current = current;
  }

  /**
   * A cookie that lasts `minutes`; 0: as `expires` says, in the options or in `config/cookie`; less: it is expired. It
   * reaches the browser when it is queued or given to the response. In a request that came over HTTPS,
   * `secure: 'auto'` becomes true at once. Throws `E_COOKIE`.
   */
  make(name: string, value: CookieInput, minutes = 0, options: MakeCookieOptions = {}): Cookie {
    const { prefix = this.#config.prefix, ...rest } = options;
    const secure = rest.secure ?? this.#config.secure;
    return Cookie.create(
      prefix + name,
      value,
      {
        ...rest,
        expires: minutes === 0 ? rest.expires : minutes * 60,
        secure: secure === 'auto' && this.#current()?.overHttps ? true : secure,
      },
      { defaults: this.#config, now: this.#clock.now() },
    );
  }

  /** A cookie for 400 days, as BlitzPHP's: RFC 6265bis (§5.5) lets no browser keep one longer. Throws `E_COOKIE`. */
  forever(name: string, value: CookieInput, options: MakeCookieOptions = {}): Cookie {
    return this.make(name, value, FOREVER, options);
  }

  /**
   * The cookie that makes the browser forget `name`; `path` and `domain` must be those it was made with. Throws
   * `E_COOKIE`.
   */
  forget(name: string, options: MakeCookieOptions = {}): Cookie {
    return this.make(name, '', 0, options).withExpired();
  }

  /**
   * The cookie that the request carries, undefined when there is none; cookies of the queue are not looked at. A
   * browser sends nothing but name and value: the attributes are those that `make` would give. Throws
   * `E_COOKIE_NO_REQUEST`, and `E_COOKIE` for a name or options that no cookie can have.
   */
  get(name: string, options: MakeCookieOptions = {}): Cookie | undefined {
    const { header } = this.#exchange('get');
    const cookie = this.make(name, '', 0, options);
    const sent = findCookie(header, cookie.name);
    return sent === undefined ? undefined : cookie.received(cookie.raw ? sent : decodeValue(sent));
  }

  /** Whether the request carries the cookie, an empty one too. Throws `E_COOKIE_NO_REQUEST`. */
  has(name: string, options: Prefixed = {}): boolean {
    return findCookie(this.#exchange('has').header, this.#nameOf(name, options)) !== undefined;
  }

  /**
   * Sends a cookie with the response of the current request, whichever response that will be. Of two with one name,
   * domain and path the later stands. Throws `E_COOKIE_NO_REQUEST`, and `E_COOKIE` once the headers have left.
   */
  queue(cookie: Cookie): void;
  queue(name: string, value: CookieInput, minutes?: number, options?: MakeCookieOptions): void;
  queue(given: Cookie | string, value: CookieInput = '', minutes = 0, options: MakeCookieOptions = {}): void {
    const exchange = this.#exchange('queue');
    if (exchange.sent) throw refusal('sent');
    const cookie = typeof given === 'string' ? this.make(given, value, minutes, options) : given;
    exchange.queued.delete(cookie.id);
    exchange.queued.set(cookie.id, cookie);
  }

  /** Takes a cookie out of the queue; by its name, whatever its domain and path. Throws `E_COOKIE_NO_REQUEST`. */
  unqueue(cookie: Cookie | string, options: Prefixed = {}): void {
    const { queued } = this.#exchange('unqueue');
    for (const each of this.#waiting(queued, cookie, options)) queued.delete(each.id);
  }

  /** Whether a cookie waits for the response. Throws `E_COOKIE_NO_REQUEST`. */
  hasQueued(cookie: Cookie | string, options: Prefixed = {}): boolean {
    return this.#waiting(this.#exchange('hasQueued').queued, cookie, options).length > 0;
  }

  /** The cookies that wait for the response; with a name the last of that name. Throws `E_COOKIE_NO_REQUEST`. */
  queued(): Cookie[];
  queued(name: string, options?: Prefixed): Cookie | undefined;
  queued(name?: string, options: Prefixed = {}): Cookie[] | Cookie | undefined {
    const { queued } = this.#exchange('queued');
    return name === undefined ? [...queued.values()] : this.#waiting(queued, name, options).at(-1);
  }

  #waiting(queued: ReadonlyMap<string, Cookie>, which: Cookie | string, options: Prefixed): Cookie[] {
    const [key, of] =
      typeof which === 'string'
        ? [this.#nameOf(which, options), (cookie: Cookie) => cookie.name]
        : [which.id, (cookie: Cookie) => cookie.id];
    return [...queued.values()].filter((cookie) => of(cookie) === key);
  }

  #nameOf(name: string, { prefix = this.#config.prefix }: Prefixed): string {
    return prefix + name;
  }

  #exchange(call: string): CookieExchange {
    const exchange = this.#current();
    if (exchange === undefined) throw new BlitzError('E_COOKIE_NO_REQUEST', { details: { call } });
    return exchange;
  }
}
