import { inspect } from 'node:util';
import type { Logger } from '../contracts/log.js';

/** Writes to the standard error stream. Never throws. */
export class ConsoleLogger implements Logger {
  warn(message: string, details?: Record<string, unknown>): void {
    console.warn(line('warning', message, details));
  }

  error(message: string, details?: Record<string, unknown>): void {
    console.error(line('error', message, details));
  }
}

function line(level: string, message: string, details: Record<string, unknown> = {}): string {
  const given = details['cause'];
  // An error that is the message itself need not be said twice; what caused it is.
  const cause = given instanceof Error && given.message === message ? given.cause : given;
  return `[blitz-session] ${level}: ${plain(message)}${cause === undefined ? '' : `\n  ${plain(describe(cause))}`}`;
}

/** Further lines are set in, and control characters dropped: nobody's words can pass for a line of the log. */
function plain(text: string): string {
  return text.replace(/\r?\n/g, '\n  ').replace(/[\u0000-\u0009\u000b-\u001f\u007f]/g, ' ');
}

/** An error with its stack, so that the place can be found; its fields may hold anybody's data and stay away. */
function describe(cause: unknown): string {
  if (cause instanceof Error) return cause.stack ?? `${cause.name}: ${cause.message}`;
  try {
    return inspect(cause, { depth: 0, maxStringLength: 200 });
  } catch {
    return typeof cause;
  }
}
