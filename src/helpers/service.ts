import { currentServices } from '../container/current.js';
import type { ServiceMap } from '../container/tokens.js';

/** A shared service by its name; with arguments one of its own. Throws `E_SERVICE_UNKNOWN`. (BlitzPHP: service().) */
export function service<Name extends keyof ServiceMap>(name: Name, ...args: unknown[]): ServiceMap[Name];
export function service<T = unknown>(name: string, ...args: unknown[]): T;
export function service(name: string, ...args: unknown[]): unknown {
  return args.length === 0 ? currentServices().get(name) : currentServices().make(name, ...args);
}

/** A service of its own; the session is always the request's one. (BlitzPHP: single_service().) */
export function singleService<Name extends keyof ServiceMap>(
  name: Name,
  ...args: unknown[]
): ServiceMap[Name];
export function singleService<T = unknown>(name: string, ...args: unknown[]): T;
export function singleService(name: string, ...args: unknown[]): unknown {
  return currentServices().make(name, ...args);
}
