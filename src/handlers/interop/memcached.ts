import type { HandlerOptions, HandlerRequest } from '../../contracts/handler.js';
import type { Awaitable } from '../../contracts/session.js';
import { isKey } from '../memcached/command-text.js';
import { checkServers, type Store } from '../memcached/store.js';
import { MemcachedHandler } from '../memcached.js';
import { sharedStoreOf } from './memcached-store.js';

/**
 * Sessions in a memcached that a PHP application uses at the same time: its keys, its lock, its payloads.
 *
 * BlitzPHP and CodeIgniter ask whether there is a lock and then `set` theirs, so two that ask at once both believe that
 * they have it; and nobody in PHP compares what is stored before writing. What this side does beyond `MemcachedHandler`:
 * the lock is looked at once more before each write, and a write whose lock PHP has taken is refused with
 * `E_SESSION_LOCK_LOST`. (BlitzPHP, CodeIgniter: Handlers\MemcachedHandler; PHP: php-memcached, php_memcached_session.c.)
 */
export class PeerMemcachedHandler extends MemcachedHandler {
  readonly #store: Store;

  constructor(options: HandlerOptions, request: HandlerRequest = {}) {
    const store = sharedStoreOf(options);
    super(options, request, store);
    this.#store = store;
  }

  static override boot(options: HandlerOptions): Promise<void> {
    return checkServers(sharedStoreOf(options), options);
  }

  override read(id: string): Awaitable<string> {
    return this.#fits(id) ? super.read(id) : '';
  }

  override peek(id: string): Promise<string> {
    return this.#fits(id) ? super.peek(id) : Promise.resolve('');
  }

  /** PHP's ids may be longer than memcached's keys: nothing can be stored under such a one. */
  #fits(id: string): boolean {
    const { data, lock } = this.#store.keys(id, this.request);
    return isKey(data) && isKey(lock);
  }
}
