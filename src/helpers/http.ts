import { currentServices, findServices } from '../container/current.js';
import { Redirector, type RedirectResponse } from '../http/redirect.js';
import type { Request } from '../http/request.js';
import { Response } from '../http/response.js';
import type { Body } from '../http/response-body.js';
import type { Router } from '../http/routing/router.js';
import type { View } from '../http/views/view.js';
import { currentVisit } from '../http/visit.js';

/** The current request. Throws `E_HTTP_NO_REQUEST`. (BlitzPHP: request().) */
export function request(): Request;
/** A value of its input. */
export function request<T = unknown>(key: string, fallback?: T): T | undefined;
export function request(key?: string, fallback?: unknown): unknown {
  const services = findServices();
  const current = services?.isReplaced('request') ? services.get<Request>('request') : currentVisit().request;
  return key === undefined ? current : current.input(key, fallback);
}

/**
 * The current request's response; with a body a response of its own, which takes over what the current one has. Throws
 * `E_HTTP_NO_REQUEST`. (BlitzPHP: response().)
 */
export function response(
  body?: Body | View,
  status?: number,
  headers: Readonly<Record<string, string | number | readonly string[]>> = {},
): Response {
  if (body === undefined) return currentVisit().response;
  const own = new Response().withBody(body).withHeaders(headers);
  return status === undefined ? own : own.withStatus(status);
}

/** The address of a named route, without scheme and host. Throws `E_ROUTE_UNKNOWN`. (BlitzPHP: route().) */
export function route(name: string, parameters: unknown = []): string {
  return currentServices().get<Router>('route').address(name, parameters);
}

/** To the page before: see `Redirector.back`. (BlitzPHP: back().) */
export function back(fallback: string): RedirectResponse;
export function back(status?: number, fallback?: string): RedirectResponse;
export function back(status?: number | string, fallback?: string): RedirectResponse {
  return new Redirector().back(status as number | undefined, fallback);
}
