import { currentServices } from '../container/current.js';
import type { Values } from '../contracts/session.js';
import { asPath, destination, headerSafe, pathWithin } from './address.js';
import type { Request } from './request.js';
import { Response } from './response.js';
import { refusedResponse } from './response-refusal.js';
import type { Router } from './routing/router.js';
import { withoutSecrets } from './secrets.js';
import { currentVisit } from './visit.js';

const INTENDED = 'url.intended';
/** RFC 9110, section 15.4. */
const STATUSES: readonly number[] = [301, 302, 303, 307, 308];

/** An answer that leads elsewhere. What it carries along is there in the next request. (BlitzPHP: Http\Redirection.) */
export class RedirectResponse extends Response {
  /** Flashes a value for the next request; without one, true. */
  with(key: string, value?: unknown): this;
  with(values: Values): this;
  with(key: string | Values, value: unknown = true): this {
    const session = currentVisit().request.session();
    if (typeof key === 'string') session.flash(key, value);
    else session.flash(key);
    return this;
  }

  /**
   * Keeps the input for `old()`, or what is given; passwords, tokens and the like never: see `Request.flashable`.
   */
  withInput(input?: Values): this {
    const { request } = currentVisit();
    request.session().flashInput(input === undefined ? request.flashable() : withoutSecrets(input));
    return this;
  }

  /** Keeps error messages for `error()` and `errors()`, under the name of a form. */
  withErrors(errors: string | readonly unknown[] | Values, key = 'default'): this {
    currentVisit().request.session().flashErrors(errors, key);
    return this;
  }

  /** The place on the page, with or without `#`. */
  withFragment(fragment: string): this {
    const [address = ''] = this.getHeaderLine('Location').split('#');
    return this.withHeader('Location', `${address}#${headerSafe(fragment.replace(/^#/, ''))}`);
  }
}

/**
 * Makes redirections. Without a status 302 after a GET, and 303 after anything else, so that the browser fetches the page.
 * Each throws `E_RESPONSE` for a status that is none of a redirection, and `E_HTTP_NO_REQUEST`.
 */
export class Redirector {
  /** An action that returns `redirect()` without saying where would answer `{}`. */
  toJSON(): never {
    throw new TypeError("redirect() leads nowhere: add .to('/…'), .back(), .route('…') …");
  }

  /**
   * To a path of this application; what begins with two slashes is a path too. A whole http(s) address is taken as it is:
   * what a visitor wrote must not come here unchecked. Throws `E_RESPONSE` for any other scheme.
   */
  to(address: string, status?: number): RedirectResponse {
    const place = destination(address);
    if (place === undefined) throw refusedResponse('scheme');
    return redirection(place, status);
  }

  /** To another site: the address as it is. Never give it what a visitor wrote. */
  away(address: string, status?: number): RedirectResponse {
    return redirection(address, status);
  }

  /** To a named route. Throws `E_ROUTE_UNKNOWN`, and `E_ROUTE` for values that do not fit. */
  route(name: string, parameters: unknown = [], status?: number): RedirectResponse {
    return redirection(currentServices().get<Router>('route').address(name, parameters), status);
  }

  /**
   * To the page before: the `Referer`, else the one that the session has, else `fallback`. Only ever to a path of this
   * site, and not to the address that is being asked for, which would never end.
   */
  back(fallback: string): RedirectResponse;
  back(status?: number, fallback?: string): RedirectResponse;
  back(status?: number | string, given = '/'): RedirectResponse {
    const { request } = currentVisit();
    const [code, fallback] = typeof status === 'string' ? [undefined, status] : [status, given];
    const before = [request.header('referer'), request.previousUrl()]
      .map((address) => ownPath(request, address))
      .find((path) => path !== undefined && !(isRead(request) && path === here(request)));
    return redirection(before ?? asPath(fallback), code);
  }

  /** To the same address again. */
  refresh(status?: number): RedirectResponse {
    return redirection(here(currentVisit().request), status);
  }

  /** Sends a visitor to sign in, and remembers where he wanted to go: this page, or the one that his form was on. */
  guest(address: string, status?: number): RedirectResponse {
    const { request } = currentVisit();
    const wanted =
      isRead(request) && !request.expectsJson() ? here(request) : ownPath(request, request.previousUrl());
    if (wanted !== undefined) request.session().put(INTENDED, wanted);
    return this.to(address, status);
  }

  /** To where the visitor wanted to go before `guest`, once; else to `fallback`. Only ever to a path of this site. */
  intended(fallback = '/', status?: number): RedirectResponse {
    const { request } = currentVisit();
    const session = request.session();
    const wanted = session.pull<unknown>(INTENDED);
    const parent = session.get<unknown>('url');
    if (typeof parent === 'object' && parent !== null && Object.keys(parent).length === 0)
      session.remove('url');
    return this.to(ownPath(request, wanted) ?? fallback, status);
  }
}

/** `redirect('/x')`, or `redirect().back()` and the others. (BlitzPHP: redirect().) */
export function redirect(): Redirector;
export function redirect(address: string, status?: number): RedirectResponse;
export function redirect(address?: string, status?: number): Redirector | RedirectResponse {
  const redirector = new Redirector();
  return address === undefined ? redirector : redirector.to(address, status);
}

function redirection(address: string, status: number | undefined): RedirectResponse {
  const code = status ?? (isRead(currentVisit().request) ? 302 : 303);
  if (!STATUSES.includes(code)) throw refusedResponse('redirection', String(code));
  return new RedirectResponse().withStatus(code).withHeader('Location', headerSafe(address));
}

/** The path and query of this request, as the browser knows them. */
function here(request: Request): string {
  const address = request.fullUrl();
  return ownPath(request, address) ?? asPath(address);
}

/**
 * The path of an address on this site; undefined for any other, so that nobody else chooses where a form leads. Behind a
 * proxy only `app.base_url` may have the name that the browser knows.
 */
function ownPath(request: Request, address: unknown): string | undefined {
  if (typeof address !== 'string') return undefined;
  const roots = [request.root(), `http://${request.host()}`, `https://${request.host()}`];
  return pathWithin(
    address,
    roots.filter((root) => URL.canParse(root)).map((root) => new URL(root).host),
  );
}

function isRead(request: Request): boolean {
  return request.isMethod('GET') || request.isMethod('HEAD');
}
