import type { Language } from '../../support/language.js';

/** A file that `klinge init` writes. */
export interface ProjectFile {
  /** From the project's root, with `/`. */
  readonly path: string;
  readonly content: string;
}

/** Prose in the chosen language; code never passes through it. */
export type Say = (fr: string, en: string) => string;

export function sayIn(language: Language): Say {
  return language === 'fr' ? (fr) => typeset(fr) : (_fr, en) => en;
}

/** Puts the non-breaking spaces that French wants before double punctuation and inside guillemets. */
function typeset(text: string): string {
  return text
    .replace(/ ([;!?])/g, '\u202f$1')
    .replace(/ ([:»])/g, '\u00a0$1')
    .replace(/« /g, '«\u00a0');
}
