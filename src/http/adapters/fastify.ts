import type { IncomingMessage, ServerResponse } from 'node:http';
import type { FastifyPluginCallback, FastifyReply, FastifyRequest } from 'fastify';
import { BlitzError } from '../../errors.js';
import type { Store } from '../../session/store.js';
import type { Application } from '../application.js';
import { failureOf } from '../failure.js';
import { answerFailure, giveBack } from '../held-response.js';
import { discard } from '../response-body.js';
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

declare module 'fastify' {
  interface FastifyRequest {
    /** The session of this request. Throws `E_SESSION_NO_REQUEST` where there is none, or not yet. */
    session(): Store;
  }
}

export interface FastifySessionOptions extends SessionAdapterOptions<FastifyRequest> {
  readonly app: Application;
}

/** Where a request keeps its visit. */
const VISIT = Symbol('visit');

type Visited = FastifyRequest & { [VISIT]?: FastifyVisit };
type Done = (error?: Error) => void;

/**
 * A plugin for Fastify, for the routes of the server that it is registered on and of all below: the session is opened
 * when the body has been parsed, and saved before the response is sent. What cannot be opened or saved goes to the
 * error handler with its status. The visitor's address and HTTPS are those of `request.ip` and `request.protocol`:
 * Fastify's own setting `trustProxy` says who is believed.
 */
export const startSession: FastifyPluginCallback<FastifySessionOptions> = Object.assign(plugin, {
  // Not encapsulated: the hooks are those of the server that registers it.
  [Symbol.for('skip-override')]: true,
  [Symbol.for('fastify.display-name')]: 'blitz-session',
  [Symbol.for('plugin-meta')]: { name: 'blitz-session', fastify: '5.x' },
});

function plugin(
  ...[server, options, registered]: Parameters<FastifyPluginCallback<FastifySessionOptions>>
): void {
  const { app, skip = false, readOnly = false, context = true, start = true } = options;
  const starter = new SessionStarter(app);
  server.decorateRequest('session', sessionOf);
  server.addHook('preValidation', (request, reply, done) => {
    const { raw } = request;
    try {
      if (isVisited(raw)) return done();
      if (decide(skip, request)) {
        leaveOut(raw);
        return done();
      }
      const visit = new FastifyVisit(app, request, reply, done as Done);
      const exchange: ExchangeRequest = {
        from: { ip: request.ip, https: request.protocol === 'https' },
        cookie: raw.headers.cookie,
        requestedWith: header(raw, 'x-requested-with'),
        readOnly: decide(readOnly, request),
        context: decide(context, request),
        client: visit,
      };
      visit.begin(starter, exchange, decide(start, request), reply.raw);
    } catch (error) {
      done(error as Error);
    }
  });
  server.addHook('onSend', (request: Visited, reply, payload, done) => {
    const visit = request[VISIT];
    if (visit === undefined) done();
    else visit.commit(reply, payload, done as Done);
  });
  registered();
}

class FastifyVisit extends Visit {
  /** All three until the answer has left. */
  #from: Visited | undefined;
  #reply: FastifyReply | undefined;
  #done: Done | undefined;
  /** The headers from before. */
  #before: Readonly<Record<string, number | string | string[] | undefined>> = {};

  constructor(app: Application, request: FastifyRequest, reply: FastifyReply, done: Done) {
    super(app, request.raw, reply.raw);
    this.#from = request;
    this.#reply = reply;
    this.#done = done;
  }

  protected override get returnable(): boolean {
    return true;
  }

  protected override enter(_request: IncomingMessage, _response: ServerResponse, exchange: Exchange): void {
    (this.#from as Visited)[VISIT] = this;
    this.#before = { ...this.#reply?.getHeaders() };
    const done = this.#done as Done;
    this.#done = undefined;
    exchange.run(() => done());
  }

  /** Before Fastify sends; called again for the answer to what this rejects. */
  commit(reply: FastifyReply, payload: unknown, done: Done): void {
    this.finish().then(
      () => done(),
      (error: Error) => {
        this.passedOn = true;
        discard(payload);
        this.#forget(reply);
        done(error);
      },
    );
  }

  protected override tell(response: ServerResponse, error: unknown, session?: SessionHeaders): void {
    const [reply, done] = [this.#reply, this.#done];
    if (done !== undefined) {
      this.#done = undefined;
      done(error as Error);
    } else if (reply !== undefined && !hijacked(reply) && giveBack(response, session !== undefined)) {
      this.passedOn = session === undefined;
      this.#forget(reply);
      reply.send(error);
    } else answerFailure(response, failureOf(this.app, error), session);
  }

  /** Takes back what was prepared, lest the error be sent with its headers. */
  #forget(reply: FastifyReply): void {
    for (const name of Object.keys(reply.getHeaders())) {
      reply.removeHeader(name);
      if (!reply.raw.headersSent) reply.raw.removeHeader(name);
    }
    reply.headers(this.#before);
  }

  protected override closed(response: ServerResponse): void {
    super.closed(response);
    this.#from = undefined;
    this.#reply = undefined;
    this.#done = undefined;
  }
}

/** The application answers by itself, on `reply.raw`. */
function hijacked(reply: FastifyReply): boolean {
  return reply.sent && !reply.raw.writableEnded;
}

function sessionOf(this: FastifyRequest): Store {
  const { session } = this.raw as Partial<SessionMessage>;
  if (session === undefined) throw new BlitzError('E_SESSION_NO_REQUEST');
  return session.call(this.raw as SessionMessage);
}
