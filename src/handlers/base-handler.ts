import type {
  HandlerOptions,
  HandlerRequest,
  Outcome,
  SessionHandlerInterface,
} from '../contracts/handler.js';
import type { Awaitable } from '../contracts/session.js';
import { shared } from './connections.js';
import { type LockWait, waitForLock } from './locks/wait.js';

/**
 * What a handler extends. `read`, `write` and `destroy` must be written; `open` and `close` may stay empty and `gc`
 * may stay away where the store forgets old records by itself.
 *
 * One instance serves one session of one request, so its fields may hold what belongs to it (the lock, the
 * fingerprint). What is shared by all requests comes from `BaseHandler.shared`. (BlitzPHP: Handlers\BaseHandler.)
 */
export abstract class BaseHandler implements SessionHandlerInterface {
  protected readonly options: HandlerOptions;
  protected readonly request: HandlerRequest;

  constructor(options: HandlerOptions, request: HandlerRequest = {}) {
    this.options = options;
    this.request = request;
  }

  open(_savePath: string, _name: string): Outcome {}

  close(): Outcome {}

  abstract read(id: string): Awaitable<string | false>;
  abstract write(id: string, data: string): Outcome;
  abstract destroy(id: string): Outcome;

  gc(_maxLifetime: number): Awaitable<number> {
    return 0;
  }

  /**
   * One client a process under `name`: opened at first use, closed when the last application of the process is
   * closed.
   */
  static shared<T>(
    name: string,
    open: () => Awaitable<T>,
    close?: (client: T) => Awaitable<unknown>,
  ): Awaitable<T> {
    return shared(name, open, close);
  }

  /**
   * Calls `tryOnce` until it answers something other than `undefined`, within `lock_wait` and as long as the client
   * is there. For handlers that lock in `read`: set `locks = true` and free the lock in `close`.
   */
  protected waitForLock<T>(
    tryOnce: () => Awaitable<T | undefined>,
    poll: Pick<LockWait, 'pollMin' | 'pollMax' | 'spins'> = {},
  ): Awaitable<T> {
    return waitForLock(tryOnce, () => {
      const { clock, lockWait } = this.options;
      const { deadline = clock.now() + lockWait * 1000, signal } = this.request;
      return { clock, lockWait, deadline, signal, ...poll };
    });
  }
}
