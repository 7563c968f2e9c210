import type { RouteGroup } from '../http/routing/route-group.js';
import type { Router } from '../http/routing/router.js';
import { Facade, facade } from './facade.js';

class RouteFacade extends Facade {
  static override accessor(): string {
    return 'route';
  }

  /** Declared here because every class has a `name` of its own, which would be found first. */
  static override name(name: string): RouteGroup {
    return this.resolve<Router>().name(name);
  }
}

/** The routes: `Route.get('/home', () => session('key'))`. (BlitzPHP: Facades\Route.) */
export const Route: typeof RouteFacade & Omit<Router, keyof typeof RouteFacade> =
  facade<Router>()(RouteFacade);
