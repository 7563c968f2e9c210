import type { ServerResponse } from 'node:http';
import type { Call } from './held-call.js';
import type { SetHeaders } from './response-headers.js';
import type { SessionHeaders } from './start-session.js';

/** Where a response keeps what is held of it. */
export const HELD: unique symbol = Symbol('held');
/** In the place of Node's rendered head, while there is none yet and nobody may change it. */
export const LOCKED = 'held';

export type Method = (this: ServerResponse, ...args: unknown[]) => unknown;

/** Decides at the first byte of a response. */
export interface Gate {
  /** Resolves to the session's headers, or rejects: then `refused` answers. */
  finish(): PromiseLike<SessionHeaders>;
  /** What was held is dropped: answers in its place. `session`: the headers, where the session was saved before that. */
  refused(response: ServerResponse, error: unknown, session?: SessionHeaders): void;
}

/** The functions that were on the response before ours. */
export interface Originals {
  readonly writeHead: Method;
  readonly write: Method;
  readonly end: Method;
  readonly flushHeaders: Method;
  readonly on: Method;
}

export interface Head {
  readonly status: number;
  readonly message: string;
  /** The handler called `writeHead` itself: without a length of its own, such an answer is chunked. */
  readonly explicit: boolean;
}

export interface State extends Originals {
  readonly gate: Gate;
  /** `held`: nothing has left. `released`: ours only pass on. `dropped`: a failure answers, the handler is not heard. */
  phase: 'held' | 'released' | 'dropped';
  calls: Call[];
  bytes: number;
  /** The handler has chosen its head: status and headers are fixed. */
  head: Head | undefined;
  /** The head is being chosen by a first byte, not by `writeHead`. */
  implicit: boolean;
  ended: boolean;
  finishing: boolean;
  needDrain: boolean;
  /** The headers from before, where the response may be given back. */
  readonly before: SetHeaders | undefined;
  /** To be run when a handler that is not heard any more has ended its answer. */
  awaited: (() => void) | undefined;
}

export type HeldResponse = ServerResponse & { [HELD]: State; _header: string | null };
