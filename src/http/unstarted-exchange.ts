import type { ServiceContainer } from '../container/container.js';
import { currentScope, runInScope } from '../container/request-scope.js';
import type { UnstartedRequest } from '../container/unstarted-request.js';
import { BlitzError } from '../errors.js';
import type { FailureListener } from '../session/operations.js';
import type { Store } from '../session/store.js';
import { Later } from '../support/later.js';
import { type Exchange, NO_HEADERS, PRIVATE, type SessionHeaders } from './exchange.js';

/** A request for which nothing was opened; what it opens itself ends with it. */
export class UnstartedExchange implements Exchange {
  readonly #services: ServiceContainer;
  readonly #request: UnstartedRequest;
  #finished: Later<SessionHeaders> | undefined;

  constructor(services: ServiceContainer, request: UnstartedRequest) {
    this.#services = services;
    this.#request = request;
  }

  get store(): Store {
    const scope = currentScope();
    if (scope?.unstarted !== this.#request || scope.session === undefined) {
      throw new BlitzError('E_SESSION_NO_REQUEST');
    }
    return scope.session.store;
  }

  run<T>(work: () => T, visit?: unknown): T {
    return runInScope(this.#services, undefined, work, visit, this.#request);
  }

  finish(): Later<SessionHeaders> {
    this.#finished ??= Later.from(this.#end());
    return this.#finished;
  }

  async #end(): Promise<SessionHeaders> {
    this.#request.begun = true;
    const { opener } = this.#request;
    if (opener === undefined) return NO_HEADERS;
    const { setCookie, others } = await opener.finish();
    const caching = Object.entries(others);
    const limited = caching.some(([name]) => name.toLowerCase() === 'cache-control');
    return { setCookie, caching: setCookie === undefined || limited ? caching : [...caching, ...PRIVATE] };
  }

  onUnseenFailure(listener: FailureListener): void {
    this.#request.onUnseenFailure(listener);
  }

  clientLeft(): void {
    this.#request.opener?.clientLeft();
  }

  /** The session is its opener's, who may still be at work on it. */
  answered(): void {}
}
