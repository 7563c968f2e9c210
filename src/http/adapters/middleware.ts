import type { IncomingMessage, ServerResponse } from 'node:http';
import { isBlitzError } from '../../errors.js';
import type { Application } from '../application.js';
import { failureOf } from '../failure.js';
import { answerFailure, giveBack, whenEnded } from '../held-response.js';
import { shareHiddenClass } from '../hidden-class.js';
import {
  decide,
  type Exchange,
  type ExchangeRequest,
  type Found,
  type SessionAdapterOptions,
  type SessionHeaders,
  SessionStarter,
} from '../start-session.js';
import { cookieReader } from './carry-over.js';
import { forwarding, header } from './message.js';
import { isVisited, Visit } from './visit.js';

/** Milliseconds that a handler in the middle of its answer has to end it, before 503 is answered here. */
const PATIENCE = 200;

/** What Express and Connect give to a middleware; with an error, the error handlers run. */
export type Next = (error?: unknown) => void;

/** A middleware of Express 4, Express 5 and Connect. */
export type SessionMiddleware<Request extends IncomingMessage> = (
  request: Request,
  response: ServerResponse,
  next: Next,
) => void;

/** Makes the visit of one request; `request.session` is then as it is without a session. */
export type VisitMaker = (request: IncomingMessage, response: ServerResponse, next: Next) => MiddlewareVisit;

/** The middleware that opens a session for each request and lets `visit` go through with it. */
export function sessionMiddleware<Request extends IncomingMessage>(
  app: Application,
  options: SessionAdapterOptions<Request>,
  visitOf: VisitMaker,
): SessionMiddleware<Request> {
  const starter = new SessionStarter(app);
  const cookieOf = cookieReader(app);
  const { skip = false, readOnly = false, context = true, start = true } = options;
  return (request, response, next) => {
    if (isVisited(request)) return next();
    shareHiddenClass(request, response);
    const visit = visitOf(request, response, next);
    try {
      if (decide(skip, request)) return next();
      const exchange: ExchangeRequest = {
        from: visit.found ?? forwarding(request),
        cookie: cookieOf(request.headers.cookie),
        requestedWith: header(request, 'x-requested-with'),
        readOnly: decide(readOnly, request),
        context: decide(context, request),
        client: visit,
      };
      visit.begin(starter, exchange, decide(start, request), response);
    } catch (error) {
      visit.refused(response, error);
    }
  };
}

interface ExpressMessage {
  readonly ip?: string;
  readonly secure?: boolean;
}

/** Express knows which proxies are believed; Connect knows nothing of the kind. */
function isOfExpress(request: IncomingMessage): request is IncomingMessage & ExpressMessage {
  return 'secure' in request;
}

/** Asked only for what somebody wants to know: Express works each of them out from the headers. */
class ExpressFound implements Found {
  /** Until the answer has left. */
  #request: ExpressMessage | undefined;
  #ip: string | undefined;
  #https = false;

  constructor(request: ExpressMessage & IncomingMessage) {
    this.#request = request;
    // Express asks the socket, and a socket that was closed knows its peer only if it was asked before.
    void request.socket.remoteAddress;
  }

  get ip(): string | undefined {
    return this.#request === undefined ? this.#ip : this.#request.ip;
  }

  get https(): boolean {
    return this.#request === undefined ? this.#https : this.#request.secure === true;
  }

  /** Lets the request go. `needed`: somebody may still ask. */
  letGo(needed: boolean): void {
    if (needed) {
      this.#ip = this.ip;
      this.#https = this.https;
    }
    this.#request = undefined;
  }
}

/** A request on its way through the middlewares: nobody says when the last of them is at its end. */
export class MiddlewareVisit extends Visit {
  /** Until the answer has left. */
  #next: Next | undefined;
  /** What Express found of who asks. */
  readonly found: ExpressFound | undefined;
  /** The error handlers are called once. */
  #told = false;

  constructor(app: Application, request: IncomingMessage, response: ServerResponse, next: Next) {
    super(app, request, response);
    this.#next = next;
    this.found = isOfExpress(request) ? new ExpressFound(request) : undefined;
  }

  protected override get returnable(): boolean {
    return true;
  }

  protected override enter(_request: IncomingMessage, _response: ServerResponse, exchange: Exchange): void {
    exchange.run(this.#next as Next);
  }

  protected override tell(response: ServerResponse, error: unknown, session?: SessionHeaders): void {
    if (this.#told) {
      answerFailure(response, failureOf(this.app, error), session);
      return;
    }
    this.#told = true;
    whenEnded(response, PATIENCE, () => this.#pass(response, error, session));
  }

  #pass(response: ServerResponse, error: unknown, session?: SessionHeaders): void {
    const next = this.#next;
    if (next === undefined || !giveBack(response, session !== undefined)) {
      answerFailure(response, failureOf(this.app, error), session);
      return;
    }
    if (isBlitzError(error) && error.retryAfter !== undefined) {
      response.setHeader('Retry-After', String(error.retryAfter));
    }
    if (this.exchange === undefined) next(error);
    else this.exchange.run(() => next(error));
  }

  protected override closed(response: ServerResponse): void {
    this.found?.letGo(!response.writableFinished);
    super.closed(response);
    this.#next = undefined;
  }
}
