import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import type { Client } from '../../contracts/http.js';
import { BlitzError, isBlitzError } from '../../errors.js';
import type { Store } from '../../session/store.js';
import { isThenable } from '../../support/thenable.js';
import type { Application } from '../application.js';
import { type Failure, failureOf, logFailure } from '../failure.js';
import { answerFailure, canBeReplaced, dropHeld, type Gate, holdResponse } from '../held-response.js';
import {
  type Exchange,
  type ExchangeRequest,
  type SessionAdapterOptions,
  type SessionHeaders,
  SessionStarter,
} from '../start-session.js';

/** A request of `node:http` whose session is open. */
export interface SessionMessage extends IncomingMessage {
  /** The session of this request. */
  session(): Store;
}

export type SessionListener = (request: SessionMessage, response: ServerResponse) => unknown;

/** Where a request keeps its visit: a weak map would keep its tables alive from one request to the next. */
const VISIT = Symbol('visit');

type VisitedMessage = SessionMessage & { [VISIT]?: Visit };

/**
 * A listener for `http.createServer` whose requests have their session: it is opened before `listener` runs, and saved
 * before the first byte of the response leaves. An error that `listener` throws or rejects with is answered with 500,
 * unless the response has begun: then it is only logged, and a response that was not ended is cut off.
 */
export function withSession(
  app: Application,
  listener: SessionListener,
  options: SessionAdapterOptions<IncomingMessage> = {},
): RequestListener {
  const starter = new SessionStarter(app);
  const { skip = false, readOnly = false, context = true, start = true } = options;
  return (request, response) => {
    // Below another withSession: what goes wrong is the outer one's to answer.
    if (VISIT in request) return listener(request as unknown as SessionMessage, response);
    const visit = new Visit(app, listener, request as SessionMessage, response);
    try {
      if (decide(skip, request)) return visit.withoutSession(request as SessionMessage, response);
      const exchange: ExchangeRequest = {
        peer: request.socket.remoteAddress,
        encrypted: 'encrypted' in request.socket,
        forwardedFor: header(request, 'x-forwarded-for'),
        forwardedProto: header(request, 'x-forwarded-proto'),
        cookie: request.headers.cookie,
        requestedWith: header(request, 'x-requested-with'),
        readOnly: decide(readOnly, request),
        context: decide(context, request),
        client: visit,
      };
      if (decide(start, request)) visit.waitFor(starter.begin(exchange), response);
      else visit.serveUnstarted(starter.leave(exchange), response);
    } catch (error) {
      visit.refuse(response, error);
    }
  };
}

/**
 * One request on its way through the listener. What it is asked by others it answers itself: a function made for each
 * request and kept in a property of it held the whole request, answered long ago, until the next full collection.
 */
class Visit implements Client, Gate {
  readonly #app: Application;
  readonly #listener: SessionListener;
  /** Both until the answer has left. */
  #request: VisitedMessage | undefined;
  #response: ServerResponse | undefined;
  #leaving: AbortController | undefined;
  #exchange: Exchange | undefined;
  /** The client left before it had its answer. */
  gone = false;
  /** The promise that the listener returned is settled. */
  #over = false;

  constructor(
    app: Application,
    listener: SessionListener,
    request: SessionMessage,
    response: ServerResponse,
  ) {
    this.#app = app;
    this.#listener = listener;
    this.#request = request;
    this.#response = response;
  }

  /** Aborted when the client leaves. */
  get signal(): AbortSignal {
    this.#leaving ??= new AbortController();
    return this.#leaving.signal;
  }

  withoutSession(request: SessionMessage, response: ServerResponse): void {
    request.session = noSession;
    this.#run(
      () => this.#listener(request, response),
      () => {},
      (error) => this.#fallen(response, error),
    );
  }

  waitFor(opening: PromiseLike<Exchange>, response: ServerResponse): void {
    response.once('close', () => this.#closed(response));
    opening.then(
      (exchange) => this.#serve(exchange),
      (error: unknown) => this.refuse(response, error),
    );
  }

  serveUnstarted(exchange: Exchange, response: ServerResponse): void {
    response.once('close', () => this.#closed(response));
    this.#serve(exchange);
  }

  refuse(response: ServerResponse, error: unknown): void {
    if (!isBlitzError(error, 'E_SESSION_CLIENT_LEFT')) {
      answerFailure(response, failureOf(this.#app, error));
    }
  }

  #serve(exchange: Exchange): void {
    this.#exchange = exchange;
    const [request, response] = [this.#request, this.#response];
    if (this.gone || request === undefined || response === undefined) {
      exchange.clientLeft();
      this.#save();
      return;
    }
    request[VISIT] = this;
    request.session = storeOf;
    holdResponse(response, this);
    exchange.onUnseenFailure(this);
    this.#run(
      () => exchange.run(() => this.#listener(request, response)),
      () => this.#ended(),
      (error) => this.unseenFailure(error),
    );
  }

  get store(): Store {
    return (this.#exchange as Exchange).store;
  }

  /** At the first byte of the response. */
  finish(): PromiseLike<SessionHeaders> {
    return (this.#exchange as Exchange).finish();
  }

  failed(error: unknown): Failure {
    return failureOf(this.#app, error);
  }

  #run(work: () => unknown, ended: () => void, failed: (error: unknown) => void): void {
    try {
      const answer = work();
      if (isThenable(answer)) answer.then(ended, failed);
    } catch (error) {
      failed(error);
    }
  }

  #closed(response: ServerResponse): void {
    // Contexts that outlive the request (promises and timers of the engine, on Node 20) lead here through the session:
    // what nobody needs any more must not be kept by them.
    this.#request = undefined;
    this.#response = undefined;
    if (response.writableFinished) return;
    this.gone = true;
    this.#leaving?.abort();
    this.#exchange?.clientLeft();
    if (this.#over) this.#save();
  }

  #ended(): void {
    this.#over = true;
    if (this.gone) this.#save();
  }

  /** The listener failed, or an operation whose promise nobody looked at. */
  unseenFailure(error: unknown): void {
    const response = this.#response;
    if (response === undefined || !canBeReplaced(response)) {
      this.#report(error);
      this.#ended();
      if (response?.writableEnded === false) response.destroy();
      return;
    }
    dropHeld(response);
    this.finish().then(
      (headers) => answerFailure(response, failureOf(this.#app, error), headers),
      (saving: unknown) => {
        this.#report(error);
        answerFailure(response, failureOf(this.#app, saving));
      },
    );
  }

  /** Without a session there is nothing to save, and nothing is held. */
  #fallen(response: ServerResponse, error: unknown): void {
    if (!response.headersSent) {
      this.refuse(response, error);
      return;
    }
    this.#report(error);
    if (!response.writableEnded) response.destroy();
  }

  /** Nobody is there to be told: the session is still saved, and what fails is reported. */
  #save(): void {
    this.#exchange?.finish().catch((error: unknown) => this.#report(error));
  }

  #report(cause: unknown): void {
    logFailure(this.#app, cause);
  }
}

function storeOf(this: VisitedMessage): Store {
  return (this[VISIT] as Visit).store;
}

function noSession(): never {
  throw new BlitzError('E_SESSION_NO_REQUEST');
}

function decide(
  option: boolean | ((request: IncomingMessage) => boolean),
  request: IncomingMessage,
): boolean {
  return typeof option === 'function' ? option(request) : option;
}

function header(request: IncomingMessage, name: string): string | undefined {
  const value = request.headers[name];
  return typeof value === 'string' ? value : undefined;
}
