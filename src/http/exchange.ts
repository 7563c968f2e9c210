import type { FailureListener } from '../session/operations.js';
import type { Store } from '../session/store.js';
import type { Later } from '../support/later.js';

/** Headers that the response needs because of the session. */
export interface SessionHeaders {
  readonly setCookie: string | undefined;
  /** To be sent unless the application set a Cache-Control of its own. */
  readonly caching: readonly Header[];
}

export type Header = readonly [name: string, value: string];

/** A request on its way through the handler, as adapters see it. */
export interface Exchange {
  /** The session of the request. Throws `E_SESSION_NO_REQUEST` where none was started. */
  readonly store: Store;
  /** Runs the handler so that `session()` works everywhere below it, and `request()` where `visit` is given. */
  run<T>(work: () => T, visit?: unknown): T;
  /**
   * Writes and unlocks: called at the first byte, however the handler ended, and again without effect. Resolves to what
   * the response must carry; rejects with what could not be saved.
   */
  finish(): Later<SessionHeaders>;
  /** Is told of a failed operation whose promise chain nobody looked at: nobody else will answer the request. */
  onUnseenFailure(listener: FailureListener): void;
  /** The client left before the handler ended. */
  clientLeft(): void;
  /** The whole answer has left: nothing large is kept any more. */
  answered(): void;
}

export const NO_HEADERS: SessionHeaders = { setCookie: undefined, caching: [] };
/** Nobody but the visitor may keep a page that came with the visitor's cookie. */
export const PRIVATE: readonly Header[] = [['Cache-Control', 'private, no-store']];
