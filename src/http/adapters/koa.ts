import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Context, Middleware, Next } from 'koa';
import type { Store } from '../../session/store.js';
import type { Application } from '../application.js';
import { failureOf } from '../failure.js';
import { answerFailure, giveBack } from '../held-response.js';
import {
  decide,
  type Exchange,
  type ExchangeRequest,
  type SessionAdapterOptions,
  type SessionHeaders,
  SessionStarter,
} from '../start-session.js';
import { header } from './message.js';
import { isVisited, leaveOut, type SessionMessage, Visit } from './visit.js';

declare module 'koa' {
  interface ExtendableContext {
    /** The session of this request. Throws `E_SESSION_NO_REQUEST` where it was left out. */
    session(): Store;
  }
}

/**
 * A middleware for Koa: the session is opened before what is below it runs, and saved when that has ended, before the
 * first byte leaves. What cannot be opened or saved is thrown to Koa with its status. The visitor's address and HTTPS
 * are those of `ctx.ip` and `ctx.secure`: Koa's own setting `proxy` says who is believed.
 */
export function startSession(app: Application, options: SessionAdapterOptions<Context> = {}): Middleware {
  const starter = new SessionStarter(app);
  const { skip = false, readOnly = false, context = true, start = true } = options;
  return (ctx, next) => {
    const { req: request, res: response } = ctx;
    ctx.session = sessionOf;
    if (isVisited(request)) return next();
    if (decide(skip, ctx)) {
      leaveOut(request);
      return next();
    }
    return new Promise<void>((resolve, reject) => {
      const visit = new KoaVisit(app, ctx, next, { resolve, reject });
      const exchange: ExchangeRequest = {
        from: { ip: ctx.ip, https: ctx.secure },
        cookie: request.headers.cookie,
        requestedWith: header(request, 'x-requested-with'),
        readOnly: decide(readOnly, ctx),
        context: decide(context, ctx),
        client: visit,
      };
      visit.begin(starter, exchange, decide(start, ctx), response);
    });
  };
}

/** The promise that Koa waits for. */
interface Outcome {
  resolve(): void;
  reject(error: unknown): void;
}

class KoaVisit extends Visit {
  /** Both until the answer has left. */
  #ctx: Context | undefined;
  #next: Next | undefined;
  #outcome: Outcome | undefined;
  #entered = false;

  constructor(app: Application, ctx: Context, next: Next, outcome: Outcome) {
    super(app, ctx.req, ctx.res);
    this.#ctx = ctx;
    this.#next = next;
    this.#outcome = outcome;
  }

  protected override get returnable(): boolean {
    return true;
  }

  protected override enter(_request: IncomingMessage, _response: ServerResponse, exchange: Exchange): void {
    this.#entered = true;
    const next = this.#next as Next;
    exchange
      .run(async () => next())
      .then(
        () => this.#commit(),
        (error: unknown) => {
          // The session is saved when Koa, or a middleware that catches this, answers.
          this.ended();
          this.#settle({ error });
        },
      );
  }

  #commit(): void {
    this.ended();
    this.finish().then(
      () => this.#settle(),
      (error: unknown) => {
        this.passedOn = true;
        this.#settle({ error });
      },
    );
  }

  protected override tell(response: ServerResponse, error: unknown, session?: SessionHeaders): void {
    if (!this.#entered) this.#settle({ error });
    else if (this.#outcome !== undefined && giveBack(response, session !== undefined))
      this.#settle({ error });
    else {
      this.#settle();
      answerFailure(response, failureOf(this.app, error), session);
    }
  }

  protected override closed(response: ServerResponse): void {
    super.closed(response);
    // The client left while its request waited: the middlewares above are not left waiting.
    if (!this.#entered && this.#ctx !== undefined) this.#ctx.respond = false;
    if (!this.#entered) this.#settle();
    this.#ctx = undefined;
    this.#next = undefined;
  }

  #settle(failure?: { readonly error: unknown }): void {
    const outcome = this.#outcome;
    this.#outcome = undefined;
    if (failure === undefined) outcome?.resolve();
    else if (outcome !== undefined) outcome.reject(failure.error);
  }
}

function sessionOf(this: { readonly req: IncomingMessage }): Store {
  return (this.req as SessionMessage).session();
}
