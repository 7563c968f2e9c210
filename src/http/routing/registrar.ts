import { headerSafe } from '../address.js';
import type { Request } from '../request.js';
import type { Response } from '../response.js';
import type { Action, AnyClosure, Closure, ControllerAction } from './action.js';
import { refusedPath } from './pieces.js';
import type { Method, RouteDefinition } from './route.js';

export type MethodName = Method | Lowercase<Method>;

const ALL: readonly Method[] = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'];

/** The calls that add one route; each throws `E_ROUTE` for a path it cannot mean. GET answers HEAD too. (BlitzPHP: Router\RouteCollection.) */
export abstract class RouteRegistrar {
  protected abstract add(methods: readonly Method[], path: string, action: Action): RouteDefinition;

  get<C extends object>(path: string, action: ControllerAction<C>): RouteDefinition;
  get<Path extends string>(path: Path, action: Closure<Path>): RouteDefinition;
  get(path: string, action: AnyClosure): RouteDefinition;
  get(path: string, action: unknown): RouteDefinition {
    return this.add(['GET'], path, action as Action);
  }

  post<C extends object>(path: string, action: ControllerAction<C>): RouteDefinition;
  post<Path extends string>(path: Path, action: Closure<Path>): RouteDefinition;
  post(path: string, action: AnyClosure): RouteDefinition;
  post(path: string, action: unknown): RouteDefinition {
    return this.add(['POST'], path, action as Action);
  }

  put<C extends object>(path: string, action: ControllerAction<C>): RouteDefinition;
  put<Path extends string>(path: Path, action: Closure<Path>): RouteDefinition;
  put(path: string, action: AnyClosure): RouteDefinition;
  put(path: string, action: unknown): RouteDefinition {
    return this.add(['PUT'], path, action as Action);
  }

  patch<C extends object>(path: string, action: ControllerAction<C>): RouteDefinition;
  patch<Path extends string>(path: Path, action: Closure<Path>): RouteDefinition;
  patch(path: string, action: AnyClosure): RouteDefinition;
  patch(path: string, action: unknown): RouteDefinition {
    return this.add(['PATCH'], path, action as Action);
  }

  delete<C extends object>(path: string, action: ControllerAction<C>): RouteDefinition;
  delete<Path extends string>(path: Path, action: Closure<Path>): RouteDefinition;
  delete(path: string, action: AnyClosure): RouteDefinition;
  delete(path: string, action: unknown): RouteDefinition {
    return this.add(['DELETE'], path, action as Action);
  }

  options<C extends object>(path: string, action: ControllerAction<C>): RouteDefinition;
  options<Path extends string>(path: Path, action: Closure<Path>): RouteDefinition;
  options(path: string, action: AnyClosure): RouteDefinition;
  options(path: string, action: unknown): RouteDefinition {
    return this.add(['OPTIONS'], path, action as Action);
  }

  /** The same action for several methods: `match(['get', 'post'], …)`. Throws `E_ROUTE` for a method that no route has. */
  match<C extends object>(
    methods: readonly MethodName[],
    path: string,
    action: ControllerAction<C>,
  ): RouteDefinition;
  match<Path extends string>(
    methods: readonly MethodName[],
    path: Path,
    action: Closure<Path>,
  ): RouteDefinition;
  match(methods: readonly MethodName[], path: string, action: AnyClosure): RouteDefinition;
  match(methods: readonly MethodName[], path: string, action: unknown): RouteDefinition {
    const upper = methods.map((method) => method.toUpperCase() as Method);
    const unknown = upper.find((method) => !ALL.includes(method));
    if (unknown !== undefined) throw refusedPath(path, 'method', unknown);
    return this.add(upper, path, action as Action);
  }

  /** The same action for every method. */
  any<C extends object>(path: string, action: ControllerAction<C>): RouteDefinition;
  any<Path extends string>(path: Path, action: Closure<Path>): RouteDefinition;
  any(path: string, action: AnyClosure): RouteDefinition;
  any(path: string, action: unknown): RouteDefinition {
    return this.add(ALL, path, action as Action);
  }

  /**
   * A page that only shows a view. The view finds the parameters of the path beside `data`, which wins. (BlitzPHP:
   * RouteCollection::view.)
   */
  view(path: string, name: string, data: Record<string, unknown> = {}): RouteDefinition {
    const show: Plain = ({ params }, response) => response.view(name, { ...params, ...data });
    return this.add(['GET'], path, plainly(show));
  }

  /**
   * An address that has moved: a path, in which `{id}` stands for the parameter of that name, or a whole address.
   * (BlitzPHP: RouteCollection::redirect.)
   */
  redirect(from: string, to: string, status = 302): RouteDefinition {
    const lead: Plain = ({ params }, response) => {
      const address = to.replace(/\{(\w+)\??\}/g, (_, name: string) =>
        encodeURIComponent(params[name] ?? ''),
      );
      return response.withStatus(status).withHeader('Location', headerSafe(address));
    };
    return this.add(['GET'], from, plainly(lead));
  }
}

type Plain = (request: Request, response: Response) => Response;

/** Request and response are the last arguments of an action, whatever parameters the path has. */
function plainly(answer: Plain): AnyClosure {
  return (...args: unknown[]) => answer(args.at(-2) as Request, args.at(-1) as Response);
}
