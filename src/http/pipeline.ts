import type { Awaitable } from '../contracts/session.js';
import { TrackedPromise } from '../session/tracked.js';
import { after } from '../support/thenable.js';
import { keepQuiet } from './body-stream.js';
import { checkCsrf } from './csrf.js';
import type { Request } from './request.js';
import { type Response, responseOf } from './response.js';
import { discard, isStream } from './response-body.js';
import type { AnyClosure } from './routing/action.js';
import type { MiddlewareFunction } from './routing/middleware.js';
import type { RouteDefinition } from './routing/route.js';
import type { Visit } from './visit.js';

/** Answers one request. */
export type Pipeline = (visit: Visit) => Awaitable<Response>;

/** Tells the log of a failure that the answer does not tell of. */
export type Report = (error: unknown, request: Request) => void;

/**
 * The middlewares of every route, the check of the form's token, the route's own middlewares, and its action. The check
 * comes second, so that what is set for the whole site is set on its refusals too.
 */
export function pipelineOf(
  route: RouteDefinition,
  everywhere: readonly MiddlewareFunction[],
  own: readonly MiddlewareFunction[],
  report: Report,
): Pipeline {
  const act = actionOf(route);
  const guarded = route.csrf && route.session !== 'none';
  const answer = (visit: Visit): Awaitable<Response> => after(act(visit), (value) => answered(value, visit));
  const inner = through(own, answer, report);
  if (!guarded) return through(everywhere, inner, report);
  const checked = (visit: Visit): Awaitable<Response> => {
    checkCsrf(visit.request);
    return inner(visit);
  };
  return through(everywhere, checked, report);
}

/** The middlewares, outermost first, around what answers. */
export function through(
  middlewares: readonly MiddlewareFunction[],
  answer: Pipeline,
  report: Report,
): Pipeline {
  return middlewares.reduceRight<Pipeline>(
    (next, middleware) => (visit) => pass(middleware, next, visit, report),
    answer,
  );
}

async function pass(
  middleware: MiddlewareFunction,
  next: Pipeline,
  visit: Visit,
  report: Report,
): Promise<Response> {
  let inner: TrackedPromise | undefined;
  let given: Response | undefined;
  let body: unknown;
  const run = async (): Promise<void> => {
    given = await next(visit);
    body = given.body;
    return given as unknown as undefined;
  };
  // An action runs once, however often it is asked for. Its failure is nobody's unhandled rejection.
  const go = (): Promise<Response> => {
    inner ??= TrackedPromise.of(run(), (error) => report(error, visit.request));
    return inner as unknown as Promise<Response>;
  };
  try {
    const value: unknown = await middleware(visit.request, go);
    // Who did not wait for the action is made to: the session must not be closed behind its back.
    const failed = await inner?.failure();
    if (failed !== undefined && (value === undefined || value === null || !inner?.observed))
      throw failed.error;
    // Who returns nothing meant what came back to it.
    const response = answered(value ?? given, visit);
    // Another stream may read from the one before, as a compression does.
    if (!isStream(response.body)) discard(body);
    return response;
  } catch (error) {
    const failed = await inner?.failure();
    // The middleware's own failure is the answer; the action's, which nobody saw, goes to the log.
    if (failed !== undefined && failed.error !== error && !inner?.observed)
      report(failed.error, visit.request);
    discard(body);
    throw error;
  }
}

function answered(value: unknown, visit: Visit): Response {
  const response = responseOf(value, visit.response);
  keepQuiet(response.body);
  return response;
}

/** Parameters first, in the order of the path; the request and the response always last. */
function actionOf({ action, path }: RouteDefinition): (visit: Visit) => unknown {
  if (typeof action === 'function') {
    return ({ request, response }) => action(...path.values(request.params), request, response);
  }
  const [Controller, method] = action;
  return ({ request, response }) => {
    const controller = new Controller() as Record<PropertyKey, AnyClosure>;
    return controller[method]?.(...path.values(request.params), request, response);
  };
}
