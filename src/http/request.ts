import type { Default, Keys, Values } from '../contracts/session.js';
import { BlitzError } from '../errors.js';
import type { Store } from '../session/store.js';
import { brand } from '../support/brand.js';
import { RequestHead } from './request-head.js';
import { withoutSecrets } from './secrets.js';

export type { MatchedRoute, RequestParts, RequestSetting } from './request-head.js';

/** One HTTP request. (BlitzPHP: Http\Request.) */
export class Request extends RequestHead {
  static {
    brand(Request.prototype, 'request');
  }

  /** When the kernel took it, before it waited for its session: milliseconds on the scale of `performance.now()`. */
  readonly startedAt: number = performance.now();
  #attributes: Map<string, unknown> | undefined;
  #session: Store | undefined;

  /** What middlewares leave for those behind them: `request.attributes.set('user', user)`. (Symfony: $request->attributes.) */
  get attributes(): Map<string, unknown> {
    this.#attributes ??= new Map();
    return this.#attributes;
  }

  /** The session of this request. Throws `E_SESSION_NO_REQUEST` on a route without one. */
  session(): Store {
    if (this.#session === undefined) throw new BlitzError('E_SESSION_NO_REQUEST');
    return this.#session;
  }

  hasSession(): boolean {
    return this.#session !== undefined;
  }

  /** What the form before had in a field, or in all of them. (BlitzPHP: Request::old.) */
  old(): Values;
  old<T = unknown>(key: string): T | undefined;
  old<T>(key: string, fallback: Default<T>): T;
  old(key?: string, fallback?: unknown): unknown {
    return key === undefined ? this.session().getOldInput() : this.session().getOldInput(key, fallback);
  }

  /**
   * Keeps the input for the next request. Passwords, tokens and the like are left out by their names, wherever they stand
   * in it: see `flashable`. (BlitzPHP: Request::flash.)
   */
  flash(): void {
    this.session().flashInput(this.flashable());
  }

  /** Keeps the named input for the next request; secrets never. */
  flashOnly(keys: Keys): void {
    this.session().flashInput(withoutSecrets(this.only(keys)));
  }

  /** Keeps the input for the next request, without the named values and without secrets. */
  flashExcept(keys: Keys): void {
    this.session().flashInput(withoutSecrets(this.except(keys)));
  }

  /**
   * The input without `_token`, `_method` and every field whose name says that it holds a secret: `password`,
   * `mot_de_passe`, `newPassword`, `api_token`, `card[cvc]` …
   */
  flashable(): Values {
    return withoutSecrets(this.all());
  }

  /** The page visited before, if the session has it. */
  previousUrl(): string | undefined {
    return this.#session?.previousUrl();
  }

  /** The kernel has opened the session. */
  attach(session: Store): void {
    this.#session = session;
  }
}
