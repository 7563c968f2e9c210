import { exptime } from './expiry.js';
import type { Command, Value } from './transport.js';

/** What goes over the wire for some commands: one string, and how it becomes bytes. */
export interface CommandText {
  readonly text: string;
  readonly encoding: Value['encoding'];
  /** The bytes of the largest item that is written, its key included. */
  readonly largest: number;
}

const LONGEST_KEY = 250;
/** What could end a line or a word, or is not one byte. */
const FORBIDDEN = /[^!-~]/;

/** A key that the protocol can carry. */
export function isKey(key: string): boolean {
  return key !== '' && key.length <= LONGEST_KEY && !FORBIDDEN.test(key);
}

/** Commands in the text protocol, to be sent in one piece. Their keys are such as `isKey` allows. */
export function commandText(commands: readonly Command[]): CommandText {
  let text = '';
  let encoding: Value['encoding'] = 'latin1';
  let largest = 0;
  for (const command of commands) {
    switch (command.verb) {
      case 'gets':
        text += 'gets';
        for (const key of command.keys) text += ` ${key}`;
        text += '\r\n';
        break;
      case 'unique':
        text += `mg ${command.key} c\r\n`;
        break;
      case 'touch':
        text += `touch ${command.key} ${exptime(command.seconds)}\r\n`;
        break;
      case 'remove':
        text += `md ${command.key} C${command.unique}\r\n`;
        break;
      case 'fence':
        // Marks the item as stale, which only meta readers see, and gives it a new unique.
        text += `md ${command.key} I\r\n`;
        break;
      default: {
        const { verb, key, value } = command;
        const bytes =
          value.encoding === 'latin1' ? value.text.length : Buffer.byteLength(value.text, value.encoding);
        const unique = command.verb === 'cas' ? ` ${command.unique}` : '';
        text += `${verb} ${key} ${value.flags ?? 0} ${exptime(command.seconds)} ${bytes}${unique}\r\n${value.text}\r\n`;
        // Plain ASCII is the same bytes either way, and latin1 is the quicker way.
        if (value.encoding === 'utf8' && bytes !== value.text.length) encoding = 'utf8';
        largest = Math.max(largest, bytes + key.length);
      }
    }
  }
  return { text, encoding, largest };
}
