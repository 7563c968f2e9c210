import type { IncomingMessage } from 'node:http';
import type { Store } from '../../session/store.js';
import type { Application } from '../application.js';
import type { SessionAdapterOptions } from '../start-session.js';
import { MiddlewareVisit, type SessionMiddleware, sessionMiddleware } from './middleware.js';
import { leaveOut } from './visit.js';

export type { SessionAdapterOptions } from '../start-session.js';
export type { Next, SessionMiddleware } from './middleware.js';
export type { SessionMessage } from './visit.js';

declare global {
  namespace Express {
    interface Request {
      /** The session of this request. Throws `E_SESSION_NO_REQUEST` where it was left out. */
      session(): Store;
    }
  }
}

/**
 * A middleware of Express (4 and 5) and Connect: everything below it has its session, which is opened before and saved
 * before the first byte of the response leaves. A session that cannot be opened or saved goes to the error handlers,
 * and what was prepared is dropped; only where a handler goes on writing for 0.2 seconds, 503 is answered here.
 * Express's `trust proxy` decides which forwarded address and protocol are believed; below Connect, `app.trust_proxy`.
 */
export function startSession<Request extends IncomingMessage = IncomingMessage>(
  app: Application,
  options: SessionAdapterOptions<Request> = {},
): SessionMiddleware<Request> {
  return sessionMiddleware(app, options, (request, response, next) => {
    leaveOut(request);
    return new MiddlewareVisit(app, request, response, next);
  });
}
