import { once } from 'node:events';
import { type Agent, type IncomingHttpHeaders, type IncomingMessage, request as open } from 'node:http';
import { connect } from 'node:net';

export interface Asked {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** A list is sent in chunks. */
  readonly body?: string | Buffer | readonly string[];
  readonly agent?: Agent;
}

export interface Reply {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly cookies: readonly string[];
  readonly body: string;
}

/** A browser that keeps the session cookie. */
export class Visitor {
  readonly #port: number;
  /** As it is sent: `name=value`. */
  cookie: string | undefined;

  constructor(port: number, cookie?: string) {
    this.#port = port;
    this.cookie = cookie;
  }

  get id(): string {
    return this.cookie?.split('=')[1] ?? '';
  }

  /** The whole answer. Rejects when the connection breaks before. */
  async get(path: string, asked: Asked = {}): Promise<Reply> {
    const response = await this.begin(path, asked);
    let body = '';
    response.setEncoding('utf8');
    for await (const text of response) body += text;
    return {
      status: response.statusCode ?? 0,
      headers: response.headers,
      cookies: response.headers['set-cookie'] ?? [],
      body,
    };
  }

  /** The answer as soon as its head has come. */
  async begin(
    path: string,
    { method = 'GET', headers = {}, body, agent }: Asked = {},
  ): Promise<IncomingMessage> {
    const cookie = this.cookie === undefined ? {} : { cookie: this.cookie };
    const request = open({
      host: '127.0.0.1',
      port: this.#port,
      path,
      method,
      agent: agent ?? false,
      headers: { ...cookie, ...headers },
    });
    const answered = once(request, 'response') as Promise<[IncomingMessage]>;
    if (Array.isArray(body)) {
      for (const text of body) request.write(text);
      request.end();
    } else request.end(body);
    const [response] = await answered;
    for (const set of response.headers['set-cookie'] ?? []) {
      if (set.startsWith('blitz_session=')) this.cookie = set.split(';')[0];
    }
    return response;
  }

  /** Asks, and leaves once `leave` has come to its end. */
  async abandon(path: string, leave: () => Promise<unknown>): Promise<void> {
    const socket = connect(this.#port, '127.0.0.1');
    socket.on('error', () => {});
    socket.write(`GET ${path} HTTP/1.1\r\nHost: x\r\nCookie: ${this.cookie}\r\n\r\n`);
    await leave();
    socket.destroy();
    await once(socket, 'close');
  }
}

/** Asks for every path on one connection without waiting; everything that is answered. */
export async function pipelined(port: number, paths: readonly string[]): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  let text = '';
  socket.setEncoding('latin1').on('data', (piece) => {
    text += piece;
  });
  socket.on('error', () => {});
  const closing = (at: number) => (at === paths.length - 1 ? 'Connection: close\r\n' : '');
  socket.write(paths.map((path, at) => `GET ${path} HTTP/1.1\r\nHost: x\r\n${closing(at)}\r\n`).join(''));
  await once(socket, 'close');
  return text;
}

export function sleep(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

/** Waits until `met`; fails after three seconds. */
export async function until(met: () => boolean, what: string): Promise<void> {
  const deadline = performance.now() + 3000;
  while (!met()) {
    if (performance.now() > deadline) throw new Error(`${what} did not come about`);
    await sleep(2);
  }
}
