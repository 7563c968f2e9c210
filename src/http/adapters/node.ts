import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { isThenable } from '../../support/thenable.js';
import type { Application } from '../application.js';
import { failureOf } from '../failure.js';
import { answerFailure } from '../held-response.js';
import {
  decide,
  type Exchange,
  type ExchangeRequest,
  type SessionAdapterOptions,
  type SessionHeaders,
  SessionStarter,
} from '../start-session.js';
import { forwarding, header } from './message.js';
import { isVisited, leaveOut, type SessionMessage, Visit } from './visit.js';

export type { SessionMessage } from './visit.js';

export type SessionListener = (request: SessionMessage, response: ServerResponse) => unknown;

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
    if (isVisited(request)) return listener(request as SessionMessage, response);
    const visit = new NodeVisit(app, listener, request, response);
    try {
      if (decide(skip, request)) return visit.withoutSession(request, response);
      const exchange: ExchangeRequest = {
        from: forwarding(request),
        cookie: request.headers.cookie,
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

class NodeVisit extends Visit {
  readonly #listener: SessionListener;

  constructor(
    app: Application,
    listener: SessionListener,
    request: IncomingMessage,
    response: ServerResponse,
  ) {
    super(app, request, response);
    this.#listener = listener;
  }

  withoutSession(request: IncomingMessage, response: ServerResponse): void {
    leaveOut(request);
    this.#run(
      () => this.#listener(request as SessionMessage, response),
      () => {},
      (error) => this.#fallen(response, error),
    );
  }

  protected override enter(request: IncomingMessage, response: ServerResponse, exchange: Exchange): void {
    this.#run(
      () => exchange.run(() => this.#listener(request as SessionMessage, response)),
      () => this.ended(),
      (error) => this.unseenFailure(error),
    );
  }

  protected override tell(response: ServerResponse, error: unknown, session?: SessionHeaders): void {
    answerFailure(response, failureOf(this.app, error), session);
  }

  #run(work: () => unknown, ended: () => void, failed: (error: unknown) => void): void {
    try {
      const answer = work();
      if (isThenable(answer)) answer.then(ended, failed);
    } catch (error) {
      failed(error);
    }
  }

  /** Without a session there is nothing to save, and nothing is held. */
  #fallen(response: ServerResponse, error: unknown): void {
    if (!response.headersSent) {
      this.refused(response, error);
      return;
    }
    this.report(error);
    if (!response.writableEnded) response.destroy();
  }
}
