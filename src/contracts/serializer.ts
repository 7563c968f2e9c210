import type { Values } from './session.js';

/** Values ↔ string. One instance serves the whole process and keeps no state. */
export interface Serializer {
  readonly name: 'json' | 'php' | 'php_binary' | 'php_serialize';
  /** How a handler turns the string into bytes. */
  readonly encoding: 'utf8' | 'latin1';
  /** Throws `E_SESSION_VALUE` naming the key whose value cannot come back. */
  encode(values: Values): string;
  /** Throws when the string was not made by `encode`. */
  decode(data: string): Values;
  /** Throws `E_SESSION_VALUE` when `value` could not come back; called at `put`. */
  check(key: string, value: unknown): void;
}
