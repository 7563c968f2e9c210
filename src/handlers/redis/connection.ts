import type { Duplex } from 'node:stream';
import { Later } from '../../support/later.js';
import { judgeAfterReading } from '../../support/standstill.js';
import { OwedReleases } from '../locks/owed-releases.js';
import { type Opened, openClient, type RedisClient } from './client.js';
import { cleaned, isRefusal } from './failure.js';
import { RELEASE, type Script } from './scripts.js';

/** The key of a record and of its lock: one slot of a cluster. */
export type Keys = readonly [record: string, lock: string];

type Argument = string | number | Buffer;

export function isOne(answer: number): boolean {
  return answer === 1;
}

function isUnknownScript(error: unknown): boolean {
  return error instanceof Error && error.message.startsWith('NOSCRIPT');
}

/** Milliseconds that closing waits for the server. */
const PATIENCE = 500;

/** The one connection of this process to a Redis, a cluster or a sentinel's master. Every error it throws is clean. */
export class RedisConnection {
  readonly client: RedisClient;
  readonly prefix: string | undefined;
  readonly keyPrefix: string;
  readonly owed: OwedReleases<Keys>;
  /** Why there is no connection at the moment. */
  #last: Error | undefined;
  /** The stream that holds back what is written until this go is over. */
  #gathering: Duplex | undefined;

  readonly #timeout: number;
  /** Answers so far. */
  #heard = 0;

  private constructor({ client, prefix, keyPrefix }: Opened, timeout: number) {
    this.client = client;
    this.#timeout = timeout;
    this.prefix = prefix;
    this.keyPrefix = keyPrefix;
    this.owed = new OwedReleases((keys, token) => this.run(RELEASE, () => true, [...keys, token]));
    const note = (error: unknown) => {
      if (error instanceof Error) this.#last = error;
    };
    client.on('error', note);
    client.on('node error', note);
    client.on('ready', () => {
      this.#last = undefined;
      if (this.owed.size > 0) void this.owed.send();
    });
  }

  /**
   * Opens, and waits at most `timeout` milliseconds until the server can be used; one that refuses us is not waited
   * for.
   */
  static async open(address: string | object, timeout: number): Promise<RedisConnection> {
    const connection = new RedisConnection(await openClient(address, timeout), timeout);
    try {
      await connection.#ready(timeout);
      return connection;
    } catch (error) {
      connection.client.disconnect();
      throw error;
    }
  }

  /**
   * Runs a script in the server; one that is not known there is sent whole. `late` is told of an answer that came after
   * the time-out, and, with `undefined`, of one that will never come: the server may have executed the script.
   */
  run<T, Answer = number>(
    script: Script,
    accept: (answer: Answer) => T,
    args: readonly Argument[],
    late?: (answer: Answer | undefined) => void,
  ): Later<T> {
    const { client } = this;
    const { lua, sum, keys } = script;
    const { later, answered, failed } = this.#waiting(accept, late);
    this.#gather();
    client.evalshaBuffer(sum, keys, ...args).then(answered, (error: unknown) => {
      if (isUnknownScript(error)) client.evalBuffer(lua, keys, ...args).then(answered, failed);
      else failed(error);
    });
    return later;
  }

  get<T>(key: string, accept: (stored: Buffer | null) => T): Later<T> {
    const { later, answered, failed } = this.#waiting(accept);
    this.#gather();
    this.client.getBuffer(key).then(answered, failed);
    return later;
  }

  /** False: there is a key of this name. `life`: milliseconds. */
  setNew(key: string, value: string | Buffer, life: number): Later<boolean> {
    const { later, answered, failed } = this.#waiting((answer: unknown) => answer !== null);
    this.#gather();
    this.client.set(key, value, 'PX', life, 'NX').then(answered, failed);
    return later;
  }

  /** An answer that ends in time: while the server loads its data ioredis holds commands beyond its own time-out. */
  #waiting<T, Answer>(
    accept: (answer: Answer) => T,
    late?: (answer: Answer | undefined) => void,
  ): { later: Later<T>; answered: (answer: unknown) => void; failed: (error: unknown) => void } {
    const later = new Later<T>();
    const heard = this.#heard;
    const due = performance.now() + this.#timeout;
    const judge = () => {
      if (!later.pending) return;
      if (heard === this.#heard) this.#leaveSilent();
      later.reject(this.failure(new Error(`no answer within ${this.#timeout / 1000} s`)));
    };
    const timer = setTimeout(() => judgeAfterReading(due, judge), this.#timeout);
    const answered = (answer: unknown) => {
      this.#heard++;
      clearTimeout(timer);
      if (!later.pending) return late?.(answer as Answer);
      try {
        later.resolve(accept(answer as Answer));
      } catch (error) {
        later.reject(error);
      }
    };
    const failed = (error: unknown) => {
      clearTimeout(timer);
      late?.(undefined);
      later.reject(this.failure(error));
    };
    return { later, answered, failed };
  }

  /**
   * Lets what is sent in one go leave together: a write of its own for each command costs more than all the rest of it.
   * The requests of one turn of the event loop are opened in one go.
   */
  #gather(): void {
    const { stream } = this.client;
    if (!stream || stream === this.#gathering || stream.destroyed) return;
    this.#gathering = stream;
    stream.cork();
    process.nextTick(this.#send);
  }

  readonly #send = (): void => {
    const stream = this.#gathering;
    this.#gathering = undefined;
    stream?.uncork();
  };

  /**
   * The server has said nothing at all for as long as one of its answers may take: the connection is given up, which is
   * also what lets Sentinel move on. (ioredis's own `socketTimeout` costs a timer and a listener for each command.)
   */
  #leaveSilent(): void {
    const { client } = this;
    if (client.isCluster !== true) client.stream?.destroy(new Error('the server is silent'));
  }

  /** What a failed command is told as. */
  failure(error: unknown): Error {
    return cleaned(error, this.#last);
  }

  /** Ends the connection, after what is under way; a server that does not answer is not waited for. */
  async close(): Promise<void> {
    const patience = new Promise((resolve) => setTimeout(resolve, PATIENCE).unref());
    if (this.client.status === 'ready') await Promise.race([this.#leave(), patience]);
    this.owed.forget();
    this.client.disconnect();
  }

  async #leave(): Promise<void> {
    await this.owed.send();
    await this.client.quit().catch(() => {});
  }

  #ready(timeout: number): Promise<void> {
    const { client } = this;
    if (client.status === 'ready') return Promise.resolve();
    return new Promise((resolve, reject) => {
      const end = (settle: () => void) => {
        clearTimeout(timer);
        client.off('ready', ready);
        client.off('error', failed);
        settle();
      };
      const ready = () => end(resolve);
      const failed = (error: unknown) => {
        if (isRefusal(error as Error)) end(() => reject(cleaned(error)));
      };
      const late = new Error(`no answer within ${timeout / 1000} s`);
      const due = performance.now() + timeout;
      const tooLate = () => end(() => reject(this.failure(this.#last ?? late)));
      const timer = setTimeout(() => judgeAfterReading(due, tooLate), timeout);
      client.on('ready', ready);
      client.on('error', failed);
    });
  }
}
