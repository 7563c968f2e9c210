import type { Clock } from '../contracts/clock.js';
import type { Values } from '../contracts/session.js';
import type { SessionValue, SessionValues } from '../contracts/session-paths.js';
import { Application } from '../http/application.js';
import type { Store } from '../session/store.js';
import { systemClock } from '../support/clock.js';
import { CookieJar, receivedCookie } from './cookie-jar.js';
import type { FakeSession } from './fake-session.js';
import { type Incoming, type Target, type TestTarget, targetFor } from './target.js';
import { TestResponse } from './test-response.js';
import { Visitor } from './visitor.js';

export interface TestClientOptions {
  /** Whose sessions are looked at and prepared. Default: the target, where that is an application. */
  readonly app?: Application;
  /** Whether redirections within the site are followed, at most ten. Default false. */
  readonly followRedirects?: boolean;
  /** Where the visitor comes from, for `matchIP` and what `inject` tells. Default 127.0.0.1. */
  readonly remoteAddress?: string;
  /** Sent with every request. */
  readonly headers?: Readonly<Record<string, string>>;
}

type HeaderValues = Readonly<Record<string, string>>;

/** A form (an object), a text, bytes, or what Fetch takes: URLSearchParams, FormData, Blob. */
export type TestBody =
  | string
  | URLSearchParams
  | FormData
  | Blob
  | Uint8Array
  | Readonly<Record<string, string | number | boolean>>;

const SAFE: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS']);
const MOST_REDIRECTIONS = 10;

/** One visitor with a browser’s memory: requests follow each other, cookies are kept between them. */
export class TestClient {
  readonly cookies: CookieJar;
  readonly #given: TestTarget;
  readonly #app: Application | undefined;
  readonly #address: string;
  readonly #headers: Headers;
  #target: Promise<Target> | undefined;
  #owed: ((session: Store) => void)[] = [];
  #sendsToken: boolean;
  #follows: boolean;

  constructor(target: TestTarget, options: TestClientOptions = {}) {
    this.#given = target;
    this.#app = options.app ?? (target instanceof Application ? target : undefined);
    this.#address = options.remoteAddress ?? '127.0.0.1';
    this.#headers = new Headers(options.headers);
    this.#sendsToken = target instanceof Application;
    this.#follows = options.followRedirects ?? false;
    this.cookies = new CookieJar({ now: () => this.#clock.now() });
  }

  // What the next request comes with. All of it can be chained.

  /** Stores values in the visitor's session before the next request; begins one where there is none. */
  withSession<V extends Values>(values: V & SessionValues<V>): this {
    return this.#owe((session) => session.put<Values>(values));
  }

  /** Signs a user in: stores it under `key` in the session. */
  actingAs<const K extends string = 'user'>(user: SessionValue<K>, key?: K): this {
    return this.#owe((session) => session.put<string>(key ?? 'user', user));
  }

  /** The page that the visitor comes from, for `back()`: the session's previous page and the `Referer` header. */
  from(url: string): this {
    this.#owe((session) => session.setPreviousUrl(url));
    return this.withHeaders({ referer: url });
  }

  /** Sends a cookie from now on. */
  withCookie(name: string, value: string): this {
    this.cookies.set(name, value);
    return this;
  }

  /** Sends headers from now on. */
  withHeaders(headers: HeaderValues): this {
    for (const [name, value] of Object.entries(headers)) this.#headers.set(name, value);
    return this;
  }

  /** Leaves out the form token, which is otherwise sent to the application’s own routes. */
  withoutToken(): this {
    this.#sendsToken = false;
    return this;
  }

  /** Follows redirections within the site from now on. */
  followingRedirects(): this {
    this.#follows = true;
    return this;
  }

  // Requests.

  get(url: string, headers?: HeaderValues): Promise<TestResponse> {
    return this.request('GET', url, undefined, headers);
  }

  head(url: string, headers?: HeaderValues): Promise<TestResponse> {
    return this.request('HEAD', url, undefined, headers);
  }

  post(url: string, body?: TestBody, headers?: HeaderValues): Promise<TestResponse> {
    return this.request('POST', url, body, headers);
  }

  put(url: string, body?: TestBody, headers?: HeaderValues): Promise<TestResponse> {
    return this.request('PUT', url, body, headers);
  }

  patch(url: string, body?: TestBody, headers?: HeaderValues): Promise<TestResponse> {
    return this.request('PATCH', url, body, headers);
  }

  delete(url: string, body?: TestBody, headers?: HeaderValues): Promise<TestResponse> {
    return this.request('DELETE', url, body, headers);
  }

  /** A request as a script makes it: JSON goes there, JSON is asked back. */
  json(method: string, url: string, data?: unknown, headers?: HeaderValues): Promise<TestResponse> {
    const body = data === undefined ? undefined : JSON.stringify(data);
    return this.request(method, url, body, {
      accept: 'application/json',
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...headers,
    });
  }

  getJson(url: string, headers?: HeaderValues): Promise<TestResponse> {
    return this.json('GET', url, undefined, headers);
  }

  postJson(url: string, data?: unknown, headers?: HeaderValues): Promise<TestResponse> {
    return this.json('POST', url, data, headers);
  }

  putJson(url: string, data?: unknown, headers?: HeaderValues): Promise<TestResponse> {
    return this.json('PUT', url, data, headers);
  }

  patchJson(url: string, data?: unknown, headers?: HeaderValues): Promise<TestResponse> {
    return this.json('PATCH', url, data, headers);
  }

  deleteJson(url: string, data?: unknown, headers?: HeaderValues): Promise<TestResponse> {
    return this.json('DELETE', url, data, headers);
  }

  /** Any request. An object as `body` is sent as a form. */
  async request(
    method: string,
    url: string,
    body?: TestBody,
    headers: HeaderValues = {},
  ): Promise<TestResponse> {
    const target = await this.#reach();
    await this.#settle();
    const sent = new Headers(this.#headers);
    const bytes = await encode(body, sent);
    for (const [name, value] of Object.entries(headers)) sent.set(name, value);
    if (this.#sendsToken && !SAFE.has(method) && !sent.has('x-csrf-token'))
      sent.set('x-csrf-token', await this.#visitor.token());
    return this.#travel(target, { method, url: new URL(url, target.origin), headers: sent, body: bytes });
  }

  // The session, and the end.

  /** The session as the visitor's next request will find it; a copy, without a lock. */
  async session(): Promise<FakeSession> {
    await this.#settle();
    return this.#visitor.look();
  }

  /** As the assertion of a response, now. */
  async assertSessionHas(key: string, ...expected: [value?: unknown]): Promise<this> {
    (await this.session()).assertHas(key, ...expected);
    return this;
  }

  async assertSessionMissing(key: string): Promise<this> {
    (await this.session()).assertMissing(key);
    return this;
  }

  /** Moves the application's clock, where that is a ShiftedClock or a ManualClock: sessions, cookies and all. */
  async travel(seconds: number): Promise<this> {
    const clock = this.#clock as Clock & { advance?: (seconds: number) => unknown };
    if (typeof clock.advance !== 'function')
      throw new TypeError('Application.boot({ clock: new ShiftedClock() }): this clock cannot be moved');
    await clock.advance(seconds);
    return this;
  }

  /** Closes the server that was opened for this client; the application is closed by whoever booted it. */
  async close(): Promise<void> {
    await (await this.#target)?.close();
  }

  #owe(work: (session: Store) => void): this {
    this.#owed.push(work);
    return this;
  }

  async #settle(): Promise<void> {
    if (this.#owed.length === 0) return;
    const owed = this.#owed;
    this.#owed = [];
    await this.#visitor.prepare((session) => {
      for (const work of owed) work(session);
    });
  }

  #reach(): Promise<Target> {
    this.#target ??= targetFor(this.#given);
    return this.#target;
  }

  get #clock(): Clock {
    return this.#app?.service('clock') ?? systemClock;
  }

  get #visitor(): Visitor {
    if (this.#app === undefined)
      throw new TypeError('testClient(target, { app }): sessions are seen through their application');
    return new Visitor(this.#app, this.cookies, this.#address);
  }

  async #travel(target: Target, first: Step): Promise<TestResponse> {
    let step = first;
    let reply = await this.#send(target, step);
    for (let left = MOST_REDIRECTIONS; this.#follows && left > 0; left--) {
      const next = redirected(step, reply);
      if (next === undefined || next.url.origin !== target.origin) break;
      step = next;
      reply = await this.#send(target, step);
    }
    const session = this.#app === undefined ? undefined : await this.#visitor.look();
    return new TestResponse(reply, step.url.href, session);
  }

  async #send(target: Target, { method, url, headers, body }: Step): Promise<Incoming> {
    const sent = new Headers(headers);
    const cookie = this.cookies.header(url.pathname);
    if (cookie !== undefined && !sent.has('cookie')) sent.set('cookie', cookie);
    const path = `${url.pathname}${url.search}`;
    const reply = await target.send({ method, path, headers: sent, body, remoteAddress: this.#address });
    const received = reply.headers.getSetCookie().flatMap((header) => receivedCookie(header) ?? []);
    this.cookies.receive(received, url.pathname);
    return reply;
  }
}

/** A visitor of `target`, with a cookie jar of its own. */
export function testClient(target: TestTarget, options: TestClientOptions = {}): TestClient {
  return new TestClient(target, options);
}

interface Step {
  readonly method: string;
  readonly url: URL;
  readonly headers: Headers;
  readonly body: ArrayBuffer | undefined;
}

/** Where a browser goes on: by GET after 301, 302 and 303, as it came after 307 and 308. */
function redirected({ method, url, headers, body }: Step, reply: Incoming): Step | undefined {
  const location = reply.headers.get('location');
  if (location === null || ![301, 302, 303, 307, 308].includes(reply.status)) return undefined;
  const next = new URL(location, url);
  if (reply.status >= 307) return { method, url: next, headers, body };
  const kept = new Headers(headers);
  for (const name of ['content-type', 'content-length', 'x-csrf-token']) kept.delete(name);
  return { method: method === 'HEAD' ? 'HEAD' : 'GET', url: next, headers: kept, body: undefined };
}

/** The bytes of a body, and its type in `headers`. */
async function encode(body: TestBody | undefined, headers: Headers): Promise<ArrayBuffer | undefined> {
  if (body === undefined) return undefined;
  const plain = Object.getPrototypeOf(body) === Object.prototype;
  const form = plain
    ? new URLSearchParams(Object.entries(body).map(([k, v]): [string, string] => [k, String(v)]))
    : body;
  const written = new Response(form as string | URLSearchParams | FormData | Blob);
  const type = written.headers.get('content-type');
  if (type !== null) headers.set('content-type', type);
  return written.arrayBuffer();
}
