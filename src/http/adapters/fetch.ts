import { currentSession } from '../../container/current-session.js';
import type { Awaitable } from '../../contracts/session.js';
import { isBlitzError } from '../../errors.js';
import type { Store } from '../../session/store.js';
import type { Application } from '../application.js';
import { discard } from '../response-body.js';
import { decide, type SessionAdapterOptions, type SessionHeaders, SessionStarter } from '../start-session.js';
import { RequestClient } from './web-client.js';
import { demandAddress, missingHeaders, refusal, unseen, WebVisit } from './web-visit.js';

/** `more`: what the server gives beside the request (Deno's info, Bun's server, bindings). */
export type SessionFetchHandler<More extends readonly unknown[]> = (
  request: Request,
  session: Store,
  ...more: More
) => Awaitable<Response>;

export interface FetchSessionOptions<More extends readonly unknown[]> extends SessionAdapterOptions<Request> {
  /**
   * The address at the other end of the connection, which a `Request` does not know. `app.trust_proxy` says whether it
   * is a proxy that is believed. Needed for `matchIP`.
   */
  readonly ip?: (request: Request, ...more: More) => string | undefined;
}

/** Where a request keeps its session, for a `withSession` below another one. */
const STORE = Symbol('store');

/**
 * A handler of Fetch, `(request) => Response`, whose requests have their session: it is opened before `handler` runs,
 * and saved before the response is handed over. An error that `handler` throws is logged and answered with 500, what
 * cannot be opened or saved with 503. Throws `E_SESSION_CONFIG` where `matchIP` is set and `ip` is not.
 */
export function withSession<More extends readonly unknown[] = []>(
  app: Application,
  handler: SessionFetchHandler<More>,
  options: FetchSessionOptions<More> = {},
): (request: Request, ...more: More) => Promise<Response> {
  const { skip = false, readOnly = false, context = true, start = true, ip } = options;
  demandAddress(app, ip);
  const starter = new SessionStarter(app);
  return async (request: Request & { [STORE]?: Store }, ...more) => {
    // Below another withSession: what goes wrong is the outer one's to answer.
    if (request[STORE] !== undefined) return handler(request, request[STORE], ...more);
    const visit = new WebVisit(app, new RequestClient(request), request.url.startsWith('https:'));
    try {
      if (decide(skip, request)) return await handler(request, currentSession, ...more);
      await visit.open(starter, {
        ip: ip?.(request, ...more),
        readOnly: decide(readOnly, request),
        context: decide(context, request),
        start: decide(start, request),
      });
    } catch (error) {
      return isBlitzError(error, 'E_SESSION_CLIENT_LEFT') ? unseen() : refusal(app, error);
    }
    const { store } = visit;
    request[STORE] = store;
    return respond(app, visit, () => handler(request, store, ...more));
  };
}

async function respond(
  app: Application,
  visit: WebVisit,
  work: () => Awaitable<Response>,
): Promise<Response> {
  let response: Response | undefined;
  let failure: unknown;
  try {
    response = await visit.run(work, ({ body }) => discard(body));
  } catch (error) {
    failure = error;
  }
  let headers: SessionHeaders;
  try {
    headers = await visit.finish();
  } catch (error) {
    // Nothing was saved: what was prepared must not be believed.
    if (response === undefined) visit.report(failure);
    else discard(response.body);
    return refusal(app, error);
  }
  try {
    if (response !== undefined) return withHeaders(response, headers);
  } catch (error) {
    // No response at all, or one that was used already.
    failure = error;
  }
  return withHeaders(refusal(app, failure), headers);
}

/** Always a copy: the application may answer many visitors with one and the same response. */
function withHeaders(response: Response, session: SessionHeaders): Response {
  const { setCookie } = session;
  const missing = missingHeaders(response.headers, session);
  // A switch to another protocol has nothing that could be copied.
  if ((setCookie === undefined && missing.length === 0) || response.status < 200) return response;
  const headers = new Headers(response.headers);
  for (const [name, value] of missing) headers.set(name, value);
  if (setCookie !== undefined) headers.append('set-cookie', setCookie);
  const { status, statusText } = response;
  return new Response(response.body, { status, statusText, headers });
}
