import type { ConfigService } from '../../config/config-service.js';
import { currentServices } from '../../container/current.js';
import { currentSession } from '../../container/current-session.js';
import { currentStore } from '../../container/request-scope.js';
import type { Values } from '../../contracts/session.js';
import type { Request } from '../request.js';
import type { Router } from '../routing/router.js';
import { currentVisit } from '../visit.js';
import { csrfField, csrfToken, error, errors, forgiven, hidden, old } from './form-helpers.js';
import type { Views } from './view.js';

/** What templates may call without importing it. In `errors/…` what only the session knows is empty where there is none. */
export interface ViewHelpers {
  /** The session, or the value of a key. */
  session(key?: string, fallback?: unknown): unknown;
  old<T = string>(key: string, fallback?: T): T | undefined;
  /** The first message for a field of the form before. */
  error(field: string, bag?: string): string | undefined;
  /** Every message of the form before, by field. */
  errors(bag?: string): Values;
  csrf_token(): string;
  csrf_field(): string;
  /** A form's way to PUT, PATCH and DELETE. Markup: `<%~ method_field('PUT') %>`. */
  method_field(method: string): string;
  /** The address of a named route. */
  route(name: string, parameters?: unknown): string;
  config(path: string, fallback?: unknown): unknown;
  request(): Request;
  view_exists(name: string): boolean;
}

export const VIEW_HELPERS: ViewHelpers = {
  session: (key, fallback) =>
    key === undefined ? currentSession : forgiven<unknown>(() => currentStore().get(key, fallback), fallback),
  old,
  error,
  errors,
  csrf_token: csrfToken,
  csrf_field: csrfField,
  method_field: (method) => hidden('_method', method.toUpperCase()),
  route: (name, parameters) => currentServices().get<Router>('route').address(name, parameters),
  config: (path, fallback) => currentServices().get<ConfigService>('config').get(path, fallback),
  request: () => currentVisit().request,
  view_exists: (name) => currentServices().get<Views>('view').exists(name),
};

export const VIEW_HELPER_NAMES: readonly string[] = Object.keys(VIEW_HELPERS);
