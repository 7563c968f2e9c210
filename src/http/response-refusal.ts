import { BlitzError } from '../errors.js';
import { language } from '../support/language.js';

const REASONS = {
  status: {
    fr: (what: string) => `« ${what} » n’est pas un statut de réponse ; il en faut un de 200 à 599`,
    en: (what: string) => `"${what}" is no status of a response; it takes one from 200 to 599`,
  },
  reason: {
    fr: () =>
      'la phrase du statut contient des caractères qu’elle ne peut pas porter, tels qu’un accent ou une fin de ligne',
    en: () =>
      'the phrase of the status has characters that it cannot carry, such as an accent or the end of a line',
  },
  redirection: {
    fr: (what: string) => `« ${what} » n’est pas un statut de redirection ; prenez 301, 302, 303, 307 ou 308`,
    en: (what: string) => `"${what}" is no status of a redirection; take 301, 302, 303, 307 or 308`,
  },
  scheme: {
    fr: () => 'une redirection mène à un chemin, ou à une adresse en http:// ou https://',
    en: () => 'a redirection leads to a path, or to an http:// or https:// address',
  },
  name: {
    fr: () => 'le nom d’un en-tête contient des caractères qu’il ne peut pas porter',
    en: () => 'the name of a header has characters that it cannot carry',
  },
  value: {
    fr: (what: string) =>
      `la valeur de l’en-tête « ${what} » contient des caractères qu’un en-tête ne peut pas porter, tels qu’un accent ou une fin de ligne ; codez-la, avec encodeURIComponent par exemple`,
    en: (what: string) =>
      `the value of the header "${what}" has characters that no header can carry, such as an accent or the end of a line; encode it, with encodeURIComponent for example`,
  },
  json: {
    fr: (what: string) => `son contenu ne s’écrit pas en JSON (${what})`,
    en: (what: string) => `its content cannot be written as JSON (${what})`,
  },
  used: {
    fr: () => 'son corps est un flux qui a déjà été lu, ou fermé',
    en: () => 'its body is a stream that was read already, or closed',
  },
};

/** `E_RESPONSE`. `what` is never the value of a header: it may be a secret, or somebody's attack. */
export function refusedResponse(reason: keyof typeof REASONS, what = '', cause?: unknown): BlitzError {
  return new BlitzError('E_RESPONSE', {
    details: { part: reason, reason: REASONS[reason][language()](what) },
    cause,
  });
}
