import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import type { Client } from '../../contracts/http.js';
import { BlitzError, isBlitzError } from '../../errors.js';
import type { Store } from '../../session/store.js';
import { isThenable } from '../../support/thenable.js';
import type { Application } from '../application.js';
import { failureOf, logFailure } from '../failure.js';
import { answerFailure, canBeReplaced, dropHeld, holdResponse } from '../held-response.js';
import { type SessionAdapterOptions, type SessionExchange, SessionStarter } from '../start-session.js';

/** A request of `node:http` whose session is open. */
export interface SessionMessage extends IncomingMessage {
  /** The session of this request. */
  session(): Store;
}

export type SessionListener = (request: SessionMessage, response: ServerResponse) => unknown;

/** Marks a request whose session is open: a weak map would keep its tables alive from one request to the next. */
const SERVED = Symbol('served');

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
  const { skip = false, readOnly = false, context = true } = options;
  return (request, response) => {
    // Below another withSession: what goes wrong is the outer one's to answer.
    if (SERVED in request) return listener(request as unknown as SessionMessage, response);
    const visit = new Visit(app, listener, request as SessionMessage, response);
    try {
      if (decide(skip, request)) return visit.withoutSession();
      visit.waitFor(
        starter.begin({
          peer: request.socket.remoteAddress,
          encrypted: 'encrypted' in request.socket,
          forwardedFor: header(request, 'x-forwarded-for'),
          forwardedProto: header(request, 'x-forwarded-proto'),
          cookie: request.headers.cookie,
          requestedWith: header(request, 'x-requested-with'),
          readOnly: decide(readOnly, request),
          context: decide(context, request),
          client: visit,
        }),
      );
    } catch (error) {
      visit.refuse(error);
    }
  };
}

/** One request on its way through the listener. */
class Visit implements Client {
  readonly #app: Application;
  readonly #listener: SessionListener;
  readonly #request: SessionMessage;
  readonly #response: ServerResponse;
  #leaving: AbortController | undefined;
  #exchange: SessionExchange | undefined;
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

  withoutSession(): void {
    this.#request.session = noSession;
    this.#run(
      () => this.#listener(this.#request, this.#response),
      () => {},
      (error) => this.#fallen(error),
    );
  }

  waitFor(opening: Promise<SessionExchange>): void {
    this.#response.once('close', () => this.#closed());
    opening.then(
      (exchange) => this.#serve(exchange),
      (error: unknown) => this.refuse(error),
    );
  }

  refuse(error: unknown): void {
    if (!isBlitzError(error, 'E_SESSION_CLIENT_LEFT')) {
      answerFailure(this.#response, failureOf(this.#app, error));
    }
  }

  #serve(exchange: SessionExchange): void {
    this.#exchange = exchange;
    if (this.gone) {
      exchange.clientLeft();
      this.#save();
      return;
    }
    Object.assign(this.#request, { [SERVED]: true });
    this.#request.session = () => exchange.store;
    holdResponse(this.#response, {
      finish: () => exchange.finish(),
      failed: (error) => failureOf(this.#app, error),
    });
    exchange.onUnseenFailure((error) => this.#failed(exchange, error));
    this.#run(
      () => exchange.run(() => this.#listener(this.#request, this.#response)),
      () => this.#ended(),
      (error) => this.#failed(exchange, error),
    );
  }

  #run(work: () => unknown, ended: () => void, failed: (error: unknown) => void): void {
    try {
      const answer = work();
      if (isThenable(answer)) answer.then(ended, failed);
    } catch (error) {
      failed(error);
    }
  }

  #closed(): void {
    if (this.#response.writableFinished) return;
    this.gone = true;
    this.#leaving?.abort();
    this.#exchange?.clientLeft();
    if (this.#over) this.#save();
  }

  #ended(): void {
    this.#over = true;
    if (this.gone) this.#save();
  }

  #failed(exchange: SessionExchange, error: unknown): void {
    if (this.gone || !canBeReplaced(this.#response)) {
      this.#report(error);
      this.#ended();
      if (!this.#response.writableEnded) this.#response.destroy();
      return;
    }
    dropHeld(this.#response);
    exchange.finish().then(
      (headers) => answerFailure(this.#response, failureOf(this.#app, error), headers),
      (saving: unknown) => {
        this.#report(error);
        answerFailure(this.#response, failureOf(this.#app, saving));
      },
    );
  }

  /** Without a session there is nothing to save, and nothing is held. */
  #fallen(error: unknown): void {
    if (!this.#response.headersSent) {
      this.refuse(error);
      return;
    }
    this.#report(error);
    if (!this.#response.writableEnded) this.#response.destroy();
  }

  /** Nobody is there to be told: the session is still saved, and what fails is reported. */
  #save(): void {
    this.#exchange?.finish().catch((error: unknown) => this.#report(error));
  }

  #report(cause: unknown): void {
    logFailure(this.#app, cause);
  }
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
