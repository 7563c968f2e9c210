import { AsyncLocalStorage } from 'node:async_hooks';
import type { Clock } from '../contracts/clock.js';
import { BlitzError } from '../errors.js';
import { processWide } from '../support/process-wide.js';
import { isThenable } from '../support/thenable.js';
import type { SaveHandler } from './save-handler.js';

/** What runs inside a callback: whose, so that `SessionHandler` finds its session there. */
export interface CallingSession {
  /** Kept from `open` to `close` by `SessionHandler`. */
  parent: unknown;
}

const inside = processWide('save-handler', () => new AsyncLocalStorage<CallingSession>());

/** The session whose save handler is at work in this context; undefined outside of callbacks. */
export function callingSession(): CallingSession | undefined {
  return inside.getStore();
}

/** What the calls need of the application and the settings. */
export interface CallOptions {
  readonly clock: Clock;
  /** Seconds for one operation; `read` may wait for a lock of its own besides. */
  readonly operationTimeout: number;
  readonly lockWait: number;
  /** Draws an id where the handler makes none. */
  readonly newSid: () => string;
}

/**
 * Calls a save handler and reads its answers as PHP does. `false` is told as `false`, whatever is thrown goes through,
 * and an answer that is still out after `operation_timeout` is `E_SESSION_BACKEND`.
 */
export class HandlerCalls {
  readonly #handler: SaveHandler;
  readonly #session: CallingSession;
  readonly #options: CallOptions;

  constructor(handler: SaveHandler, session: CallingSession, options: CallOptions) {
    this.#handler = handler;
    this.#session = session;
    this.#options = options;
  }

  get validates(): boolean {
    return typeof this.#handler.validateId === 'function';
  }

  get updatesTimestamp(): boolean {
    return typeof this.#handler.updateTimestamp === 'function';
  }

  async open(savePath: string, name: string): Promise<boolean> {
    return done('open', await this.#call('open', () => this.#handler.open(savePath, name)));
  }

  async close(): Promise<boolean> {
    return done('close', await this.#call('close', () => this.#handler.close()));
  }

  /** Undefined for a failure: whatever is neither text nor bytes. */
  async read(id: string): Promise<string | undefined> {
    const { lockWait, operationTimeout } = this.#options;
    const data = await this.#call('read', () => this.#handler.read(id), lockWait + operationTimeout);
    if (typeof data === 'string') return data;
    if (data instanceof Uint8Array) {
      return Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString('latin1');
    }
    return undefined;
  }

  async write(id: string, data: string): Promise<boolean> {
    return done('write', await this.#call('write', () => this.#handler.write(id, data)));
  }

  async destroy(id: string): Promise<boolean> {
    return done('destroy', await this.#call('destroy', () => this.#handler.destroy(id)));
  }

  /** The number deleted; 1 for a plain `true`. */
  async gc(maxLifetime: number): Promise<number | false> {
    const deleted = await this.#call('gc', () => this.#handler.gc(maxLifetime));
    if (typeof deleted === 'number') return deleted < 0 ? false : deleted;
    return deleted === false ? false : 1;
  }

  /** A new id, from the handler where it makes them. */
  async createSid(): Promise<string> {
    const createSid: (() => unknown) | undefined = this.#handler.create_sid ?? this.#handler.createSid;
    if (createSid === undefined) return this.#options.newSid();
    const id = await this.#call('create_sid', () => createSid.call(this.#handler));
    if (typeof id === 'string') return id;
    throw new TypeError(`create_sid() must answer a string, not ${kindOf(id)}`);
  }

  async validateId(id: string): Promise<boolean> {
    const valid = await this.#call('validateId', () => this.#handler.validateId?.(id));
    // Nothing is no answer to a question.
    if (valid === undefined) throw new TypeError('validateId() must answer a boolean, not undefined');
    return done('validateId', valid);
  }

  async updateTimestamp(id: string, data: string): Promise<boolean> {
    const answer = await this.#call('updateTimestamp', () => this.#handler.updateTimestamp?.(id, data));
    return done('updateTimestamp', answer);
  }

  #call(name: string, run: () => unknown, seconds: number = this.#options.operationTimeout): unknown {
    return inside.run(this.#session, () => {
      const answer = run();
      return isThenable(answer) ? this.#inTime(name, answer, seconds) : answer;
    });
  }

  #inTime(operation: string, answer: PromiseLike<unknown>, seconds: number): Promise<unknown> {
    const { clock } = this.#options;
    return new Promise((resolve, reject) => {
      const timer = clock.setTimeout(() => {
        const cause = new Error(`no answer within ${seconds} s`);
        reject(new BlitzError('E_SESSION_BACKEND', { cause, details: { handler: 'user', operation } }));
      }, seconds * 1000);
      const settle = <T>(how: (value: T) => void) => {
        return (value: T) => {
          clock.clearTimeout(timer);
          how(value);
        };
      };
      answer.then(settle(resolve), settle(reject));
    });
  }
}

/** PHP wants a boolean; nothing counts as success, as everywhere in this package, and so do PHP's old 0 and -1. */
function done(method: string, answer: unknown): boolean {
  if (answer === true || answer === undefined || answer === 0) return true;
  if (answer === false || answer === -1) return false;
  throw new TypeError(`${method}() must answer a boolean, not ${kindOf(answer)}`);
}

function kindOf(value: unknown): string {
  return value === null ? 'null' : typeof value;
}
