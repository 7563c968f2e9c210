import type { HandlerOptions } from '../../contracts/handler.js';
import { shared } from '../connections.js';
import { MemcachedClient } from './client.js';
import { isKey } from './command-text.js';
import { GivenClient } from './given-client.js';
import { parseSavePath, refused } from './save-path.js';
import type { Transport } from './transport.js';

/** Where the sessions of one application are. */
export interface Store {
  /** In front of every key. */
  readonly prefix: string;
  /** The client of this process, opened when it is first asked for. */
  transport(): Transport;
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

function ownStore({ savePath, name, operationTimeout }: HandlerOptions): Store {
  const address = parseSavePath(savePath);
  return {
    prefix: checkedPrefix(address.prefix, name),
    transport: () =>
      shared(
        `memcached ${operationTimeout} ${savePath}`,
        () => new MemcachedClient(address, operationTimeout),
        (client) => client.close(),
      ) as Transport,
  };
}

function givenStore({ name, encoding, operationTimeout }: HandlerOptions, client: object): Store {
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
    prefix: checkedPrefix(undefined, name),
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
