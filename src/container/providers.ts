import { ConfigService } from '../config/config-service.js';
import type { Clock } from '../contracts/clock.js';
import type { ResolvedConfig } from '../contracts/config.js';
import type { HandlerOptions } from '../contracts/handler.js';
import type { Logger } from '../contracts/log.js';
import type { Serializer } from '../contracts/serializer.js';
import { SessionCookie } from '../cookie/session-cookie.js';
import { type ErrorCode, sentence } from '../errors.js';
import { EventManager } from '../events/event-manager.js';
import { HandlerRegistry } from '../handlers/registry.js';
import { jsonSerializer } from '../serializers/json.js';
import { withNames } from '../serializers/peer-names.js';
import { phpSerializer } from '../serializers/php.js';
import { lifetimeOf, type SessionEnvironment } from '../session/environment.js';
import { isSessionId } from '../session/id.js';
import { peerKeys, peerRules } from '../session/peer.js';
import { SessionQueue } from '../session/queue.js';
import { SessionManager } from '../session/session-manager.js';
import type { Store } from '../session/store.js';
import { systemClock } from '../support/clock.js';
import { Deadlines } from '../support/deadlines.js';
import { ServiceContainer } from './container.js';
import { currentSession } from './current-session.js';
import { extensions } from './extensions.js';
import { ConsoleLogger } from './log.js';
import { holdsLock } from './request-scope.js';

/** Binds the services that an application has without a server. (Those of the HTTP kernel: http/providers.) */
export function composeServices(config: ResolvedConfig): ServiceContainer {
  const services = new ServiceContainer();
  services.define('session', () => currentSession);
  services.define('config', () => new ConfigService(config));
  services.define('event', () => new EventManager());
  services.define('log', () => new ConsoleLogger());
  services.define('clock', () => systemClock);
  services.define('serializer', () => serializerOf(config));
  services.define('handlers', () => {
    const registry = new HandlerRegistry();
    for (const [name, handler] of extensions) registry.extend(name, handler);
    return registry;
  });
  services.define('sessionCookie', (make) => {
    return new SessionCookie(config.session, config.cookie, make('clock') as Clock);
  });
  services.define('sessionManager', (make) => {
    const registry = make('handlers') as HandlerRegistry;
    return new SessionManager(
      environment(services, config, registry, make('clock') as Clock, make('serializer') as Serializer),
    );
  });
  return services;
}

/** Binds the services of `config/services.ts`, which may replace ours. */
export function composeOwnServices(services: ServiceContainer, { services: own }: ResolvedConfig): void {
  for (const [name, factory] of Object.entries(own)) {
    services.define(name, (_make, ...args) => factory(...args));
  }
}

/** The one that the configuration names, with the peer's names. */
function serializerOf({ session }: ResolvedConfig): Serializer {
  if (session.serialize_handler === 'json') return jsonSerializer;
  const serializer = phpSerializer(session.serialize_handler);
  const names = peerKeys(session);
  return names === undefined ? serializer : withNames(serializer, names);
}

function environment(
  services: ServiceContainer,
  config: ResolvedConfig,
  registry: HandlerRegistry,
  clock: Clock,
  serializer: Serializer,
): SessionEnvironment {
  const { session, database } = config;
  const group = session.group ?? database.connection;
  const warn = (code: ErrorCode, details: Record<string, string | number> = {}, cause?: unknown) => {
    services
      .get<Logger>('log')
      .warn(sentence(code, details), { code, ...details, ...(cause === undefined ? {} : { cause }) });
  };
  const options: HandlerOptions = {
    savePath: typeof session.savePath === 'string' ? session.savePath : '',
    client: typeof session.savePath === 'string' ? undefined : session.savePath,
    database: Object.hasOwn(database.groups, group) ? database.groups[group] : undefined,
    name: session.cookie_name,
    encoding: serializer.encoding,
    lifetime: lifetimeOf(session),
    matchIP: session.matchIP,
    interop: session.interop,
    lockTtl: session.lock_ttl,
    lockMax: session.lock_max,
    lockWait: session.lock_wait,
    operationTimeout: session.operation_timeout,
    fileLock: session.file_lock,
    trustFolder: session.file_trust_folder,
    clock,
    warn: (code, details) => warn(code as ErrorCode, details),
  };
  const peer = peerRules(session);
  const accepts = peer?.accepts ?? isSessionId;
  return {
    config: session,
    serializer,
    peer,
    accepts,
    clock,
    renewals: new Deadlines(clock, Math.min(session.lock_ttl / 3, session.lock_max) * 1000),
    ends: new Deadlines(clock, session.lock_max * 1000),
    warn,
    queue: new SessionQueue(clock, session.lock_max_waiters, session.lock_wait),
    records: {
      handler: registry.resolve(session.handler, session.interop !== false),
      handlerName: typeof session.handler === 'string' ? session.handler : session.handler.name,
      options,
      accepts,
      bare: peer !== undefined,
    },
    isHeld: holdsLock,
    emit: (event, store, params) => emit(services, event, store, params),
  };
}

/** Tells the listeners, if there are any; their failures are reported, and never reach the session. */
function emit(
  services: ServiceContainer,
  event: string,
  store?: Store,
  params?: Record<string, unknown>,
): Promise<void> | undefined {
  const events = services.get<EventManager>('event');
  if (events.hearsSessions === false || !events.hasListeners(event)) return undefined;
  const report = (cause: unknown) => services.get<Logger>('log').error(`listener of ${event}`, { cause });
  const { operation_timeout: patience } = services.get<ConfigService>('config').all().session;
  return new Promise((resolve) => {
    const timer = setTimeout(() => {
      report(new Error(`still at work after ${patience} s; no longer waited for`));
      resolve();
    }, patience * 1000);
    events
      .emit(event, store, params)
      .catch(report)
      .finally(() => {
        clearTimeout(timer);
        resolve();
      });
  });
}
