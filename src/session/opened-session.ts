import type { Awaitable, Values } from '../contracts/session.js';
import { BlitzError } from '../errors.js';
import type { Expiring } from '../support/deadlines.js';
import { randomId } from '../support/random.js';
import { after } from '../support/thenable.js';
import type { ActiveSession, ActiveSessions, EndingSession } from './active-sessions.js';
import { newValues, stampAges } from './birth.js';
import { handlerRequest, type SessionEnvironment, type SessionRequest } from './environment.js';
import { Hold, taken } from './hold.js';
import type { Locked, SessionLoader } from './loader.js';
import { SessionRecord } from './record.js';
import type { StoreSession } from './store-data.js';
import { ageVars, prolong, VARS } from './vars.js';

/** `open`: can be changed. `closed`: the lock is free. `destroyed`: gone, reads find nothing. */
type State = 'open' | 'closed' | 'destroyed';

/** `live`: an ordinary session. `readOnly`: nothing is locked or written. `retired`: in memory only. */
type Mode = 'live' | 'readOnly' | 'retired';

/** What the response must say about the cookie. */
export type CookieDue = 'none' | 'set' | 'delete';

/** A session as it was opened, and its values while it is used: everything but its end. */
export class OpenedSession implements StoreSession, EndingSession, Expiring {
  /** The raw id, as the cookie carries it; empty for a read-only request without a session. */
  id = '';
  cookieDue: CookieDue = 'none';
  previousActive: ActiveSession | undefined;
  nextActive: ActiveSession | undefined;
  previousDue: Expiring | undefined;
  nextDue: Expiring | undefined;
  due: number | undefined;

  protected readonly env: SessionEnvironment;
  protected readonly loader: SessionLoader;
  protected readonly request: SessionRequest;
  /** The sessions of the application that may still hold something. */
  protected readonly active: ActiveSessions<EndingSession>;
  protected mode: Mode = 'live';
  protected state: State = 'open';
  protected carriesCookie: boolean;
  /** The stored record whose lock we have; undefined for a session that the store does not know yet. */
  protected hold: Hold | undefined;
  /** A handler that must read before it writes has been opened for the new id. */
  protected prepared: SessionRecord | undefined;
  /** The payload as last read or written, to tell whether anything changed. */
  protected known: string | undefined;
  /** False as long as nothing can have changed, so that the payload need not be made to know. */
  protected mayDiffer = false;
  /** The stored id that an explicit `regenerate()` leaves behind. */
  protected abandonedId: string | undefined;
  /** The lock went before the session was written. */
  protected lost = false;
  /** The response has begun: it takes the session as it is, and only reading is left. */
  protected sealed = false;
  /** The application ended, or opening failed: what is still being opened must not come to life. */
  protected givenUp = false;
  /** The timer that ends the session some time after its client left. */
  protected leaving: unknown;
  /** The hold watches over `lock_max`. */
  #watched = false;
  /** Undefined while they rest. */
  #values: Values | undefined = {};

  constructor(
    env: SessionEnvironment,
    loader: SessionLoader,
    request: SessionRequest,
    active: ActiveSessions<EndingSession>,
  ) {
    this.active = active;
    this.env = env;
    this.loader = loader;
    this.request = request;
    this.carriesCookie = request.carriesCookie ?? false;
  }

  get values(): Values {
    this.#values ??= this.env.serializer.decode(this.known as string);
    return this.#values;
  }

  set values(values: Values) {
    this.#values = values;
  }

  /**
   * The answer has left: the values are let go, and made anew from the stored payload for whoever still asks. The engine
   * keeps the context of a request until the next one of its connection (its timer, on Node 20 and 22), and with it the
   * values, which every young collection would have to move: half of the time of a request with 64 KB.
   */
  rest(): void {
    const saved = this.state === 'closed' && this.mode !== 'retired' && !this.lost;
    if (saved && this.known !== undefined) this.#values = undefined;
  }

  get started(): boolean {
    return this.state === 'open' && this.mode !== 'readOnly';
  }

  /** The key of the stored record, while this session has its lock. */
  get lockedKey(): string | undefined {
    return this.state === 'open' ? this.hold?.key : undefined;
  }

  willChange(call: string): void {
    if (this.mode === 'readOnly') throw new BlitzError('E_SESSION_READ_ONLY', { details: { call } });
    if (this.state !== 'open' || this.sealed) throw new BlitzError('E_SESSION_CLOSED', { details: { call } });
    this.mayDiffer = true;
  }

  exposed(): void {
    this.mayDiffer = true;
  }

  check(key: string, value: unknown): void {
    this.env.serializer.check(key, value);
  }

  seconds(): number {
    return Math.floor(this.env.clock.now() / 1000);
  }

  /** Goes back to what was last read or written (PHP: session_reset, session_abort). */
  rollBack(call: string): void {
    this.willChange(call);
    const { config, serializer } = this.env;
    this.values = this.known === undefined ? this.#newValues() : serializer.decode(this.known);
    if (this.hold !== undefined) ageVars(this.values, this.seconds());
    stampAges(this.values, config, this.ajax, this.seconds());
  }

  /** Frees the lock without writing anything: a commit that follows fails if there was something to write. */
  async abandon(): Promise<void> {
    this.givenUp = true;
    if (this.state !== 'open') return;
    this.state = 'closed';
    this.lost = true;
    await this.letGo();
  }

  protected async openReadOnly(): Promise<void> {
    this.mode = 'readOnly';
    const found = await this.loader.peek(this.request.id, this.request);
    if (found.kind !== 'found') return this.demandNothing();
    this.id = found.id;
    this.values = found.values;
    // Values that age are not the stored ones any more.
    if (!Object.hasOwn(found.values, VARS)) this.known = found.data;
    ageVars(this.values, this.seconds());
  }

  /** Waiting for a lock that the code around this call holds would never end. */
  protected refuseNested(id: string): void {
    if (this.env.isHeld(this.loader.keyOf(id, this.request))) throw new BlitzError('E_SESSION_NESTED');
  }

  protected demandNothing(): void {
    if (this.request.mustExist) throw new BlitzError('E_SESSION_UNKNOWN_ID');
  }

  /** Locks and reads; what is not there (any more) becomes a new session. Flash values age once a request. */
  protected lock(
    id: string | undefined,
    first: boolean,
    outdated: () => boolean = () => false,
  ): Awaitable<void> {
    return after(this.loader.lock(id, this.request), (found) => {
      if (outdated()) {
        return found.kind === 'found' ? new Hold(this.env, found).free() : undefined;
      }
      this.mode = found.kind === 'retired' ? 'retired' : 'live';
      this.lost = false;
      if (found.kind === 'found') {
        this.#take(found, first);
        return this.#begun(outdated);
      }
      if (id !== undefined) this.demandNothing();
      return after(this.prepareNew(), () => this.#begun(outdated));
    });
  }

  #take(found: Locked, first: boolean): void {
    this.hold = new Hold(this.env, found);
    // A renewal that failed is still owed: an id that was planted must not follow a login.
    this.abandonedId = this.abandonedId === undefined ? undefined : found.id;
    this.id = this.abandonedId === undefined ? found.id : randomId();
    this.values = found.values;
    this.known = found.data;
    this.mayDiffer = Object.hasOwn(found.values, VARS) || this.abandonedId !== undefined;
    if (found.via.length > 0 && this.carriesCookie) this.cookieDue = 'set';
    if (first) ageVars(this.values, this.seconds());
    if (stampAges(this.values, this.env.config, this.ajax, this.seconds())) this.mayDiffer = true;
    if (prolong(this.values, this.env.clock.now())) this.mayDiffer = true;
    this.#watched = this.hold.watch(this);
  }

  #begun(outdated: () => boolean): Awaitable<void> {
    if (outdated()) {
      this.values = {};
      return this.letGo();
    }
    if (this.givenUp) {
      return after(this.letGo(), () => {
        throw new BlitzError('E_APP_CLOSED');
      });
    }
    this.state = 'open';
    this.active.add(this);
    if (this.hold === undefined || !this.#watched) this.env.ends.add(this);
  }

  /** A session that nobody knows yet: no lock and, where the handler allows, no read. */
  protected prepareNew(): Awaitable<void> {
    this.begin();
    if (this.mode === 'retired') return;
    const record = this.newRecord();
    if (!record.createsSid && !record.readsBeforeCreating) return;
    return this.#prepareInOrder();
  }

  /** PHP's order, which a handler of one's own relies on. */
  async #prepareInOrder(): Promise<void> {
    await this.drawOwnId();
    const record = this.newRecord();
    if (!record.readsBeforeCreating) return;
    this.prepared = record;
    try {
      if ((await record.prepare()) !== '') throw taken(this.env);
    } catch (error) {
      this.prepared = undefined;
      void record.closeQuietly();
      throw error;
    }
  }

  protected begin(): void {
    this.id = randomId();
    this.hold = undefined;
    this.known = undefined;
    this.abandonedId = undefined;
    this.values = this.#newValues();
    this.mayDiffer = false;
  }

  #newValues(): Values {
    return newValues(this.env.config, this.ajax, this.seconds(), this.env.peer?.tokenAtBirth);
  }

  /** Replaces the id that was drawn here where the handler makes its own. */
  protected async drawOwnId(): Promise<void> {
    const record = this.newRecord();
    if (!record.createsSid) return;
    try {
      this.id = (await record.createSid()) ?? this.id;
    } finally {
      await record.close();
    }
  }

  protected newRecord(): SessionRecord {
    const key = this.loader.keyOf(this.id, this.request);
    return new SessionRecord(this.env.records, key, handlerRequest(this.request));
  }

  /** `lock_max` is over. */
  expire(): void {
    this.loseLock();
  }

  /** `lock_max` is over, or the lease was lost: others may have the session, nothing is written any more. */
  loseLock(): void {
    if (this.state !== 'open') return;
    this.state = 'closed';
    this.lost = true;
    Promise.resolve()
      .then(() => this.letGo())
      .catch((error: unknown) => this.env.warn('E_SESSION_BACKEND', this.where('close'), error))
      .finally(() => this.active.delete(this));
  }

  /** Frees whatever this session still has. */
  protected letGo(staysOpen = false): Awaitable<void> {
    if (!staysOpen) {
      this.env.ends.remove(this);
      if (this.leaving !== undefined) this.env.clock.clearTimeout(this.leaving);
      this.leaving = undefined;
    }
    const { hold, prepared } = this;
    if (hold === undefined && prepared === undefined) return;
    this.hold = undefined;
    this.prepared = undefined;
    return after(hold?.free(), () => prepared?.close());
  }

  protected get ajax(): boolean {
    return this.request.ajax ?? false;
  }

  /** Whether something would have to be written. */
  protected changed(): boolean {
    return this.known === undefined ? this.mayDiffer : this.payload() !== this.known;
  }

  /** The values as they would be stored; what is known when nothing can have changed. */
  protected payload(): string | undefined {
    return this.mayDiffer || this.known === undefined ? this.env.serializer.encode(this.values) : this.known;
  }

  protected where(operation: string): { handler: string; operation: string } {
    return { handler: this.env.records.handlerName, operation };
  }
}
