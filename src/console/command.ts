import type { Awaitable } from '../contracts/session.js';
import type { Language } from '../support/language.js';

/** One text in each language. */
export type Words = Readonly<Record<Language, string>>;

/** What a command is given beside its options. */
export interface ConsoleContext {
  readonly version: string;
  /** Every command of this console. */
  readonly commands: readonly ConsoleCommand[];
  /** Whether the standard output is a terminal that shows colours. */
  readonly colour: boolean;
  /** Writes a line to the standard output. */
  readonly line: (text?: string) => void;
  /** Writes over the last line of the terminal where errors go; undefined where there is no terminal. */
  readonly live: ((text: string) => void) | undefined;
}

/**
 * A command of `klinge`. The module that holds it stays cheap to import, for `klinge list` imports them all: what the
 * command needs is imported by `run`. The exit code is what `run` answers, 0 where it answers nothing; an exception ends
 * the console with exit code 1. (BlitzPHP: Cli\Console\Command.)
 */
export interface ConsoleCommand {
  readonly name: string;
  readonly description: Words;
  /** Flags as commander reads them, and what they do. */
  readonly options?: readonly { readonly flags: string; readonly description: Words }[];
  run(options: Readonly<Record<string, unknown>>, context: ConsoleContext): Awaitable<number | void>;
}
