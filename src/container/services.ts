import { currentServices } from './current.js';
import type { ServiceMap } from './tokens.js';

/** `Services.config()`, `Services.event()` … : one method a service. `shared = false` makes a new one. */
export type ServiceMethods = {
  readonly [Name in keyof ServiceMap]: (shared?: boolean) => ServiceMap[Name];
};

/** The services of the current application. (BlitzPHP: Container\Services.) */
class ServicesBase {
  /** The shared service of that name. Throws `E_SERVICE_UNKNOWN`. */
  static get<Name extends keyof ServiceMap>(name: Name): ServiceMap[Name];
  static get<T = unknown>(name: string): T;
  static get(name: string): unknown {
    return currentServices().get(name);
  }

  /** A service of its own, made with `args`. The session is always the request's one. */
  static single<Name extends keyof ServiceMap>(name: Name, ...args: unknown[]): ServiceMap[Name];
  static single<T = unknown>(name: string, ...args: unknown[]): T;
  static single(name: string, ...args: unknown[]): unknown {
    return currentServices().make(name, ...args);
  }

  /** Puts `value` in the place of a service, for tests; what depends on it is made anew. */
  static set<Name extends keyof ServiceMap>(name: Name, value: ServiceMap[Name]): void;
  static set(name: string, value: unknown): void;
  static set(name: string, value: unknown): void {
    currentServices().set(name, value);
  }

  /** Takes back what `set` did, for one service or for all. */
  static reset(name?: string): void {
    currentServices().reset(name);
  }

  static has(name: string): boolean {
    return currentServices().has(name);
  }
}

/** One method a service, whatever services the application adds. */
export const Services: typeof ServicesBase & ServiceMethods = new Proxy(ServicesBase, {
  get(target, property, receiver) {
    if (typeof property === 'symbol' || property in target) return Reflect.get(target, property, receiver);
    return (shared = true) => (shared ? currentServices().get(property) : currentServices().make(property));
  },
}) as typeof ServicesBase & ServiceMethods;
