import type { Awaitable, Values } from '../contracts/session.js';
import { BlitzError } from '../errors.js';
import { contention, destroyed, lockWait, timedLock } from '../support/diagnostics.js';
import { after, isThenable } from '../support/thenable.js';
import { handlerRequest, lifetimeOf, type SessionEnvironment, type SessionRequest } from './environment.js';
import { StorageIds, storageId } from './id.js';
import { followPointer, parsePointer } from './pointer.js';
import type { Place } from './queue.js';
import { SessionRecord } from './record.js';
import { CREATED, ownLife } from './vars.js';

/** Renewals within one grace period that an id is followed through. */
const MAX_HOPS = 8;
/** Milliseconds for which a session that was long in this process is left to others. */
const YIELD = 2;
/** Milliseconds after which opening counts as waiting for another process. */
const NOTABLE_WAIT = 5;

/** A session that was found, locked and read. */
export interface Locked {
  readonly kind: 'found';
  readonly id: string;
  readonly record: SessionRecord;
  readonly place: Place;
  /** The payload as the store holds it. */
  readonly data: string;
  readonly values: Values;
  /** Storage ids of the pointers that led here. */
  readonly via: readonly string[];
}

/** One request's way to its session. */
interface Search {
  readonly request: SessionRequest;
  /** Milliseconds of the clock. */
  readonly began: number;
  readonly deadline: number;
  /** Keys of the pointers that were followed. */
  readonly via: string[];
}

export interface Peeked {
  readonly kind: 'found';
  readonly id: string;
  /** The payload as it is stored. */
  readonly data: string;
  readonly values: Values;
}

/** `nothing`: no such session. `retired`: an id that leads nowhere, still within its grace. */
export type Absent = { readonly kind: 'nothing' } | { readonly kind: 'retired' };

const NOTHING: Absent = { kind: 'nothing' };
const RETIRED: Absent = { kind: 'retired' };

type Verdict = Locked['values'] | 'expired' | 'corrupt';

/** Finds stored sessions: waits for its turn, locks, reads, follows pointers, and judges what was found. */
export class SessionLoader {
  readonly #env: SessionEnvironment;
  readonly #ids = new StorageIds();

  constructor(env: SessionEnvironment) {
    this.#env = env;
  }

  keyOf(id: string, request: SessionRequest): string {
    // PHP knows its sessions by their ids, and each of its stores ties them to an address in a way of its own.
    if (this.#env.peer !== undefined) return id;
    return this.#env.config.matchIP ? storageId(id, request.ip ?? '') : this.#ids.of(id);
  }

  /** Throws when the lock is not obtained in time, the store fails, or the client leaves. */
  lock(presented: string | undefined, request: SessionRequest): Awaitable<Locked | Absent> {
    const { clock, config } = this.#env;
    const began = clock.now();
    const search: Search = { request, began, deadline: began + config.lock_wait * 1000, via: [] };
    if (!lockWait.hasSubscribers) return this.#follow(presented, search);
    return timedLock(this.#env.records.handlerName, () => this.#follow(presented, search));
  }

  /** Locks what is under `id`, or under the id to which a pointer there leads. */
  #follow(id: string | undefined, search: Search): Awaitable<Locked | Absent> {
    if (search.via.length >= MAX_HOPS || !this.#env.accepts(id)) return NOTHING;
    const { request, deadline } = search;
    const key = this.keyOf(id, request);
    const record = new SessionRecord(this.#env.records, key, handlerRequest(request, deadline));
    const line = this.#lineOf(key, request);
    const place = this.#env.queue.enter(line, { deadline, client: request.client });
    if (contention.hasSubscribers && isThenable(place)) {
      contention.publish({
        handler: this.#env.records.handlerName,
        waiting: this.#env.queue.waiting(line),
      });
    }
    if (isThenable(place)) {
      return (place as Promise<Place>).then((mine) => this.#inTurn(id, record, mine, search, true));
    }
    return this.#inTurn(id, record, place as Place, search, false);
  }

  #inTurn(
    id: string,
    record: SessionRecord,
    mine: Place,
    search: Search,
    queued: boolean,
  ): Awaitable<Locked | Absent> {
    const failed = (error: unknown): never => {
      // The error does not wait for a store that has just failed.
      void record.closeQuietly().then(() => mine.leave());
      throw error;
    };
    let looking: Awaitable<Locked | Absent | string>;
    try {
      looking = this.#look(id, record, mine, search, queued);
    } catch (error) {
      return failed(error);
    }
    const found = (next: Locked | Absent | string): Awaitable<Locked | Absent> => {
      if (typeof next === 'object') {
        if (next.kind !== 'found') mine.leave();
        return next;
      }
      mine.leave();
      search.via.push(record.id);
      return this.#follow(next, search);
    };
    return isThenable(looking)
      ? (looking as PromiseLike<Locked | Absent | string>).then(found, failed)
      : found(looking);
  }

  /** Who waits for the same record. With `matchIP` another address never takes over what this one has opened. */
  #lineOf(key: string, request: SessionRequest): string {
    const { config, peer } = this.#env;
    return peer !== undefined && config.matchIP ? `${request.ip ?? ''} ${key}` : key;
  }

  #look(
    id: string,
    record: SessionRecord,
    place: Place,
    { request, began, via }: Search,
    queued: boolean,
  ): Awaitable<Locked | Absent | string> {
    return after(this.#read(place, record), (data) => {
      this.#mayStillWork(request, queued, this.#env.clock.now() - began);
      return this.#judge({ id, record, place, data, via });
    });
  }

  /** The last committed state, without a lock. */
  async peek(presented: string | undefined, request: SessionRequest): Promise<Peeked | Absent> {
    let id = presented;
    for (let hop = 0; hop < MAX_HOPS && this.#env.accepts(id); hop++) {
      const record = new SessionRecord(this.#env.records, this.keyOf(id, request), handlerRequest(request));
      let data: string;
      try {
        data = await record.peek();
      } catch (error) {
        void record.closeQuietly();
        throw error;
      }
      await record.close();
      if (data === '' && !this.#isEmpty(record)) return NOTHING;
      const next = this.#pointed(data, id);
      if (typeof next === 'object') return next;
      if (next === undefined) {
        const verdict = this.#verdict(data, record.lastActivity);
        return typeof verdict === 'object' ? { kind: 'found', id, data, values: verdict } : NOTHING;
      }
      id = next;
    }
    return NOTHING;
  }

  #read(place: Place, record: SessionRecord): Awaitable<string> {
    if (place.received !== undefined) return record.adopt(place.received);
    if (!place.yieldFirst) return record.load();
    return new Promise<void>((resolve) => this.#env.clock.setTimeout(resolve, YIELD)).then(() =>
      record.load(),
    );
  }

  #mayStillWork(request: SessionRequest, queued: boolean, waited: number): void {
    if (request.client?.gone) throw new BlitzError('E_SESSION_CLIENT_LEFT');
    if (queued || waited >= NOTABLE_WAIT)
      void this.#env.emit('session:lock_wait', undefined, { milliseconds: waited });
  }

  /** What was found; a string is the next id to look for. Everything but `found` is closed. */
  #judge(found: Omit<Locked, 'kind' | 'values'>): Awaitable<Locked | Absent | string> {
    const { id, record, place, data, via } = found;
    if (data === '' && !this.#isEmpty(record)) return closed(record, NOTHING);
    const next = this.#pointed(data, id);
    if (next !== undefined) return closed(record, next);
    const verdict = this.#verdict(data, record.lastActivity);
    if (typeof verdict === 'object') return { kind: 'found', id, record, place, data, values: verdict, via };
    const removing = verdict === 'expired' ? record.destroy() : record.quarantine(data);
    return removing.then(() => {
      if (destroyed.hasSubscribers)
        destroyed.publish({ handler: this.#env.records.handlerName, reason: verdict });
      return NOTHING;
    });
  }

  /** PHP keeps a session without values as an empty record; its handlers tell the age of a record that there is. */
  #isEmpty(record: SessionRecord): boolean {
    return this.#env.peer !== undefined && record.lastActivity > 0;
  }

  /** The id behind a pointer, or why there is none; undefined when the record is no pointer. */
  #pointed(data: string, id: string): string | Absent | undefined {
    const pointer = this.#env.peer === undefined ? parsePointer(data) : undefined;
    if (pointer === undefined) return undefined;
    if (pointer.until < this.#env.clock.now()) {
      this.#env.warn('E_SESSION_RETIRED');
      return NOTHING;
    }
    return followPointer(pointer, id) ?? RETIRED;
  }

  #verdict(data: string, lastActivity: number): Verdict {
    const { clock, config, serializer, records } = this.#env;
    const now = clock.now();
    if (lastActivity > 0 && now - lastActivity > lifetimeOf(config) * 1000) return 'expired';
    let values: Values;
    try {
      values = serializer.decode(data);
    } catch {
      this.#env.warn('E_SESSION_CORRUPT', { handler: records.handlerName });
      return 'corrupt';
    }
    const created = values[CREATED];
    const { absolute_expiration: limit } = config;
    if (limit > 0 && typeof created === 'number' && now - created * 1000 > limit * 1000) return 'expired';
    const until = ownLife(values)?.until;
    if (typeof until === 'number' && until < now) return 'expired';
    return values;
  }
}

async function closed<T>(record: SessionRecord, answer: T): Promise<T> {
  await record.close();
  return answer;
}
