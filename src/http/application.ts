import { loadConfig } from '../config/load.js';
import type { ServiceContainer } from '../container/container.js';
import { dismiss, enlist, runWhileBooting } from '../container/current.js';
import { composeServices } from '../container/providers.js';
import type { ServiceMap } from '../container/tokens.js';
import type { Clock } from '../contracts/clock.js';
import type { ConfigOverrides } from '../contracts/config.js';
import type { Logger } from '../contracts/log.js';
import { discoverListeners } from '../events/discovery.js';
import type { EventManager } from '../events/event-manager.js';
import { releaseShared, retainShared } from '../handlers/connections.js';
import type { SessionManager } from '../session/session-manager.js';

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

/** One application: its configuration, services and sessions. */
export class Application {
  readonly root: string;
  readonly services: ServiceContainer;
  #closing: Promise<void> | undefined;

  private constructor(root: string, services: ServiceContainer) {
    this.root = root;
    this.services = services;
  }

  /**
   * Loads and checks the configuration, builds the container, lets the listeners of `app/Listeners` and `app/Events`
   * register themselves, emits `app:init`, and checks that sessions can be kept. Throws `E_SESSION_CONFIG` with every
   * fault, `E_SESSION_HANDLER`, or what the handler says of its store.
   */
  static async boot(options: BootOptions = {}): Promise<Application> {
    const { root = process.cwd(), config = {}, clock, log } = options;
    const services = composeServices(await loadConfig({ root, config }));
    if (clock !== undefined) services.define('clock', () => clock);
    if (log !== undefined) services.define('log', () => log);
    const application = new Application(root, services);
    enlist(services);
    retainShared();
    try {
      await runWhileBooting(services, async () => {
        const events = services.get<EventManager>('event');
        await discoverListeners(root, events);
        await events.emit('app:init', application);
      });
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

  /** Lets requests in flight end, frees their locks and closes the clients. Calling it again does nothing more. */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    await this.services.get<SessionManager>('sessionManager').close();
    dismiss(this.services);
    await releaseShared();
  }
}
