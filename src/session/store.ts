import { newToken } from './birth.js';
import type { StoreSession } from './store-data.js';
import { StoreFlash } from './store-flash.js';
import { TOKEN } from './vars.js';

/** What a store needs of the life cycle. */
export interface LiveSession extends StoreSession {
  readonly id: string;
  readonly started: boolean;
  close(): Promise<void>;
  start(): Promise<void>;
  destroy(): Promise<void>;
  invalidate(): Promise<void>;
  regenerate(destroy: boolean): Promise<void>;
}

/** Methods added with `Store.macro`. Applications augment it. */
// biome-ignore lint/suspicious/noEmptyInterface: augmented by applications
export interface StoreMacros {}

export interface Store extends StoreMacros {}

/**
 * The session of one request, as a controller sees it. Reading and writing are synchronous; the methods that end or
 * renew the session take effect in memory at the call and return a promise for the store's part. One that was not
 * awaited is finished before the response leaves. (BlitzPHP: Session\Store.)
 */
// biome-ignore lint/suspicious/noUnsafeDeclarationMerging: macros are added to the prototype
export class Store extends StoreFlash {
  readonly #live: LiveSession;

  constructor(session: LiveSession) {
    super(session);
    this.#live = session;
  }

  /** The session's id, as its cookie carries it. Never log it. */
  get id(): string {
    return this.#live.id;
  }

  /** Whether the session can be written. */
  isStarted(): boolean {
    return this.#live.started;
  }

  /** The CSRF token: 40 random characters, made at first use where there is none. (BlitzPHP: Store::token.) */
  token(): string {
    const token = this.get<string>(TOKEN);
    return typeof token === 'string' ? token : this.regenerateToken();
  }

  /** A new CSRF token. (BlitzPHP: Store::regenerateToken.) */
  regenerateToken(): string {
    const token = newToken();
    this.session.willChange('token');
    this.session.values[TOKEN] = token;
    return token;
  }

  /** The page visited before, if one was recorded. (BlitzPHP: Store::previousUrl.) */
  previousUrl(): string | undefined {
    return this.get<string>('_previous.url');
  }

  setPreviousUrl(url: string): void {
    this.store('setPreviousUrl', '_previous.url', url);
  }

  hasPreviousUri(): boolean {
    return this.has('_previous.url');
  }

  /** Records that the user has just typed the password again. (BlitzPHP: Store::passwordConfirmed.) */
  passwordConfirmed(): void {
    this.store('passwordConfirmed', 'auth.password_confirmed_at', this.session.seconds());
  }

  /**
   * Writes and frees the lock at once, so that a slow request does not hold its neighbours. Afterwards reading works
   * and a change throws `E_SESSION_CLOSED`, until `start()`. (PHP: session_write_close.)
   */
  close(): Promise<void> {
    return this.#live.close();
  }

  /** Locks and reads again after `close()`. Does nothing while the session is open. (PHP: session_start.) */
  start(): Promise<void> {
    return this.#live.start();
  }

  /**
   * Deletes everything and expires the cookie. Afterwards reads find an empty session and changes throw
   * `E_SESSION_CLOSED`. (BlitzPHP: Store::destroy.)
   */
  destroy(): Promise<void> {
    return this.#live.destroy();
  }

  /** Destroys, and goes on with a new empty session. (Laravel: Store::invalidate.) */
  invalidate(): Promise<void> {
    return this.#live.invalidate();
  }

  /**
   * Gives the same data a new id and a new token: call it at login. The old id leads nowhere from then on. `destroy`
   * matters only where sessions are shared with PHP. (BlitzPHP: Store::regenerate.)
   */
  regenerate(destroy = false): Promise<void> {
    return this.#live.regenerate(destroy);
  }

  /** Adds a method to every store. Throws when the name is taken. (BlitzPHP: Macroable.) */
  static macro<Args extends unknown[]>(name: string, fn: (this: Store, ...args: Args) => unknown): void {
    if (name in Store.prototype && !macros.has(name))
      throw new TypeError(`Store.macro('${name}'): the name is taken`);
    macros.add(name);
    Object.defineProperty(Store.prototype, name, { value: fn, configurable: true, writable: true });
  }

  /** As `Store.macro`. */
  macro<Args extends unknown[]>(name: string, fn: (this: Store, ...args: Args) => unknown): void {
    Store.macro(name, fn);
  }
}

const macros = new Set<string>();
