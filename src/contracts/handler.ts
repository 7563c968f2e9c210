import type { Clock } from './clock.js';
import type { ResolvedDatabaseGroup } from './database.js';
import type { Interop } from './interop.js';
import type { Awaitable } from './session.js';

/** `true` or nothing is success; `false` or an exception is failure (PHP: SessionHandlerInterface). */
export type Outcome = Awaitable<boolean | undefined | void>;

/**
 * Where sessions are stored. The methods and their order are those of PHP's `SessionHandlerInterface`:
 * `open`, (`validateId`), `read`, … `write` or `updateTimestamp`, `close`.
 *
 * `data` is an opaque string that must come back exactly as it was written. `id` is the storage id:
 * 64 hexadecimal digits, never what the visitor sent.
 */
export interface SessionHandlerInterface {
  /** Called first, once. `savePath` is the option, `name` the cookie's name. */
  open(savePath: string, name: string): Outcome;
  /** Called last, also after a failure. Frees whatever `read` locked. */
  close(): Outcome;
  /** The record, or `''` when there is none. `false` is failure. */
  read(id: string): Awaitable<string | false>;
  write(id: string, data: string): Outcome;
  destroy(id: string): Outcome;
  /** Deletes records unused for more than `maxLifetime` seconds; the number deleted. Never a locked record. */
  gc(maxLifetime: number): Awaitable<number | boolean | undefined | void>;

  /** A new raw id that obeys the id rule: 32 hexadecimal digits (PHP: SessionIdInterface). */
  createSid?(): Awaitable<string>;
  /** Whether a record exists under this id (PHP: SessionUpdateTimestampHandlerInterface). */
  validateId?(id: string): Awaitable<boolean>;
  /** The record is unchanged but was used: renew its age. Without it a `write` is made. */
  updateTimestamp?(id: string, data: string): Outcome;
}

/**
 * What a handler may add. Each is detected by presence; built-in handlers have all of them.
 * What is absent is done by the session manager as far as it can be done outside the store.
 */
export interface HandlerCapabilities {
  /** Every operation ends by itself within `operation_timeout`, waiting for a lock aside: nobody need watch over it. */
  readonly bounded?: boolean;
  /** `read` takes an exclusive lock across processes and waits for it itself; `close` frees it. */
  readonly locks?: boolean;
  /**
   * Milliseconds since 1970 at which the record that was just read was last written or touched.
   * A handler without this property has its records stamped by the session manager.
   */
  readonly lastActivity?: number | undefined;
  /** The last committed record, without a lock, `''` when there is none. For read-only requests. */
  peek?(id: string): Awaitable<string | false>;
  /** Writes a record that nobody can know yet, without a lock; `false` when the id is taken. */
  create?(id: string, data: string): Awaitable<boolean>;
  /**
   * Write (a string) or touch (`null`), check that the lock is still ours, and free it unless `keep`:
   * one round trip. Throws `E_SESSION_LOCK_LOST` when the lock was lost; then nothing is written.
   */
  commit?(id: string, data: string | null, keep: boolean): Outcome;
  /** Renews the lease of the lock; called every `lock_ttl` / 3 while the session is open. `false`: lost. */
  renew?: ((id: string) => Awaitable<boolean>) | undefined;
  /** Gives up the held lock without freeing it, for `adopt` of another instance in this process. */
  handOver?(): unknown;
  adopt?(held: unknown): void;
  /**
   * Whether no other process waits for the lock that is held, as far as the store has told. As long as it is `true` the
   * session stays in this process for longer; without it others are given a chance after a few requests.
   */
  uncontended?(): boolean;
  /** Keeps a record aside that cannot be decoded, and removes it from its place. Called under the lock. */
  quarantine?(id: string, data: string): Outcome;
}

export type Handler = SessionHandlerInterface & HandlerCapabilities;

/** What every handler is given: resolved options, all times in seconds as in the configuration. */
export interface HandlerOptions {
  /** `''` when the option is an object. */
  readonly savePath: string;
  /** What the option `savePath` gave in the place of an address: a client of the store's library, or its options. */
  readonly client?: object | undefined;
  /** The group of `config/database.ts` that the sessions are kept in; undefined where there is none. */
  readonly database?: ResolvedDatabaseGroup | undefined;
  /** The cookie's name. */
  readonly name: string;
  /** How payload strings become bytes: UTF-8 text, or one byte a character. */
  readonly encoding: 'utf8' | 'latin1';
  /** Seconds without activity after which a record is dead. */
  readonly lifetime: number;
  readonly matchIP: boolean;
  /** The PHP application that shares the store; then an `id` is what the cookie carries, and names are PHP's. */
  readonly interop?: Interop;
  readonly lockTtl: number;
  /** Longest time a session stays open: what was opened in time must still be there to be saved. */
  readonly lockMax: number;
  readonly lockWait: number;
  readonly operationTimeout: number;
  readonly fileLock: 'flock' | 'lease';
  /** Whether a folder that others may write to is accepted. */
  readonly trustFolder: boolean;
  readonly clock: Clock;
  /** Reports something an administrator should know. Never given an id or data. */
  readonly warn: (code: string, details?: Record<string, string | number>) => void;
}

/** What a handler knows of the request it works for. */
export interface HandlerRequest {
  readonly ip?: string | undefined;
  /** Aborted when the client leaves while the lock is waited for. */
  readonly signal?: AbortSignal | undefined;
  /** The moment (clock milliseconds) until which the lock may be waited for. */
  readonly deadline?: number | undefined;
  /** Where somebody watches the collector: `gc` tells how many records it has deleted so far, as often as it likes. */
  readonly progress?: ((deleted: number) => void) | undefined;
}

/** A handler class as `Session.extend` and the `handler` option take it. One instance serves one session of one request. */
export type HandlerClass = new (options: HandlerOptions, request: HandlerRequest) => SessionHandlerInterface;

/** Optional static part of a handler class: checks made once, at boot. */
export interface HandlerClassChecks {
  /** Checks, once, at boot. Throws a typed error when the store cannot be used. */
  boot?(options: HandlerOptions): Awaitable<void>;
  /** Called by `app.close()`. */
  shutdown?(options: HandlerOptions): Awaitable<void>;
}

/** Names of handlers. Applications augment it, so that `handler: 'mongo'` compiles. */
export interface SessionHandlers {
  file: true;
  database: true;
  redis: true;
  memcached: true;
  array: true;
  mysql: true;
  postgre: true;
}

export type HandlerName = keyof SessionHandlers;
