import { findServices } from '../container/current.js';
import { extensions } from '../container/extensions.js';
import { type RunOptions, type RunTarget, runSession } from '../container/run-session.js';
import type { HandlerClass } from '../contracts/handler.js';
import type { HandlerRegistry } from '../handlers/registry.js';
import type { Store } from '../session/store.js';
import { Facade, facade } from './facade.js';

class SessionFacade extends Facade {
  static override accessor(): string {
    return 'session';
  }

  /**
   * Registers a handler class, or several; call it from an `app:init` listener, before sessions are opened. A name that
   * is known already is replaced. (BlitzPHP: Session::extend.)
   */
  static extend(name: string, handler: HandlerClass): void;
  static extend(handlers: Readonly<Record<string, HandlerClass>>): void;
  static extend(name: string | Readonly<Record<string, HandlerClass>>, handler?: HandlerClass): void {
    const registry = findServices()?.get<HandlerRegistry>('handlers');
    if (registry !== undefined) {
      registry.extend(name, handler);
      return;
    }
    const pairs = typeof name === 'string' ? { [name]: handler as HandlerClass } : name;
    for (const [key, value] of Object.entries(pairs)) extensions.set(key, value);
  }

  /**
   * Opens a session by hand, for queues, sockets, command lines and tests, and ends it after `work`. `target`: an id, a
   * `Cookie` header, a request, or undefined for a new session. Throws `E_SESSION_UNKNOWN_ID`, `E_SESSION_NESTED`.
   */
  static run<T>(
    target: RunTarget,
    work: (session: Store) => T | Promise<T>,
    options?: RunOptions,
  ): Promise<T> {
    return runSession(target, work, options);
  }
}

/** The current request's session, statically: `Session.get('key')`. (BlitzPHP: Facades\Session.) */
export const Session: typeof SessionFacade & Omit<Store, keyof typeof SessionFacade> =
  facade<Store>()(SessionFacade);
