import type { Serializer } from '../contracts/serializer.js';
import type { Values } from '../contracts/session.js';
import { isRecord } from './json-check.js';
import { origins } from './php-origin.js';
import {
  BAIL,
  endQuick,
  quickFloat,
  quickKey,
  quickPlace,
  quickValue,
  startQuick,
} from './php-quick-read.js';
import { endWrite, quickWrite, startWrite, writeAscii } from './php-quick-write.js';
import { PhpWriter } from './php-serialize.js';
import { makeValue, newSlot, Shape } from './php-shapes.js';
import { bytesOf, isIntegerKey, keyBytes, keyOf } from './php-text.js';
import { malformed, PhpReader } from './php-unserialize.js';

/** What the record of a retired session begins with (session/pointer.ts): no other one may. */
const POINTER = '>blitz:';

/** How the names of variables stand between their values. */
interface Framing {
  readonly name: 'php' | 'php_binary';
  /** Where the name that begins at `at` starts and ends, and where its value begins; undefined when there is none. */
  bounds(data: string, at: number): { from: number; to: number; next: number } | undefined;
  /** What is written before the value of a name of ASCII or of bytes. */
  before(bytes: string): string;
  /** Why PHP would lose a variable of that name. */
  refusal(key: string): string | undefined;
}

const php: Framing = {
  name: 'php',
  bounds(data, from) {
    const to = data.indexOf('|', from);
    return to === -1 ? undefined : { from, to, next: to + 1 };
  },
  before: (bytes) => `${bytes}|`,
  refusal(key) {
    if (isIntegerKey(key)) return 'integer key';
    if (key.includes('|')) return 'key with |';
    return key.startsWith(POINTER) ? 'reserved key' : undefined;
  },
};

const phpBinary: Framing = {
  name: 'php_binary',
  bounds(data, at) {
    const from = at + 1;
    // The high bit marked variables without a value; PHP no longer looks at it.
    const to = from + (data.charCodeAt(at) & 127);
    return to >= data.length ? undefined : { from, to, next: to };
  },
  before: (bytes) => String.fromCharCode(bytes.length) + bytes,
  refusal(key) {
    if (isIntegerKey(key)) return 'integer key';
    const size = keyBytes(key)?.length ?? 0;
    if (size > 127) return 'key of more than 127 bytes';
    // The length is the first byte.
    return size === POINTER.charCodeAt(0) && key.startsWith(POINTER.slice(1)) ? 'reserved key' : undefined;
  },
};

function serializerOf(framing: Framing): Serializer {
  return {
    name: framing.name,
    encoding: 'latin1',
    encode: (values) => quickEncode(framing, values) ?? encode(framing, values),
    decode: (data) => quickDecode(framing, data) ?? decode(framing, data),
    check(key, value) {
      const found = framing.refusal(firstOf(key));
      if (found !== undefined) new PhpWriter([key]).refuse(found);
      checkValue(key, value, key.split('.').length - 1);
    },
  };
}

function quickEncode(framing: Framing, values: Values): string | undefined {
  const origin = origins.get(values);
  if (origin !== undefined && (origin.order ?? origin.cells ?? origin.integers) !== undefined)
    return undefined;
  const floats = origin?.floats === true ? undefined : origin?.floats;
  startWrite();
  for (const key of Object.keys(values)) {
    if (framing.refusal(key) !== undefined) return undefined;
    const name = bytesOf(key);
    if (name === undefined) return undefined;
    writeAscii(framing.before(name));
    if (!quickWrite(values[key], floats?.has(key) === true, 0)) return undefined;
  }
  return endWrite();
}

function encode(framing: Framing, values: Values): string {
  const writer = new PhpWriter();
  if (!isRecord(values)) writer.refuse('no object');
  const known = origins.get(values)?.integers;
  for (const key of writer.members(values)) {
    const bytes = keyBytes(key);
    const found = bytes === undefined ? 'key with a lone surrogate' : framing.refusal(key);
    if (found !== undefined && !(found === 'integer key' && known?.has(key))) writer.refuse(found, key);
    writer.out += framing.before(bytes as string);
    writer.member(values, key);
  }
  return writer.out;
}

function quickDecode(framing: Framing, data: string): Values | undefined {
  const values: Values = {};
  let floats: Set<string> | undefined;
  startQuick(data);
  try {
    for (let at = 0; at < data.length; at = quickPlace()) {
      const place = framing.bounds(data, at);
      if (place === undefined || place.from - at > 1 || data.charCodeAt(at) > 127) return undefined;
      const key = quickKey(place.from, place.to, place.next);
      if (key === BAIL || key === '__proto__' || isIntegerKey(key) || Object.hasOwn(values, key))
        return undefined;
      const value = quickValue();
      if (value === BAIL) return undefined;
      values[key] = value;
      if (quickFloat()) {
        floats ??= new Set();
        floats.add(key);
      }
    }
  } finally {
    endQuick();
  }
  if (floats !== undefined) origins.set(values, { floats });
  return values;
}

function decode(framing: Framing, data: string): Values {
  const reader = new PhpReader(data);
  const root = new Shape();
  while (reader.at < data.length) {
    const place = framing.bounds(data, reader.at);
    if (place === undefined) throw malformed();
    reader.at = place.next;
    // A name that comes again is another variable; references to the first one stay with it.
    const slot = newSlot();
    reader.read(slot);
    root.slots.set(keyOf(data.slice(place.from, place.to)), slot);
  }
  return makeValue(root, true) as Values;
}

/**
 * `serialize_handler: 'php'`: `key|value`, PHP's default. Every payload of PHP 8.2 is read as PHP does, and what is not
 * changed is written as PHP writes it. Keys with `|` and integer keys, for which PHP empties the session or drops the
 * variable, are refused with `E_SESSION_VALUE`; an integer key that the store holds already is kept.
 */
export const phpSerializer: Serializer = serializerOf(php);

/** `serialize_handler: 'php_binary'`: as `php`, with keys of at most 127 bytes, in which `|` may stand. */
export const phpBinarySerializer: Serializer = serializerOf(phpBinary);

/**
 * `serialize_handler: 'php_serialize'`: one array with all variables; any key is kept. As in PHP, what follows the array
 * is passed over, and `N;` is an empty session; any other root is refused, PHP would have a session that is no array.
 */
export const phpSerializeSerializer: Serializer = {
  name: 'php_serialize',
  encoding: 'latin1',

  encode(values) {
    startWrite();
    if (quickWrite(values, false, 0)) return endWrite();
    const writer = new PhpWriter();
    if (!isRecord(values)) writer.refuse('no object');
    writer.write(values);
    return writer.out;
  },

  decode(data) {
    if (data === '' || data.startsWith('N;')) return {};
    return quickRoot(data) ?? readRoot(data);
  },

  check(key, value) {
    checkValue(key, value, key.split('.').length);
  },
};

function quickRoot(data: string): Values | undefined {
  startQuick(data);
  try {
    const root = quickValue();
    // A root list is rare, and its place is an object.
    return typeof root === 'object' && root !== null && !Array.isArray(root) ? (root as Values) : undefined;
  } finally {
    endQuick();
  }
}

function readRoot(data: string): Values {
  const reader = new PhpReader(data);
  const slot = newSlot();
  reader.read(slot);
  const root = slot.held.value;
  if (!(root instanceof Shape) || root.className !== undefined) throw malformed();
  const values = makeValue(root, true) as Values;
  // A reference to the whole session, which PHP never writes and itself turns into null.
  if (slot.held.places > 0) throw malformed();
  return values;
}

function checkValue(key: string, value: unknown, above: number): void {
  if (typeof value === 'number' || typeof value === 'boolean' || value === null) return;
  startWrite();
  if (quickWrite(value, false, 1)) return;
  new PhpWriter([key], above).write(value);
}

/** The variable that a dotted path begins with. */
function firstOf(key: string): string {
  const dot = key.indexOf('.');
  return dot === -1 ? key : key.slice(0, dot);
}
