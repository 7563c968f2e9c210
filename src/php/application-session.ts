import type { Serializer } from '../contracts/serializer.js';
import type { Values } from '../contracts/session.js';
import type { SessionRequest } from '../session/environment.js';
import type { Session } from '../session/session.js';
import type { SessionManager } from '../session/session-manager.js';
import type { Store } from '../session/store.js';
import { assign } from '../support/paths.js';
import { randomId } from '../support/random.js';
import { decodeAsPhp } from './payload.js';
import type { PhpSession } from './php-session.js';
import type { Warning } from './warnings.js';

/** What the session of the application needs of whoever drives it. */
export interface ApplicationSessionOptions {
  readonly manager: SessionManager;
  readonly serializer: Serializer;
  readonly warn: (call: string, warning: Warning) => void;
  /** What to open at the first `session_start()`; undefined where an adapter opened the session. */
  readonly request?: (readOnly: boolean) => SessionRequest;
  /** Is told of what was opened. */
  readonly opened?: (session: Session) => void;
}

/**
 * PHP's functions over the session of the configured handler: the one that `session()` gives. All that is guaranteed
 * of it stays: strict ids, locks between processes, no resurrection. Ids are those of the application.
 */
export class ApplicationSession implements PhpSession {
  readonly #options: ApplicationSessionOptions;
  #session: Session | undefined;
  #destroyed = false;

  constructor(options: ApplicationSessionOptions, session?: Session) {
    this.#options = options;
    this.#session = session;
  }

  get session(): Session | undefined {
    return this.#session;
  }

  get store(): Store {
    return (this.#session as Session).store;
  }

  get id(): string {
    return this.#destroyed ? '' : (this.#session?.id ?? '');
  }

  get active(): boolean {
    return this.#session?.started ?? false;
  }

  get started(): boolean {
    return this.active;
  }

  get lockedKey(): string | undefined {
    return this.#session?.lockedKey;
  }

  get values(): Values {
    return this.#session?.values ?? {};
  }

  willChange(call: string): void {
    this.#session?.willChange(call);
  }

  exposed(): void {
    this.#session?.exposed();
  }

  check(key: string, value: unknown): void {
    this.#session?.check(key, value);
  }

  // Each promise goes on from the session's own: one that nobody looks at fails the response, and nothing else.

  start(readAndClose: boolean): Promise<boolean> {
    const session = this.#session;
    if (session === undefined) return this.#open(readAndClose);
    return session.start().then(() => {
      this.#destroyed = false;
      return readAndClose ? session.close().then(() => true) : true;
    });
  }

  async #open(readAndClose: boolean): Promise<boolean> {
    const { manager, request, opened } = this.#options;
    this.#session = await manager.open(request?.(readAndClose) ?? {});
    opened?.(this.#session);
    return true;
  }

  writeClose(): Promise<boolean> {
    if (this.#session === undefined || !this.active) return Promise.resolve(false);
    return this.#session.close().then(() => true);
  }

  abort(): Promise<boolean> {
    if (this.#session === undefined || !this.active) return Promise.resolve(false);
    this.#session.rollBack('session_abort');
    return this.#session.close().then(() => true);
  }

  /** Under the lock nothing else can have been written: what was read is what the store holds. */
  async reset(): Promise<boolean> {
    if (!this.active) return false;
    this.#session?.rollBack('session_reset');
    return true;
  }

  destroy(): Promise<boolean> {
    if (this.#session === undefined || !this.active) return this.#refused('session_destroy', 'inactive');
    this.#destroyed = true;
    return this.#session.destroy().then(() => true);
  }

  regenerateId(deleteOld: boolean): Promise<boolean> {
    if (this.#session === undefined || !this.active) {
      return this.#refused('session_regenerate_id', 'inactive');
    }
    return this.#session.regenerate(deleteOld).then(() => true);
  }

  async gc(): Promise<number | false> {
    return this.active ? this.#options.manager.collect() : this.#refused('session_gc', 'inactive');
  }

  async createId(prefix: string): Promise<string | false> {
    return prefix + randomId();
  }

  encode(): string {
    return this.#options.serializer.encode(this.values);
  }

  decode(data: string): Promise<boolean> {
    if (!this.active) return this.#refused('session_decode', 'inactive');
    const values = decodeAsPhp(this.#options.serializer, data);
    if (values === undefined) {
      return this.destroy().then(() => this.#refused('session_decode', 'undecodable'));
    }
    this.willChange('session_decode');
    for (const key of Object.keys(values)) assign(this.values, key, values[key]);
    return Promise.resolve(true);
  }

  async finish(): Promise<void> {
    if (this.#session !== undefined) await this.#options.manager.finish(this.#session);
  }

  async abandon(): Promise<void> {
    await this.#session?.abandon();
  }

  async #refused(call: string, warning: Warning): Promise<false> {
    this.#options.warn(call, warning);
    return false;
  }
}
