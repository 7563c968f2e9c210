import { BlitzError } from '../errors.js';
import { language } from '../support/language.js';

const REASON = {
  fr: (name: string, text: string) => `${name} vaut « ${text} » ; il faut un nombre entier de 0 à 65535`,
  en: (name: string, text: string) => `${name} is "${text}"; it must be a whole number from 0 to 65535`,
};

/** A port that was written down; `name` says where, for the error. Throws `E_APP_LISTEN`. */
export function portFrom(name: string, text: string): number {
  const port = Number(text);
  if (/^\d+$/.test(text) && port <= 65_535) return port;
  throw new BlitzError('E_APP_LISTEN', { details: { reason: REASON[language()](name, text) } });
}
