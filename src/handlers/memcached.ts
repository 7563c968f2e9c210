import type { Handler, HandlerOptions, HandlerRequest } from '../contracts/handler.js';
import type { Awaitable } from '../contracts/session.js';
import { BlitzError, isBlitzError } from '../errors.js';
import type { Later } from '../support/later.js';
import { after } from '../support/thenable.js';
import { LockHolder } from './locks/lock-holder.js';
import { isKey } from './memcached/command-text.js';
import { askFor, look, mark } from './memcached/commands.js';
import { UnsentError } from './memcached/failure.js';
import type { Held, Owned } from './memcached/held.js';
import { Lease, leaseSeconds } from './memcached/lease.js';
import { freeOrphan } from './memcached/orphans.js';
import { attempted, demand, demandWritten, itemOf, ownUnique } from './memcached/replies.js';
import { checkServers, type Keys, type Store, storeOf } from './memcached/store.js';
import type { Command, Item, Reply, Transport, Value } from './memcached/transport.js';

/**
 * One key a session, and beside it, on the same server, one for its lock. (BlitzPHP: Handlers\Memcached.)
 *
 * memcached knows no operation on two keys, so the lock cannot protect the record in the same step. What does is the
 * record's own unique number, which every write changes:
 *
 * - **No lost update.** A record is written with `cas` and the unique that was read under the lock, never with `set`.
 *   Every write therefore replaces exactly the version it was made from, whatever became of the lock meanwhile.
 * - **No resurrection.** `cas` finds nothing to replace once a record was destroyed, evicted or lost with its server.
 *   Only `create` makes a key, with `add`, under an id that was just drawn.
 * - **Exclusion.** `add` gives the lock to one. It is renewed and released only with its own unique, by its owner. The
 *   record is read after the `add`, on the same connection and in the same write, and the lock is looked at once more
 *   after the record: it was ours when we read.
 * - **A lease that ended.** Before it writes, a holder asks its own two clocks; when its lease may be over it first renews
 *   the lock, which succeeds only if nobody else has had it. So who was stopped past the lease writes nothing. Whoever had to
 *   wait for the lock also gives the record a new unique before reading it, so that an earlier holder is refused by the
 *   server itself. What is left: a holder that is stopped in the instant between its clocks and the wire, or whose lock
 *   was evicted, against somebody who did not have to wait. Of those two the first to write succeeds and the other gets
 *   `E_SESSION_LOCK_LOST`; neither overwrites the other.
 */
export class MemcachedHandler extends LockHolder<Held> implements Handler {
  readonly bounded = true;
  lastActivity: number | undefined;
  readonly #store: Store;
  readonly #transport: Transport;
  #id: string | undefined;
  #keys: Keys | undefined;
  readonly #leaseSeconds: number = leaseSeconds(this.options.lockTtl);

  /** `store`: of the application's, where it is not ours alone. */
  constructor(options: HandlerOptions, request: HandlerRequest = {}, store: Store = storeOf(options)) {
    super(options, request);
    this.#store = store;
    this.#transport = store.transport();
  }

  /**
   * Checks the address and the servers. Throws `E_SESSION_SAVE_PATH`, and `E_SESSION_BACKEND` when none of them answers
   * within `operation_timeout`; one of several that does not only fails its own sessions.
   */
  static boot(options: HandlerOptions): Promise<void> {
    return checkServers(storeOf(options), options);
  }

  read(id: string): Awaitable<string> {
    let waited = false;
    return this.waitForLock<string>(() => {
      const attempt = waited ? this.#tryAgain(id) : this.#tryLock(id);
      waited = true;
      return attempt;
    });
  }

  // Every promise costs where a request's context is followed (Node 20), so the two trips of an ordinary request are
  // written with `then`.

  /** Lock and record in one round trip. The data, `''` when there is no record; undefined when the lock is taken. */
  #tryLock(id: string): Awaitable<string | undefined> {
    const keys = this.#keysOf(id);
    const token = this.#store.newToken();
    const lease = new Lease(this.#leaseSeconds);
    const add = askFor(this.#store, keys, token, this.#leaseSeconds);
    return this.#run(id, [add, ...look(this.#store, keys)]).then(
      (replies) => {
        const seen = replies.at(-1);
        if (demand(replies[0]).status === 'stored') return this.#accept(id, token, lease, seen);
        // Who cannot bring it back holds the lock of something that is gone; PHP may be about to write it.
        const gone = itemOf(demand(seen), keys.data) === undefined && this.#store.shared === undefined;
        return gone ? '' : undefined;
      },
      (error) => {
        // An `add` that was never sent left nothing behind.
        if (!(error instanceof UnsentError || isBlitzError(error))) this.#orphan(id, token);
        throw error;
      },
    );
  }

  /** After waiting: the lock alone; once it was obtained, the record, which no earlier holder can write any more. */
  async #tryAgain(id: string): Promise<string | undefined> {
    const keys = this.#keysOf(id);
    const token = this.#store.newToken();
    const lease = new Lease(this.#leaseSeconds);
    let obtained = false;
    try {
      const add = askFor(this.#store, keys, token, this.#leaseSeconds);
      const [lock] = await this.#run(id, [add, ...mark(keys)]);
      obtained = demand(lock).status === 'stored';
      if (!obtained) return undefined;
      const replies = await this.#run(id, [{ verb: 'fence', key: keys.data }, ...look(this.#store, keys)]);
      return await this.#accept(id, token, lease, replies.at(-1));
    } catch (error) {
      if (obtained || !(error instanceof UnsentError || isBlitzError(error))) this.#orphan(id, token);
      throw error;
    }
  }

  #accept(id: string, token: string, lease: Lease, looked: Reply | undefined): Awaitable<string | undefined> {
    let seen: Reply;
    try {
      seen = demand(looked);
    } catch (error) {
      this.#orphan(id, token);
      throw error;
    }
    const record = itemOf(seen, this.#data(id));
    const lockUnique = ownUnique(seen, this.#lock(id), token);
    // Evicted between the two looks, or somebody else's by now: ask again.
    if (lockUnique === undefined) return undefined;
    if (record === undefined) {
      this.#release(id, token, lockUnique);
      return '';
    }
    const { unique } = record;
    const held = { id, token, unique, lockUnique, lease, data: '', renewal: undefined, uncontended: false };
    this.held = held;
    const value = attempted(() => this.#store.decode(record));
    if (value === undefined) return this.#refuse(held, record);
    this.lastActivity = value.lastActivity;
    held.data = value.data;
    return value.data;
  }

  async #refuse(held: Owned, record: Item): Promise<''> {
    this.options.warn('E_SESSION_CORRUPT', { handler: 'memcached' });
    await this.#keepAside(held, { text: record.value.toString('latin1'), encoding: 'latin1' });
    return '';
  }

  async peek(id: string): Promise<string> {
    const [seen] = await this.#run(id, [{ verb: 'gets', keys: [this.#data(id)] }]);
    const record = itemOf(demand(seen), this.#data(id));
    if (record === undefined) return '';
    const { data, lastActivity } = this.#store.decode(record);
    this.lastActivity = lastActivity;
    return data;
  }

  async create(id: string, data: string): Promise<boolean> {
    const [key, value, seconds] = [this.#data(id), this.#store.encode(data), this.#store.life];
    return demand((await this.#run(id, [{ verb: 'add', key, value, seconds }]))[0]).status === 'stored';
  }

  async write(id: string, data: string): Promise<void> {
    // PHP lets a handler write an id that it never read.
    if (this.held === undefined && (await this.create(id, data))) return;
    if (this.held === undefined) await this.read(id);
    await this.#writeAndKeep(await this.#mayWrite(id), data);
  }

  async updateTimestamp(id: string): Promise<void> {
    await this.#writeAndKeep(await this.#owned(id), null);
  }

  commit(id: string, data: string | null, keep: boolean): Awaitable<void> {
    return after(data === null ? this.#owned(id) : this.#mayWrite(id), (held) => {
      if (keep) return this.#writeAndKeep(held, data);
      return this.#lastly(held, this.#written(held, data), demandWritten);
    });
  }

  /** One command, and the lock is free; `judge` looks at the command's reply. */
  #lastly(held: Held, command: Command, judge: (reply: Reply | undefined) => void): Awaitable<void> {
    const { id, token, lockUnique = '' } = held;
    this.held = undefined;
    const free: Command = { verb: 'remove', key: this.#lock(id), unique: lockUnique };
    return this.#run(id, [command, free]).then(
      ([reply, freed]) => {
        if (freed?.status === 'failed') this.#orphan(id, token);
        judge(reply);
      },
      (error) => {
        // Refused before anything was sent: the lock is still to be freed, as after any other failure.
        if (isBlitzError(error)) this.held = held;
        else this.#orphan(id, token);
        throw error;
      },
    );
  }

  /** Writes, and looks up the new unique while the lock is still ours: what comes after the lock would be another's. */
  async #writeAndKeep(held: Owned, data: string | null): Promise<void> {
    const { lock, wanted } = this.#keysOf(held.id);
    const [written, unique, seen] = await this.#run(held.id, [
      this.#written(held, data),
      { verb: 'unique', key: this.#data(held.id) },
      { verb: 'gets', keys: wanted === undefined ? [lock] : [lock, wanted] },
    ]);
    demandWritten(written);
    held.uncontended = wanted !== undefined && itemOf(seen, wanted) === undefined;
    held.data = data ?? held.data;
    const ours = ownUnique(demand(seen), lock, held.token) !== undefined;
    (held as Held).unique = ours ? demand(unique).detail.replace(/^c/, '') : undefined;
  }

  async renew(id: string): Promise<boolean> {
    const held = this.held;
    if (held?.id !== id) return false;
    held.renewal ??= this.#extend(held).finally(() => {
      held.renewal = undefined;
    });
    return held.renewal;
  }

  async #extend(held: Held): Promise<boolean> {
    const keys = this.#keysOf(held.id);
    const look: Command = { verb: 'gets', keys: [keys.lock] };
    const unique = held.lockUnique ?? (await this.#lockOf(held));
    if (unique === undefined) return false;
    held.lockUnique = undefined;
    const lease = new Lease(this.#leaseSeconds);
    const value = this.#store.lockValue(held.token);
    const again: Command = { verb: 'cas', key: keys.lock, value, seconds: this.#leaseSeconds, unique };
    const [renewed, looked] = await this.#run(held.id, [again, look]);
    if (demand(renewed).status !== 'stored') return false;
    held.lockUnique = ownUnique(demand(looked), keys.lock, held.token);
    held.lease = lease;
    return held.lockUnique !== undefined;
  }

  async destroy(id: string): Promise<void> {
    if (this.held === undefined) await this.read(id);
    if (this.held === undefined) return;
    const held = await this.#mayWrite(id);
    await this.#lastly(held, { verb: 'remove', key: this.#data(id), unique: held.unique }, (removed) => {
      if (demand(removed).status === 'changed') throw new BlitzError('E_SESSION_LOCK_LOST');
    });
  }

  async quarantine(id: string, data: string): Promise<void> {
    await this.#keepAside(await this.#mayWrite(id), this.#store.encode(data));
  }

  /** `<key>:corrupt`, for as long as a session lives. */
  async #keepAside(held: Owned, value: Value): Promise<void> {
    const { id, unique } = held;
    const key = `${this.#data(id)}:corrupt`;
    demand((await this.#run(id, [{ verb: 'set', key, value, seconds: this.#store.life }]))[0]);
    await this.#lastly(held, { verb: 'remove', key: this.#data(id), unique }, demand);
  }

  /** The lock is freed behind whatever this process asks next of the same server, so nobody waits for it. */
  override close(): Awaitable<void> {
    const held = this.letGo();
    if (held === undefined) return undefined;
    if (held.renewal === undefined && held.lockUnique !== undefined) {
      this.#release(held.id, held.token, held.lockUnique);
    } else this.#orphan(held.id, held.token);
  }

  #release(id: string, token: string, unique: string): void {
    // A client that is closed has nothing more to free with; the lease ends by itself.
    if (this.#transport.closed) return;
    this.#run(id, [{ verb: 'remove', key: this.#lock(id), unique }]).then(
      ([freed]) => freed?.status === 'failed' && this.#orphan(id, token),
      () => this.#orphan(id, token),
    );
  }

  #orphan(id: string, token: string): void {
    const [route, lock, seconds] = [this.#data(id), this.#lock(id), this.#leaseSeconds];
    freeOrphan(this.#transport, { route, lock, token, seconds });
  }

  /** What this instance holds, once it is sure that the lock was nobody else's since. */
  #owned(id: string): Awaitable<Owned> {
    const held = this.held;
    if (held?.id !== id || held.unique === undefined) {
      return Promise.reject(new BlitzError('E_SESSION_LOCK_LOST'));
    }
    const sure = held.renewal === undefined && held.lockUnique !== undefined && !held.lease.over;
    return sure ? (held as Owned) : this.#madeSure(held as Owned);
  }

  async #madeSure(held: Owned): Promise<Owned> {
    // Its failure is its caller's; here it only matters that it is over.
    if (held.renewal !== undefined) await held.renewal.catch(() => {});
    if (held.lockUnique !== undefined && !held.lease.over) return held;
    if (await this.renew(held.id)) return held;
    throw new BlitzError('E_SESSION_LOCK_LOST');
  }

  /** As `#owned`; PHP puts its lock in the place of ours when both ask at once, so there ours is looked at first. */
  #mayWrite(id: string): Awaitable<Owned> {
    const owned = this.#owned(id);
    return this.#store.shared === undefined ? owned : after(owned, (held) => this.#stillOwned(held));
  }

  async #stillOwned(held: Owned): Promise<Owned> {
    if ((await this.#lockOf(held)) !== undefined) return held;
    throw new BlitzError('E_SESSION_LOCK_LOST');
  }

  async #lockOf({ id, token }: Held): Promise<string | undefined> {
    const [seen] = await this.#run(id, [{ verb: 'gets', keys: [this.#lock(id)] }]);
    return ownUnique(demand(seen), this.#lock(id), token);
  }

  /** A write, or a touch (`null`). */
  #written(held: Owned, data: string | null): Command {
    const touched = data === null ? this.#store.shared?.touched(this.#data(held.id)) : undefined;
    return touched ?? this.#cas(held, data ?? held.data);
  }

  #cas({ id, unique }: Owned, data: string): Command {
    const { life } = this.#store;
    return { verb: 'cas', key: this.#data(id), value: this.#store.encode(data), seconds: life, unique };
  }

  #run(id: string, commands: readonly Command[]): Later<readonly Reply[]> {
    return this.#transport.run(this.#data(id), commands);
  }

  #data(id: string): string {
    return this.#keysOf(id).data;
  }

  #lock(id: string): string {
    return this.#keysOf(id).lock;
  }

  /** One instance serves one session: its keys are made once. */
  #keysOf(id: string): Keys {
    if (this.#keys === undefined || this.#id !== id) {
      const keys = this.#store.keys(id, this.request);
      if (!isKey(keys.lock)) throw new TypeError('an id that memcached cannot carry as a key');
      this.#keys = keys;
      this.#id = id;
    }
    return this.#keys;
  }
}
