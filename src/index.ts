export { ConfigService } from './config/config-service.js';
export {
  type ConfigContext,
  type ConfigExport,
  defineApp,
  defineCookie,
  defineDatabase,
  defineMigration,
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
export * from './contracts/diagnostics.js';
export * from './contracts/events.js';
export * from './contracts/handler.js';
export * from './contracts/log.js';
export * from './contracts/migration.js';
export * from './contracts/serializer.js';
export * from './contracts/session.js';
export type { SessionKey, SessionKeys, SessionValue, SessionValues } from './contracts/session-paths.js';
export { type CookieExchange, CookieManager } from './cookie/cookie-manager.js';
export { parseCookies } from './cookie/header.js';
export * from './errors.js';
export { EventManager } from './events/event-manager.js';
export { Config } from './facades/config.js';
export { Cookie } from './facades/cookie.js';
export { Event } from './facades/event.js';
export { Facade, type FacadeOf, facade } from './facades/facade.js';
export { Log } from './facades/log.js';
export { Request } from './facades/request.js';
export { Response } from './facades/response.js';
export { Route } from './facades/route.js';
export { Session } from './facades/session.js';
export { View } from './facades/view.js';
export { ArrayHandler } from './handlers/array.js';
export { BaseHandler } from './handlers/base-handler.js';
export { DatabaseHandler } from './handlers/database/database.js';
export { MysqlHandler } from './handlers/database/mysql.js';
export { PostgreHandler } from './handlers/database/postgre.js';
export { FileHandler } from './handlers/file.js';
export { MemcachedHandler } from './handlers/memcached.js';
export { RedisHandler } from './handlers/redis.js';
export { HandlerRegistry } from './handlers/registry.js';
export { config } from './helpers/config.js';
export { cookie } from './helpers/cookie.js';
export { back, request, response, route } from './helpers/http.js';
export { service, singleService } from './helpers/service.js';
export { session } from './helpers/session.js';
export { Application, type BootOptions } from './http/application.js';
export { Controller } from './http/controller.js';
export { abort, HttpError } from './http/http-error.js';
export type { InjectedCookie, InjectedResponse, InjectOptions } from './http/inject.js';
export type { HttpServices } from './http/providers.js';
export { Redirector, type RedirectResponse, redirect } from './http/redirect.js';
export type { Body } from './http/response-body.js';
export type { Action, Closure, ControllerAction, ParametersOf } from './http/routing/action.js';
export { defineRoutes, type RoutesExport } from './http/routing/load-routes.js';
export type {
  Middleware,
  MiddlewareClass,
  MiddlewareFunction,
  MiddlewareInterface,
  Next,
} from './http/routing/middleware.js';
export type { GroupAttributes, Method, RouteDefinition, SessionMode } from './http/routing/route.js';
export type { RouteGroup } from './http/routing/route-group.js';
export type { Router } from './http/routing/router.js';
export { type ServeOptions, serve } from './http/serve.js';
export { csrfField as csrf_field, csrfToken as csrf_token, old } from './http/views/form-helpers.js';
export { view } from './http/views/view.js';
export { jsonSerializer } from './serializers/json.js';
export { phpSerializer } from './serializers/php.js';
export { PhpEnum, PhpObject, PhpSerializable } from './serializers/php-values.js';
export * from './session/store.js';
export { systemClock } from './support/clock.js';
export { observe, SESSION_CHANNELS } from './support/diagnostics.js';
