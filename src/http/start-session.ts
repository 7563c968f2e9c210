import type { ConfigService } from '../config/config-service.js';
import { outsideScope, runInScope } from '../container/request-scope.js';
import { UnstartedRequest } from '../container/unstarted-request.js';
import type { AppConfig } from '../contracts/config.js';
import type { Client } from '../contracts/http.js';
import type { SessionCookie } from '../cookie/session-cookie.js';
import type { EventManager } from '../events/event-manager.js';
import type { SessionRequest } from '../session/environment.js';
import type { FailureListener } from '../session/operations.js';
import type { Session } from '../session/session.js';
import type { SessionManager } from '../session/session-manager.js';
import type { Store } from '../session/store.js';
import { ownLife } from '../session/vars.js';
import type { Later } from '../support/later.js';
import { type Exchange, type Header, NO_HEADERS, PRIVATE, type SessionHeaders } from './exchange.js';
import type { Host } from './host.js';
import { type Forwarding, normalizeAddress, ProxyTrust } from './request-facts.js';
import { UnstartedExchange } from './unstarted-exchange.js';

export type { Exchange, SessionHeaders } from './exchange.js';

/** Options that every adapter takes; each a value or a function of the framework's request. */
export interface SessionAdapterOptions<Request> {
  /** No lock, no write; changes throw `E_SESSION_READ_ONLY`. Default false. */
  readonly readOnly?: boolean | ((request: Request) => boolean);
  /** Leaves the session out altogether: assets, health checks. Default false. */
  readonly skip?: boolean | ((request: Request) => boolean);
  /** False leaves out what `session()` needs, for code that uses only `request.session()`. Default true. */
  readonly context?: boolean | ((request: Request) => boolean);
  /** False sets the context and opens nothing: the code below calls `session_start()` itself. Default true. */
  readonly start?: boolean | ((request: Request) => boolean);
}

/** What one of these options says for one request. */
export function decide<Request>(
  option: boolean | ((request: Request) => boolean),
  request: Request,
): boolean {
  return typeof option === 'function' ? option(request) : option;
}

/** Who asks, and how, as a framework with a proxy setting of its own found it: `app.trust_proxy` is not asked. */
export interface Found {
  readonly ip: string | undefined;
  readonly https: boolean;
}

/**
 * What the life cycle must know of a request, whatever framework it came through. Who makes one writes each member out:
 * V8 defines those that follow a spread one by one, about 30 µs a request.
 */
export interface ExchangeRequest {
  readonly from: Forwarding | Found;
  readonly cookie: string | undefined;
  readonly requestedWith: string | undefined;
  readonly readOnly: boolean;
  readonly context: boolean;
  readonly client: Client;
}

/** What a session may tell while it ends. */
const ENDINGS = ['session:created', 'session:regenerated', 'session:destroyed', 'session:closed'];

/** What PHP sends with each page that has a session. (PHP: session_cache_limiter, `nocache`.) */
const AS_PHP: readonly Header[] = [
  ['Expires', 'Thu, 19 Nov 1981 08:52:00 GMT'],
  ['Cache-Control', 'no-store, no-cache, must-revalidate'],
  ['Pragma', 'no-cache'],
];
const NO_COOKIE_AS_PHP: SessionHeaders = { setCookie: undefined, caching: AS_PHP };

/** The one life cycle of a session in a request: open, run, commit, close. Every adapter goes through it. */
export class SessionStarter {
  readonly #app: Host;
  readonly #proxies: ProxyTrust;
  #known: AtHand | undefined;

  constructor(app: Host) {
    this.#app = app;
    const trust = app.services
      .get<ConfigService>('config')
      .get<AppConfig['trust_proxy']>('app.trust_proxy', false);
    this.#proxies = new ProxyTrust(trust);
  }

  /** The exchange of a request that opens its session itself, or opens none. */
  leave(request: ExchangeRequest): UnstartedExchange {
    return new UnstartedExchange(
      this.#app.services,
      new UnstartedRequest({
        cookie: request.cookie,
        ip: addressOf(request.from, this.#proxies),
        ajax: isAjax(request),
        readOnly: request.readOnly,
        overHttps: this.#isSecure(request),
        client: request.client,
      }),
    );
  }

  #isSecure({ from }: ExchangeRequest): boolean {
    return 'https' in from ? from.https : this.#proxies.isSecure(from);
  }

  /** Waits for the session's turn and opens it. */
  begin(request: ExchangeRequest): Later<SessionExchange> {
    const { cookie, manager } = this.#atHand();
    const opening = manager.open(new Visitor(request, cookie, this.#proxies));
    const overHttps = cookie.dependsOnHttps && this.#isSecure(request);
    return opening.then(
      (session) => new SessionExchange(this.#app, manager, session, cookie, overHttps, request.context),
    );
  }

  #atHand(): AtHand {
    const { services } = this.#app;
    const { version } = services;
    if (this.#known?.version === version) return this.#known;
    const cookie = services.get<SessionCookie>('sessionCookie');
    const manager = services.get<SessionManager>('sessionManager');
    this.#known = { version: services.version, cookie, manager };
    return this.#known;
  }
}

/** The services that each request needs, as long as none is replaced. */
interface AtHand {
  readonly version: number;
  readonly cookie: SessionCookie;
  readonly manager: SessionManager;
}

/** Who opens a session. Few handlers ask for the address, so it is not looked for before. */
class Visitor implements SessionRequest {
  readonly id: string | undefined;
  readonly readOnly: boolean;
  readonly ajax: boolean;
  readonly carriesCookie: boolean;
  readonly client: Client;
  readonly #from: Forwarding | Found;
  readonly #proxies: ProxyTrust;
  #ip: string | undefined;
  #looked = false;

  constructor(request: ExchangeRequest, cookie: SessionCookie, proxies: ProxyTrust) {
    this.id = cookie.read(request.cookie);
    this.readOnly = request.readOnly;
    this.ajax = isAjax(request);
    this.carriesCookie = !request.readOnly;
    this.client = request.client;
    this.#from = request.from;
    this.#proxies = proxies;
  }

  get ip(): string | undefined {
    if (!this.#looked) {
      this.#ip = addressOf(this.#from, this.#proxies);
      this.#looked = true;
    }
    return this.#ip;
  }
}

function addressOf(from: Forwarding | Found, proxies: ProxyTrust): string | undefined {
  return 'https' in from ? normalizeAddress(from.ip) : proxies.addressOf(from);
}

/** A session that was opened for one request, until its response begins. */
export class SessionExchange implements Exchange {
  readonly #app: Host;
  readonly #manager: SessionManager;
  readonly #session: Session;
  readonly #cookie: SessionCookie;
  readonly #overHttps: boolean;
  readonly #context: boolean;
  #finished: Later<SessionHeaders> | undefined;

  constructor(
    app: Host,
    manager: SessionManager,
    session: Session,
    cookie: SessionCookie,
    overHttps: boolean,
    context: boolean,
  ) {
    this.#app = app;
    this.#manager = manager;
    this.#session = session;
    this.#cookie = cookie;
    this.#overHttps = overHttps;
    this.#context = context;
  }

  get store(): Store {
    return this.#session.store;
  }

  get session(): Session {
    return this.#session;
  }

  /** Whether the kernel may put something of its own: the session can be written, and will be stored in any case. */
  get takesNotes(): boolean {
    const { started, values } = this.#session;
    const { save_uninitialized: always } = this.#app.services.get<ConfigService>('config').all().session;
    return started && (always || Object.keys(values).length > 0);
  }

  run<T>(work: () => T, visit?: unknown): T {
    return this.#context ? runInScope(this.#app.services, this.#session, work, visit) : work();
  }

  finish(): Later<SessionHeaders> {
    this.#finished ??= this.#saved().then(() => this.#headers());
    return this.#finished;
  }

  /** Listeners of its events may ask for the session. */
  #saved(): Later<void> {
    const events = this.#app.services.get<EventManager>('event');
    const save = () => this.#manager.finish(this.#session);
    const heard = events.hearsSessions !== false && ENDINGS.some((event) => events.hasListeners(event));
    return heard ? save() : outsideScope(save);
  }

  #headers(): SessionHeaders {
    const session = this.#session;
    const shared = this.#manager.peer !== undefined;
    if (session.cookieDue === 'none') return shared ? NO_COOKIE_AS_PHP : NO_HEADERS;
    const setCookie =
      session.cookieDue === 'set'
        ? this.#cookie.set(session.id, this.#overHttps, cookieLife(session))
        : this.#cookie.expire(this.#overHttps);
    return { setCookie, caching: shared ? AS_PHP : PRIVATE };
  }

  onUnseenFailure(listener: FailureListener): void {
    this.#session.onUnseenFailure(listener);
  }

  clientLeft(): void {
    this.#session.clientLeft();
  }

  answered(): void {
    this.#session.rest();
  }
}

function isAjax({ requestedWith }: ExchangeRequest): boolean {
  return requestedWith?.toLowerCase() === 'xmlhttprequest';
}

/** Seconds that the cookie of a session with a life of its own is to live. */
function cookieLife({ values }: Session): number | undefined {
  const own = ownLife(values);
  return own === undefined ? undefined : Math.ceil((own.life ?? 0) / 1000);
}
