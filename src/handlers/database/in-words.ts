import { language } from '../../support/language.js';

/** The one of two texts that is in the user's language. */
export function inWords(fr: string, en: string): string {
  return { fr, en }[language()];
}
