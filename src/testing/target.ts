import { createServer, type IncomingMessage, Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A request on its way, whatever it goes to. */
export interface Outgoing {
  readonly method: string;
  /** Path and query. */
  readonly path: string;
  readonly headers: Headers;
  readonly body: ArrayBuffer | undefined;
  /** For what takes requests without a network. */
  readonly remoteAddress: string;
}

export interface Incoming {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Uint8Array;
}

/** Where a client’s requests go. */
export interface Target {
  /** Scheme, host and port that the pages see, without a path. */
  readonly origin: string;
  send(request: Outgoing): Promise<Incoming>;
  close(): Promise<void>;
}

interface Injectable {
  /** Our application and Fastify each describe the request more exactly. */
  inject(request: never): PromiseLike<InjectedReply>;
}

interface InjectedReply {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly rawPayload: Uint8Array;
}

type Listener = (request: IncomingMessage, response: ServerResponse) => unknown;

/**
 * An application or a Fastify instance (through `inject`, without a network), a listener of node:http (an Express
 * application is one), a Koa application, a server of node:http, an object with `fetch` (a Hono application is one), or
 * the address of a server that runs.
 */
export type TestTarget =
  | Injectable
  | Listener
  | { callback(): Listener }
  | Server
  | { fetch(request: Request): Response | PromiseLike<Response> }
  | string
  | URL;

const LOCAL = 'http://localhost';

/** The way to `target`. A server of its own is opened at once, on a free port of 127.0.0.1. */
export async function targetFor(target: TestTarget): Promise<Target> {
  if (typeof target === 'string' || target instanceof URL) return throughNetwork(new URL(target).origin);
  if (target instanceof Server) {
    return target.listening ? throughNetwork(originOf(target)) : throughServer(target);
  }
  if (typeof target === 'function') return throughServer(createServer((...pair) => void target(...pair)));
  if ('inject' in target) return throughInjection(target);
  if ('fetch' in target) return throughFetch(async (request) => target.fetch(request), LOCAL);
  return throughServer(createServer(target.callback()));
}

function throughInjection(target: Injectable): Target {
  return {
    origin: LOCAL,
    async send({ method, path, headers, body, remoteAddress }) {
      const request = {
        method,
        url: path,
        headers: Object.fromEntries(headers),
        remoteAddress,
        ...(body === undefined ? {} : { payload: Buffer.from(body) }),
      };
      const reply = await target.inject(request as never);
      const received = new Headers();
      for (const [name, value] of Object.entries(reply.headers)) {
        for (const each of Array.isArray(value) ? value : [value]) {
          if (each !== undefined) received.append(name, String(each));
        }
      }
      return { status: reply.statusCode, headers: received, body: reply.rawPayload };
    },
    close: async () => {},
  };
}

function throughNetwork(origin: string): Target {
  return throughFetch((request) => fetch(request, { redirect: 'manual' }), origin);
}

function throughFetch(answer: (request: Request) => PromiseLike<Response>, origin: string): Target {
  return {
    origin,
    async send({ method, path, headers, body }) {
      const response = await answer(
        new Request(`${origin}${path}`, { method, headers, ...(body === undefined ? {} : { body }) }),
      );
      const bytes = new Uint8Array(await response.arrayBuffer());
      return { status: response.status, headers: response.headers, body: bytes };
    },
    close: async () => {},
  };
}

async function throughServer(server: Server): Promise<Target> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(0, '127.0.0.1', resolve);
  });
  return {
    ...throughNetwork(originOf(server)),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function originOf(server: Server): string {
  const { port, address, family } = server.address() as AddressInfo;
  const reachable = address === '::' || address === '0.0.0.0' ? '127.0.0.1' : address;
  return `http://${family === 'IPv6' && reachable === address ? `[${address}]` : reachable}:${port}`;
}
