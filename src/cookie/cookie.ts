import type { CookieConfig, SameSite } from '../contracts/config.js';
import type { CookieInput, CookieValue, CreateCookieOptions } from '../contracts/cookie.js';
import { systemClock } from '../support/clock.js';
import { MISSING } from '../support/paths.js';
import { buildCookie, encodeValue } from './header.js';
import { type CookieParts, checkParts, resolveAttributes, resolveExpires, resolveSameSite } from './parts.js';
import { expand, readPart, toText, withoutPart, withPart } from './value.js';

/** The defaults of a cookie that no configuration stands behind; those of `config/cookie`. */
const DEFAULTS: Omit<CookieConfig, 'prefix'> = {
  expires: 0,
  path: '/',
  domain: '',
  secure: false,
  httponly: true,
  samesite: 'Lax',
  raw: false,
  partitioned: false,
};

/** 1970-01-01 00:00:01, as PHP writes it: some clients take 0 for "no date". */
const LONG_AGO = 1000;
/** RFC 6265bis §5.5: no browser keeps a cookie longer. */
const LONGEST = 400 * 24 * 3600;

/** What `Cookie.create` may be told besides the options. */
export interface CreateContext {
  /** What stands where an option is absent. */
  readonly defaults?: Omit<CookieConfig, 'prefix'>;
  /** Milliseconds since 1970, from which delays count. */
  readonly now?: number;
}

/** How the response that carries a cookie leaves. */
export interface CookieSending {
  /** Decides what `secure: 'auto'` means. Default false. */
  readonly overHttps?: boolean;
  /** Milliseconds since 1970, from which `Max-Age` counts. */
  readonly now?: number;
}

/**
 * A cookie, to be sent or as it was received. It never changes: each `with…` gives another one. What a header cannot
 * carry and what every browser would refuse is refused when the cookie is built, with `E_COOKIE`; so an attribute that
 * requires another one comes after it (`withSecure(true)`, then `withSameSite('None')`). (BlitzPHP:
 * Session\Cookie\Cookie, whose model is CakePHP's.)
 */
export class Cookie {
  readonly #parts: CookieParts;

  private constructor(parts: CookieParts) {
    this.#parts = parts;
    Object.freeze(this);
  }

  /**
   * A cookie by itself: without options it lasts until the browser closes, `path=/`, HttpOnly, `SameSite=Lax`. Throws
   * `E_COOKIE`. (BlitzPHP: Cookie::create.)
   */
  static create(
    name: string,
    value: CookieInput,
    options: CreateCookieOptions = {},
    { defaults = DEFAULTS, now = systemClock.now() }: CreateContext = {},
  ): Cookie {
    return Cookie.#checked({ name, ...toText(value), ...resolveAttributes(options, defaults, now) });
  }

  static #checked(parts: CookieParts): Cookie {
    checkParts(parts);
    return new Cookie(parts);
  }

  #with(change: Partial<CookieParts>): Cookie {
    return Cookie.#checked({ ...this.#parts, ...change });
  }

  /** The same cookie with a value that a browser sent, whatever its length: to read it must not throw. */
  received(text: string): Cookie {
    return new Cookie({ ...this.#parts, text, structured: false });
  }

  get name(): string {
    return this.#parts.name;
  }

  /** The text, or a copy of the list or object that the cookie was built with. */
  get value(): CookieValue {
    const { text, structured } = this.#parts;
    return structured ? (JSON.parse(text) as CookieValue) : text;
  }

  /** When the browser forgets the cookie; undefined: when it closes. */
  get expires(): Date | undefined {
    const { expires } = this.#parts;
    return expires === undefined ? undefined : new Date(expires);
  }

  get path(): string {
    return this.#parts.path;
  }

  /** `''`: the host that set the cookie, alone. */
  get domain(): string {
    return this.#parts.domain;
  }

  /** `'auto'`: as the request came, over HTTPS or not. */
  get secure(): boolean | 'auto' {
    return this.#parts.secure;
  }

  /** Scripts of the page do not see the cookie. */
  get httponly(): boolean {
    return this.#parts.httponly;
  }

  get samesite(): SameSite | undefined {
    return this.#parts.samesite;
  }

  /** The value goes without percent-encoding. */
  get raw(): boolean {
    return this.#parts.raw;
  }

  get partitioned(): boolean {
    return this.#parts.partitioned;
  }

  /** Name, domain and path: a browser keeps one cookie of each. */
  get id(): string {
    return `${this.name};${this.domain};${this.path}`;
  }

  getId(): string {
    return this.id;
  }

  getName(): string {
    return this.name;
  }

  getValue(): CookieValue {
    return this.value;
  }

  /** The value as text: JSON for a list or an object. */
  getScalarValue(): string {
    return this.#parts.text;
  }

  getPath(): string {
    return this.path;
  }

  getDomain(): string {
    return this.domain;
  }

  getExpiry(): Date | undefined {
    return this.expires;
  }

  /** Seconds since 1970. */
  getExpiresTimestamp(): number | undefined {
    const { expires } = this.#parts;
    return expires === undefined ? undefined : Math.floor(expires / 1000);
  }

  /** The date as the header writes it; `''` without one. */
  getFormattedExpires(): string {
    return this.expires?.toUTCString() ?? '';
  }

  getSameSite(): SameSite | undefined {
    return this.samesite;
  }

  /** Whether the cookie goes with `Secure`; for `'auto'`, whether the request came over HTTPS. */
  isSecure(overHttps = false): boolean {
    return this.secure === true || (this.secure === 'auto' && overHttps);
  }

  isHttpOnly(): boolean {
    return this.httponly;
  }

  isPartitioned(): boolean {
    return this.partitioned;
  }

  /** Whether the date has passed at `at` (now; a number: milliseconds since 1970). Never without a date. */
  isExpired(at: Date | number = systemClock.now()): boolean {
    const { expires } = this.#parts;
    return expires !== undefined && expires <= Number(at);
  }

  /** The value, or what is under a dotted path in it; text that is JSON of a list or an object is read as that. */
  read(): CookieValue;
  read<T = unknown>(path: string): T | undefined;
  read(path?: string): unknown {
    if (path === undefined) return expand(this.#parts.text);
    const part = readPart(this.#parts.text, path);
    return part === MISSING ? undefined : part;
  }

  /** Whether there is anything under a dotted path of the value. */
  check(path: string): boolean {
    return readPart(this.#parts.text, path) !== MISSING;
  }

  withName(name: string): Cookie {
    return this.#with({ name });
  }

  withValue(value: CookieInput): Cookie {
    return this.#with(toText(value));
  }

  /** With `part` under a dotted path of the value, which must be a list, an object or empty. */
  withAddedValue(path: string, part: unknown): Cookie {
    return this.withValue(withPart(this.#parts.text, path, part));
  }

  /** Without what is under a dotted path of the value. */
  withoutAddedValue(path: string): Cookie {
    return this.withValue(withoutPart(this.#parts.text, path));
  }

  withPath(path: string): Cookie {
    return this.#with({ path });
  }

  withDomain(domain: string): Cookie {
    return this.#with({ domain });
  }

  withSecure(secure: boolean | 'auto'): Cookie {
    return this.#with({ secure });
  }

  withHttpOnly(httponly: boolean): Cookie {
    return this.#with({ httponly });
  }

  /** Null or `''`: without the attribute; browsers then choose, most of them Lax. */
  withSameSite(samesite: SameSite | Lowercase<SameSite> | '' | null): Cookie {
    return this.#with({ samesite: resolveSameSite(samesite) });
  }

  withPartitioned(partitioned: boolean): Cookie {
    return this.#with({ partitioned });
  }

  withExpiry(expires: Date): Cookie {
    return this.#with({ expires: resolveExpires(expires, 0) });
  }

  /** Expires `seconds` after `now` (milliseconds since 1970); 0 or less: at once. */
  withMaxAge(seconds: number, now: number = systemClock.now()): Cookie {
    return seconds <= 0 ? this.withExpired() : this.#with({ expires: resolveExpires(seconds, now) });
  }

  /** Lasts 400 days from `now`: no browser keeps a cookie longer (RFC 6265bis §5.5). */
  withNeverExpire(now: number = systemClock.now()): Cookie {
    return this.withMaxAge(LONGEST, now);
  }

  /** Tells the browser to forget the cookie. */
  withExpired(): Cookie {
    return this.#with({ expires: LONG_AGO });
  }

  /** Everything but name and value; `Cookie.create` with them gives an equal cookie. `expires` is 0 without a date. */
  getOptions(): Required<Omit<CreateCookieOptions, 'http_only'>> {
    const { path, domain, secure, httponly, raw, partitioned } = this.#parts;
    const { expires = 0, samesite = '' } = this;
    return { expires, path, domain, secure, httponly, samesite, raw, partitioned };
  }

  /** `name`, the value as text, and the options. */
  toArray(): { name: string; value: string } & ReturnType<Cookie['getOptions']> {
    return { name: this.name, value: this.getScalarValue(), ...this.getOptions() };
  }

  /** The value of a `Set-Cookie` header; with a date both `expires` and `Max-Age`, as PHP sends them. */
  toHeaderValue({ overHttps = false, now = systemClock.now() }: CookieSending = {}): string {
    const { name, text, raw, expires, path, domain, httponly, samesite, partitioned } = this.#parts;
    return buildCookie(name, raw ? text : encodeValue(text), {
      expires,
      maxAge: expires === undefined ? undefined : Math.max(0, Math.round((expires - now) / 1000)),
      path,
      domain,
      secure: this.isSecure(overHttps),
      httponly,
      samesite,
      partitioned,
    });
  }
}
