import type { HandlerClass, HandlerClassChecks, HandlerOptions } from '../contracts/handler.js';
import { BlitzError } from '../errors.js';
import { Later } from '../support/later.js';
import { isThenable } from '../support/thenable.js';
import { ActiveSessions, type EndingSession } from './active-sessions.js';
import { lifetimeOf, type SessionEnvironment, type SessionRequest } from './environment.js';
import { storageId } from './id.js';
import { SessionLoader } from './loader.js';
import type { PeerRules } from './peer.js';
import { SessionRecord } from './record.js';
import { Session } from './session.js';

/** Seconds between two runs of the collector that requests of one process may start. */
const COLLECT_EVERY = 60;

/** Opens and ends the sessions of one application. */
export class SessionManager {
  readonly #env: SessionEnvironment;
  readonly #loader: SessionLoader;
  readonly #open = new ActiveSessions<EndingSession>();
  #collecting: Promise<number> | undefined;
  #closing = false;
  #nextCollection = 0;

  constructor(env: SessionEnvironment) {
    this.#env = env;
    this.#loader = new SessionLoader(env);
  }

  /** The rules of the PHP application that shares the sessions, if one does. */
  get peer(): PeerRules | undefined {
    return this.#env.peer;
  }

  /** What handlers are given. */
  get handlerOptions(): HandlerOptions {
    return this.#env.records.options;
  }

  /** The class of the configured handler. */
  get handlerClass(): HandlerClass {
    return this.#env.records.handler;
  }

  /** Checks the store once. Throws a typed error when sessions could not be kept there. */
  async boot(): Promise<void> {
    const { handler, options } = this.#env.records;
    await (handler as HandlerClassChecks).boot?.(options);
  }

  /**
   * Waits for the session's turn and opens it; what is unknown, dead or unreadable gives a new session. Throws
   * `E_SESSION_LOCK_TIMEOUT`, `E_SESSION_BUSY`, `E_SESSION_CLIENT_LEFT`, `E_SESSION_BACKEND`.
   */
  open(request: SessionRequest): Later<Session> {
    const later = new Later<Session>();
    if (this.#closing) {
      later.reject(new BlitzError('E_APP_CLOSED'));
      return later;
    }
    const session = new Session(this.#env, this.#loader, request, this.#open);
    this.#open.add(session);
    const failed = (error: unknown) => {
      this.#open.delete(session);
      // The error does not wait for a store that has just failed.
      void quietly(session);
      later.reject(error);
    };
    try {
      const opening = session.open();
      if (isThenable(opening)) opening.then(() => later.resolve(session), failed);
      else later.resolve(session);
    } catch (error) {
      failed(error);
    }
    return later;
  }

  /** Waits at the end for a session that something else opened, over a save handler. Throws `E_APP_CLOSED`. */
  admit(session: EndingSession): void {
    if (this.#open.has(session)) return;
    if (this.#closing) throw new BlitzError('E_APP_CLOSED');
    this.#open.add(session);
  }

  /** Such a session is over. */
  dismiss(session: EndingSession): void {
    this.#open.delete(session);
  }

  /** Writes what was changed and frees the lock; throws what could not be saved. Sometimes starts the collector. */
  finish(session: Session): Later<void> {
    session.responseBegins();
    const later = new Later<void>();
    const ended = () => {
      this.#ended(session);
      later.resolve();
    };
    const failed = (error: unknown) => {
      this.#open.delete(session);
      later.reject(error);
    };
    try {
      const writing = session.commit();
      if (isThenable(writing)) writing.then(ended, failed);
      else ended();
    } catch (error) {
      failed(error);
    }
    return later;
  }

  #ended(session: Session): void {
    this.#open.delete(session);
    const { gc_probability: chance, gc_divisor: divisor } = this.#env.config;
    if (chance > 0 && Math.random() * divisor < chance && this.#mayCollect()) {
      this.collect().catch((error: unknown) => this.#warn('gc', error));
    }
  }

  /** However the dice fall: old records are not a matter of seconds, and looking at all of them costs. */
  #mayCollect(): boolean {
    const now = this.#env.clock.now();
    if (now < this.#nextCollection) return false;
    this.#nextCollection = now + Math.min(lifetimeOf(this.#env.config) / 10, COLLECT_EVERY) * 1000;
    return true;
  }

  /**
   * Deletes records unused for the configured lifetime; the number deleted. One run at a time. `progress` is told how
   * many are deleted so far, by handlers that tell.
   */
  collect(progress?: (deleted: number) => void): Promise<number> {
    this.#collecting ??= new SessionRecord(this.#env.records, storageId('gc'), { progress })
      .gc(lifetimeOf(this.#env.config))
      .finally(() => {
        this.#collecting = undefined;
      });
    return this.#collecting;
  }

  /** The id of the live session that `id` leads to, directly or through a renewal; undefined when there is none. */
  async find(id: string, ip?: string): Promise<string | undefined> {
    const found = await this.#loader.peek(id, { ip });
    return found.kind === 'found' ? found.id : undefined;
  }

  /** Whether this can be an id at all. */
  accepts(id: unknown): id is string {
    return this.#env.accepts(id);
  }

  /** The key under which the store knows an id. */
  keyOf(id: string, ip?: string): string {
    return this.#loader.keyOf(id, { ip });
  }

  /** Lets the sessions in flight end, at most `seconds` long, frees what is left, and closes the store. */
  async close(seconds = 10): Promise<void> {
    this.#closing = true;
    const deadline = performance.now() + seconds * 1000;
    while (this.#open.size > 0 && performance.now() < deadline) {
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    const { operation_timeout: patience } = this.#env.config;
    const gaveUp = new Promise((resolve) => setTimeout(resolve, patience * 1000).unref());
    const ended = [...this.#open.all().map(quietly), this.#collecting?.catch(() => {})];
    await Promise.race([Promise.all(ended), gaveUp]);
    const { handler, options } = this.#env.records;
    await (handler as HandlerClassChecks).shutdown?.(options);
  }

  #warn(operation: string, cause: unknown): void {
    this.#env.warn('E_SESSION_BACKEND', { handler: this.#env.records.handlerName, operation }, cause);
  }
}

/** Gives up what a session holds; a store that cannot even do that has nothing more to tell. */
async function quietly(session: EndingSession): Promise<void> {
  try {
    await session.abandon();
  } catch {
    // The failure that came before is the one that counts.
  }
}
