import type { ServiceContainer } from '../container/container.js';

/** What the parts of an application's server need of the application. */
export interface Host {
  /** The application's folder. */
  readonly root: string;
  readonly services: ServiceContainer;
}
