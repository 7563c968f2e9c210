import { loadConfig } from '../config/load.js';
import type { ServiceContainer } from '../container/container.js';
import { dismiss, enlist, runWhileBooting } from '../container/current.js';
import { composeOwnServices, composeServices } from '../container/providers.js';
import type { ServiceMap } from '../container/tokens.js';
import type { Clock } from '../contracts/clock.js';
import type { ConfigOverrides } from '../contracts/config.js';
import type { Logger } from '../contracts/log.js';
import { BlitzError } from '../errors.js';
import { discoverListeners } from '../events/discovery.js';
import type { EventManager } from '../events/event-manager.js';
import { releaseShared, retainShared } from '../handlers/connections.js';
import type { SessionManager } from '../session/session-manager.js';
import type { InjectedResponse, InjectOptions } from './inject.js';
import { Kernel } from './kernel.js';
import { portFrom } from './port.js';
import { composeHttp } from './providers.js';
import { loadRoutes } from './routing/load-routes.js';
import type { Router } from './routing/router.js';
import type { ViewFactory } from './views/view-factory.js';

export interface BootOptions {
  /** The application's folder. Default: the current directory. */
  readonly root?: string;
  /** Laid over the configuration files and the environment. */
  readonly config?: ConfigOverrides;
  /** The clock that everything reads, for tests. */
  readonly clock?: Clock;
  /** Where warnings are written. Default: the standard error stream. */
  readonly log?: Logger;
}

/** Seconds in which what is in flight may end once the application closes. */
const PATIENCE = 10;

/** One application: its configuration, services and sessions. */
export class Application {
  readonly root: string;
  readonly services: ServiceContainer;
  #kernel: Promise<Kernel> | undefined;
  #closing: Promise<void> | undefined;

  private constructor(root: string, services: ServiceContainer) {
    this.root = root;
    this.services = services;
  }

  /**
   * Loads and checks the configuration, builds the container, lets the listeners of `app/Listeners` and `app/Events`
   * register themselves, emits `app:init`, loads `config/routes.ts`, and checks that sessions can be kept. Throws
   * `E_SESSION_CONFIG` with every fault, `E_ROUTE`, `E_SESSION_HANDLER`, or what the handler says of its store.
   */
  static async boot(options: BootOptions = {}): Promise<Application> {
    const { root = process.cwd(), config = {}, clock, log } = options;
    const resolved = await loadConfig({ root, config });
    const services = composeServices(resolved);
    composeHttp(services, resolved);
    composeOwnServices(services, resolved);
    if (clock !== undefined) services.define('clock', () => clock);
    if (log !== undefined) services.define('log', () => log);
    const application = new Application(resolved.root, services);
    enlist(services);
    retainShared();
    try {
      await runWhileBooting(services, async () => {
        const events = services.get<EventManager>('event');
        await discoverListeners(application.root, events);
        await events.emit('app:init', application);
        await loadRoutes(application.root, services.get<Router>('route'));
      });
      await services.get<ViewFactory>('view').boot();
      await services.get<SessionManager>('sessionManager').boot();
    } catch (error) {
      dismiss(services);
      await releaseShared();
      throw error;
    }
    return application;
  }

  /** A service of this application. Throws `E_SERVICE_UNKNOWN`. */
  service<Name extends keyof ServiceMap>(name: Name): ServiceMap[Name];
  service<T = unknown>(name: string): T;
  service(name: string): unknown {
    return this.services.get(name);
  }

  /**
   * Serves the routes. `port`: default `PORT`, else 3000; 0 is a free one. `host`: default `HOST`, else 127.0.0.1.
   * Resolves to the address. Throws `E_APP_LISTEN`, `E_PACKAGE_MISSING`, `E_ROUTE`, and what the system says of the address.
   */
  async listen(port?: number, host?: string): Promise<string> {
    const kernel = await this.#serving();
    return kernel.listen(
      port ?? portFrom('PORT', process.env['PORT'] || '3000'),
      host ?? (process.env['HOST'] || '127.0.0.1'),
    );
  }

  /** Answers a request without a network, as `listen` would. Throws `E_PACKAGE_MISSING`, `E_ROUTE`. */
  async inject(request: string | InjectOptions): Promise<InjectedResponse> {
    const kernel = await this.#serving();
    return kernel.inject(typeof request === 'string' ? { url: request } : request);
  }

  #serving(): Promise<Kernel> {
    if (this.#closing !== undefined) throw new BlitzError('E_APP_CLOSED');
    this.#kernel ??= Kernel.start(this);
    return this.#kernel;
  }

  /** Lets requests in flight end, frees their locks and closes the clients. Calling it again does nothing more. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    const kernel = await this.#kernel?.catch(() => undefined);
    const began = performance.now();
    await kernel?.close();
    const left = PATIENCE - (performance.now() - began) / 1000;
    await this.services.get<SessionManager>('sessionManager').close(Math.max(1, left));
    dismiss(this.services);
    await releaseShared();
  }
}
