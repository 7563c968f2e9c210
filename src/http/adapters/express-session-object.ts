import type { ConfigService } from '../../config/config-service.js';
import type { Clock } from '../../contracts/clock.js';
import type { CookieConfig, SessionConfig } from '../../contracts/config.js';
import type { SessionData, Values } from '../../contracts/session.js';
import type { Session } from '../../session/session.js';
import { isInternal, LIFE, ownLife } from '../../session/vars.js';
import { assign } from '../../support/paths.js';
import type { Application } from '../application.js';

export type SessionCallback = (error?: unknown) => void;

/** The cookie of one session, as express-session shows it. What is not about its life is configured for all of them. */
export interface ExpressCookie {
  /** Milliseconds; null: until the browser closes. Setting it gives this session a life of its own. */
  originalMaxAge: number | null;
  /** Milliseconds that are left. */
  maxAge: number | null;
  expires: Date | null;
  readonly httpOnly: true;
  readonly path: string;
  readonly domain: string | undefined;
  readonly secure: boolean | 'auto';
  readonly sameSite: string;
}

/** `req.session` as express-session gives it: own properties are data. */
export type ExpressSession = ExpressSessionMethods &
  Partial<SessionData> & {
    // biome-ignore lint/suspicious/noExplicitAny: what a session holds is known to the application alone
    [key: string]: any;
  };

export interface ExpressSessionMethods {
  readonly id: string;
  readonly cookie: ExpressCookie;
  /** Writes now, and calls back when the store has it. Not needed before a redirect: nothing leaves before it is saved. */
  save(callback?: SessionCallback): this;
  /** Deletes the session and begins an empty one under a new id. */
  regenerate(callback?: SessionCallback): this;
  /** Deletes the session; `req.session` is undefined afterwards. */
  destroy(callback?: SessionCallback): this;
  /** Forgets the changes of this request. */
  reload(callback?: SessionCallback): this;
  /** Lets the life of the session begin anew, as every request does by itself. */
  touch(): this;
  resetMaxAge(): this;
}

/** The request that the object belongs to. */
export interface SessionOwner {
  readonly live: Session;
  /** Gives the request a new object. */
  renew(): void;
  /** Takes the object away from the request. */
  forget(): void;
}

/** A new object for the session of `owner`. */
export function sessionObject(owner: SessionOwner, app: Application): ExpressSession {
  return new Proxy(new SessionObject(owner, app), TRAPS) as unknown as ExpressSession;
}

const STATE = Symbol('state');

/** What lies behind one object. */
class State {
  readonly owner: SessionOwner;
  readonly cookie: LiveCookie;
  /** The values that an object shows whose session has gone on under another id. */
  #left: Values | undefined;

  constructor(owner: SessionOwner, app: Application) {
    this.owner = owner;
    this.cookie = new LiveCookie(this, app);
  }

  get values(): Values {
    return this.#left ?? this.owner.live.values;
  }

  leave(): void {
    this.#left ??= this.owner.live.values;
  }

  /** Before a change; an object that was left takes none. */
  willChange(key: string): boolean {
    if (this.#left !== undefined) return false;
    this.owner.live.willChange(`req.session.${key}`);
    return true;
  }
}

class SessionObject {
  readonly [STATE]: State;

  constructor(owner: SessionOwner, app: Application) {
    this[STATE] = new State(owner, app);
  }

  get id(): string {
    return this[STATE].owner.live.id;
  }

  get cookie(): LiveCookie {
    return this[STATE].cookie;
  }

  save(callback?: SessionCallback): this {
    // Without anybody to tell, the end of the request does it.
    if (callback === undefined) return this;
    const { store } = this[STATE].owner.live;
    tell(
      store.close().then(() => store.start()),
      callback,
    );
    return this;
  }

  regenerate(callback?: SessionCallback): this {
    const { owner } = this[STATE];
    this[STATE].leave();
    const renewed = owner.live.store.invalidate();
    owner.renew();
    tell(renewed, callback);
    return this;
  }

  destroy(callback?: SessionCallback): this {
    const { owner } = this[STATE];
    this[STATE].leave();
    const destroyed = owner.live.store.destroy();
    owner.forget();
    tell(destroyed, callback);
    return this;
  }

  reload(callback?: SessionCallback): this {
    const { owner } = this[STATE];
    owner.live.rollBack('req.session.reload');
    owner.renew();
    tell(Promise.resolve(), callback);
    return this;
  }

  touch(): this {
    return this.resetMaxAge();
  }

  resetMaxAge(): this {
    this[STATE].cookie.beginAnew();
    return this;
  }
}

/** Calls back once, outside of every promise: what the callback throws is its own affair. */
function tell(work: Promise<void>, callback: SessionCallback | undefined): void {
  if (callback === undefined) return;
  work.then(
    () => process.nextTick(callback),
    (error: unknown) => process.nextTick(callback, error),
  );
}

/** The cookie of the session behind `state`. */
class LiveCookie implements ExpressCookie {
  readonly #state: State;
  readonly #session: SessionConfig;
  readonly #cookie: CookieConfig;
  readonly #clock: Clock;
  readonly httpOnly = true;

  constructor(state: State, app: Application) {
    this.#state = state;
    const { session, cookie } = app.service<ConfigService>('config').all();
    this.#session = session;
    this.#cookie = cookie;
    this.#clock = app.service<Clock>('clock');
  }

  beginAnew(): void {
    const own = ownLife(this.#state.values);
    if (own !== undefined) this.originalMaxAge = own.life;
  }

  get originalMaxAge(): number | null {
    const own = ownLife(this.#state.values);
    if (own !== undefined) return own.life;
    return this.#session.expiration === 0 ? null : this.#session.expiration * 1000;
  }

  set originalMaxAge(life: number | null) {
    if (life !== null && !(Number.isFinite(life) && life > 0)) {
      throw new TypeError(`req.session.cookie: ${life} is no number of milliseconds`);
    }
    const whole = life === null ? null : Math.round(life);
    if (!this.#state.willChange('cookie')) return;
    const until = whole === null ? null : this.#clock.now() + whole;
    assign(this.#state.values, LIFE, { life: whole, until });
  }

  get maxAge(): number | null {
    const { expires } = this;
    return expires === null ? null : expires.getTime() - this.#clock.now();
  }

  set maxAge(life: number | null | false | undefined) {
    this.originalMaxAge = life === false || life === undefined ? null : life;
  }

  get expires(): Date | null {
    const until = ownLife(this.#state.values)?.until;
    if (typeof until === 'number') return new Date(until);
    const { originalMaxAge } = this;
    return originalMaxAge === null ? null : new Date(this.#clock.now() + originalMaxAge);
  }

  set expires(date: Date | null | false | undefined) {
    this.maxAge = date instanceof Date ? date.getTime() - this.#clock.now() : null;
  }

  get path(): string {
    return this.#cookie.path;
  }

  get domain(): string | undefined {
    return this.#cookie.domain === '' ? undefined : this.#cookie.domain;
  }

  get secure(): boolean | 'auto' {
    return this.#cookie.secure;
  }

  get sameSite(): string {
    return this.#cookie.samesite.toLowerCase();
  }

  get data(): Record<string, unknown> {
    const { originalMaxAge, expires, secure, httpOnly, domain, path, sameSite } = this;
    return { originalMaxAge, expires, secure, httpOnly, domain, path, sameSite };
  }

  toJSON(): Record<string, unknown> {
    return this.data;
  }
}

const TRAPS: ProxyHandler<SessionObject> = {
  get(target, key) {
    if (typeof key === 'symbol' || key in target) return Reflect.get(target, key);
    const { values, owner } = target[STATE];
    if (!Object.hasOwn(values, key)) return undefined;
    const value = values[key];
    if (typeof value === 'object' && value !== null) owner.live.exposed();
    return value;
  },
  set(target, key, value) {
    if (key === 'cookie') {
      // As when one session is copied over another.
      if (typeof value?.originalMaxAge === 'number') target.cookie.originalMaxAge = value.originalMaxAge;
      return true;
    }
    return put(target, key, value);
  },
  defineProperty(target, key, descriptor) {
    // Packages lay their own functions over those of the object.
    if (typeof key === 'symbol' || key in target || typeof descriptor.value === 'function') {
      return Reflect.defineProperty(target, key, { ...descriptor, configurable: true });
    }
    return put(target, key, descriptor.value);
  },
  deleteProperty(target, key) {
    if (typeof key === 'symbol' || !Object.hasOwn(target[STATE].values, key))
      return Reflect.deleteProperty(target, key);
    if (target[STATE].willChange(key)) delete target[STATE].values[key];
    return true;
  },
  has(target, key) {
    return key in target || (typeof key === 'string' && Object.hasOwn(target[STATE].values, key));
  },
  ownKeys(target) {
    return ['cookie', ...Object.keys(target[STATE].values).filter((key) => !isInternal(key))];
  },
  getOwnPropertyDescriptor(target, key) {
    const { values, owner } = target[STATE];
    const shape = { writable: true, enumerable: true, configurable: true };
    if (key === 'cookie') return { value: target.cookie, ...shape };
    if (typeof key === 'symbol' || isInternal(key) || !Object.hasOwn(values, key)) return undefined;
    owner.live.exposed();
    return { value: values[key], ...shape };
  },
};

function put(target: SessionObject, key: string | symbol, value: unknown): boolean {
  const { owner } = target[STATE];
  if (typeof key === 'symbol' || key in target || typeof value === 'function') {
    return Reflect.defineProperty(target, key, { value, writable: true, configurable: true });
  }
  owner.live.check(key, value);
  if (target[STATE].willChange(key)) assign(target[STATE].values, key, value);
  return true;
}
