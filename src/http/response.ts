import { basename, isAbsolute, resolve } from 'node:path';
import type { ConfigService } from '../config/config-service.js';
import { currentServices } from '../container/current.js';
import type { CookieInput, MakeCookieOptions } from '../contracts/cookie.js';
import type { Awaitable } from '../contracts/session.js';
import type { Cookie } from '../cookie/cookie.js';
import type { CookieManager } from '../cookie/cookie-manager.js';
import { brand, hasBrand } from '../support/brand.js';
import { wellFormed } from './address.js';
import { HttpError } from './http-error.js';
import { BYTES, mediaType, mediaTypeOf } from './media-type.js';
import { type Body, FileBody, isFresh, isStream } from './response-body.js';
import { refusedResponse } from './response-refusal.js';
import { isView, type View, type Views } from './views/view.js';
import { webParts } from './web-response.js';

/** Headers that say something of one answer's content. */
const OF_ONE_ANSWER =
  /^(?:content-(?!security-policy)|location$|etag$|last-modified$|cache-control$|expires$|age$|vary$|set-cookie$|accept-ranges$|transfer-|link$|refresh$)/;

/** Headers that describe a body, and so stay with it. */
const OF_THE_BODY =
  /^(?:content-(?:disposition|encoding|length|location|md5|range|type)$|etag$|last-modified$|accept-ranges$)/;

/** RFC 9110, section 5.1. */
const HEADER_NAME = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
/** Letters beyond ASCII too: Node writes them as Latin-1 or UTF-8, as the body happens to be. */
const NO_TEXT = /[^\t\x20-\x7e]/;

type HeaderValue = string | number | readonly string[];

/**
 * What a route answers. Its methods change it and return it. `this.response`, the façade `Response` and `response()` are
 * the current request's one; what an action returns beside it takes its headers and cookies over. (BlitzPHP:
 * Http\Response.)
 */
export class Response {
  static {
    brand(Response.prototype, 'response');
  }

  readonly #headers = new Map<string, { readonly name: string; readonly value: string | string[] }>();
  /** What was taken away on purpose: it is not taken over from another response. */
  #without: Set<string> | undefined;
  #cookies: Map<string, Cookie> | undefined;
  #status = 200;
  #statusChosen = false;
  #reason: string | undefined;
  #body: Body | View | FileBody;

  /** By the id of the cookie. */
  get cookies(): Map<string, Cookie> {
    this.#cookies ??= new Map();
    return this.#cookies;
  }

  get hasCookies(): boolean {
    return (this.#cookies?.size ?? 0) > 0;
  }

  get statusCode(): number {
    return this.#status;
  }

  get reasonPhrase(): string | undefined {
    return this.#reason;
  }

  /** Whether somebody called `withStatus`. */
  get statusChosen(): boolean {
    return this.#statusChosen;
  }

  /** `reason`: the phrase beside the status, where HTTP/1.1 shows it. Throws `E_RESPONSE` for what is no status. */
  withStatus(code: number, reason?: string): this {
    if (!Number.isInteger(code) || code < 200 || code > 599) throw refusedResponse('status', String(code));
    if (reason !== undefined && NO_TEXT.test(reason)) throw refusedResponse('reason');
    this.#status = code;
    this.#statusChosen = true;
    this.#reason = reason;
    return this;
  }

  /** As `withStatus`. */
  status(code: number): this {
    return this.withStatus(code);
  }

  /** Sets a header; what it was before is gone. Throws `E_RESPONSE` for what no header can carry. */
  withHeader(name: string, value: HeaderValue): this {
    const text = typeof value === 'object' ? value.map(String) : String(value);
    if (!HEADER_NAME.test(name)) throw refusedResponse('name');
    if ((typeof text === 'string' ? [text] : text).some((each) => NO_TEXT.test(each))) {
      throw refusedResponse('value', name);
    }
    this.#headers.set(name.toLowerCase(), { name, value: text });
    this.#without?.delete(name.toLowerCase());
    return this;
  }

  /** As `withHeader`. */
  header(name: string, value: HeaderValue): this {
    return this.withHeader(name, value);
  }

  /** Several headers at once. */
  withHeaders(headers: Readonly<Record<string, HeaderValue>>): this {
    for (const [name, value] of Object.entries(headers)) this.withHeader(name, value);
    return this;
  }

  /** Adds a value to those that a header has. */
  withAddedHeader(name: string, value: string): this {
    const before = this.#headers.get(name.toLowerCase())?.value;
    return this.withHeader(name, before === undefined ? value : [before, value].flat());
  }

  withoutHeader(name: string): this {
    this.#headers.delete(name.toLowerCase());
    this.#without ??= new Set();
    this.#without.add(name.toLowerCase());
    return this;
  }

  hasHeader(name: string): boolean {
    return this.#headers.has(name.toLowerCase());
  }

  /** The value of a header, several joined by a comma; `''` when it is not there. */
  getHeaderLine(name: string): string {
    const value = this.#headers.get(name.toLowerCase())?.value;
    return typeof value === 'object' ? value.join(', ') : (value ?? '');
  }

  /** Every header as it will be sent. */
  get headers(): ReadonlyMap<string, { readonly name: string; readonly value: string | string[] }> {
    return this.#headers;
  }

  /** The media type: `html`, `json`, `pdf` …, or in full. Texts are UTF-8. */
  type(type: string): this {
    return this.withHeader('Content-Type', mediaType(type));
  }

  /** The body as it is, whatever was there before; a text without a type is HTML. */
  withBody(body: Body | View): this {
    this.#body = body;
    return this;
  }

  get body(): Body | View | FileBody {
    return this.#body;
  }

  /** Throws `E_RESPONSE` for what JSON cannot say: a bigint, a cycle. */
  json(data: unknown, status?: number): this {
    // What JSON has no word for, undefined, is null.
    this.withBody(toJson(data) ?? 'null').type('json');
    return status === undefined ? this : this.withStatus(status);
  }

  html(text: string): this {
    return this.withBody(text).type('html');
  }

  text(text: string): this {
    return this.withBody(text).type('text');
  }

  /** A view, rendered when the action has ended and before the session is saved. */
  view(name: string, data: Record<string, unknown> = {}): this {
    return this.withBody(currentServices().get<Views>('view').make(name, data));
  }

  noContent(status = 204): this {
    for (const name of this.#headers.keys()) if (OF_THE_BODY.test(name)) this.withoutHeader(name);
    return this.withBody(undefined).withStatus(status);
  }

  /** A stream of Node or of the Web. It is read after the session was saved and closed. */
  stream(stream: Extract<Body, object>, type: string = BYTES): this {
    return this.withBody(stream).type(type);
  }

  /**
   * The content of a file, to be shown. `path`: from the application's root. Where there is no such file the answer is
   * 404; so it is for `..` in a path, which only an absolute one may take back.
   */
  file(path: string): this {
    if (!isAbsolute(path) && path.split(/[\\/]/).includes('..')) throw new HttpError(404);
    const { root } = currentServices().get<ConfigService>('config').all();
    this.#body = new FileBody(resolve(root, path));
    return this.type(mediaTypeOf(path) ?? BYTES);
  }

  /** A file, by its path from the application's root, or content, to be saved under `name`. */
  download(content: string | Extract<Body, object>, name?: string): this {
    const saved = name ?? (typeof content === 'string' ? basename(content) : 'download');
    if (typeof content === 'string') this.file(content);
    else this.stream(content);
    const type = mediaTypeOf(saved);
    if (type !== undefined) this.type(type);
    return this.withHeader('Content-Disposition', attachment(saved));
  }

  /** Sends a cookie, made elsewhere or here by its name. Sent last, a cookie of the same name, path and domain wins. */
  withCookie(cookie: Cookie): this;
  withCookie(name: string, value: CookieInput, minutes?: number, options?: MakeCookieOptions): this;
  withCookie(cookie: Cookie | string, value?: CookieInput, minutes = 0, options?: MakeCookieOptions): this {
    const manager = currentServices().get<CookieManager>('cookie');
    const made =
      typeof cookie === 'string' ? manager.make(cookie, value as CookieInput, minutes, options) : cookie;
    this.cookies.delete(made.getId());
    this.cookies.set(made.getId(), made);
    return this;
  }

  /** As `withCookie`. */
  cookie(cookie: Cookie): this;
  cookie(name: string, value: CookieInput, minutes?: number, options?: MakeCookieOptions): this;
  cookie(cookie: Cookie | string, value?: CookieInput, minutes = 0, options?: MakeCookieOptions): this {
    return this.withCookie(cookie as string, value as CookieInput, minutes, options);
  }

  /** Tells the browser to forget a cookie. */
  withoutCookie(name: string, options?: MakeCookieOptions): this {
    return this.withCookie(currentServices().get<CookieManager>('cookie').forget(name, options));
  }

  /**
   * Takes over what another response has and this one has not: headers, cookies, and a status that was chosen. What
   * describes the other one's body is not taken, nor what was taken away here.
   */
  inherit(other: Response): this {
    const describes = this.#body !== undefined && other.body === undefined;
    for (const [key, header] of other.headers) {
      if (this.#headers.has(key) || this.#without?.has(key) || (!describes && OF_THE_BODY.test(key)))
        continue;
      this.#headers.set(key, header);
    }
    if (other.hasCookies)
      for (const [id, cookie] of other.cookies) if (!this.cookies.has(id)) this.cookies.set(id, cookie);
    if (other.statusChosen && !this.#statusChosen) this.withStatus(other.statusCode, other.reasonPhrase);
    return this;
  }

  /**
   * Takes over what middlewares set for the whole site, such as a Content-Security-Policy, and nothing that belongs to
   * the content, the place or the visitor of another answer.
   */
  inheritPolicies(other: Response): this {
    for (const [key, header] of other.headers) {
      if (!this.#headers.has(key) && !OF_ONE_ANSWER.test(key)) this.#headers.set(key, header);
    }
    return this;
  }

  /**
   * Renders a view and opens a file, so that nothing can fail any more once the session is saved. Throws what they throw,
   * and `E_RESPONSE` for a stream that was read already.
   */
  prepare(): Awaitable<void> {
    const body = this.#body;
    if (body instanceof FileBody) return this.#open(body);
    if (!isFresh(body)) throw refusedResponse('used');
    if (isView(body)) {
      this.#body = body.render();
      if (!this.hasHeader('Content-Type')) this.type('html');
    } else if (body !== undefined && !this.hasHeader('Content-Type')) {
      this.type(typeof body === 'string' ? 'html' : BYTES);
    }
  }

  async #open(file: FileBody): Promise<void> {
    const { stream, size } = await file.open();
    this.withHeader('Content-Length', size);
    this.#body = stream;
  }
}

/** Whether a value is a response, of any copy of this package. */
export function isResponse(value: unknown): value is Response {
  return hasBrand(value, 'response');
}

/** What an action returned, as a response. `current` is the request's own one. */
export function responseOf(value: unknown, current: Response): Response {
  if (value === current || value === undefined || value === null) return current;
  if (isResponse(value)) return value.inherit(current);
  if (typeof value === 'string' || isView(value)) return current.withBody(value);
  if (value instanceof Uint8Array || isStream(value)) return current.withBody(value);
  if (typeof value === 'number' || typeof value === 'bigint') return current.text(String(value));
  const web = webParts(value);
  if (web === undefined) return current.json(value);
  const response = new Response().withStatus(web.status).withBody(web.body);
  for (const [name, each] of web.headers) response.withAddedHeader(name, each);
  return response.inherit(current);
}

function toJson(data: unknown): string | undefined {
  try {
    return JSON.stringify(data);
  } catch (cause) {
    // What a `toJSON` of the application throws is the application's.
    if (!(cause instanceof TypeError)) throw cause;
    throw refusedResponse('json', cause.message.split('\n', 1)[0], cause);
  }
}

/** RFC 6266, section 4: a plain name for old clients, the true one beside it (RFC 8187). */
function attachment(name: string): string {
  const unaccented = name.normalize('NFD').replace(/\p{M}/gu, '');
  const plain = unaccented.replace(/[^\x20-\x7e]|["\\%/]/g, '_');
  const exact = encodeURIComponent(wellFormed(name)).replace(
    /['()*]/g,
    (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  return `attachment; filename="${plain}"; filename*=UTF-8''${exact}`;
}
