import type { ConfigService } from '../config/config-service.js';
import type { Clock } from '../contracts/clock.js';
import type { Logger } from '../contracts/log.js';
import type { Serializer } from '../contracts/serializer.js';
import type { SessionCookie } from '../cookie/session-cookie.js';
import type { EventManager } from '../events/event-manager.js';
import type { HandlerRegistry } from '../handlers/registry.js';
import type { SessionManager } from '../session/session-manager.js';
import type { Store } from '../session/store.js';

/** The services by name, and their types. Applications augment it with those of `config/services.ts`. */
export interface ServiceMap {
  /** The current request's session; looked up at each call. */
  session: Store;
  config: ConfigService;
  event: EventManager;
  log: Logger;
  clock: Clock;
  /** Names of handlers and their classes. */
  handlers: HandlerRegistry;
  serializer: Serializer;
  /** Opens and ends sessions. */
  sessionManager: SessionManager;
  /** Reads and builds the session's cookie. */
  sessionCookie: SessionCookie;
}

export type ServiceName = keyof ServiceMap;
