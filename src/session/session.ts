import type { Awaitable } from '../contracts/session.js';
import { BlitzError } from '../errors.js';
import { destroyed, refused, tellWritten, watchedForRefusal } from '../support/diagnostics.js';
import { Later } from '../support/later.js';
import { randomId } from '../support/random.js';
import { after, attempt, isThenable } from '../support/thenable.js';
import type { ActiveSessions, EndingSession } from './active-sessions.js';
import { renewalIsDue, stampAges } from './birth.js';
import type { SessionEnvironment, SessionRequest } from './environment.js';
import { Hold, isLockLost, taken } from './hold.js';
import type { SessionLoader } from './loader.js';
import { OpenedSession } from './opened-session.js';
import { type FailureListener, Operations } from './operations.js';
import { pointerRecord } from './pointer.js';
import type { SessionRecord } from './record.js';
import { type LiveSession, Store } from './store.js';
import { LAST_REGENERATE, TOKEN } from './vars.js';

/** How often another id is drawn for a new session, as often as PHP does. */
const REDRAWS = 3;

/** The session of one request, from its opening to the moment its lock is free. */
export class Session extends OpenedSession implements LiveSession {
  readonly store: Store;
  /** Most requests ask for nothing but their end. */
  #asked: Operations | undefined;
  #failureListener: FailureListener | undefined;
  /** Counts the ends by `destroy()`, so that a `start()` asked before one does not come to life after it. */
  #generation = 0;
  /** What an explicit `regenerate()` leaves under the old id where PHP shares the sessions; undefined: nothing. */
  #leftBehind: string | undefined;
  /** The last commit, for one that comes while it is still at work. */
  #writing: Awaitable<void> = undefined;

  constructor(
    env: SessionEnvironment,
    loader: SessionLoader,
    request: SessionRequest,
    active: ActiveSessions<EndingSession>,
  ) {
    super(env, loader, request, active);
    this.store = new Store(this);
  }

  /** Opens the session that the request presents, or a new one. Called once. */
  open(): Awaitable<void> {
    const opening = this.request.readOnly ? this.openReadOnly() : this.lock(this.request.id, true);
    const started = () => this.env.emit('session:started', this.store);
    return isThenable(opening) ? opening.then(started) : started();
  }

  close(): Promise<void> {
    if (this.state !== 'open' || this.sealed) return this.#operations.add(async () => {});
    const write = this.#prepareEnd();
    return this.#operations.add(write);
  }

  start(): Promise<void> {
    if (this.mode === 'readOnly') this.willChange('start');
    const [generation, late] = [this.#generation, this.sealed];
    return this.#operations.add(async () => {
      if (late) throw new BlitzError('E_SESSION_CLOSED', { details: { call: 'start' } });
      if (this.state === 'open' || generation !== this.#generation) return;
      if (this.lost && this.changed()) throw new BlitzError('E_SESSION_LOCK_LOST');
      const id = this.state === 'destroyed' ? undefined : this.id;
      if (id !== undefined) this.refuseNested(id);
      await this.lock(id, false, () => generation !== this.#generation);
    });
  }

  destroy(): Promise<void> {
    if (this.mode === 'readOnly') this.willChange('destroy');
    if (this.state === 'destroyed') return this.#operations.add(async () => {});
    if (this.sealed) throw new BlitzError('E_SESSION_CLOSED', { details: { call: 'destroy' } });
    const remove = this.#prepareRemoval();
    this.state = 'destroyed';
    this.#generation++;
    this.values = {};
    if (this.mode === 'live') this.cookieDue = this.request.id === undefined ? 'none' : 'delete';
    return this.#operations.add(remove);
  }

  invalidate(): Promise<void> {
    this.willChange('invalidate');
    const remove = this.#prepareRemoval();
    this.begin();
    return this.#operations.add(async () => {
      await remove();
      await this.drawOwnId();
    });
  }

  /** `destroy` counts where PHP shares the sessions: its rule keeps the old record otherwise. */
  regenerate(destroy: boolean): Promise<void> {
    this.willChange('regenerate');
    const first = this.hold !== undefined && this.abandonedId === undefined;
    if (this.env.config.time_to_update > 0) this.values[LAST_REGENERATE] = this.seconds();
    if (first && this.env.peer !== undefined) {
      this.#leftBehind = destroy ? undefined : this.env.serializer.encode(this.values);
    }
    if (first) this.abandonedId = this.id;
    this.id = randomId();
    const { peer, config } = this.env;
    const always = config.save_uninitialized && peer?.tokenAtBirth !== false;
    if (TOKEN in this.values || always) this.store.regenerateToken();
    return this.#operations.add(() => this.drawOwnId());
  }

  // What the life cycle needs.

  /** Is told at once of a failed `close()`, `destroy()` … whose promise chain nobody looked at. */
  onUnseenFailure(listener: FailureListener): void {
    this.#failureListener = listener;
    if (this.#asked !== undefined) this.#asked.listener = listener;
  }

  get #operations(): Operations {
    if (this.#asked === undefined) {
      this.#asked = new Operations();
      this.#asked.listener = this.#failureListener;
    }
    return this.#asked;
  }

  /** From now on only reading is left: what was asked before is finished and written with the commit that follows. */
  responseBegins(): void {
    this.sealed = true;
  }

  /** The client left: the session ends with its handler, or after `lock_ttl`, and what was changed is saved. */
  clientLeft(): void {
    this.carriesCookie = false;
    if (!this.started) return;
    const { clock, config } = this.env;
    const end = () => {
      const failed = (error: unknown) => this.env.warn('E_SESSION_BACKEND', this.where('write'), error);
      Later.of(() => this.commit())
        .then(undefined, failed)
        .then(() => this.active.delete(this));
    };
    if (this.leaving === undefined) this.leaving = clock.setTimeout(end, config.lock_ttl * 1000, true);
  }

  /**
   * Finishes what user code began, writes, and frees the lock. Throws what could not be saved, and what failed before
   * without anybody asking. Does nothing the second time.
   */
  commit(): Awaitable<void> {
    return this.#asked?.idle === false ? this.#finishAsked(this.#asked) : this.#write();
  }

  async #finishAsked(asked: Operations): Promise<void> {
    try {
      await asked.finish();
    } catch (error) {
      // The error does not wait for a store that has just failed.
      this.abandon().catch((cause: unknown) =>
        this.env.warn('E_SESSION_BACKEND', this.where('close'), cause),
      );
      throw error;
    }
    await this.#write();
  }

  #write(): Awaitable<void> {
    if (this.state === 'open') this.#writing = this.#prepareEnd()();
    else if (this.lost && this.state !== 'destroyed' && this.changed()) {
      if (refused.hasSubscribers)
        refused.publish({ handler: this.env.records.handlerName, code: 'E_SESSION_LOCK_LOST' });
      throw new BlitzError('E_SESSION_LOCK_LOST');
    }
    return this.#writing;
  }

  /** Closes the session in memory now, and returns what remains to be done in the store. */
  #prepareEnd(): () => Awaitable<void> {
    const end = this.#end();
    if (!refused.hasSubscribers) return end;
    return () => watchedForRefusal(this.env.records.handlerName, end);
  }

  #end(): () => Awaitable<void> {
    const { hold } = this;
    this.state = 'closed';
    if (this.mode !== 'live') return () => this.#leaveUnwritten();
    // From here on the record belongs to what is returned: a destroy() that follows comes after it.
    this.hold = undefined;
    try {
      if (hold === undefined) return this.#creation();
      if (this.abandonedId !== undefined) return this.#renewal(hold, this.abandonedId);
      const { config } = this.env;
      const renew = this.carriesCookie && !this.ajax && renewalIsDue(this.values, config, this.seconds());
      return renew ? this.#renewal(hold, undefined) : this.#saving(hold);
    } catch (error) {
      return async () => {
        await this.letGo();
        await hold?.free();
        throw error;
      };
    }
  }

  #creation(): () => Awaitable<void> {
    const { config, serializer } = this.env;
    let data = serializer.encode(this.values);
    if (!config.save_uninitialized) {
      if (data === serializer.encode({})) return () => this.#leaveUnwritten();
      if (stampAges(this.values, config, this.ajax, this.seconds())) data = serializer.encode(this.values);
    }
    return () => {
      const record = this.newRecord();
      const prepared = this.prepared?.id === record.id ? this.prepared : undefined;
      if (prepared !== undefined) this.prepared = undefined;
      return after(this.letGo(), () => this.#create(prepared ?? record, data, REDRAWS));
    };
  }

  /** An id that is taken already is never taken over: another one is drawn (PHP: session_create_id). */
  #create(record: SessionRecord, data: string, redraws: number): Awaitable<void> {
    return after(record.create(data), (created) => {
      if (created) return this.#written(data, 'session:created');
      if (redraws === 0) throw taken(this.env);
      this.id = randomId();
      return after(this.drawOwnId(), () => this.#create(this.newRecord(), data, redraws - 1));
    });
  }

  /** `abandoned`: the id left behind by `regenerate()`; without it the renewal is automatic. */
  #renewal(hold: Hold, abandoned: string | undefined): () => Awaitable<void> {
    const { serializer } = this.env;
    const changed = abandoned !== undefined || this.changed();
    if (abandoned === undefined) this.values[LAST_REGENERATE] = this.seconds();
    const data = serializer.encode(this.values);
    return async () => {
      await this.letGo();
      const oldId = abandoned ?? this.id;
      try {
        if (abandoned === undefined) {
          this.id = randomId();
          await this.drawOwnId();
        }
        await hold.moveTo(this.newRecord(), data, this.#leftUnder(oldId, abandoned === undefined, data));
      } catch (error) {
        this.id = oldId;
        hold.freeQuietly();
        if (changed || !isLockLost(error)) throw error;
        return;
      }
      this.abandonedId = undefined;
      await this.#written(data, 'session:regenerated');
    };
  }

  /** What the old id holds from now on; undefined: nothing. */
  #leftUnder(oldId: string, automatic: boolean, data: string): string | undefined {
    const { clock, config, peer } = this.env;
    if (peer !== undefined) {
      if (!automatic) return this.#leftBehind;
      return config.regenerate_destroy ? undefined : data;
    }
    const target = automatic && !config.regenerate_destroy ? this.id : undefined;
    return pointerRecord(clock.now() + config.grace * 1000, oldId, target);
  }

  #saving(hold: Hold): () => Awaitable<void> {
    const data = this.payload() as string;
    const changed = data !== this.known;
    return () => {
      const free = this.letGo();
      return isThenable(free)
        ? free.then(() => this.#save(hold, data, changed))
        : this.#save(hold, data, changed);
    };
  }

  #save(hold: Hold, data: string, changed: boolean): Awaitable<void> {
    if (!changed) {
      return hold.touchIsDue ? this.#touch(hold, data) : after(hold.leave(), () => this.#leaveUnwritten());
    }
    const saving = hold.save(data, true);
    return isThenable(saving) ? saving.then(() => this.#written(data)) : this.#written(data);
  }

  /** A lock that was lost matters only to who has something to write. */
  #touch(hold: Hold, data: string): Awaitable<void> {
    const touched = attempt<boolean>(
      () => after(hold.save(data, false), () => true),
      (error) => {
        if (!isLockLost(error)) throw error;
        return false;
      },
    );
    return after(touched, (done) => (done ? this.#written(data, undefined, false) : undefined));
  }

  #leaveUnwritten(): Awaitable<void> {
    return after(this.letGo(), () => this.env.emit('session:closed', this.store));
  }

  #written(data: string, event?: 'session:created' | 'session:regenerated', changed = true): Awaitable<void> {
    tellWritten(this.env.records.handlerName, data.length, event, changed);
    this.known = data;
    this.mayDiffer = false;
    const refresh = event !== undefined || (this.env.peer?.refreshesCookie(this.ajax) ?? true);
    if (this.state !== 'destroyed' && refresh) this.cookieDue = 'set';
    if (event === undefined) return this.env.emit('session:closed', this.store);
    return after(this.env.emit(event, this.store), () => this.env.emit('session:closed', this.store));
  }

  /** Leaves the record behind in memory now, and returns how to delete it. */
  #prepareRemoval(): () => Promise<void> {
    const hold = this.hold;
    const closed = this.state === 'closed' && this.mode === 'live';
    this.hold = undefined;
    return async () => {
      await this.letGo(this.state === 'open');
      if (hold !== undefined) await hold.remove();
      else if (closed && this.known !== undefined) {
        // Where a renewal failed, or came too late, the record is still under the id that was to be left behind.
        const id = this.abandonedId ?? this.id;
        this.refuseNested(id);
        const found = await this.loader.lock(id, this.request);
        if (found.kind === 'found') await new Hold(this.env, found).remove();
      }
      const stored = hold !== undefined || (closed && this.known !== undefined);
      if (stored && destroyed.hasSubscribers)
        destroyed.publish({ handler: this.env.records.handlerName, reason: 'asked' });
      await this.env.emit('session:destroyed', this.store);
    };
  }
}
