import type { Serializer } from '../contracts/serializer.js';
import { PhpWriter } from './php-serialize.js';
import {
  phpBinarySerializer,
  phpSerializer as phpPipeSerializer,
  phpSerializeSerializer,
} from './php-session.js';
import { makeValue, newSlot } from './php-shapes.js';
import { PhpReader } from './php-unserialize.js';

const SERIALIZERS = {
  php: phpPipeSerializer,
  php_binary: phpBinarySerializer,
  php_serialize: phpSerializeSerializer,
};

/** The serializer of a `serialize_handler` of PHP. */
export function phpSerializer(name: 'php' | 'php_binary' | 'php_serialize'): Serializer {
  return SERIALIZERS[name];
}

/** The bytes of PHP's `serialize($value)`. Throws `E_SESSION_VALUE` for what PHP could not read back. */
export function serialize(value: unknown): Buffer {
  const writer = new PhpWriter(['value'], 0);
  writer.write(value);
  return Buffer.from(writer.out, 'latin1');
}

/**
 * The value behind PHP's `serialize`; text counts as UTF-8. What follows the value is passed over, as in PHP 8.2.
 * Throws a `SyntaxError` that says nothing of the data.
 */
export function unserialize(data: Uint8Array | string): unknown {
  const bytes =
    typeof data === 'string'
      ? Buffer.from(data, 'utf8')
      : Buffer.from(data.buffer, data.byteOffset, data.byteLength);
  const reader = new PhpReader(bytes.toString('latin1'));
  const slot = newSlot();
  reader.read(slot);
  return makeValue(slot.held.value);
}
