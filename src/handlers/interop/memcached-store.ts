import { randomInt } from 'node:crypto';
import type { HandlerOptions } from '../../contracts/handler.js';
import type { Interop } from '../../contracts/interop.js';
import { BlitzError } from '../../errors.js';
import { shared } from '../connections.js';
import { MemcachedClient } from '../memcached/client.js';
import { unfold } from '../memcached/record-value.js';
import { parseSavePath, refused } from '../memcached/save-path.js';
import type { Store } from '../memcached/store.js';
import type { Item, Transport, Value } from '../memcached/transport.js';
import { unknownAge } from './age.js';
import { ClientByKey } from './memcached-by-key.js';
import { placementOf } from './memcached-placement.js';
import { peerNames } from './names.js';

/** The bits of php-memcached's flags: the type of the value, how it is compressed; what is above is the application's. */
const TYPE = 0x0f;
const COMPRESSED = 0xf0;
const KNOWN_COMPRESSION = new Set([0, 80, 48]);
/** The type of a PHP integer. */
const INTEGER = 1;
const DIGITS = 9;

const stores = new WeakMap<HandlerOptions, Store>();

/** Throws `E_SESSION_SAVE_PATH`. */
export function sharedStoreOf(options: HandlerOptions): Store {
  let store = stores.get(options);
  if (store === undefined) {
    store = sharedStore(options);
    stores.set(options, store);
  }
  return store;
}

/**
 * The sessions of a PHP application in memcached: its names, its payloads without anything in front of them, written
 * as plain strings, which PHP reads whatever it compresses itself. The lock's value is a number, as BlitzPHP and
 * CodeIgniter put it there, and long enough to be ours alone.
 */
function sharedStore(options: HandlerOptions): Store {
  const { client, savePath, operationTimeout, lifetime, lockMax, encoding } = options;
  if (client !== undefined) {
    throw refused(
      'un client du paquet memcached ne porte pas les octets de PHP : donnez une adresse',
      'a client of the package memcached does not carry PHP’s bytes: give an address',
    );
  }
  const interop = options.interop as Exclude<Interop, false>;
  const address = parseSavePath(savePath);
  const names = peerNames(options, interop);
  const placement = placementOf(address, interop.peer, names);
  const life = Math.max(1, Math.ceil(lifetime));
  const whileOpen = Math.max(life, Math.ceil(lockMax) + 1);
  const open = () => {
    const own = new MemcachedClient(address, operationTimeout, placement);
    return placement === undefined ? own : new ClientByKey(own, placement);
  };
  return {
    life,
    keys: (id, { ip }) => names.memcached(id, ip, address.prefix),
    encode: (data) => ({ text: data, encoding }),
    decode: (item) => ({ data: payload(item).toString(encoding), lastActivity: unknownAge(options) }),
    newToken,
    lockValue,
    shared: {
      opened: (key) => ({ verb: 'touch', key, seconds: whileOpen }),
      touched: (key) => ({ verb: 'touch', key, seconds: life }),
    },
    transport: () =>
      shared(`memcached php ${interop.peer} ${operationTimeout} ${savePath}`, open, (opened: Transport) =>
        opened.close(),
      ) as Transport,
  };
}

/** A PHP integer that begins with the time. */
function newToken(): string {
  const seconds = String(Math.floor(Date.now() / 1000));
  return seconds + String(randomInt(10 ** DIGITS)).padStart(DIGITS, '0');
}

function lockValue(text: string): Value {
  return { text, encoding: 'latin1', flags: INTEGER };
}

/** Throws when the value is no string, and `E_SESSION_BACKEND` for a compression that is not known here. */
function payload({ flags, value }: Item): Buffer {
  const how = flags & COMPRESSED;
  if ((flags & TYPE) === 0 && !KNOWN_COMPRESSION.has(how)) {
    throw new BlitzError('E_SESSION_BACKEND', {
      cause: new Error(
        `PHP has compressed a session in a way that is not known (flags ${flags}): set memcached.compression_type to fastlz or zlib`,
      ),
      details: { handler: 'memcached', operation: 'read' },
    });
  }
  return unfold({ flags: flags & (TYPE | COMPRESSED), value });
}
