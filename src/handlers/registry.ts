import type { HandlerClass, HandlerName } from '../contracts/handler.js';
import { BlitzError } from '../errors.js';
import { ArrayHandler } from './array.js';
import { DatabaseHandler } from './database/database.js';
import { MysqlHandler } from './database/mysql.js';
import { PostgreHandler } from './database/postgre.js';
import { FileHandler } from './file.js';
import { PeerDatabaseHandler } from './interop/database.js';
import { PeerFileHandler } from './interop/file.js';
import { PeerMemcachedHandler } from './interop/memcached.js';
import { PeerMysqlHandler } from './interop/mysql.js';
import { PeerPostgreHandler } from './interop/postgre.js';
import { PeerRedisHandler } from './interop/redis.js';
import { MemcachedHandler } from './memcached.js';
import { RedisHandler } from './redis.js';

const BUILT_IN: ReadonlyMap<string, HandlerClass> = new Map<string, HandlerClass>([
  ['file', FileHandler],
  ['array', ArrayHandler],
  ['database', DatabaseHandler],
  ['memcached', MemcachedHandler],
  ['mysql', MysqlHandler],
  ['postgre', PostgreHandler],
  ['redis', RedisHandler],
]);

/** What takes their place where PHP shares the store. */
const WITH_PHP: ReadonlyMap<string, HandlerClass> = new Map<string, HandlerClass>([
  ['file', PeerFileHandler],
  ['memcached', PeerMemcachedHandler],
  ['redis', PeerRedisHandler],
  ['database', PeerDatabaseHandler],
  ['mysql', PeerMysqlHandler],
  ['postgre', PeerPostgreHandler],
]);

/** Names of handlers and the classes behind them. */
export class HandlerRegistry {
  readonly #classes = new Map(BUILT_IN);

  /** Registers a class, or several; a name that is known already is replaced. (BlitzPHP: Session::extend.) */
  extend(name: string | Readonly<Record<string, HandlerClass>>, handler?: HandlerClass): void {
    const pairs = typeof name === 'string' ? [[name, handler] as const] : Object.entries(name);
    for (const [key, value] of pairs) {
      if (typeof value !== 'function')
        throw new TypeError(`Session.extend('${key}'): a handler class is expected`);
      this.#classes.set(key, value);
    }
  }

  /** The class behind a name, `shared`: with PHP. Throws `E_SESSION_HANDLER`. */
  resolve(handler: HandlerName | HandlerClass, shared = false): HandlerClass {
    if (typeof handler === 'function') return handler;
    const beside =
      shared && BUILT_IN.get(handler) === this.#classes.get(handler) ? WITH_PHP.get(handler) : undefined;
    if (beside !== undefined) return beside;
    const found = this.#classes.get(handler);
    if (found) return found;
    throw new BlitzError('E_SESSION_HANDLER', { details: { name: handler, known: this.names().join(', ') } });
  }

  names(): string[] {
    return [...this.#classes.keys()].sort();
  }
}
