import type { HandlerOptions } from '../../contracts/handler.js';
import type { Later } from '../../support/later.js';
import { randomId } from '../../support/random.js';
import { isOne, type Keys, type RedisConnection } from './connection.js';
import { decodeRecord, encodeRecord, headerOf, type StoredRecord } from './record.js';
import { ACQUIRE, DESTROY, QUARANTINE, RELEASE, RENEW, SAVE, TOUCH } from './scripts.js';
import { type RedisSessions, type Saved, savedOf } from './sessions.js';
import { sharedConnection } from './shared-connection.js';

/** Seconds for which Redis keeps a record beyond the moment at which we would still open and save it. */
const SLACK = 60;
/** Seconds for which an unreadable record is kept. */
export const KEEP_CORRUPT: number = 7 * 24 * 3600;

const stores = new WeakMap<HandlerOptions, RedisStore>();

/**
 * The records and locks of one application. Redis's own expiry only collects garbage: it comes when nobody could open
 * a record any more, nor save what was opened in time. Whether a session is over, its last activity decides.
 */
export class RedisStore implements RedisSessions {
  readonly #connection: RedisConnection;
  readonly #options: HandlerOptions;
  readonly #prefix: string;
  readonly #life: number;
  readonly #lease: number;

  private constructor(connection: RedisConnection, options: HandlerOptions) {
    this.#connection = connection;
    this.#options = options;
    this.#prefix = connection.keyPrefix + (connection.prefix ?? `blitz_session:${options.name}:`);
    this.#life = Math.ceil((options.lifetime + options.lockMax + SLACK) * 1000);
    this.#lease = Math.ceil(options.lockTtl * 1000);
  }

  /** What `open` opened for an application. */
  static of(options: HandlerOptions): RedisStore | undefined {
    return stores.get(options);
  }

  static async open(options: HandlerOptions): Promise<RedisStore> {
    const store = new RedisStore(await sharedConnection(options), options);
    stores.set(options, store);
    return store;
  }

  newToken(): string {
    return randomId();
  }

  acquire(id: string, token: string): Later<StoredRecord | 'absent' | undefined> {
    const keys = this.#keys(id);
    // What came too late, or was never answered, may have taken the lock.
    const late = (found: Buffer | null | 0 | undefined) => {
      if (found !== null && found !== 0) this.#connection.owed.add(keys, token, this.#lease);
    };
    return this.#connection.run(ACQUIRE, this.#found, [keys[0], keys[1], token, this.#lease], late);
  }

  readonly #found = (stored: Buffer | null | 0): StoredRecord | 'absent' | undefined => {
    if (stored === 0) return undefined;
    return stored === null ? 'absent' : decodeRecord(stored, this.#options.encoding);
  };

  peek(id: string): Later<StoredRecord | undefined> {
    return this.#connection.get(this.#prefix + id, (stored) =>
      stored === null ? undefined : decodeRecord(stored, this.#options.encoding),
    );
  }

  create(id: string, data: string): Later<boolean> {
    const { clock, encoding } = this.#options;
    const record = encodeRecord(headerOf(clock.now(), randomId()), data, encoding);
    return this.#connection.setNew(this.#prefix + id, record, this.#life);
  }

  save(id: string, token: string, data: string | null, keep: boolean): Later<Saved> {
    const { clock, encoding } = this.#options;
    const [key, lock] = this.#keys(id);
    const header = headerOf(clock.now(), token);
    const script = data === null ? TOUCH : SAVE;
    const record = data === null ? header : encodeRecord(header, data, encoding);
    const lease = keep ? this.#lease : '';
    return this.#connection.run(script, savedOf, [key, lock, token, record, this.#life, lease]);
  }

  renew(id: string, token: string): Later<boolean> {
    return this.#connection.run(RENEW, isOne, [...this.#keys(id), token, this.#lease]);
  }

  destroy(id: string, token: string): Later<boolean> {
    return this.#connection.run(DESTROY, isOne, [...this.#keys(id), token]);
  }

  quarantine(id: string, token: string): Later<boolean> {
    const [record, lock] = this.#keys(id);
    const aside = `{${record}}:corrupt`;
    return this.#connection.run(QUARANTINE, isOne, [record, lock, aside, token, KEEP_CORRUPT]);
  }

  async release(id: string, token: string): Promise<void> {
    const keys = this.#keys(id);
    try {
      await this.#connection.run(RELEASE, isOne, [...keys, token]);
    } catch (error) {
      this.#connection.owed.add(keys, token, this.#lease);
      throw error;
    }
  }

  #keys(id: string): Keys {
    const record = this.#prefix + id;
    return [record, `{${record}}:lock`];
  }
}
