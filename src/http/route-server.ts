import type { ServerResponse } from 'node:http';
import type { Readable } from 'node:stream';
import type { FastifyReply } from 'fastify';
import { runInScope } from '../container/request-scope.js';
import type { Clock } from '../contracts/clock.js';
import type { Client } from '../contracts/http.js';
import type { Awaitable } from '../contracts/session.js';
import { isBlitzError } from '../errors.js';
import { after, isThenable } from '../support/thenable.js';
import { turnEnded } from '../support/turn.js';
import { keepQuiet, outgoing } from './body-stream.js';
import type { DebugBar } from './debug-bar/debug-bar.js';
import type { ErrorHandler } from './error-handler.js';
import type { Host } from './host.js';
import type { Pipeline } from './pipeline.js';
import { rememberPage } from './previous-page.js';
import type { Request } from './request.js';
import { Response } from './response.js';
import { discard, isStream } from './response-body.js';
import type { SessionMode } from './routing/route.js';
import { type SessionExchange, type SessionHeaders, SessionStarter } from './start-session.js';
import type { Visit } from './visit.js';

/** Statuses of answers that have no body. */
const BODILESS: ReadonlySet<number> = new Set([204, 205, 304]);

/** Phrases of statuses that Node does not know. */
const UNREGISTERED: Readonly<Record<number, string>> = { 419: 'Page Expired' };

/** Answers requests that Fastify has read: opens the session, runs the pipeline, saves, and only then sends. */
export class RouteServer {
  readonly #app: Host;
  readonly #starter: SessionStarter;
  readonly #errors: ErrorHandler;
  readonly #bar: DebugBar | undefined;

  /** `bar`: what development shows of the session. */
  constructor(app: Host, errors: ErrorHandler, bar: DebugBar | undefined) {
    this.#app = app;
    this.#starter = new SessionStarter(app);
    this.#errors = errors;
    this.#bar = bar;
  }

  /** Opens the session as the route wants it, and answers. */
  async serve(
    request: Request,
    reply: FastifyReply,
    pipeline: Pipeline,
    mode: SessionMode,
  ): Promise<unknown> {
    if (mode === 'none') return this.#withoutSession({ request, response: new Response() }, reply, pipeline);
    return this.#withSession(request, reply, pipeline, mode, (error) => Promise.reject(error));
  }

  /** Answers what no route takes. The visitor's session can be read there; a store that fails does not matter. */
  serveError(request: Request, reply: FastifyReply, pipeline: Pipeline): Promise<unknown> {
    return this.#withSession(request, reply, pipeline, 'read', () => undefined);
  }

  async #withSession(
    request: Request,
    reply: FastifyReply,
    pipeline: Pipeline,
    mode: SessionMode,
    unopened: (error: unknown) => Promise<Response> | undefined,
  ): Promise<unknown> {
    const visit: Visit = { request, response: new Response() };
    const client = new Visitor(reply.raw);
    let exchange: SessionExchange;
    await turnEnded();
    try {
      exchange = await this.#starter.begin({
        from: request.forwarding,
        cookie: request.headers.cookie,
        requestedWith: request.header('x-requested-with'),
        readOnly: mode === 'read',
        context: true,
        client,
      });
    } catch (error) {
      if (isBlitzError(error, 'E_SESSION_CLIENT_LEFT')) return reply.hijack();
      return this.#withoutSession(visit, reply, (around) => unopened(error) ?? pipeline(around));
    }
    request.attach(exchange.store);
    client.serve(exchange);
    if (client.gone) return this.#abandon(exchange, request, reply);
    return exchange.run(() => this.#serve(visit, reply, pipeline, exchange), visit);
  }

  async #serve(
    visit: Visit,
    reply: FastifyReply,
    pipeline: Pipeline,
    exchange: SessionExchange,
  ): Promise<unknown> {
    const watched = this.#bar?.watch(visit.request, exchange);
    const prepared = this.#prepared(visit, pipeline);
    // Awaiting what is there already would cost a turn of promises in a followed context.
    let response = isThenable(prepared) ? await this.#awaited(prepared, visit, exchange) : prepared;
    let headers: SessionHeaders | undefined;
    rememberPage(visit.request, response, exchange);
    watched?.show(response);
    try {
      headers = await exchange.finish();
      watched?.saved();
    } catch (error) {
      // Nothing was saved: what was prepared must not be believed, nor its cookies.
      discard(response.body);
      response = this.#errors.respond(error, visit.request);
      await response.prepare();
    }
    return this.#send(reply, response, visit.request, headers);
  }

  #withoutSession(visit: Visit, reply: FastifyReply, pipeline: Pipeline): Promise<unknown> {
    return runInScope(
      this.#app.services,
      undefined,
      async () => {
        const response = await this.#prepared(visit, pipeline);
        this.#bar?.watch(visit.request).show(response);
        return this.#send(reply, response, visit.request);
      },
      visit,
    );
  }

  /** A response that is ready to be sent, whatever happens. Never throws. */
  #prepared(visit: Visit, pipeline: Pipeline): Awaitable<Response> {
    const failed = (error: unknown) => this.#failed(error, visit);
    try {
      const response = after(pipeline(visit), ready);
      return isThenable(response) ? response.then((it) => it, failed) : response;
    } catch (error) {
      return failed(error);
    }
  }

  #failed(error: unknown, visit: Visit): Awaitable<Response> {
    // `throw redirect('/connexion')`, as in Laravel.
    if (error instanceof Response) return ready(error.inherit(visit.response));
    return ready(this.#errors.respond(error, visit.request).inheritPolicies(visit.response));
  }

  /** What the action prepares; or the answer to a failed `close()` and the like for whose end it waits in vain. */
  #awaited(prepared: PromiseLike<Response>, visit: Visit, exchange: SessionExchange): Promise<Response> {
    return new Promise((resolve) => {
      let given = false;
      exchange.onUnseenFailure({
        unseenFailure: (error) => {
          given = true;
          resolve(this.#failed(error, visit));
        },
      });
      void prepared.then((response) => {
        if (given) discard(response.body);
        resolve(response);
      });
    });
  }

  /** The client left while the session was being opened: nothing runs, and nobody is answered. */
  async #abandon(exchange: SessionExchange, request: Request, reply: FastifyReply): Promise<unknown> {
    await exchange.finish().catch((error: unknown) => this.#errors.report(error, request));
    return reply.hijack();
  }

  #send(reply: FastifyReply, response: Response, request: Request, session?: SessionHeaders): unknown {
    const { body } = response;
    if (BODILESS.has(response.statusCode)) {
      discard(body);
      this.#head(
        reply,
        response.withoutHeader('Content-Type').withoutHeader('Content-Length'),
        request,
        session,
      );
      return reply.send();
    }
    if (!isStream(body)) {
      this.#head(reply, response, request, session);
      return reply.send(body);
    }
    if (request.isMethod('HEAD')) {
      discard(body);
      this.#head(reply, response, request, session);
      return reply.send();
    }
    return this.#sendStream(reply, response, body, request, session);
  }

  /** Until the stream has begun another answer can still take its place. */
  async #sendStream(
    reply: FastifyReply,
    response: Response,
    body: Readable | ReadableStream,
    request: Request,
    session?: SessionHeaders,
  ): Promise<unknown> {
    const { stream, begun } = outgoing(body, (error) => this.#errors.report(error, request));
    reply.raw.once('close', () => stream.destroy());
    if (reply.raw.destroyed) stream.destroy();
    try {
      await begun;
    } catch (error) {
      if (reply.raw.destroyed) return reply.hijack();
      const failure = this.#errors.respond(error, request).inheritPolicies(response);
      return this.#send(reply, await ready(failure), request, session);
    }
    this.#head(reply, response, request, session);
    return reply.send(stream);
  }

  #head(reply: FastifyReply, response: Response, request: Request, session?: SessionHeaders): void {
    reply.code(response.statusCode);
    const reason = response.reasonPhrase ?? UNREGISTERED[response.statusCode];
    if (reason !== undefined) reply.raw.statusMessage = reason;
    for (const { name, value } of response.headers.values()) reply.header(name, value);
    if (response.hasCookies) {
      const sending = { overHttps: request.secure(), now: this.#app.services.get<Clock>('clock').now() };
      for (const cookie of response.cookies.values())
        reply.header('Set-Cookie', cookie.toHeaderValue(sending));
    }
    if (session === undefined) return;
    if (session.setCookie !== undefined) reply.header('Set-Cookie', session.setCookie);
    if (session.caching.length === 0 || response.hasHeader('Cache-Control')) return;
    for (const [name, value] of session.caching) reply.header(name, value);
  }
}

function ready(response: Response): Awaitable<Response> {
  return after(response.prepare(), () => {
    keepQuiet(response.body);
    return response;
  });
}

/** The other end of the connection. */
class Visitor implements Client {
  gone = false;
  #leaving: AbortController | undefined;
  #exchange: SessionExchange | undefined;

  constructor(response: ServerResponse) {
    response.on('close', () => {
      if (response.writableFinished) {
        this.#exchange?.answered();
        return;
      }
      this.gone = true;
      this.#leaving?.abort();
      this.#exchange?.clientLeft();
    });
  }

  get signal(): AbortSignal {
    this.#leaving ??= new AbortController();
    return this.#leaving.signal;
  }

  serve(exchange: SessionExchange): void {
    this.#exchange = exchange;
    if (this.gone) exchange.clientLeft();
  }
}
