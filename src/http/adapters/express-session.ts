import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Session } from '../../session/session.js';
import type { Application } from '../application.js';
import type { Exchange, SessionAdapterOptions, SessionExchange, SessionHeaders } from '../start-session.js';
import { type ExpressSession, type SessionOwner, sessionObject } from './express-session-object.js';
import { MiddlewareVisit, type Next, type SessionMiddleware, sessionMiddleware } from './middleware.js';
import { visitOf } from './visit.js';

export {
  type ExpressCookieOptions,
  type ExpressRecord,
  type ExpressStore,
  fromExpressStore,
} from '../../handlers/express-store.js';
export type { SessionAdapterOptions } from '../start-session.js';
export type { ExpressCookie, ExpressSession, SessionCallback } from './express-session-object.js';
export type { Next, SessionMiddleware } from './middleware.js';

export interface ExpressSessionOptions<Request>
  extends Pick<SessionAdapterOptions<Request>, 'readOnly' | 'skip' | 'context'> {
  /**
   * What `req.session = null` and `delete req.session` do: `keep` leaves the stored session as it was, `destroy` deletes
   * it. Default `keep`.
   */
  readonly unset?: 'keep' | 'destroy';
}

/** A request with the properties that express-session gives it. */
export interface ExpressSessionMessage extends IncomingMessage {
  session: ExpressSession;
  readonly sessionID: string;
}

/**
 * A middleware in the place of express-session's: `req.session` is an object of the same shape, for code and packages
 * that were written for it. It shows the session that `session()` gives, with all its guarantees: requests of one
 * visitor come one after the other, and nothing leaves before it is saved.
 */
export function expressSession<Request extends IncomingMessage = IncomingMessage>(
  app: Application,
  options: ExpressSessionOptions<Request> = {},
): SessionMiddleware<Request> {
  const { unset = 'keep', ...others } = options;
  return sessionMiddleware(app, { ...others, start: true }, (request, response, next) => {
    return new ObjectVisit(app, request, response, next, unset === 'destroy');
  });
}

/** A request whose `session` is the object of express-session. */
class ObjectVisit extends MiddlewareVisit implements SessionOwner {
  readonly #destroys: boolean;
  #object: ExpressSession | undefined;
  /** Until the answer has left. */
  #message: IncomingMessage | undefined;

  constructor(
    app: Application,
    request: IncomingMessage,
    response: ServerResponse,
    next: Next,
    destroys: boolean,
  ) {
    super(app, request, response, next);
    this.#destroys = destroys;
  }

  protected override enter(request: IncomingMessage, response: ServerResponse, exchange: Exchange): void {
    this.#message = request;
    this.renew();
    Object.defineProperties(request, PROPERTIES);
    super.enter(request, response, exchange);
  }

  /** `delete req.session` tells nobody. */
  override finish(): PromiseLike<SessionHeaders> {
    if (this.#message !== undefined && !Object.hasOwn(this.#message, 'session')) this.replace(undefined);
    return super.finish();
  }

  protected override closed(response: ServerResponse): void {
    super.closed(response);
    this.#message = undefined;
  }

  get live(): Session {
    return (this.exchange as SessionExchange).session;
  }

  renew(): void {
    this.#object = sessionObject(this, this.app);
  }

  forget(): void {
    this.#object = undefined;
  }

  get object(): ExpressSession | undefined {
    return this.#object;
  }

  replace(value: unknown): void {
    if (value === this.#object) return;
    if (value !== null && value !== undefined) {
      throw new TypeError('req.session can be set to null only; set its properties, or call regenerate()');
    }
    this.#object = undefined;
    if (this.#destroys) void this.store.destroy();
    else if (this.live.started) this.live.rollBack('req.session = null');
  }
}

/** The same for all requests, so that none of them keeps functions of its own. */
const PROPERTIES: PropertyDescriptorMap = {
  session: {
    configurable: true,
    enumerable: true,
    get(this: IncomingMessage): ExpressSession | undefined {
      return (visitOf(this) as ObjectVisit).object;
    },
    set(this: IncomingMessage, value: unknown) {
      (visitOf(this) as ObjectVisit).replace(value);
    },
  },
  sessionID: {
    configurable: true,
    enumerable: true,
    get(this: IncomingMessage): string {
      return (visitOf(this) as ObjectVisit).live.id;
    },
  },
};
