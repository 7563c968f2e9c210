import { currentServices } from '../container/current.js';

/**
 * The base of every façade: static calls reach a service, looked up at each call. (BlitzPHP: Facades\Facade.)
 *
 * ```ts
 * class CartFacade extends Facade {
 *   static override accessor() { return 'cart'; }
 * }
 * export const Cart = facade<Cart>()(CartFacade);
 * ```
 */
export abstract class Facade {
  /** The service's name. */
  static accessor(): string {
    throw new TypeError(`${this.name}.accessor() must name a service`);
  }

  /** The service behind the façade. */
  static resolve<T = unknown>(): T {
    return currentServices().get<T>(this.accessor());
  }
}

/** The static side of a façade class and every method of the service behind it. */
export type FacadeOf<Class, Service> = Class & Omit<Service, keyof Class>;

/** Gives a façade class the methods of its service, with their types. */
export function facade<Service>(): <Class extends typeof Facade>(type: Class) => FacadeOf<Class, Service> {
  return (type) =>
    new Proxy(type, {
      get(target, property, receiver) {
        if (typeof property === 'symbol' || property in target)
          return Reflect.get(target, property, receiver);
        const service = target.resolve<Record<string, unknown>>();
        const value = service[property];
        return typeof value === 'function' ? value.bind(service) : value;
      },
    }) as FacadeOf<typeof type, Service>;
}
