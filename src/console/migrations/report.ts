import { language } from '../../support/language.js';
import type { ConsoleContext } from '../command.js';
import type { Connection } from '../database/connection.js';
import { refused } from '../database/refused.js';
import { type DatabaseTarget, placeOf } from '../database/target.js';
import { type Paint, painter } from '../paint.js';
import type { Run, Step } from './runner.js';
import { type MigrationTexts, TEXTS } from './texts.js';

/** Tells of one run of migrations, in words or as one JSON object. */
export class MigrationReport {
  readonly texts: MigrationTexts = TEXTS[language()];
  readonly paint: Paint;
  readonly line: (text?: string) => void;
  readonly json: boolean;
  readonly #target: DatabaseTarget;
  readonly #server: string;

  constructor(target: DatabaseTarget, { server }: Connection, json: boolean, context: ConsoleContext) {
    this.paint = painter(context.colour && !json);
    this.line = context.line;
    this.json = json;
    this.#target = target;
    this.#server = server;
  }

  /** Which database it is. */
  head(): void {
    const place = placeOf(this.#target.options).replace(/^\w+/, this.#server);
    this.line(this.texts.base(this.#target.group, place));
  }

  object(content: Readonly<Record<string, unknown>>): void {
    const { group, options } = this.#target;
    this.line(JSON.stringify({ group, driver: options.driver, server: this.#server, ...content }));
  }

  /** The exit code. In words, a failure is thrown: the console writes it where errors go. */
  run(direction: 'up' | 'down', { done, failed }: Run, more: Readonly<Record<string, unknown>>): number {
    const key = direction === 'up' ? 'applied' : 'rolledBack';
    if (this.json) {
      const told = failed === undefined ? null : { name: failed.name, message: messageOf(failed.error) };
      this.object({ ok: failed === undefined, [key]: done, failed: told, ...more });
      return failed === undefined ? 0 : 1;
    }
    this.head();
    for (const step of done) this.line(`  ${this.paint.good(this.texts[direction])}  ${told(step)}`);
    if (failed !== undefined) throw failure(failed, this.#target.options.driver);
    if (done.length === 0) return 0;
    const milliseconds = done.reduce((sum, step) => sum + step.milliseconds, 0);
    this.line(this.texts[direction === 'up' ? 'ups' : 'downs'](done.length, milliseconds));
    return 0;
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function told({ name, milliseconds }: Step): string {
  return `${name} (${milliseconds} ms)`;
}

function failure({ name, error }: NonNullable<Run['failed']>, driver: 'mysql' | 'postgre'): Error {
  return driver === 'postgre'
    ? refused(
        `${name} a échoué ; ce qu’elle avait fait est défait, et le reste n’a pas été tenté. Corrigez-la, puis relancez`,
        `${name} failed; what it had done is undone, and the rest was not tried. Correct it, then run again`,
        error,
      )
    : refused(
        `${name} a échoué, et le reste n’a pas été tenté. MySQL et MariaDB gardent ce qu’elle avait déjà fait aux tables : vérifiez-les, corrigez-la, puis relancez`,
        `${name} failed, and the rest was not tried. MySQL and MariaDB keep what it had already done to the tables: check them, correct it, then run again`,
        error,
      );
}
