import { connect as connectNet, type NetConnectOpts, type Socket } from 'node:net';
import { type ConnectionOptions, connect as connectTls } from 'node:tls';
import { Later } from '../../support/later.js';
import { judgeAfterReading } from '../../support/standstill.js';
import type { CommandText } from './command-text.js';
import { connectionFailure } from './failure.js';
import { ReplyParser } from './reply-parser.js';
import type { Reply } from './transport.js';

const LONGEST_PAUSE = 200;
const FIRST_PAUSE = 20;
const HELLO: CommandText = { text: 'version\r\nstats settings\r\n', encoding: 'latin1', largest: 0 };
const HELLO_REPLIES = 2;

export interface ConnectionOptionsOf {
  /** For messages. */
  readonly name: string;
  readonly target: NetConnectOpts;
  /** Present: TLS. */
  readonly tls?: ConnectionOptions | undefined;
  /** Milliseconds for the replies to what is sent at once. */
  readonly patience: number;
  /** Milliseconds for connecting. */
  readonly connectPatience: number;
  /** Told, after each connecting, what the server says of itself. */
  readonly greeted: (version: string, settings: string) => void;
}

/** Commands that were sent together, and the replies so far. */
interface Exchange {
  readonly expected: number;
  readonly replies: Reply[];
  readonly resolve: (replies: readonly Reply[]) => void;
  readonly reject: (error: Error) => void;
  readonly sentAt: number;
  /** Nobody waits any more; its replies are still taken from the line, in their turn. */
  abandoned: boolean;
}

/**
 * The one connection of this process to one server. Everything is pipelined and answered in order. It connects when it
 * is used; after a failure it refuses at once for a pause of 20 to 200 ms, then the next use tries again. A server that
 * sends nothing for as long as the oldest command waits is hung: the connection is dropped, and with it all that waits.
 */
export class Connection {
  readonly #options: ConnectionOptionsOf;
  readonly #line: Exchange[] = [];
  #socket: Socket | undefined;
  /** What is written when this go is over. */
  #outbox = '';
  #outboxEncoding: CommandText['encoding'] = 'latin1';
  #heardAt = 0;
  /** The server took the connection. */
  #established = false;
  /** The server has answered on it. */
  #answered = false;
  #watching = false;
  #pause = 0;
  #retryAt = 0;
  #lastFailure = new Error('not connected yet');
  #drained: (() => void) | undefined;

  constructor(options: ConnectionOptionsOf) {
    this.#options = options;
  }

  /** Rejects when the replies do not come in time; what was sent may still be executed. */
  run(commands: CommandText, expected: number): Later<readonly Reply[]> {
    const socket = this.#socket ?? this.#connect();
    if (socket === undefined) return Later.rejected(this.#failure(this.#lastFailure, false));
    return this.#send(socket, commands, expected);
  }

  /** Waits for what is under way, at most its time-out. */
  async close(): Promise<void> {
    if (this.#socket === undefined) return;
    if (this.#line.length > 0) {
      await new Promise<void>((resolve) => {
        this.#drained = resolve;
      });
    }
    this.#socket?.destroy();
  }

  #send(socket: Socket, { text, encoding }: CommandText, expected: number): Later<readonly Reply[]> {
    return Later.promised((resolve, reject) => {
      const sentAt = performance.now();
      this.#line.push({ expected, replies: [], resolve, reject, sentAt, abandoned: false });
      this.#write(socket, text, encoding);
      if (!this.#watching) this.#watch(this.#options.patience);
    });
  }

  /** What is asked in one go leaves in one piece: a system call costs more than all the rest. */
  #write(socket: Socket, text: string, encoding: CommandText['encoding']): void {
    if (this.#outbox !== '' && this.#outboxEncoding !== encoding) this.#flush();
    if (this.#outbox === '') {
      this.#outbox = text;
      this.#outboxEncoding = encoding;
      process.nextTick(this.#flush, socket);
    } else this.#outbox += text;
  }

  readonly #flush = (socket: Socket | undefined = this.#socket): void => {
    if (this.#outbox === '' || socket === undefined || socket !== this.#socket) return;
    const text = this.#outbox;
    this.#outbox = '';
    socket.write(text, this.#outboxEncoding);
  };

  #connect(): Socket | undefined {
    if (performance.now() < this.#retryAt) return undefined;
    const { target, tls, connectPatience, greeted } = this.#options;
    const socket =
      tls === undefined ? connectNet(target) : connectTls({ ...target, ...tls } as ConnectionOptions);
    this.#socket = socket;
    const began = performance.now();
    this.#heardAt = began;
    this.#established = false;
    this.#answered = false;
    const parser = new ReplyParser((reply) => this.#deliver(reply));
    const tooLate = setTimeout(
      () =>
        judgeAfterReading(began + connectPatience, () => {
          if (!this.#established) this.#drop(socket, new Error('connecting took too long'));
        }),
      connectPatience,
    ).unref();
    socket.setNoDelay(true);
    socket.setKeepAlive(true, 30_000);
    socket.once(tls === undefined ? 'connect' : 'secureConnect', () => {
      clearTimeout(tooLate);
      this.#established = true;
    });
    socket.on('data', (piece) => {
      this.#heardAt = performance.now();
      try {
        if (this.#socket === socket) parser.push(piece);
      } catch (error) {
        this.#drop(socket, error as Error);
      }
    });
    const hungUp = () => this.#drop(socket, new Error('the server closed the connection'));
    socket.on('error', (error) => this.#drop(socket, error));
    socket.on('end', hungUp);
    socket.on('close', () => {
      clearTimeout(tooLate);
      hungUp();
    });
    this.#send(socket, HELLO, HELLO_REPLIES).then(
      ([version, settings]) => greeted(version?.detail ?? '', settings?.detail ?? ''),
      () => {},
    );
    return socket;
  }

  #deliver(reply: Reply): void {
    const first = this.#line[0];
    if (first === undefined) throw new Error('an answer that nobody asked for');
    // A server that takes no more connections says so and hangs up.
    if (!this.#answered && reply.status === 'failed') throw new Error(reply.detail);
    this.#answered = true;
    this.#pause = 0;
    first.replies.push(reply);
    if (first.replies.length < first.expected) return;
    this.#line.shift();
    if (!first.abandoned) first.resolve(first.replies);
    if (this.#line.length === 0) this.#drained?.();
  }

  /** The next use connects anew, at once or after a pause. */
  #drop(socket: Socket, cause: Error): void {
    if (this.#socket !== socket) return;
    this.#socket = undefined;
    this.#outbox = '';
    this.#lastFailure = cause;
    socket.destroy();
    if (!this.#answered) {
      this.#pause = Math.min(LONGEST_PAUSE, Math.max(FIRST_PAUSE, this.#pause * 2));
      this.#retryAt = performance.now() + this.#pause;
    }
    const error = this.#failure(cause, this.#established);
    for (const exchange of this.#line.splice(0)) if (!exchange.abandoned) exchange.reject(error);
    this.#drained?.();
  }

  /** One timer for everything that waits; it runs on when nothing does, rather than be set for each command. */
  #watch(after: number): void {
    this.#watching = true;
    const due = performance.now() + after;
    setTimeout(() => {
      if (this.#line.length > 0) judgeAfterReading(due, this.#look);
      else this.#watching = false;
    }, after).unref();
  }

  readonly #look = (): void => {
    this.#watching = false;
    const { patience } = this.#options;
    const now = performance.now();
    // Timers may fire a little early.
    const over = (exchange: Exchange) => now - exchange.sentAt >= patience - 2;
    const [oldest] = this.#line;
    if (oldest === undefined) return;
    if (over(oldest) && now - Math.max(this.#heardAt, oldest.sentAt) >= patience - 2) {
      if (this.#socket !== undefined) this.#drop(this.#socket, this.#late());
      return;
    }
    for (const exchange of this.#line) {
      if (!over(exchange)) break;
      if (exchange.abandoned) continue;
      exchange.abandoned = true;
      exchange.reject(this.#failure(this.#late(), true));
    }
    const next = this.#line.find((exchange) => !exchange.abandoned)?.sentAt ?? now;
    this.#watch(Math.max(5, next + patience - now));
  };

  #late(): Error {
    return new Error(`no answer within ${this.#options.patience / 1000} s`);
  }

  #failure(cause: Error, wasSent: boolean): Error {
    return connectionFailure(this.#options.name, cause, wasSent);
  }
}
