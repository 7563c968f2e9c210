import type { ReceivedCookie } from './cookie-jar.js';
import { receivedCookie } from './cookie-jar.js';
import type { FakeSession } from './fake-session.js';
import { contains, refuse, same, sessionHas, sessionMisses } from './session-assertions.js';
import type { Incoming } from './target.js';

/**
 * What a page answered, and the session as the visitor's next request will find it. Every `assert…` throws an
 * AssertionError or returns the response, so that they can be chained.
 */
export class TestResponse {
  readonly status: number;
  readonly headers: Headers;
  /** Body, as it came. */
  readonly bytes: Uint8Array;
  /** Body, as text. */
  readonly text: string;
  /** Cookies that the response sets. */
  readonly cookies: readonly ReceivedCookie[];
  /** The page’s address, after the redirections that were followed. */
  readonly url: string;
  readonly #session: FakeSession | undefined;

  constructor(reply: Incoming, url: string, session: FakeSession | undefined) {
    this.status = reply.status;
    this.headers = reply.headers;
    this.bytes = reply.body;
    this.text = new TextDecoder().decode(reply.body);
    this.cookies = reply.headers.getSetCookie().flatMap((header) => receivedCookie(header) ?? []);
    this.url = url;
    this.#session = session;
  }

  /** The body as JSON. Throws a SyntaxError for anything else. */
  json<T = unknown>(): T {
    return JSON.parse(this.text) as T;
  }

  /** The session after this response. Throws where the client was given no application to look into. */
  get session(): FakeSession {
    if (this.#session !== undefined) return this.#session;
    throw new TypeError('testClient(target, { app }): sessions are seen through their application');
  }

  assertStatus(status: number): this {
    if (this.status !== status)
      refuse(`expected status ${status}, got ${this.status}: ${this.#beginning()}`, this.status, status);
    return this;
  }

  /** A status from 200 to 299. */
  assertSuccessful(): this {
    if (this.status < 200 || this.status > 299)
      refuse(`expected success, got ${this.status}: ${this.#beginning()}`);
    return this;
  }

  assertOk(): this {
    return this.assertStatus(200);
  }

  assertCreated(): this {
    return this.assertStatus(201);
  }

  assertNoContent(): this {
    return this.assertStatus(204);
  }

  assertUnauthorized(): this {
    return this.assertStatus(401);
  }

  assertNotFound(): this {
    return this.assertStatus(404);
  }

  assertForbidden(): this {
    return this.assertStatus(403);
  }

  /** A redirection; to this path, or this whole address, where one is given. */
  assertRedirect(to?: string): this {
    if (this.status < 300 || this.status > 399 || !this.headers.has('location'))
      refuse(`expected a redirection, got ${this.status}: ${this.#beginning()}`);
    if (to === undefined) return this;
    const { href } = new URL(this.headers.get('location') as string, this.url);
    same(href, new URL(to, this.url).href, 'the redirection leads elsewhere');
    return this;
  }

  /** The header is there; with this value, where one is given. */
  assertHeader(name: string, value?: string): this {
    const actual = this.headers.get(name);
    if (actual === null) refuse(`the response has no header ${name}`);
    if (value !== undefined) same(actual, value, `another value of the header ${name}`);
    return this;
  }

  assertHeaderMissing(name: string): this {
    if (this.headers.has(name)) refuse(`the response has the header ${name}`, this.headers.get(name));
    return this;
  }

  /** The text of the body has this in it, as it stands. */
  assertSee(text: string): this {
    if (!this.text.includes(text)) refuse(`the page does not say "${text}": ${this.#beginning()}`);
    return this;
  }

  assertDontSee(text: string): this {
    if (this.text.includes(text)) refuse(`the page says "${text}"`);
    return this;
  }

  /** The body is JSON that has all of this in it. */
  assertJson(expected: unknown): this {
    const actual = this.#parsed();
    if (!contains(actual, expected)) same(actual, expected, 'the JSON lacks something');
    return this;
  }

  /** The body is this JSON and nothing else. */
  assertExactJson(expected: unknown): this {
    same(this.#parsed(), expected, 'another JSON');
    return this;
  }

  /** The response sets this cookie; to this value, where one is given. */
  assertCookie(name: string, value?: string): this {
    const cookie = this.cookies.find((each) => each.name === name);
    if (cookie === undefined) refuse(`the response does not set the cookie ${name}`);
    if (value !== undefined) same(cookie?.value, value, `another value of the cookie ${name}`);
    return this;
  }

  assertCookieMissing(name: string): this {
    if (this.cookies.some((each) => each.name === name)) refuse(`the response sets the cookie ${name}`);
    return this;
  }

  /** The session has this key, not null; with this value, where one is given. A function judges the value. */
  assertSessionHas(key: string, ...expected: [value?: unknown]): this {
    sessionHas(this.session, key, expected);
    return this;
  }

  assertSessionHasAll(values: Readonly<Record<string, unknown>>): this {
    for (const [key, value] of Object.entries(values)) sessionHas(this.session, key, [value]);
    return this;
  }

  assertSessionMissing(key: string): this {
    sessionMisses(this.session, key);
    return this;
  }

  /** `flashErrors` or `withErrors` kept something for each of these fields. */
  assertSessionHasErrors(fields: string | readonly string[], form = 'default'): this {
    const errors = this.session.get<Record<string, unknown>>(`errors.${form}`) ?? {};
    for (const field of typeof fields === 'string' ? [fields] : fields) {
      if (!Object.hasOwn(errors, field))
        refuse(
          `no error for "${field}"; there are errors for: ${Object.keys(errors).join(', ') || 'nothing'}`,
        );
    }
    return this;
  }

  assertSessionHasNoErrors(): this {
    return this.assertSessionMissing('errors');
  }

  #parsed(): unknown {
    try {
      return this.json();
    } catch {
      return refuse(`expected JSON, got ${this.status}: ${this.#beginning()}`);
    }
  }

  /** What a reader of the page would see first. */
  #beginning(): string {
    const words = this.text
      .replace(/<(style|script)[\s\S]*?<\/\1>|<[^>]*>/g, ' ')
      .replace(/\s+/g, ' ')
      .trim();
    return words.length > 300 ? `${words.slice(0, 300)}…` : words;
  }
}
