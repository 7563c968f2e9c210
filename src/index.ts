export { ConfigService } from './config/config-service.js';
export {
  type ConfigContext,
  type ConfigExport,
  defineApp,
  defineCookie,
  defineDatabase,
  defineServices,
  defineSession,
} from './config/define.js';
export { type LoadConfigOptions, loadConfig } from './config/load.js';
export { ServiceContainer } from './container/container.js';
export type { RunOptions, RunTarget } from './container/run-session.js';
export { type ServiceMethods, Services } from './container/services.js';
export * from './container/tokens.js';
export * from './contracts/clock.js';
export * from './contracts/config.js';
export * from './contracts/cookie.js';
export * from './contracts/events.js';
export * from './contracts/handler.js';
export * from './contracts/log.js';
export * from './contracts/serializer.js';
export * from './contracts/session.js';
export * from './errors.js';
export { EventManager } from './events/event-manager.js';
export { Config } from './facades/config.js';
export { Event } from './facades/event.js';
export { Facade, type FacadeOf, facade } from './facades/facade.js';
export { Log } from './facades/log.js';
export { Session } from './facades/session.js';
export { ArrayHandler } from './handlers/array.js';
export { BaseHandler } from './handlers/base-handler.js';
export { FileHandler } from './handlers/file.js';
export { HandlerRegistry } from './handlers/registry.js';
export { config } from './helpers/config.js';
export { service, singleService } from './helpers/service.js';
export { session } from './helpers/session.js';
export { Application, type BootOptions } from './http/application.js';
export { jsonSerializer } from './serializers/json.js';
export * from './session/store.js';
export { systemClock } from './support/clock.js';
