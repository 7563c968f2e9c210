import type { Serializer } from '../contracts/serializer.js';
import type { Values } from '../contracts/session.js';
import { BlitzError } from '../errors.js';
import { Store } from '../session/store.js';
import { ageVars } from '../session/vars.js';
import { assign } from '../support/paths.js';
import { type CallingSession, HandlerCalls } from './handler-calls.js';
import { HandlerStore } from './handler-store.js';
import { drawsGc, type Settings } from './ini.js';
import { checkAsPhp, decodeAsPhp, encodeAsPhp, serializerOf } from './payload.js';
import type { PhpRequestContext, PhpSession } from './php-session.js';
import type { SaveHandler } from './save-handler.js';
import { isUsableSid, newSid } from './sid.js';
import { type HandlerEnvironment, Turn } from './turn.js';
import type { Warning } from './warnings.js';

/** How often `session_regenerate_id` and `session_create_id` ask for another id, as often as PHP does. */
const REDRAWS = 3;

/**
 * A session over a save handler of the user's own, in the order and by the rules of PHP's ext/session: ids as they came,
 * strict mode and lazy write where the settings and the handler have them, gc after read. What PHP leaves to the handler
 * is added: the requests of one process take their turn, `operation_timeout` bounds every callback, `lock_max` the whole.
 */
export class HandlerSession implements PhpSession, CallingSession {
  readonly store: Store;
  /** As the cookie carries it; `''` for none. */
  id: string;
  values: Values = {};
  active = false;
  readonly lockedKey: undefined;
  parent: unknown;

  readonly #env: HandlerEnvironment;
  readonly #settings: Settings;
  readonly #request: PhpRequestContext;
  readonly #calls: HandlerCalls;
  readonly #turn: Turn;
  /** The format of the data, as the settings had it at the start. */
  serializer: Serializer;
  /** What `read` answered; undefined under an id that was just given. */
  #loaded: string | undefined;
  /** The id did not come by cookie, or was started before in this request: PHP sends the cookie with the next start. */
  #cookieDue: boolean;
  /** `lock_max` was over before the session was closed, or the request or the application was. */
  #lost = false;
  #unsaved = false;

  constructor(
    env: HandlerEnvironment,
    settings: Settings,
    request: PhpRequestContext,
    handler: SaveHandler,
    id: { readonly value: string; readonly fromCookie: boolean },
  ) {
    this.#env = env;
    this.#settings = settings;
    this.#request = request;
    const { clock, config } = env;
    const { operation_timeout: operationTimeout, lock_wait: lockWait } = config;
    this.#calls = new HandlerCalls(handler, this, {
      clock,
      operationTimeout,
      lockWait,
      newSid: () => newSid(settings),
    });
    this.store = new Store(new HandlerStore(this, request));
    this.#turn = new Turn(env, request.client);
    this.serializer = serializerOf(settings);
    this.id = id.value;
    this.#cookieDue = !id.fromCookie;
  }

  async start(readAndClose: boolean): Promise<boolean> {
    this.#demandNothingLost();
    if (!isUsableSid(this.id)) this.id = '';
    this.serializer = serializerOf(this.#settings);
    try {
      if (!(await this.#initialize('session_start'))) return false;
    } finally {
      // Nothing is left of a start that failed.
      if (!this.active) {
        this.id = '';
        this.values = {};
      }
    }
    if (readAndClose) await this.#end(false);
    return true;
  }

  async writeClose(): Promise<boolean> {
    if (!this.active) return false;
    await this.#end(true);
    return true;
  }

  async abort(): Promise<boolean> {
    if (!this.active) return false;
    await this.#close();
    return true;
  }

  /** Opens and reads again, without a `close` in between, and answers `true` however that ends, as PHP does. */
  async reset(): Promise<boolean> {
    if (!this.active) return false;
    await this.#initialize('session_reset');
    return true;
  }

  async destroy(): Promise<boolean> {
    if (!this.active) return this.#refused('session_destroy', 'inactive');
    return this.#destroy('session_destroy');
  }

  async regenerateId(deleteOld: boolean): Promise<boolean> {
    const call = 'session_regenerate_id';
    if (!this.active) return this.#refused(call, 'inactive');
    const left = await this.#guarded(() => {
      if (deleteOld) return this.#calls.destroy(this.id);
      return this.#calls.write(this.id, this.#payload(call) ?? '');
    });
    await this.#calls.close().catch((error: unknown) => {
      this.#leave();
      this.id = '';
      throw error;
    });
    if (!left) {
      this.#leave();
      this.#unsaved ||= !deleteOld;
      return this.#refused(call, deleteOld ? 'destroyFailed' : 'writeFailed');
    }
    this.#loaded = undefined;
    this.id = '';
    return this.#guarded(async () => {
      if (!(await this.#open())) throw failed('open');
      let id = await this.#calls.createSid();
      for (let draw = 0; draw < REDRAWS && this.#strict && (await this.#calls.validateId(id)); draw++) {
        id = await this.#calls.createSid();
      }
      await this.#turn.take(id);
      this.id = id;
      if ((await this.#calls.read(id)) === undefined) throw failed('read');
      this.#sendCookie();
      return true;
    });
  }

  async gc(): Promise<number | false> {
    if (!this.active) return this.#refused('session_gc', 'inactive');
    const deleted = await this.#calls.gc(this.#settings.number('gc_maxlifetime'));
    return deleted === false ? this.#refused('session_gc', 'gcFailed') : deleted;
  }

  async createId(prefix: string): Promise<string | false> {
    for (let draw = 0; draw < REDRAWS; draw++) {
      const id = await this.#calls.createSid();
      if (!this.#calls.validates || !(await this.#calls.validateId(id))) return prefix + id;
    }
    return this.#refused('session_create_id', 'taken');
  }

  encode(): string | false {
    // PHP answers false for an empty session too, where the format has nothing to write.
    return this.#payload('session_encode') || false;
  }

  async decode(data: string): Promise<boolean> {
    if (!this.active) return this.#refused('session_decode', 'inactive');
    const values = decodeAsPhp(this.serializer, data);
    if (values === undefined) return this.#undecodable('session_decode');
    if (this.serializer.name === 'php_serialize') this.values = values;
    else for (const key of Object.keys(values)) assign(this.values, key, values[key]);
    return true;
  }

  async finish(): Promise<void> {
    if (this.active) await this.#end(true);
    this.#demandNothingLost();
    if (this.#unsaved) throw failed('write');
  }

  abandon(): Promise<void> {
    this.#turn.giveUp();
    return this.#lose();
  }

  async #initialize(call: string): Promise<boolean> {
    if (this.id !== '') await this.#turn.take(this.id);
    this.active = true;
    const data = await this.#guarded(() => this.#openAndRead(call));
    if (data === undefined) return false;
    this.#lost = false;
    this.#turn.watch(() => void this.#request.ask(() => this.#lose()));
    let thrown: { readonly error: unknown } | undefined;
    try {
      if (drawsGc(this.#settings)) await this.#calls.gc(this.#settings.number('gc_maxlifetime'));
    } catch (error) {
      thrown = { error };
    }
    this.#loaded = data;
    const values = decodeAsPhp(this.serializer, data);
    if (values === undefined) await this.#undecodable(call);
    else {
      this.values = values;
      ageVars(values, this.seconds());
    }
    if (call === 'session_start' && values !== undefined) this.#request.limitCaches();
    if (thrown !== undefined) throw thrown.error;
    return values !== undefined;
  }

  async #openAndRead(call: string): Promise<string | undefined> {
    if (!(await this.#open())) return this.#failedStart(call, 'openFailed');
    if (this.id === '' || (this.#strict && !(await this.#calls.validateId(this.id)))) {
      const id = await this.#calls.createSid();
      await this.#turn.take(id);
      this.id = id;
      this.#cookieDue = true;
    }
    if (this.#cookieDue) this.#sendCookie();
    this.values = {};
    const data = await this.#calls.read(this.id);
    return data ?? this.#failedStart(call, 'readFailed');
  }

  async #failedStart(call: string, warning: Warning): Promise<undefined> {
    await this.#close();
    this.#refused(call, warning);
    return undefined;
  }

  #open(): Promise<boolean> {
    return this.#calls.open(this.#settings.get('save_path'), this.#settings.get('name'));
  }

  async #undecodable(call: string): Promise<false> {
    this.values = {};
    await this.#destroy(call);
    return this.#refused(call, 'undecodable');
  }

  async #destroy(call: string): Promise<boolean> {
    let done = false;
    try {
      done = await this.#guarded(() => this.#calls.destroy(this.id));
      await this.#close();
    } finally {
      this.id = '';
    }
    return done || this.#refused(call, 'destroyFailed');
  }

  async #end(write: boolean): Promise<void> {
    if (write) await this.#guarded(() => this.#write());
    await this.#close();
  }

  async #write(): Promise<void> {
    const data = this.#payload('session_write_close');
    // PHP writes where there is nothing to write: an empty session is never unchanged.
    const unchanged = data && data === this.#loaded && this.#settings.isOn('lazy_write');
    const saved =
      unchanged && this.#calls.updatesTimestamp
        ? await this.#calls.updateTimestamp(this.id, data)
        : await this.#calls.write(this.id, data ?? '');
    if (saved) return;
    this.#unsaved = true;
    this.#request.warn('session_write_close', 'writeFailed');
  }

  /** Undefined where PHP would encode nothing. */
  #payload(call: string): string | undefined {
    return encodeAsPhp(this.serializer, this.values, (warning) => this.#request.warn(call, warning));
  }

  async #close(): Promise<void> {
    this.active = false;
    try {
      await this.#calls.close();
    } finally {
      this.#leave();
    }
  }

  /** `work`; when it throws, the handler is closed all the same, and the first failure is the one that is told. */
  async #guarded<T>(work: () => T | Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      if (this.active) await this.#close().catch(() => {});
      throw error;
    }
  }

  get #strict(): boolean {
    return this.#settings.isOn('use_strict_mode') && this.#calls.validates;
  }

  #sendCookie(): void {
    this.#cookieDue = false;
    if (this.#settings.isOn('use_cookies')) this.#request.sendCookie(this.id);
  }

  #refused(call: string, warning: Warning): false {
    this.#request.warn(call, warning);
    return false;
  }

  /** What was changed after the turn was over is in no store. */
  #demandNothingLost(): void {
    if (this.#lost && this.#payload('session_write_close') !== this.#loaded) {
      throw new BlitzError('E_SESSION_LOCK_LOST');
    }
  }

  /** Others may have the session, nothing is written any more. */
  async #lose(): Promise<void> {
    if (!this.active) return;
    this.#lost = true;
    await this.#close().catch(() => {});
  }

  #leave(): void {
    this.active = false;
    this.#cookieDue = true;
    this.#turn.leave();
  }

  get started(): boolean {
    return this.active;
  }

  /** As in PHP, `$_SESSION` can be changed after the close; that is kept nowhere. */
  willChange(): void {}

  exposed(): void {}

  check(key: string, value: unknown): void {
    checkAsPhp(this.serializer, key, value);
  }

  seconds(): number {
    return Math.floor(this.#env.clock.now() / 1000);
  }
}

/** What PHP throws where a callback answers `false` in the middle of `session_regenerate_id`. */
function failed(operation: string): BlitzError {
  return new BlitzError('E_SESSION_BACKEND', { details: { handler: 'user', operation } });
}
