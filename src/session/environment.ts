import type { Clock } from '../contracts/clock.js';
import type { SessionConfig } from '../contracts/config.js';
import type { HandlerRequest } from '../contracts/handler.js';
import type { Client } from '../contracts/http.js';
import type { Serializer } from '../contracts/serializer.js';
import type { ErrorCode } from '../errors.js';
import type { Deadlines } from '../support/deadlines.js';
import type { PeerRules } from './peer.js';
import type { SessionQueue } from './queue.js';
import type { RecordStore } from './record-store.js';
import type { Store } from './store.js';

export type SessionEvent =
  | 'session:started'
  | 'session:created'
  | 'session:regenerated'
  | 'session:destroyed'
  | 'session:closed'
  | 'session:lock_wait';

/** What the sessions of one application have in common. */
export interface SessionEnvironment {
  readonly config: SessionConfig;
  readonly serializer: Serializer;
  /** The PHP application that shares the sessions, if one does. */
  readonly peer: PeerRules | undefined;
  /** The id rule: nothing else ever becomes a key or a path. */
  readonly accepts: (id: unknown) => id is string;
  readonly records: RecordStore;
  readonly queue: SessionQueue;
  readonly clock: Clock;
  /** Leases that are to be renewed for the first time. */
  readonly renewals: Deadlines;
  /** Sessions without a lease, which end with `lock_max`. */
  readonly ends: Deadlines;
  /** Whether the code that asks runs inside a session that has the lock of this record. */
  readonly isHeld: (key: string) => boolean;
  /** Undefined when nobody listens. A listener's failure never reaches the session. */
  readonly emit: (
    event: SessionEvent,
    store?: Store,
    params?: Record<string, unknown>,
  ) => Promise<void> | undefined;
  readonly warn: (code: ErrorCode, details?: Record<string, string | number>, cause?: unknown) => void;
}

/** What a session must know of the request that opens it. */
export interface SessionRequest {
  /** What the visitor presented; anything may stand here. */
  readonly id?: string | undefined;
  readonly ip?: string | undefined;
  readonly readOnly?: boolean;
  /** Never renews the id by itself. */
  readonly ajax?: boolean;
  /** Whether there will be a response that can still carry a cookie. */
  readonly carriesCookie?: boolean;
  /** Throws `E_SESSION_UNKNOWN_ID` instead of beginning a new session. */
  readonly mustExist?: boolean;
  /** Who waits for the answer, if anybody does. */
  readonly client?: Client | undefined;
}

/** Seconds without activity after which a session is over. */
export function lifetimeOf(config: SessionConfig): number {
  return config.expiration > 0 ? config.expiration : config.gc_maxlifetime;
}

/** What a handler is told of the request; address and signal are only made when the handler asks. */
export function handlerRequest(request: SessionRequest, deadline?: number): HandlerRequest {
  return new RequestOfHandler(request, deadline);
}

/**
 * A class, because a getter in an object literal gives each object a hidden class of its own in V8's old space, which
 * keeps the whole request alive until the next full collection: a seventh of the processor time of a request.
 */
class RequestOfHandler implements HandlerRequest {
  readonly deadline: number | undefined;
  readonly #request: SessionRequest;

  constructor(request: SessionRequest, deadline: number | undefined) {
    this.deadline = deadline;
    this.#request = request;
  }

  get ip(): string | undefined {
    return this.#request.ip;
  }

  get signal(): AbortSignal | undefined {
    return this.#request.client?.signal;
  }
}
