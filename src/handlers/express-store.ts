import { createHmac, timingSafeEqual } from 'node:crypto';
import type { HandlerClass } from '../contracts/handler.js';
import { BaseHandler } from './base-handler.js';

/** A session as a store of express-session keeps it. */
export interface ExpressRecord {
  readonly cookie: {
    readonly originalMaxAge?: number | null;
    readonly expires?: Date | string | null | false;
  };
  readonly [key: string]: unknown;
}

type Done = (error?: unknown) => void;

/** What we call of a store of express-session: its own `Store` class has all of it. */
export interface ExpressStore {
  // biome-ignore lint/suspicious/noExplicitAny: each store has its own type for a session
  get(id: string, done: (error: any, session?: any) => void): unknown;
  // biome-ignore lint/suspicious/noExplicitAny: as above
  set(id: string, session: any, done?: Done): unknown;
  destroy(id: string, done?: Done): unknown;
  // biome-ignore lint/suspicious/noExplicitAny: as above
  touch?(id: string, session: any, done?: (...args: any[]) => void): unknown;
}

/** The cookie that express-session gave. */
export interface ExpressCookieOptions {
  /** The secrets that it was signed with, the newest first. */
  readonly secret: string | readonly string[];
  /** Default `connect.sid`. */
  readonly name?: string;
}

/** A handler class that knows the visitors of express-session by their cookie. */
export interface CarriesOver {
  readonly cookieName: string;
  /**
   * The id here of the visitor with this value of the old cookie; undefined when it was not signed with the secret.
   * `keyOf` tells what the handler will be asked for.
   */
  carryOver(cookie: string, keyOf: (id: string) => string): string | undefined;
}

/** Where the life of a session of its own is kept among the values. */
const LIFE = '__blitz_cookie';
/** Where a payload is kept that is no object: the pointer that a renewal leaves. */
const TEXT = '__blitz_record';

/**
 * A handler class that keeps sessions in a store of express-session, as express-session writes them. Requests of one
 * process exclude each other; those of several do not, for such a store has no lock. With `old`, visitors who come with
 * express-session's cookie keep their session and are given ours.
 */
export function fromExpressStore(store: ExpressStore, old?: ExpressCookieOptions): HandlerClass {
  /** Storage ids of visitors on their way from express-session, and their old ids. */
  const carried = new Map<string, string>();

  class ExpressStoreHandler extends BaseHandler {
    /** The store ends its records itself, by the cookie inside. */
    readonly lastActivity: number | undefined = undefined;
    /** What was read is still under this id. */
    #old: string | undefined;

    async read(id: string): Promise<string> {
      const found = await get(store, id);
      const from = carried.get(id);
      if (found !== undefined || from === undefined) {
        carried.delete(id);
        return this.#payload(found);
      }
      const before = await get(store, from);
      if (before === undefined) carried.delete(id);
      else this.#old = from;
      return this.#payload(before);
    }

    /** Nobody else can know an id that was just drawn. */
    async create(id: string, data: string): Promise<boolean> {
      await this.write(id, data);
      return true;
    }

    async write(id: string, data: string): Promise<void> {
      await done((told) => store.set(id, this.#record(data), told));
      await this.#leaveOld(id);
    }

    async updateTimestamp(id: string, data: string): Promise<void> {
      if (this.#old !== undefined || store.touch === undefined) return this.write(id, data);
      const { touch } = store;
      await done((told) => touch.call(store, id, this.#record(data), told));
    }

    async destroy(id: string): Promise<void> {
      await done((told) => store.destroy(id, told));
      await this.#leaveOld(id);
    }

    async #leaveOld(id: string): Promise<void> {
      const from = this.#old;
      if (from === undefined) return;
      await done((told) => store.destroy(from, told));
      this.#old = undefined;
      carried.delete(id);
    }

    #payload(record: ExpressRecord | undefined): string {
      if (record === undefined) return '';
      const { cookie, ...values } = JSON.parse(JSON.stringify(record)) as ExpressRecord;
      if (typeof values[TEXT] === 'string') return values[TEXT];
      const until = cookie?.expires ? new Date(cookie.expires).getTime() : null;
      if (until !== null && until < this.options.clock.now()) return '';
      const life = cookie?.originalMaxAge ?? null;
      const own = life === this.options.lifetime * 1000 ? {} : { [LIFE]: { life, until } };
      return JSON.stringify({ ...values, ...own });
    }

    #record(data: string): ExpressRecord {
      const values = parsed(data);
      const lifetime = this.options.lifetime * 1000;
      const now = this.options.clock.now();
      const { life, until } = (values[LIFE] as Life | undefined) ?? { life: lifetime, until: now + lifetime };
      delete values[LIFE];
      const expires = until === null ? null : new Date(until);
      const cookie = { originalMaxAge: life, expires, httpOnly: true, path: '/' };
      // Some stores ask for the time that is left; it is not stored.
      Object.defineProperty(cookie, 'maxAge', { value: until === null ? null : until - now });
      return { cookie, ...values };
    }
  }

  if (old === undefined) return ExpressStoreHandler;
  const secrets = typeof old.secret === 'string' ? [old.secret] : old.secret;
  const carriesOver: CarriesOver = {
    cookieName: old.name ?? 'connect.sid',
    carryOver(cookie, keyOf) {
      const from = unsigned(cookie, secrets);
      if (from === undefined) return undefined;
      // The same for all requests of a visitor: those that come at once share one session.
      const id = createHmac('sha256', secrets[0] as string)
        .update(`blitz-session ${from}`)
        .digest('hex')
        .slice(0, 32);
      carried.set(keyOf(id), from);
      return id;
    },
  };
  return Object.assign(ExpressStoreHandler, carriesOver);
}

interface Life {
  readonly life: number | null;
  readonly until: number | null;
}

/** The values in a payload, which may also be a text of another kind. */
function parsed(data: string): Record<string, unknown> {
  if (data.startsWith('{')) {
    try {
      return JSON.parse(data) as Record<string, unknown>;
    } catch {
      // No payload of values.
    }
  }
  return { [TEXT]: data };
}

function get(store: ExpressStore, id: string): Promise<ExpressRecord | undefined> {
  return new Promise((resolve, reject) => {
    store.get(id, (error, session) => {
      // Stores of files tell so that there is none.
      if (error && error.code !== 'ENOENT') reject(error);
      else resolve(error ? undefined : (session ?? undefined));
    });
  });
}

function done(call: (told: (error?: unknown) => void) => unknown): Promise<void> {
  return new Promise((resolve, reject) => {
    call((error) => (error ? reject(error) : resolve()));
  });
}

/** The id in a cookie of express-session; undefined when none of the secrets signed it. */
function unsigned(cookie: string, secrets: readonly string[]): string | undefined {
  if (!cookie.startsWith('s:')) return undefined;
  const dot = cookie.lastIndexOf('.');
  if (dot < 3) return undefined;
  const id = cookie.slice(2, dot);
  const given = Buffer.from(cookie.slice(dot + 1));
  const signed = secrets.some((secret) => {
    const right = Buffer.from(createHmac('sha256', secret).update(id).digest('base64').replace(/=+$/, ''));
    return right.length === given.length && timingSafeEqual(right, given);
  });
  return signed ? id : undefined;
}
