import type { IncomingHttpHeaders } from 'node:http';

/** A request that is made without a network. */
export interface InjectOptions {
  /** Default GET. */
  readonly method?: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE' | 'OPTIONS';
  /** Path and query. */
  readonly url: string;
  readonly headers?: Readonly<Record<string, string | readonly string[]>>;
  readonly cookies?: Readonly<Record<string, string>>;
  /** An object is sent as JSON. */
  readonly payload?: string | Uint8Array | object;
  /** As `payload`. */
  readonly body?: string | Uint8Array | object;
  readonly query?: string | Readonly<Record<string, string | readonly string[]>>;
  /** Address that the request seems to come from. Default 127.0.0.1. */
  readonly remoteAddress?: string;
}

export interface InjectedResponse {
  readonly statusCode: number;
  readonly headers: IncomingHttpHeaders;
  /** Text of the body. */
  readonly body: string;
  readonly rawPayload: Buffer;
  readonly cookies: readonly InjectedCookie[];
  json<T = unknown>(): T;
}

/** A cookie that the response sets. */
export interface InjectedCookie {
  readonly name: string;
  readonly value: string;
  readonly [attribute: string]: unknown;
}
