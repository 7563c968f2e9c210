import { BlitzError } from '../errors.js';
import { language } from '../support/language.js';
import { describe } from './describe.js';
import { nearest } from './nearest.js';
import type { Sentence } from './sentence.js';

/** Where a value came from: a file of the application, an environment variable, or `Application.boot`. */
export type Source = string;

/**
 * Every fault of every configuration file, gathered so that one boot shows them all.
 * Values of secret options never enter a sentence: their type does.
 */
export class Faults {
  readonly #sentences: Sentence[] = [];
  #cause: unknown;

  get count(): number {
    return this.#sentences.length;
  }

  /** A fault of a file as a whole. `cause` is attached to the error; the first one wins. */
  add(source: Source, sentence: Sentence, cause?: unknown): void {
    this.#sentences.push({ fr: `${source} : ${sentence.fr}`, en: `${source}: ${sentence.en}` });
    this.#cause ??= cause;
  }

  /** An option whose value is not allowed. */
  value(source: Source, option: string, value: unknown, allowed: Sentence, secret = false): void {
    const found = describe(value, secret);
    this.add(source, {
      fr: `« ${option} » vaut ${found.fr} ; attendu : ${allowed.fr}.`,
      en: `"${option}" is ${found.en}; allowed: ${allowed.en}.`,
    });
  }

  /** An option that does not exist. Its value is never shown: it may be a misspelt secret. */
  unknown(source: Source, option: string, known: readonly string[], value: unknown, prefix = ''): void {
    const found = describe(value, true);
    const near = nearest(option, known);
    const name = prefix + option;
    const list = known.join(', ');
    this.add(source, {
      fr: `« ${name} » (${found.fr}) n'est pas une option${near ? ` ; vouliez-vous dire « ${near} » ?` : `. Options : ${list}.`}`,
      en: `"${name}" (${found.en}) is not an option${near ? `; did you mean "${near}"?` : `. Options: ${list}.`}`,
    });
  }

  missing(source: Source, option: string, allowed: Sentence): void {
    this.add(source, {
      fr: `« ${option} » manque ; attendu : ${allowed.fr}.`,
      en: `"${option}" is missing; allowed: ${allowed.en}.`,
    });
  }

  /** One option given under two spellings by the same source. */
  twice(source: Source, second: string, first: string): void {
    this.add(source, {
      fr: `« ${second} » et « ${first} » sont la même option ; gardez-en une.`,
      en: `"${second}" and "${first}" are the same option; keep one.`,
    });
  }

  /** Throws `E_SESSION_CONFIG` with one line a fault, in the user's language; nothing when there is none. */
  throwIfAny(): void {
    if (this.#sentences.length === 0) return;
    const chosen = language();
    throw new BlitzError('E_SESSION_CONFIG', {
      cause: this.#cause,
      details: {
        faults: this.#sentences.map((sentence) => `- ${sentence[chosen]}`).join('\n'),
        count: this.#sentences.length,
      },
    });
  }
}
