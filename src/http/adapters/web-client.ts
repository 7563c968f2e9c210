import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Client } from '../../contracts/http.js';
import { header } from './message.js';

export interface LeavingListener {
  /** The client left before it had its answer. */
  handleEvent(): void;
  /** The whole answer has left, as far as the server says that. */
  answered(): void;
}

/** The other end of a request of the Web: what its headers say, and whether it is still there. */
export interface WebClient extends Client {
  /** Of several lines one text; undefined where there is none. */
  header(name: string): string | undefined;
  /** Who is told how it ends. */
  onLeaving(listener: LeavingListener): void;
}

/** What a server on `node:http`, such as `@hono/node-server`, gives beside a request of the Web. */
export interface NodeBindings {
  readonly incoming: IncomingMessage;
  readonly outgoing: ServerResponse;
}

/** Hono's `c.env` where the server is one on `node:http`; else undefined. */
export function nodeBindings(env: unknown): NodeBindings | undefined {
  const { incoming, outgoing } = (env ?? {}) as Partial<NodeBindings>;
  if (typeof outgoing?.setHeader !== 'function' || typeof outgoing.once !== 'function') return undefined;
  return typeof incoming?.headers === 'object' ? { incoming, outgoing } : undefined;
}

/** What a `Request` says by itself, on whatever server. */
export class RequestClient implements WebClient {
  readonly #request: Request;

  constructor(request: Request) {
    this.#request = request;
  }

  get gone(): boolean {
    return this.#request.signal.aborted;
  }

  get signal(): AbortSignal {
    return this.#request.signal;
  }

  header(name: string): string | undefined {
    return this.#request.headers.get(name) ?? undefined;
  }

  onLeaving(listener: LeavingListener): void {
    this.#request.signal.addEventListener('abort', listener, { once: true });
  }
}

/**
 * On `node:http` the message itself is asked: a `Request` there makes its headers and its signal only when somebody
 * wants them, and both cost more than to ask the message.
 */
export class NodeClient implements WebClient {
  readonly #incoming: IncomingMessage;
  readonly #outgoing: ServerResponse;
  #leaving: AbortController | undefined;
  #listener: LeavingListener | undefined;
  gone = false;

  constructor({ incoming, outgoing }: NodeBindings) {
    this.#incoming = incoming;
    this.#outgoing = outgoing;
    this.gone = outgoing.destroyed && !outgoing.writableFinished;
    outgoing.once('close', () => this.#closed());
  }

  get signal(): AbortSignal {
    this.#leaving ??= new AbortController();
    if (this.gone) this.#leaving.abort();
    return this.#leaving.signal;
  }

  header(name: string): string | undefined {
    return header(this.#incoming, name);
  }

  onLeaving(listener: LeavingListener): void {
    this.#listener = listener;
  }

  #closed(): void {
    const listener = this.#listener;
    this.#listener = undefined;
    if (this.#outgoing.writableFinished) {
      listener?.answered();
      return;
    }
    this.gone = true;
    this.#leaving?.abort();
    listener?.handleEvent();
  }
}
