import type { AddressInfo, Socket } from 'node:net';
import { join } from 'node:path';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { ConfigService } from '../config/config-service.js';
import type { Values } from '../contracts/session.js';
import { isBlitzError } from '../errors.js';
import { optionalPackage } from '../support/optional-package.js';
import { pathOf } from './address.js';
import type { DebugBar } from './debug-bar/debug-bar.js';
import { drain } from './drain.js';
import { ErrorHandler, statusOf } from './error-handler.js';
import { parseForm } from './form-data.js';
import type { Host } from './host.js';
import { HttpError } from './http-error.js';
import type { InjectedResponse, InjectOptions } from './inject.js';
import { type Pipeline, pipelineOf, type Report, through } from './pipeline.js';
import { PUBLIC_FOLDER, publicFiles } from './public-files.js';
import { Request, type RequestSetting } from './request.js';
import { ProxyTrust } from './request-facts.js';
import { RouteServer } from './route-server.js';
import type { Parameters } from './routing/path.js';
import type { RouteDefinition } from './routing/route.js';
import type { Router } from './routing/router.js';

const PACKAGES = ['fastify', '@fastify/static'];
const FORM = 'application/x-www-form-urlencoded';
/** Fields of a form. */
const MOST_FIELDS = 10_000;
/** Bytes of a body. */
const BODY_LIMIT = 8 * 1024 * 1024;
/** Milliseconds that a client may take to send its request; no session is open meanwhile. */
const RECEIVING = 300_000;
/** Milliseconds that a request in flight may still take once the application closes. */
const LAST_CALL = 10_000;
/** Methods that a form can only name. */
const SPOOFED: readonly string[] = ['PUT', 'PATCH', 'DELETE'];

/** Serves the routes of an application through Fastify. */
export class Kernel {
  readonly #app: Host;
  readonly #router: Router;
  readonly #fastify: FastifyInstance;
  readonly #server: RouteServer;
  readonly #errors: ErrorHandler;
  readonly #report: Report = (error, request) => this.#errors.report(error, request);
  readonly #setting: RequestSetting;
  readonly #bar: DebugBar | undefined;
  readonly #pipelines = new Map<RouteDefinition, Pipeline>();
  /** The files of `public/` by their path. */
  readonly #files = new Map<string, string>();
  readonly #sockets = new Set<Socket>();
  #listening: Promise<unknown> | undefined;

  private constructor(app: Host, fastify: FastifyInstance, bar: DebugBar | undefined) {
    const { app: options } = app.services.get<ConfigService>('config').all();
    this.#app = app;
    this.#router = app.services.get<Router>('route');
    this.#fastify = fastify;
    fastify.server.on('connection', (socket) => {
      this.#sockets.add(socket);
      socket.once('close', () => this.#sockets.delete(socket));
    });
    this.#setting = { proxies: new ProxyTrust(options.trust_proxy), baseUrl: options.base_url };
    this.#errors = new ErrorHandler(app.services, app.root, options.env === 'development');
    this.#bar = bar;
    this.#server = new RouteServer(app, this.#errors, bar);
  }

  /** Imports Fastify and gives it the routes. Throws `E_PACKAGE_MISSING`, `E_ROUTE`. */
  static async start(app: Host): Promise<Kernel> {
    const { fastify } = await optionalPackage.load('kernel', PACKAGES, () => import('fastify'));
    const server = fastify({
      bodyLimit: BODY_LIMIT,
      requestTimeout: RECEIVING,
      routerOptions: { querystringParser: parseQuery },
      // Our one route has no schema: without these Fastify loads two compilers (ajv, fast-json-stringify) that nobody uses.
      schemaController: { compilersFactory: { buildValidator: noSchemas, buildSerializer: noSchemas } },
      frameworkErrors: (error, request, reply) => kernel.#refuse(error, request, reply),
    });
    const kernel = new Kernel(app, server, await debugBarFor(app));
    server.addContentTypeParser(FORM, { parseAs: 'string' }, (_request, body, done) => {
      try {
        done(null, parseForm(body as string, MOST_FIELDS));
      } catch (error) {
        done(error as Error);
      }
    });
    await kernel.#addFiles();
    kernel.#addRoutes();
    server.setErrorHandler((error, request, reply) => kernel.#refuse(error, request, reply));
    server.setNotFoundHandler((request, reply) => kernel.#unknown(request, reply));
    await server.ready();
    return kernel;
  }

  /** Resolves to the address, such as `http://127.0.0.1:3000`. */
  async listen(port: number, host: string): Promise<string> {
    this.#listening = this.#fastify.listen({ port, host });
    await this.#listening;
    const { address, family, port: taken } = this.#fastify.server.address() as AddressInfo;
    return `http://${family === 'IPv6' ? `[${address}]` : address}:${taken}`;
  }

  inject(options: InjectOptions): Promise<InjectedResponse> {
    return this.#fastify.inject(options as never) as unknown as Promise<InjectedResponse>;
  }

  /** Takes no new request and lets those in flight end, at most `LAST_CALL` long. */
  async close(): Promise<void> {
    const { server } = this.#fastify;
    // A server that is closed before it listens would go on listening.
    await this.#listening?.catch(() => {});
    // A connection that becomes idle only now would keep the server open until its browser lets go, and Node does not
    // call one idle that a browser opened ahead of its first request.
    const sweep = setInterval(() => {
      server.closeIdleConnections();
      for (const socket of this.#sockets) if (socket.bytesRead === 0) socket.destroy();
    }, 50);
    const limit = setTimeout(() => server.closeAllConnections(), LAST_CALL);
    try {
      await this.#fastify.close();
    } finally {
      clearInterval(sweep);
      clearTimeout(limit);
    }
  }

  #addRoutes(): void {
    this.#router.fix();
    const everywhere = this.#router.middlewaresOf();
    for (const route of this.#router.routes) {
      const own = this.#router.middlewaresOf(route).slice(everywhere.length);
      this.#pipelines.set(route, pipelineOf(route, everywhere, own, this.#report));
    }
    // One route for Fastify, and our own table behind it: find-my-way has no place for two patterns at the same point
    // of a path, such as `/users/(:num)` and `/users/(:alpha)`.
    this.#fastify.all('*', (from, reply) => this.#answer(from, reply));
  }

  #answer(from: FastifyRequest, reply: FastifyReply): Promise<unknown> | FastifyReply {
    const { method = 'GET', url = '/' } = from.raw;
    const path = pathOf(url);
    if (path === this.#bar?.stylePath) return this.#sendStyle(this.#bar, reply);
    // A form knows only GET and POST: what it means stands in a field of it.
    const meant = method === 'POST' ? (spoofedMethod(from.body) ?? method) : method;
    const found = this.#router.find(meant, path);
    const file =
      found === undefined || found.route.path.names.length > 0 ? this.#fileOf(method, path) : undefined;
    if (file !== undefined) return reply.sendFile(file);
    if (found === undefined) return this.#unknown(from, reply, meant);
    const { route, parameters } = found;
    const request = this.#requestOf(from, meant, route, parameters);
    return this.#server.serve(request, reply, this.#pipelines.get(route) as Pipeline, route.session);
  }

  /** Its address names its version. */
  #sendStyle({ style }: DebugBar, reply: FastifyReply): FastifyReply {
    return reply
      .header('Content-Type', 'text/css; charset=utf-8')
      .header('Cache-Control', 'public, max-age=86400')
      .header('X-Content-Type-Options', 'nosniff')
      .send(style);
  }

  #requestOf(
    { raw, query, body }: FastifyRequest,
    method: string,
    route?: RouteDefinition,
    params: Parameters = {},
  ): Request {
    const { url = '/', headers, socket } = raw;
    return new Request(
      {
        method,
        url,
        headers,
        peer: socket.remoteAddress,
        encrypted: 'encrypted' in socket,
        query: (query ?? {}) as Values,
        body: body ?? undefined,
        params,
        route,
      },
      this.#setting,
    );
  }

  /** No route takes the request: the method is wrong, or nothing is there. */
  #unknown(from: FastifyRequest, reply: FastifyReply, method: string = from.method): Promise<unknown> {
    const request = this.#requestOf(from, method);
    return this.#server.serveError(
      request,
      reply,
      this.#around(async ({ response }) => {
        const methods: string[] = this.#router.methodsOf(request.path());
        if (methods.length === 0) throw new HttpError(404);
        if (methods.includes('GET')) methods.push('HEAD');
        const allow = { Allow: [...methods, 'OPTIONS'].join(', ') };
        if (request.isMethod('OPTIONS')) return response.noContent().withHeaders(allow);
        throw new HttpError(405, '', allow);
      }),
    );
  }

  /** What Fastify itself refuses: an unreadable address, a body that is too large or no JSON. */
  async #refuse(error: unknown, from: FastifyRequest, reply: FastifyReply): Promise<unknown> {
    if (statusOf(error) === 413) await drain(from.raw);
    // The client gave its upload up: nobody is there to be answered, and nothing is wrong.
    if (from.raw.socket.destroyed) return reply.hijack();
    const fail = this.#around(() => Promise.reject(error));
    return this.#server.serveError(this.#requestOf(from, from.method), reply, fail);
  }

  /** The middlewares of every route stand in front of errors too: what they set for the whole site is set there. */
  #around(answer: Pipeline): Pipeline {
    const around = through(this.#router.middlewaresOf(), answer, this.#report);
    return async (visit) => {
      try {
        return await around(visit);
      } catch (error) {
        // One that writes the session, which cannot be written here, must not make a failure of every wrong address.
        const written =
          isBlitzError(error, 'E_SESSION_READ_ONLY') || isBlitzError(error, 'E_SESSION_NO_REQUEST');
        if (written) return answer(visit);
        throw error;
      }
    };
  }

  async #addFiles(): Promise<void> {
    const files = await publicFiles(this.#app.root);
    if (files.length === 0) return;
    const { default: statics } = await optionalPackage.load(
      'kernel',
      PACKAGES,
      () => import('@fastify/static'),
    );
    const root = join(this.#app.root, PUBLIC_FOLDER);
    await this.#fastify.register(statics, {
      root,
      serve: false,
      setHeaders: (reply) => reply.header('X-Content-Type-Options', 'nosniff'),
    });
    for (const file of files) this.#files.set(`/${file}`, file);
  }

  /** The file of `public/` that a request names, if it does. */
  #fileOf(method: string, path: string): string | undefined {
    if (this.#files.size === 0 || (method !== 'GET' && method !== 'HEAD')) return undefined;
    return this.#files.get(path) ?? (path.includes('%') ? this.#files.get(decoded(path)) : undefined);
  }
}

/** Loaded for development alone, and only where it is wanted. */
async function debugBarFor({ services }: Host): Promise<DebugBar | undefined> {
  const { env, debug_bar: wanted } = services.get<ConfigService>('config').all().app;
  if (env !== 'development' || !wanted) return undefined;
  const { DebugBar } = await import('./debug-bar/debug-bar.js');
  return new DebugBar(services);
}

function noSchemas(): never {
  throw new Error('the kernel gives Fastify no schema');
}

/** A query never throws: its length is bounded with that of the request line. */
function parseQuery(text: string): Values {
  return text === '' ? {} : parseForm(text);
}

/** The method that a form names in `_method`; undefined where it names none that a form may. */
function spoofedMethod(body: unknown): string | undefined {
  if (typeof body !== 'object' || body === null) return undefined;
  const { _method: named } = body as { _method?: unknown };
  const method = typeof named === 'string' ? named.toUpperCase() : '';
  return SPOOFED.includes(method) ? method : undefined;
}

function decoded(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}
