import type { Client } from '../contracts/http.js';
import type { FailureListener } from '../session/operations.js';

/** Headers of a response whose session was opened below the adapter. */
export interface OwnSessionHeaders {
  readonly setCookie: string | undefined;
  /** Each to be sent unless the application set its own. */
  readonly others: Readonly<Record<string, string>>;
}

/** Who opened a session below the adapter, and must end it with the request. */
export interface SessionOpener {
  /** Writes and unlocks, at the first byte. Rejects with what could not be saved. */
  finish(): Promise<OwnSessionHeaders>;
  clientLeft(): void;
  onUnseenFailure(listener: FailureListener): void;
}

/** A request below an adapter with `start: false`: nothing is opened for it, `session_start()` does that itself. */
export class UnstartedRequest {
  /** The `Cookie` header. */
  readonly cookie: string | undefined;
  readonly ip: string | undefined;
  readonly ajax: boolean;
  readonly readOnly: boolean;
  readonly overHttps: boolean;
  readonly client: Client;
  /** The response has begun: no header can be added. */
  begun = false;
  #opener: SessionOpener | undefined;
  #listener: FailureListener | undefined;

  constructor(
    request: Pick<UnstartedRequest, 'cookie' | 'ip' | 'ajax' | 'readOnly' | 'overHttps' | 'client'>,
  ) {
    this.cookie = request.cookie;
    this.ip = request.ip;
    this.ajax = request.ajax;
    this.readOnly = request.readOnly;
    this.overHttps = request.overHttps;
    this.client = request.client;
  }

  get opener(): SessionOpener | undefined {
    return this.#opener;
  }

  /** From now on the end of the request ends what `opener` opened. */
  openedBy(opener: SessionOpener): void {
    this.#opener = opener;
    if (this.#listener !== undefined) opener.onUnseenFailure(this.#listener);
  }

  onUnseenFailure(listener: FailureListener): void {
    this.#listener = listener;
    this.#opener?.onUnseenFailure(listener);
  }
}
