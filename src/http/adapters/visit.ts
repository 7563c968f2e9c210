import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Client } from '../../contracts/http.js';
import { BlitzError, isBlitzError } from '../../errors.js';
import type { Store } from '../../session/store.js';
import { endOfTurn } from '../../support/turn.js';
import type { Application } from '../application.js';
import { NO_HEADERS } from '../exchange.js';
import { logFailure } from '../failure.js';
import { canBeReplaced, dropHeld, type Gate, holdResponse } from '../held-response.js';
import type { Exchange, ExchangeRequest, SessionHeaders, SessionStarter } from '../start-session.js';

/** A request of `node:http` whose session is open. */
export interface SessionMessage extends IncomingMessage {
  /** The session of this request. */
  session(): Store;
}

/** Where a request keeps its visit: a weak map would keep its tables alive from one request to the next. */
const VISIT = Symbol('visit');

type VisitedMessage = IncomingMessage & { session?: () => Store; [VISIT]?: Visit };

/** Whether an adapter further out has opened a session for this request: what goes wrong is that one's to answer. */
export function isVisited(request: IncomingMessage): boolean {
  return visitOf(request) !== undefined;
}

/** The visit of a request whose session is open. */
export function visitOf(request: IncomingMessage): Visit | undefined {
  return (request as VisitedMessage)[VISIT];
}

/**
 * One request on its way through an adapter whose responses are those of `node:http`. An adapter says how its user code
 * is entered, and how a failure is told. What it is asked by others it answers itself: a function made for each request
 * and kept in a property of it held the whole request, answered long ago, until the next full collection.
 */
export abstract class Visit implements Client, Gate {
  protected readonly app: Application;
  /** Both until the answer has left. */
  #request: VisitedMessage | undefined;
  #response: ServerResponse | undefined;
  #leaving: AbortController | undefined;
  #exchange: Exchange | undefined;
  /** The client left before it had its answer. */
  gone = false;
  /** User code is at its end. */
  #over = false;
  /** The session was told to be saved. */
  #committed = false;
  /** The framework answers that the session could not be saved: nothing more is asked of the session. */
  protected passedOn = false;

  constructor(app: Application, request: IncomingMessage, response: ServerResponse) {
    this.app = app;
    this.#request = request;
    this.#response = response;
  }

  /** Runs user code, whose session is open and whose response is held. To be told: `ended`, or `unseenFailure`. */
  protected abstract enter(request: IncomingMessage, response: ServerResponse, exchange: Exchange): void;

  /** Answers a failure, in the place of what was held. `session`: headers of a session that was saved all the same. */
  protected abstract tell(response: ServerResponse, error: unknown, session?: SessionHeaders): void;

  /** Whether `tell` may give the response back. Asked once, when it begins to be held. */
  protected get returnable(): boolean {
    return false;
  }

  /** Aborted when the client leaves. */
  get signal(): AbortSignal {
    this.#leaving ??= new AbortController();
    return this.#leaving.signal;
  }

  /** Undefined until the session is open. */
  protected get exchange(): Exchange | undefined {
    return this.#exchange;
  }

  get store(): Store {
    return (this.#exchange as Exchange).store;
  }

  #open(starter: SessionStarter, request: ExchangeRequest, response: ServerResponse): void {
    try {
      starter.begin(request).then(
        (exchange) => this.#serve(exchange),
        (error: unknown) => this.refused(response, error),
      );
    } catch (error) {
      this.refused(response, error);
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
    request.session = storeOf;
    request[VISIT] = this;
    holdResponse(response, this, this.returnable);
    exchange.onUnseenFailure(this);
    this.enter(request, response, exchange);
  }

  /** Opens the session for `exchange`, or with `start` false leaves that to user code. */
  begin(starter: SessionStarter, exchange: ExchangeRequest, start: boolean, response: ServerResponse): void {
    response.on('close', () => this.closed(response));
    // The requests of one turn are read first, then served, then answered: with files and 16 connections that takes a
    // third of the processor time that each of them takes from its first byte to its last.
    if (start) endOfTurn(() => this.#open(starter, exchange, response));
    else this.#serve(starter.leave(exchange));
  }

  /** At the first byte of the response. */
  finish(): PromiseLike<SessionHeaders> {
    this.#committed = true;
    if (this.passedOn) return Promise.resolve(NO_HEADERS);
    return (this.#exchange as Exchange).finish();
  }

  /** The session could not be opened or saved. Nobody waits for the answer of a client that left. */
  refused(response: ServerResponse, error: unknown, session?: SessionHeaders): void {
    if (!isBlitzError(error, 'E_SESSION_CLIENT_LEFT')) this.tell(response, error, session);
  }

  protected closed(response: ServerResponse): void {
    // Contexts that outlive the request (promises and timers of the engine, on Node 20) lead here through the session:
    // what nobody needs any more must not be kept by them.
    this.#request = undefined;
    this.#response = undefined;
    if (response.writableFinished) {
      // It left past us, through functions of another copy of Express that knows nothing of ours.
      if (this.#committed) this.#exchange?.answered();
      else this.#save();
      return;
    }
    this.gone = true;
    this.#leaving?.abort();
    this.#exchange?.clientLeft();
    if (this.#over) this.#save();
  }

  /** User code is at its end: a client that left keeps its session open no longer. */
  protected ended(): void {
    this.#over = true;
    if (this.gone) this.#save();
  }

  /** User code failed, or an operation whose promise nobody looked at. */
  unseenFailure(error: unknown): void {
    const response = this.#response;
    if (response === undefined || !canBeReplaced(response)) {
      this.report(error);
      this.ended();
      if (response?.writableEnded === false) response.destroy();
      return;
    }
    dropHeld(response);
    this.finish().then(
      (headers) => this.tell(response, error, headers),
      (saving: unknown) => {
        if (saving !== error) this.report(error);
        this.tell(response, saving);
      },
    );
  }

  /** Nobody is there to be told: the session is still saved, and what fails is reported. */
  #save(): void {
    this.#exchange?.finish().catch((error: unknown) => this.report(error));
  }

  protected report(cause: unknown): void {
    logFailure(this.app, cause);
  }
}

/** Makes `request.session()` throw, where the session is left out. */
export function leaveOut(request: IncomingMessage): void {
  (request as VisitedMessage).session = noSession;
}

function storeOf(this: VisitedMessage): Store {
  return (this[VISIT] as Visit).store;
}

function noSession(): never {
  throw new BlitzError('E_SESSION_NO_REQUEST');
}
