import type { ServerResponse } from 'node:http';
import type { Context, Env, Input, MiddlewareHandler } from 'hono';
import { BlitzError, isBlitzError } from '../../errors.js';
import type { Store } from '../../session/store.js';
import type { Application } from '../application.js';
import { discard } from '../response-body.js';
import { addSessionHeaders } from '../response-headers.js';
import { decide, type SessionAdapterOptions, type SessionHeaders, SessionStarter } from '../start-session.js';
import { NodeClient, nodeBindings, RequestClient } from './web-client.js';
import { demandAddress, missingHeaders, refusal, unseen, WebVisit } from './web-visit.js';

declare module 'hono' {
  interface ContextVariableMap {
    /** The session of this request. */
    session: Store;
  }
  // biome-ignore lint/suspicious/noExplicitAny: Hono's own parameters, which must be repeated
  // biome-ignore lint/complexity/noBannedTypes: as above
  interface Context<E extends Env = any, P extends string = any, I extends Input = {}> {
    /** The session of this request. Throws `E_SESSION_NO_REQUEST` where it was left out. */
    session(): Store;
  }
}

/** Where a context keeps its visit. */
const VISIT = Symbol('visit');

type Visited = Context & { [VISIT]?: WebVisit };

export interface HonoSessionOptions extends SessionAdapterOptions<Context> {
  /**
   * The address at the other end of the connection, which Hono's `getConnInfo` knows. `app.trust_proxy` says whether it
   * is a proxy that is believed. Needed for `matchIP`.
   */
  readonly ip?: (c: Context) => string | undefined;
}

/**
 * A middleware for Hono: the session is opened before what is below it runs, and saved before the response is handed
 * over. What cannot be opened or saved goes to `app.onError`; without one it is answered with 503. Throws
 * `E_SESSION_CONFIG` where `matchIP` is set and `ip` is not.
 */
export function startSession(app: Application, options: HonoSessionOptions = {}): MiddlewareHandler {
  const { skip = false, readOnly = false, context = true, start = true, ip } = options;
  demandAddress(app, ip);
  const starter = new SessionStarter(app);
  return async (c, next) => {
    // Below another startSession the first one's session goes on.
    if (Object.hasOwn(c, 'session')) return next();
    if (decide(skip, c)) {
      c.session = noSession;
      return next();
    }
    const { raw } = c.req;
    const node = nodeBindings(c.env);
    const client = node === undefined ? new RequestClient(raw) : new NodeClient(node);
    const visit = new WebVisit(app, client, raw.url.startsWith('https:'));
    try {
      await visit.open(starter, {
        ip: ip?.(c),
        readOnly: decide(readOnly, c),
        context: decide(context, c),
        start: decide(start, c),
      });
    } catch (error) {
      if (isBlitzError(error, 'E_SESSION_CLIENT_LEFT')) return unseen();
      throw answerable(app, error);
    }
    (c as Visited)[VISIT] = visit;
    c.session = sessionOf;
    c.set('session', visit.store);
    // What middlewares above have set, CORS among it: an error that is answered here carries it too.
    const before = [...c.newResponse(null).headers];
    await run(app, visit, c, next, before, node?.outgoing);
  };
}

type SetHeaders = readonly (readonly [name: string, value: string])[];

async function run(
  app: Application,
  visit: WebVisit,
  c: Context,
  next: () => Promise<void>,
  before: SetHeaders,
  outgoing: ServerResponse | undefined,
): Promise<void> {
  let thrown: { readonly error: unknown } | undefined;
  try {
    await visit.run(next);
  } catch (error) {
    thrown = { error };
  }
  let headers: SessionHeaders;
  try {
    headers = await visit.finish();
  } catch (error) {
    const lost = thrown?.error ?? c.error;
    if (lost !== undefined && lost !== error) visit.report(lost);
    forget(c, before);
    throw answerable(app, error);
  }
  // An operation that failed unseen, or something thrown that is no Error: Hono answers the others by itself.
  if (thrown !== undefined) throw answerable(app, thrown.error);
  addHeaders(c, headers, outgoing);
}

/**
 * Hono copies a response before it changes its headers, body and all: the application may answer many visitors with
 * one. On `node:http` they are put beside the response, where the server adds its own to them.
 */
function addHeaders(c: Context, session: SessionHeaders, outgoing: ServerResponse | undefined): void {
  const { setCookie } = session;
  const missing = missingHeaders(c.res.headers, session);
  // A switch to another protocol takes no headers.
  if ((setCookie === undefined && missing.length === 0) || c.res.status < 200) return;
  if (outgoing !== undefined && !outgoing.headersSent && !c.res.headers.has('set-cookie')) {
    addSessionHeaders(outgoing, { setCookie, caching: missing });
    return;
  }
  for (const [name, value] of missing) c.header(name, value);
  if (setCookie !== undefined) c.header('Set-Cookie', setCookie, { append: true });
}

/** Goes back to the headers from before, lest an error be sent with those that were prepared. */
function forget(c: Context, before: SetHeaders): void {
  const { headers, body } = c.res;
  discard(body);
  c.res = undefined;
  c.finalized = false;
  for (const name of [...headers.keys()]) c.header(name);
  for (const [name, value] of before) c.header(name, value, { append: true });
}

/** An error that Hono answers by itself as every adapter does, unless `onError` knows better. */
function answerable(app: Application, error: unknown): unknown {
  if (isBlitzError(error)) Object.assign(error, { getResponse: () => refusal(app, error) });
  return error;
}

function sessionOf(this: Context): Store {
  return ((this as Visited)[VISIT] as WebVisit).store;
}

function noSession(): never {
  throw new BlitzError('E_SESSION_NO_REQUEST');
}
