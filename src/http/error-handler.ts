import type { ServiceContainer } from '../container/container.js';
import type { Logger } from '../contracts/log.js';
import { isBlitzError } from '../errors.js';
import { DEBUG_PAGE_POLICY, debugPage } from './debug-page.js';
import { ERROR_PAGE_POLICY, errorPage, errorWords } from './error-page.js';
import { isHttpError } from './http-error.js';
import type { Request } from './request.js';
import { Response } from './response.js';
import type { Views } from './views/view.js';

const POLICY = 'Content-Security-Policy';

/** Turns what was thrown into an answer: the application's own error view, else ours; JSON for who expects it. */
export class ErrorHandler {
  readonly #services: ServiceContainer;
  readonly #root: string;
  readonly #development: boolean;

  constructor(services: ServiceContainer, root: string, development: boolean) {
    this.#services = services;
    this.#root = root;
    this.#development = development;
  }

  /** A prepared response. Never throws: what goes wrong in an error view is reported, and our own page is sent. */
  respond(error: unknown, request: Request | undefined): Response {
    try {
      const status = statusOf(error);
      if (status >= 500 && !isMeant(error, status)) this.report(error, request);
      return this.#answer(error, status, request);
    } catch (failure) {
      // Anything can be thrown, such as an error whose message is no text.
      this.report(failure, request);
      const response = new Response().withStatus(500).withHeader('Cache-Control', 'private, no-store');
      const words = errorWords(500);
      if (!request?.expectsJson())
        return response.html(errorPage(500, words)).withHeader(POLICY, ERROR_PAGE_POLICY);
      return response.json({ error: { status: 500, message: words.message } });
    }
  }

  #answer(error: unknown, status: number, request: Request | undefined): Response {
    const response = new Response().withStatus(status).withHeader('Cache-Control', 'private, no-store');
    if (isBlitzError(error) && error.retryAfter !== undefined)
      response.withHeader('Retry-After', error.retryAfter);
    if (isHttpError(error)) response.withHeaders(error.headers);
    if (request?.expectsJson()) return response.json(this.#json(error, status));
    if (this.#development && status >= 500) {
      const at = request === undefined ? '' : `${request.method()} ${request.path()}`;
      response.withHeader(POLICY, DEBUG_PAGE_POLICY);
      return response.html(debugPage(status, error, this.#root, at));
    }
    return this.#page(response, error, status, request);
  }

  #page(response: Response, error: unknown, status: number, request: Request | undefined): Response {
    const words = errorWords(status, isHttpError(error) ? error.shown : '');
    try {
      const views = this.#services.get<Views>('view');
      const own = [`errors/${status}`, 'errors/error'].find((name) => views.exists(name));
      if (own !== undefined) return response.html(views.render(own, { status, ...words }));
    } catch (failure) {
      this.report(failure, request);
    }
    return response.html(errorPage(status, words)).withHeader(POLICY, ERROR_PAGE_POLICY);
  }

  #json(error: unknown, status: number): Record<string, unknown> {
    const { message } = errorWords(status, isHttpError(error) ? error.shown : '');
    const details =
      this.#development && status >= 500 && error instanceof Error
        ? { exception: error.name, reason: error.message, stack: error.stack?.split('\n') }
        : {};
    return { error: { status, message, ...details } };
  }

  /** Tells the log. The route is named, never the address: it may hold secrets. Never throws. */
  report(error: unknown, request: Request | undefined): void {
    try {
      const where = `${request?.method() ?? '-'} ${request?.route()?.path.text ?? '-'}`;
      const known = isBlitzError(error);
      const message = known ? `${error.message} (${where})` : `request failed (${where})`;
      this.#services
        .get<Logger>('log')
        .error(message, known ? { code: error.code, cause: error.cause ?? error } : { cause: error });
    } catch {
      // A log of the application's own that fails has nowhere to say so.
    }
  }
}

/**
 * The status of an error that means to be an answer: ours, Fastify's, and those of the package http-errors. Any other
 * `status` is somebody else's, such as what a remote service answered.
 */
export function statusOf(error: unknown): number {
  if (isBlitzError(error)) return error.status;
  if (!(error instanceof Error)) return 500;
  const { status, statusCode, code, expose } = error as HttpLike;
  const meant = isHttpError(error) || expose === true || String(code).startsWith('FST_');
  const found = typeof status === 'number' ? status : statusCode;
  return meant && typeof found === 'number' && found >= 400 && found < 600 ? found : 500;
}

/** Somebody said `abort(503)`: that is no failure. */
function isMeant(error: unknown, status: number): boolean {
  return isHttpError(error) && error.status === status;
}

interface HttpLike extends Error {
  readonly status?: unknown;
  readonly statusCode?: unknown;
  readonly code?: unknown;
  readonly expose?: unknown;
}
