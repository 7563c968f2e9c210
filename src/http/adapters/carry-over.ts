import type { ConfigService } from '../../config/config-service.js';
import { decodeValue, findCookie } from '../../cookie/header.js';
import type { SessionCookie } from '../../cookie/session-cookie.js';
import type { CarriesOver } from '../../handlers/express-store.js';
import type { HandlerRegistry } from '../../handlers/registry.js';
import type { SessionManager } from '../../session/session-manager.js';
import type { Application } from '../application.js';

/** The `Cookie` header that a request is taken to have sent. */
export type CookieReader = (header: string | undefined) => string | undefined;

/** Visitors who have no cookie of ours but one of express-session that the handler knows are taken to have ours. */
export function cookieReader(app: Application): CookieReader {
  const { session } = app.service<ConfigService>('config').all();
  const handler = app
    .service<HandlerRegistry>('handlers')
    .resolve(session.handler, session.interop !== false);
  const { cookieName, carryOver } = handler as Partial<CarriesOver>;
  if (cookieName === undefined || carryOver === undefined) return (header) => header;
  const cookie = app.service<SessionCookie>('sessionCookie');
  const manager = app.service<SessionManager>('sessionManager');
  const keyOf = (id: string) => manager.keyOf(id);
  return (header) => {
    if (manager.accepts(cookie.read(header))) return header;
    const old = findCookie(header, cookieName);
    const id = old === undefined ? undefined : carryOver(decodeValue(old), keyOf);
    return id === undefined ? header : `${cookie.name}=${id}`;
  };
}
