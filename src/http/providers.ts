import type { ServiceContainer } from '../container/container.js';
import type { Clock } from '../contracts/clock.js';
import type { ResolvedConfig } from '../contracts/config.js';
import { CookieManager } from '../cookie/cookie-manager.js';
import type { Request } from './request.js';
import type { Response } from './response.js';
import { Router } from './routing/router.js';
import { ViewFactory } from './views/view-factory.js';
import { currentRequest, currentResponse, findVisit } from './visit.js';

/** The services of the HTTP kernel, by name. */
export interface HttpServices {
  /** The routes of the application. */
  route: Router;
  /** The current request; looked up at each call. */
  request: Request;
  /** The current request's response; looked up at each call. */
  response: Response;
  /** Makes and renders views. */
  view: ViewFactory;
  /** Reads the request's cookies, makes and queues others. */
  cookie: CookieManager;
}

declare module '../container/tokens.js' {
  interface ServiceMap extends HttpServices {}
}

/** Binds the services of the HTTP kernel. */
export function composeHttp(services: ServiceContainer, config: ResolvedConfig): void {
  services.define('route', () => new Router());
  services.define('request', () => currentRequest);
  services.define('response', () => currentResponse);
  services.define('view', () => new ViewFactory(config.root, config.app.env === 'development'));
  services.define(
    'cookie',
    (make) => new CookieManager(config.cookie, make('clock') as Clock, currentCookies),
  );
}

/** What the cookie manager must know of the current request; undefined outside of one. */
function currentCookies() {
  const visit = findVisit();
  if (visit === undefined) return undefined;
  const { request, response } = visit;
  return { header: request.headers.cookie, queued: response.cookies, overHttps: request.secure() };
}
