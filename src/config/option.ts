import * as v from 'valibot';
import type { Sentence } from './sentence.js';
import { asBoolean, asNumber, asText, type FromText } from './text.js';

/** What a default may depend on. */
export interface DefaultsContext {
  /** The application's root, absolute. */
  readonly root: string;
  /** `.env` with the real environment over it. */
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** The options known so far: those given, then the defaults of the table's earlier rows. */
export type Known = Readonly<Record<string, unknown>>;

/** One option: what it may be, what it is when nobody says, and how a fault explains it. */
export interface Option<T> {
  /** Checks a value and brings it into its one resolved form. Its own messages are never shown. */
  readonly schema: v.GenericSchema<unknown, T>;
  readonly otherwise: (known: Known, context: DefaultsContext) => T;
  readonly allowed: Sentence;
  readonly fromText: FromText;
  /** The value never appears in a fault. */
  readonly secret?: boolean;
  /** `null` in a file means: the default. */
  readonly nullable?: boolean;
  /** Without it the file is refused; `otherwise` only fills the gap until the faults are thrown. */
  readonly required?: boolean;
  /** A better sentence for one particular mistake. */
  readonly explain?: (value: unknown) => Sentence | undefined;
}

export type OptionTable<T> = { readonly [K in keyof T]: Option<T[K]> };

/** The options of one file, and their other spellings. */
export interface FileSchema<T> {
  readonly options: OptionTable<T>;
  readonly aliases: Readonly<Record<string, string>>;
}

/** Longest time in seconds that is still a date; timers take far less. */
const LONGEST = 2 ** 31 - 1;
/** Longest time in seconds that a timer can wait (2^31 - 1 ms); a longer one would fire at once. */
const LONGEST_TIMER = Math.floor(LONGEST / 1000);

type Otherwise<T> = T | ((known: Known, context: DefaultsContext) => T);

function fallback<T extends string | number | boolean>(value: Otherwise<T>): Option<T>['otherwise'] {
  return typeof value === 'function' ? value : () => value;
}

export function boolean(otherwise: boolean): Option<boolean> {
  return {
    schema: v.boolean(),
    otherwise: () => otherwise,
    allowed: { fr: 'true ou false', en: 'true or false' },
    fromText: asBoolean,
  };
}

/** A whole number, `least` or more. */
export function count(otherwise: number, least = 0): Option<number> {
  return {
    schema: v.pipe(v.number(), v.safeInteger(), v.minValue(least)),
    otherwise: () => otherwise,
    allowed: { fr: `un nombre entier, ${least} ou plus`, en: `a whole number, ${least} or more` },
    fromText: asNumber,
  };
}

/** Whole seconds, `least` or more. */
export function seconds(otherwise: number, least = 0): Option<number> {
  return {
    schema: v.pipe(v.number(), v.safeInteger(), v.minValue(least), v.maxValue(LONGEST)),
    otherwise: () => otherwise,
    allowed: {
      fr: `un nombre entier de secondes, de ${least} à ${LONGEST}`,
      en: `a whole number of seconds, from ${least} to ${LONGEST}`,
    },
    fromText: asNumber,
  };
}

/** Seconds that a timer waits, fractions allowed. `positive`: 0 is refused. */
export function delay(otherwise: Otherwise<number>, positive = false): Option<number> {
  return {
    schema: v.pipe(
      v.number(),
      v.check((value) => (positive ? value > 0 : value >= 0)),
      v.maxValue(LONGEST_TIMER),
    ),
    otherwise: fallback(otherwise),
    allowed: {
      fr: `un nombre de secondes, ${positive ? 'plus de 0' : 'de 0'} à ${LONGEST_TIMER}`,
      en: `a number of seconds, ${positive ? 'more than 0, up' : 'from 0'} to ${LONGEST_TIMER}`,
    },
    fromText: asNumber,
  };
}

/** One of several words. */
export function oneOf<const T extends string>(words: readonly T[], otherwise: Otherwise<T>): Option<T> {
  return {
    schema: v.picklist(words),
    otherwise: fallback(otherwise),
    allowed: { fr: words.join(', '), en: words.join(', ') },
    fromText: asText,
  };
}

const SENTENCE_TEXT: Sentence = {
  fr: 'un texte sans caractère de contrôle',
  en: 'a text without control characters',
};

/** A text without control characters. */
export function text(otherwise: string, allowed: Sentence = SENTENCE_TEXT): Option<string> {
  return { schema: printable, otherwise: () => otherwise, allowed, fromText: asText };
}

export const printable: v.GenericSchema<unknown, string> = v.pipe(
  v.string(),
  v.regex(/^[^\u0000-\u001f\u007f]*$/),
);

/** Any text at all, never shown. */
export function secret(otherwise: string): Option<string> {
  return {
    schema: v.string(),
    otherwise: () => otherwise,
    allowed: { fr: 'un texte', en: 'a string' },
    fromText: asText,
    secret: true,
  };
}
