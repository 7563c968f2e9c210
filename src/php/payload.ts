import type { Serializer } from '../contracts/serializer.js';
import type { Values } from '../contracts/session.js';
import { jsonSerializer } from '../serializers/json.js';
import { phpSerializer } from '../serializers/php.js';
import type { Settings } from './ini.js';
import type { Warning } from './warnings.js';

/** The serializer that `session.serialize_handler` names; `json` is this package's own. */
export function serializerOf(settings: Settings): Serializer {
  const name = settings.get('serialize_handler');
  return name === 'json' ? jsonSerializer : phpSerializer(name as 'php');
}

const NUMERIC = /^(?:0|-?[1-9]\d*)$/;

/** Whether PHP, too, would keep a value under this key of `$_SESSION`. */
function isStorable(name: Serializer['name'], key: string): boolean {
  if (name === 'php') return !NUMERIC.test(key) && !key.includes('|');
  return name !== 'php_binary' || !NUMERIC.test(key);
}

/**
 * Throws `E_SESSION_VALUE` for a value that could not come back. Of a key that the format cannot keep nothing is said:
 * `encodeAsPhp` has PHP's rule for it.
 */
export function checkAsPhp(serializer: Serializer, key: string, value: unknown): void {
  serializer.check(isStorable(serializer.name, key) ? key : '$_SESSION', value);
}

/**
 * The values as the save handler gets them. Where PHP has a rule of its own for what a format cannot keep, it holds: a
 * numeric key is left out, and a key with `|` empties the session. Throws `E_SESSION_VALUE` for other values that could
 * not come back.
 */
export function encodeAsPhp(
  serializer: Serializer,
  values: Values,
  warn: (warning: Warning) => void,
): string | undefined {
  const { name } = serializer;
  let kept = values;
  if (name === 'php' || name === 'php_binary') {
    const keys = Object.keys(values);
    if (keys.some((key) => NUMERIC.test(key))) {
      warn('numericKey');
      kept = Object.fromEntries(keys.filter((key) => !NUMERIC.test(key)).map((key) => [key, values[key]]));
    }
    if (name === 'php' && keys.some((key) => key.includes('|'))) {
      warn('unstorableKey');
      return undefined;
    }
  }
  return serializer.encode(kept);
}

/** The values, or undefined for data that cannot be read. Empty data is an empty session. */
export function decodeAsPhp(serializer: Serializer, data: string): Values | undefined {
  if (data === '') return {};
  try {
    return serializer.decode(data);
  } catch {
    return undefined;
  }
}
