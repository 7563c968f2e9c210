import type { HandlerOptions, HandlerRequest } from '../../contracts/handler.js';
import { BlitzError } from '../../errors.js';
import { randomId } from '../../support/random.js';
import { shared } from '../connections.js';
import { MemcachedClient } from './client.js';
import { isKey } from './command-text.js';
import { GivenClient } from './given-client.js';
import { decodeRecord, encodeRecord, type RecordValue } from './record-value.js';
import { parseSavePath, refused } from './save-path.js';
import type { Command, Item, Transport, Value } from './transport.js';

export interface Keys {
  readonly data: string;
  readonly lock: string;
  /** Where whoever waits for the lock says so; undefined where the holder does not look. */
  readonly wanted?: string | undefined;
}

/** Where the sessions of one application are, and in what form: ours, or that of a PHP application. */
export interface Store {
  /** Seconds for which a record is kept after it was written. */
  readonly life: number;
  /** The keys of a record and its lock. The request only counts where keys hold an address. */
  keys(id: string, request: HandlerRequest): Keys;
  encode(data: string): Value;
  /** Throws when the value cannot be a session. */
  decode(item: Item): RecordValue;
  /** What a lock holds: text that nobody else puts there. */
  newToken(): string;
  lockValue(token: string): Value;
  /** Present where a PHP application keeps the same sessions. */
  readonly shared?: SharedCommands;
  /** The client of this process, opened when it is first asked for. */
  transport(): Transport;
}

/** What is sent of a record's key where its payload stands alone, without a date of ours. */
export interface SharedCommands {
  /** What is being opened must still be there when it is saved. */
  opened(key: string): Command;
  /** It was used, and is unchanged. */
  touched(key: string): Command;
}

/** The longest ending of a key, and the id in front of it. */
const LONGEST_KEY_END = `${'0'.repeat(64)}:corrupt`;

let given = 0;
const stores = new WeakMap<HandlerOptions, Store>();

/** Throws `E_SESSION_SAVE_PATH`. */
export function storeOf(options: HandlerOptions): Store {
  let store = stores.get(options);
  if (store === undefined) {
    store = options.client === undefined ? ownStore(options) : givenStore(options, options.client);
    stores.set(options, store);
  }
  return store;
}

/**
 * Checks the servers, once, at boot. Throws `E_SESSION_BACKEND` when none of them answers within `operation_timeout`;
 * one of several that does not is only told.
 */
export async function checkServers(store: Store, options: HandlerOptions): Promise<void> {
  const { silent, cause } = await store.transport().check();
  if (silent === 0) return;
  const details = { handler: 'memcached', operation: 'open' };
  if (silent === 'all') throw new BlitzError('E_SESSION_BACKEND', { cause, details });
  options.warn('E_SESSION_BACKEND', details);
}

/** Our own form: the date of the last activity in front of the payload, ids as they come. */
function ourForm(prefix: string, options: HandlerOptions, marks: boolean): Omit<Store, 'transport'> {
  const { clock, encoding, lifetime, lockMax } = options;
  return {
    // What is opened in the last moment of its life must still be there when it is saved.
    life: lifetime + lockMax + 1,
    keys(id) {
      const data = prefix + id;
      return { data, lock: `${data}:lock`, wanted: marks ? `${data}:wanted` : undefined };
    },
    encode: (data) => encodeRecord(data, clock.now(), encoding),
    decode: (item) => decodeRecord(item, encoding),
    newToken: randomId,
    lockValue: (token) => ({ text: token, encoding: 'latin1' }),
  };
}

function ownStore(options: HandlerOptions): Store {
  const { savePath, name, operationTimeout } = options;
  const address = parseSavePath(savePath);
  if (address.distribution !== undefined) {
    throw refused('distribution ne va qu’avec interop', 'distribution goes with interop only');
  }
  const sharedAs = `memcached ${operationTimeout} ${savePath}`;
  return {
    ...ourForm(checkedPrefix(address.prefix, name), options, true),
    transport: () =>
      shared(
        sharedAs,
        () => new MemcachedClient(address, operationTimeout),
        (client) => client.close(),
      ) as Transport,
  };
}

function givenStore(options: HandlerOptions, client: object): Store {
  const { name, encoding, operationTimeout } = options;
  if (encoding !== 'utf8') {
    throw refused(
      'le paquet memcached ne porte que du texte ; ce serialize_handler écrit des octets. Donnez une adresse',
      'the package memcached carries text only; this serialize_handler writes bytes. Give an address',
    );
  }
  // Throws for an object that is no client.
  new GivenClient(client, operationTimeout);
  const number = ++given;
  return {
    ...ourForm(checkedPrefix(undefined, name), options, false),
    transport: () =>
      shared(
        `memcached client ${number}`,
        () => new GivenClient(client, operationTimeout),
        (own) => own.close(),
      ) as Transport,
  };
}

function checkedPrefix(given: string | undefined, name: string): string {
  const prefix = given ?? `blitz_session:${name}:`;
  if (!isKey(prefix + LONGEST_KEY_END)) {
    throw refused(
      'les clés dépasseraient 250 octets : raccourcissez cookie_name, ou donnez un prefix court',
      'keys would be longer than 250 bytes: shorten cookie_name, or give a short prefix',
    );
  }
  return prefix;
}
