import type { Request } from '../request.js';
import type { Response } from '../response.js';

/** Goes on to the next middleware, or to the action; resolves to their response. */
export type Next = () => Promise<Response>;

/** Stands in front of an action. What it returns is the answer, as an action's is. (BlitzPHP: middlewares.) */
export type MiddlewareFunction = (request: Request, next: Next, ...args: string[]) => unknown;

/** A middleware as a class or an object. (BlitzPHP: MiddlewareInterface::process.) */
export interface MiddlewareInterface {
  handle(request: Request, next: Next, ...args: string[]): unknown;
}
/** A new one is made for each request. */
export type MiddlewareClass = new () => MiddlewareInterface;

/** A function; a class; or an object, which all requests share: `new Throttle(60)`. */
export type CallableMiddleware = MiddlewareFunction | MiddlewareClass | MiddlewareInterface;

/** A middleware, or the name that `Route.aliasMiddleware` gave to one: `'auth'`, `'role:admin,editor'`. */
export type Middleware = CallableMiddleware | string;

/** A middleware as a function, its class instantiated and its arguments given when it is called. */
export function runnable(middleware: CallableMiddleware, args: readonly string[] = []): MiddlewareFunction {
  if (typeof middleware === 'object') return (request, next) => middleware.handle(request, next, ...args);
  if (isClass(middleware)) return (request, next) => new middleware().handle(request, next, ...args);
  return args.length === 0 ? middleware : (request, next) => middleware(request, next, ...args);
}

/** A class may have its `handle` as a field, which only its instances show. */
function isClass(middleware: MiddlewareFunction | MiddlewareClass): middleware is MiddlewareClass {
  const prototype = middleware.prototype as { handle?: unknown } | undefined;
  return (
    typeof prototype?.handle === 'function' || /^class\b/.test(Function.prototype.toString.call(middleware))
  );
}
