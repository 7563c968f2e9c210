import type { IncomingHttpHeaders } from 'node:http';
import type { Values } from '../contracts/session.js';
import { parseCookies } from '../cookie/header.js';
import { asPath, pathOf } from './address.js';
import { RequestData } from './request-data.js';
import type { Forwarding, ProxyTrust } from './request-facts.js';
import { readablePath } from './routing/path.js';

/** What a request takes from the server around it. */
export interface RequestSetting {
  readonly proxies: ProxyTrust;
  /** `app.base_url`, or `''`. */
  readonly baseUrl: string;
}

/** The route that a request was found to belong to. */
export interface MatchedRoute {
  readonly path: { readonly text: string };
  /** Its name with those of its groups. */
  readonly fullName: string | undefined;
}

/** A request as it came in. */
export interface RequestParts {
  /** Upper case; where a form names one in `_method`, that one. */
  readonly method: string;
  /** Path and query as they were sent. */
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly peer: string | undefined;
  readonly encrypted: boolean;
  readonly query: Values;
  readonly body: unknown;
  /** By name, decoded. */
  readonly params: Readonly<Record<string, string | undefined>>;
  readonly route: MatchedRoute | undefined;
}

const HOST = /^[\w.-]+(?::\d+)?$|^\[[0-9a-f:.]+\](?::\d+)?$/i;

/** What the first line and the headers of a request say, and who sent it. */
export abstract class RequestHead extends RequestData {
  readonly #parts: RequestParts;
  readonly #setting: RequestSetting;
  #cookies: Readonly<Record<string, string>> | undefined;

  constructor(parts: RequestParts, setting: RequestSetting) {
    super();
    this.#parts = parts;
    this.#setting = setting;
  }

  override get body(): unknown {
    return this.#parts.body;
  }

  protected override get queryValues(): Values {
    return this.#parts.query;
  }

  /** The route's parameters by name, decoded. */
  get params(): Readonly<Record<string, string | undefined>> {
    return this.#parts.params;
  }

  param(name: string): string | undefined {
    return Object.hasOwn(this.#parts.params, name) ? this.#parts.params[name] : undefined;
  }

  /** The route that answers; undefined where none was found. */
  route(): MatchedRoute | undefined {
    return this.#parts.route;
  }

  /** `GET`, `POST` …, upper case. */
  method(): string {
    return this.#parts.method;
  }

  isMethod(method: string): boolean {
    return this.#parts.method === method.toUpperCase();
  }

  /** The path as it was sent, encoded and without the query: `/panier`. */
  path(): string {
    return pathOf(this.#parts.url);
  }

  /** The whole address without the query. */
  url(): string {
    return this.#rooted(this.path());
  }

  /**
   * The whole address: under `app.base_url` where it is set, else under the host that the request names. Where that is no
   * host, only the path and the query.
   */
  fullUrl(): string {
    const { url } = this.#parts;
    const query = url.indexOf('?');
    return this.url() + (query === -1 ? '' : url.slice(query));
  }

  /** Scheme and host: `https://example.org`; `''` where the request names no host. */
  root(): string {
    const { baseUrl } = this.#setting;
    if (baseUrl !== '') return baseUrl.replace(/\/+$/, '');
    const host = this.host();
    return host === '' ? '' : `${this.scheme()}://${host}`;
  }

  scheme(): 'http' | 'https' {
    return this.secure() ? 'https' : 'http';
  }

  /** Host and port as the visitor named them; `''` where that is no host. A proxy's word counts if it is trusted. */
  host(): string {
    const forwarded = this.header('x-forwarded-host')?.split(',')[0]?.trim();
    const believed = forwarded !== undefined && this.#setting.proxies.believes(this.forwarding);
    const host = (believed ? forwarded : this.header('host')) ?? '';
    return HOST.test(host) ? host : '';
  }

  /** Whether the path, decoded, fits one of the patterns, where `*` stands for anything: `is('admin/*')`. */
  is(...patterns: readonly string[]): boolean {
    const path = trimmed(readablePath(this.path()) ?? this.path());
    return patterns.some((pattern) => {
      const parts = trimmed(pattern).split('*');
      const source = parts.map((part) => part.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')).join('.*');
      return new RegExp(`^${source}$`, 's').test(path);
    });
  }

  get headers(): IncomingHttpHeaders {
    return this.#parts.headers;
  }

  header(name: string): string | undefined;
  header(name: string, fallback: string): string;
  header(name: string, fallback?: string): string | undefined {
    const { headers } = this.#parts;
    const key = name.toLowerCase();
    const value = Object.hasOwn(headers, key) ? headers[key] : undefined;
    return (Array.isArray(value) ? value.join(', ') : value) ?? fallback;
  }

  /** The token of `Authorization: Bearer …` (RFC 6750, section 2.1). */
  bearerToken(): string | undefined {
    return /^Bearer +(\S+)$/i.exec(this.header('authorization', ''))?.[1];
  }

  userAgent(): string {
    return this.header('user-agent', '');
  }

  /** Every cookie by its name, decoded. */
  get cookies(): Readonly<Record<string, string>> {
    this.#cookies ??= parseCookies(this.#parts.headers.cookie);
    return this.#cookies;
  }

  /** The value of a cookie. */
  cookie(name: string): string | undefined;
  cookie(name: string, fallback: string): string;
  cookie(name: string, fallback?: string): string | undefined {
    return Object.hasOwn(this.cookies, name) ? this.cookies[name] : fallback;
  }

  /** The visitor's address, behind a proxy that `app.trust_proxy` trusts the forwarded one; undefined on a Unix socket. */
  ip(): string | undefined {
    return this.#setting.proxies.addressOf(this.forwarding);
  }

  /** Whether the visitor came over HTTPS, as far as it is known from `ip()`'s sources. */
  secure(): boolean {
    return this.#setting.proxies.isSecure(this.forwarding);
  }

  /** Whether a script asks, as far as it says so: `X-Requested-With: XMLHttpRequest`. */
  ajax(): boolean {
    return this.header('x-requested-with', '').toLowerCase() === 'xmlhttprequest';
  }

  /** Whether the browser asks ahead of a click that may never come. */
  prefetch(): boolean {
    const purpose = `${this.header('sec-purpose', '')} ${this.header('purpose', '')} ${this.header('x-moz', '')}`;
    return /\bprefetch\b/i.test(purpose);
  }

  /** Whether the body is JSON. */
  isJson(): boolean {
    return /[/+]json\b/i.test(this.header('content-type', ''));
  }

  /** Whether the caller wants JSON before anything else, or takes anything and is a script or sent JSON himself. */
  expectsJson(): boolean {
    const first = preferred(this.header('accept', ''));
    return /[/+]json$/.test(first) || ((this.ajax() || this.isJson()) && (first === '' || first === '*/*'));
  }

  /** Who asks, for what decides whether proxies are believed. */
  get forwarding(): Forwarding {
    const { peer, encrypted, headers } = this.#parts;
    return {
      peer,
      encrypted,
      forwardedFor: joined(headers['x-forwarded-for']),
      forwardedProto: joined(headers['x-forwarded-proto']),
    };
  }

  /** Without a host in front, two slashes would begin one. */
  #rooted(path: string): string {
    const root = this.root();
    return root === '' ? asPath(path) : root + path;
  }
}

function trimmed(path: string): string {
  return path.replace(/^\/|\/$/g, '');
}

/** The media type that an `Accept` header puts first (RFC 9110, section 12.5.1), lower case; `''` without one. */
function preferred(accept: string): string {
  const [first = ''] = accept
    .split(',')
    .map((part) => ({ part, quality: Number(/;\s*q=([\d.]+)/i.exec(part)?.[1] ?? 1) }))
    .sort((one, other) => other.quality - one.quality)
    .map(({ part }) => part);
  return (first.split(';', 1)[0] ?? '').trim().toLowerCase();
}

function joined(value: string | string[] | undefined): string | undefined {
  return typeof value === 'object' ? value.join(', ') : value;
}
