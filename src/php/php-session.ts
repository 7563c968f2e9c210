import type { ScopedSession } from '../container/request-scope.js';
import type { Client } from '../contracts/http.js';
import type { Values } from '../contracts/session.js';
import type { Warning } from './warnings.js';

/** The session of one request as PHP's functions drive it, whatever keeps it. `false`: PHP's answer, with a warning. */
export interface PhpSession extends ScopedSession {
  /** PHP_SESSION_ACTIVE. */
  readonly active: boolean;
  /** What `$_SESSION` shows. */
  readonly values: Values;
  /** Before a change by `$_SESSION`; throws where a change is an error. */
  willChange(call: string): void;
  /** A value that can be changed in place has been handed out. */
  exposed(): void;
  /** Throws `E_SESSION_VALUE` for what could not come back. */
  check(key: string, value: unknown): void;

  start(readAndClose: boolean): Promise<boolean>;
  writeClose(): Promise<boolean>;
  abort(): Promise<boolean>;
  reset(): Promise<boolean>;
  destroy(): Promise<boolean>;
  regenerateId(deleteOld: boolean): Promise<boolean>;
  /** The number deleted. */
  gc(): Promise<number | false>;
  createId(prefix: string): Promise<string | false>;
  encode(): string | false;
  decode(data: string): Promise<boolean>;

  /** The end of the request: writes and closes what is still open. Rejects with what could not be saved. */
  finish(): Promise<void>;
  /** Gives up what is held; nothing is written. */
  abandon(): Promise<void>;
}

/** What a session that was opened below the adapter needs of its request. */
export interface PhpRequestContext {
  readonly client: Client | undefined;
  /** One after the other with whatever else was asked in this request. */
  ask<T>(work: () => Promise<T>): Promise<T>;
  warn(call: string, warning: Warning, name?: string): void;
  /** The response will carry the cookie of this id. */
  sendCookie(id: string): void;
  /** The response will carry the headers of the cache limiter. */
  limitCaches(): void;
}
