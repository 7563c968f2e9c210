import { findServices } from '../container/current.js';
import { currentScope, type RequestScope, runWithin } from '../container/request-scope.js';
import type { OwnSessionHeaders, SessionOpener, UnstartedRequest } from '../container/unstarted-request.js';
import type { Clock } from '../contracts/clock.js';
import type { Client } from '../contracts/http.js';
import type { Logger } from '../contracts/log.js';
import type { Serializer } from '../contracts/serializer.js';
import { BlitzError } from '../errors.js';
import type { ActiveSession, EndingSession } from '../session/active-sessions.js';
import { type FailureListener, Operations } from '../session/operations.js';
import type { Session } from '../session/session.js';
import type { SessionManager } from '../session/session-manager.js';
import { processWide } from '../support/process-wide.js';
import { ApplicationSession } from './application-session.js';
import { HandlerSession } from './handler-session.js';
import { cacheHeaders, deletedCookie, presentedId, sessionCookie } from './headers.js';
import { type SettingSource, Settings } from './ini.js';
import type { PhpRequestContext, PhpSession } from './php-session.js';
import { applicationSettings, configOf, processDefaults, queueOf } from './process.js';
import type { SaveHandler, SaveHandlerSource } from './save-handler.js';
import { type Warning, warn } from './warnings.js';

const requests = processWide('php-requests', () => new WeakMap<RequestScope, PhpRequest>());

/** What PHP's functions keep of the current request; undefined outside of requests. */
export function findRequest(): PhpRequest | undefined {
  const scope = currentScope();
  if (scope === undefined) return undefined;
  let request = requests.get(scope);
  if (request === undefined) {
    request = new PhpRequest(scope);
    requests.set(scope, request);
  }
  return request;
}

/** As `findRequest`. Throws `E_SESSION_NO_REQUEST`. */
export function currentRequest(): PhpRequest {
  const request = findRequest();
  if (request === undefined) throw new BlitzError('E_SESSION_NO_REQUEST');
  return request;
}

/** The settings that count here: those of the request, outside of requests those of the process. */
export function currentSettings(): Settings {
  return findRequest()?.settings ?? processDefaults.settings;
}

export function logWarning(call: string, warning: Warning, name?: string): false {
  warn(findServices()?.get<Logger>('log'), call, warning, name);
  return false;
}

/** One request as PHP's functions see it. */
export class PhpRequest implements PhpRequestContext, SessionOpener, EndingSession {
  readonly settings: Settings;
  previousActive: ActiveSession | undefined;
  nextActive: ActiveSession | undefined;
  readonly #scope: RequestScope;
  readonly #unstarted: UnstartedRequest | undefined;
  /** Where an adapter opened the session, its own chain takes the operations. */
  readonly #operations: Operations | undefined;
  /** Null: that of the configuration, whatever the process has. */
  #saveHandler: SaveHandlerSource | null | undefined;
  /** What the source gave for this request. */
  #handler: { readonly source: SaveHandlerSource; readonly handler: SaveHandler } | undefined;
  #session: PhpSession | undefined;
  /** Sessions that another one took the place of; each is over, and still has to say how it ended. */
  #past: PhpSession[] = [];
  /** What `session_id('…')` chose. */
  #chosenId: string | undefined;
  #setCookie: string | undefined;
  #others: Readonly<Record<string, string>> = {};
  #endTimer: unknown;

  constructor(scope: RequestScope) {
    this.#scope = scope;
    this.#unstarted = scope.unstarted;
    if (scope.unstarted !== undefined) this.#operations = new Operations();
    if (scope.session !== undefined) this.#session = this.#opened(scope.session as Session);
    this.settings = new Settings(this.#settingsBelow());
  }

  get client(): Client | undefined {
    return this.#unstarted?.client;
  }

  /** The response has begun, and no header can be added. */
  get begun(): boolean {
    return this.#unstarted?.begun ?? false;
  }

  /** Whether the session is the one that an adapter opened. */
  get isApplications(): boolean {
    return this.#unstarted === undefined && this.#session !== undefined;
  }

  get session(): PhpSession | undefined {
    return this.#session;
  }

  get active(): boolean {
    return this.#session?.active ?? false;
  }

  /** The session's id, or the one that was chosen for it. */
  get id(): string {
    return this.#chosenId ?? this.#session?.id ?? '';
  }

  choose(id: string): void {
    this.#chosenId = id;
  }

  /** The save handler of this request; undefined for that of the application's configuration. */
  get saveHandler(): SaveHandlerSource | undefined {
    if (this.#unstarted === undefined || this.#saveHandler === null) return undefined;
    return this.#saveHandler ?? processDefaults.saveHandler;
  }

  set saveHandler(source: SaveHandlerSource | undefined) {
    this.#saveHandler = source ?? null;
    this.#retire();
  }

  start(readAndClose: boolean): Promise<boolean> {
    const session = this.#prepare();
    // The application that closes waits for it, as the manager does for the sessions that it opens itself.
    if (session instanceof HandlerSession) this.#manager.admit(this);
    const starting = session.start(readAndClose || this.#unstarted?.readOnly === true);
    if (!(session instanceof ApplicationSession)) return starting;
    return starting.then((started) => {
      if (started) this.limitCaches();
      return started;
    });
  }

  /** The session for the next `session_start()`. Throws `E_SESSION_NO_REQUEST` where the request does without one. */
  #prepare(): PhpSession {
    const current = this.#session;
    // After session_destroy() the cookie is looked at again.
    const anew = this.#chosenId !== undefined || (current instanceof HandlerSession && current.id === '');
    if (current !== undefined && !anew) return current;
    if (this.#unstarted === undefined) {
      if (this.#session !== undefined) return this.#session;
      throw new BlitzError('E_SESSION_NO_REQUEST');
    }
    const presented = presentedId(this.#unstarted.cookie, this.settings);
    this.#retire();
    const id = this.#chosenId ?? '';
    this.#chosenId = undefined;
    const session = this.#make(this.#unstarted, id === '' ? presented : id, id === '');
    this.#session = session;
    if (session instanceof HandlerSession) this.#scope.session = session;
    this.#unstarted.openedBy(this);
    return session;
  }

  #make(request: UnstartedRequest, value: string, fromCookie: boolean): PhpSession {
    const { services } = this.#scope;
    const source = this.saveHandler;
    if (source === undefined) return this.#unopened(request, value);
    const env = {
      config: configOf(services).session,
      clock: this.#clock,
      queue: queueOf(services),
    };
    if (this.#handler?.source !== source) this.#handler = { source, handler: source() };
    return new HandlerSession(env, this.settings, this, this.#handler.handler, {
      value,
      fromCookie: fromCookie && value !== '',
    });
  }

  #unopened(request: UnstartedRequest, id: string): ApplicationSession {
    const { ip, ajax, client, readOnly } = request;
    return new ApplicationSession({
      ...this.#applications,
      request: (asked) => ({
        id: id === '' ? undefined : id,
        ip,
        ajax,
        client,
        readOnly: asked || readOnly,
        carriesCookie: !asked && !readOnly,
      }),
      opened: (session) => {
        this.#scope.session = session;
        if (client.gone) session.clientLeft();
      },
    });
  }

  #opened(session: Session): ApplicationSession {
    return new ApplicationSession(this.#applications, session);
  }

  get #applications() {
    const { services } = this.#scope;
    return {
      manager: this.#manager,
      serializer: services.get<Serializer>('serializer'),
      warn: (call: string, warning: Warning) => this.warn(call, warning),
    };
  }

  #retire(): void {
    if (this.#session === undefined || this.isApplications) return;
    this.#chosenId ??= this.#session.id === '' ? undefined : this.#session.id;
    this.#past.push(this.#session);
    this.#session = undefined;
  }

  /** Whether a save handler is set decides anew at each look: it may come after the first setting. */
  #settingsBelow(): SettingSource {
    const config = configOf(this.#scope.services);
    const application = applicationSettings(config, this.#unstarted?.overHttps ?? false);
    return {
      get: (name) =>
        this.saveHandler === undefined ? application.get(name) : processDefaults.settings.get(name),
    };
  }

  get #manager(): SessionManager {
    return this.#scope.services.get<SessionManager>('sessionManager');
  }

  get #clock(): Clock {
    return this.#scope.services.get<Clock>('clock');
  }

  ask<T>(work: () => Promise<T>): Promise<T> {
    if (this.#operations === undefined) return work();
    let result: T;
    return this.#operations
      .add(async () => {
        result = await work();
      })
      .then(() => result);
  }

  warn(call: string, warning: Warning, name?: string): void {
    warn(this.#scope.services.get<Logger>('log'), call, warning, name);
  }

  sendCookie(id: string): void {
    const { partitioned } = configOf(this.#scope.services).cookie;
    this.#setCookie = sessionCookie(
      id,
      this.settings,
      this.#clock,
      partitioned && this.saveHandler === undefined,
    );
  }

  limitCaches(): void {
    if (this.#unstarted !== undefined) this.#others = cacheHeaders(this.settings, this.#clock);
  }

  finish(): Promise<OwnSessionHeaders> {
    return runWithin(this.#scope, () => this.#end());
  }

  async #end(): Promise<OwnSessionHeaders> {
    this.#clock.clearTimeout(this.#endTimer);
    const sessions = [...this.#past.splice(0), ...(this.#session === undefined ? [] : [this.#session])];
    try {
      await this.#operations?.finish();
      for (const session of sessions) await session.finish();
      this.#manager.dismiss(this);
    } catch (error) {
      // The error does not wait for a store that has just failed.
      for (const session of sessions) void giveUp(session);
      this.#manager.dismiss(this);
      throw error;
    }
    if (this.#session instanceof ApplicationSession) this.#applicationCookie(this.#session.session);
    return { setCookie: this.#setCookie, others: this.#others };
  }

  #applicationCookie(session: Session | undefined): void {
    if (session?.cookieDue === 'set') this.sendCookie(session.id);
    if (session?.cookieDue === 'delete') {
      this.#setCookie = deletedCookie(this.settings);
    }
  }

  /** The application ends without waiting any longer: what this request still changes is kept nowhere. */
  async abandon(): Promise<void> {
    for (const session of [...this.#past, this.#session]) {
      if (session instanceof HandlerSession) await session.abandon();
    }
  }

  /** The handler still runs; its session lasts at most `lock_ttl` seconds more. */
  clientLeft(): void {
    if (this.#session instanceof ApplicationSession) this.#session.session?.clientLeft();
    if (!(this.#session instanceof HandlerSession)) return;
    const { lock_ttl: ttl } = configOf(this.#scope.services).session;
    const end = () => {
      this.finish().catch((cause: unknown) => {
        this.#scope.services.get<Logger>('log').error('the session could not be saved', { cause });
      });
    };
    this.#endTimer = this.#clock.setTimeout(end, ttl * 1000, true);
  }

  onUnseenFailure(listener: FailureListener): void {
    if (this.#operations !== undefined) this.#operations.listener = listener;
  }
}

/** Frees what a session holds, and takes it off the list of those in flight. */
async function giveUp(session: PhpSession): Promise<void> {
  try {
    await session.abandon();
    await session.finish();
  } catch {
    // The failure that came before is the one that is told.
  }
}
