import { BlitzError, type ErrorDetails } from '../errors.js';
import { language } from '../support/language.js';

/** Why a cookie is refused, by the part of it that is wrong. No sentence holds a value. */
const REASONS = {
  name: {
    fr: 'son nom doit être fait de lettres sans accent, de chiffres et de signes tels que « _ », « - » ou « . », sans espace (RFC 6265, §4.1.1)',
    en: 'its name must be made of ASCII letters, digits and signs such as "_", "-" or ".", without spaces (RFC 6265, §4.1.1)',
  },
  value: {
    fr: 'sa valeur brute contient un caractère qu’un en-tête ne peut pas porter (espace, accent, guillemet, virgule, point-virgule ou barre oblique inverse) ; retirez l’option raw pour qu’elle soit codée',
    en: 'its raw value contains a character that a header cannot carry (space, accent, quote, comma, semicolon or backslash); remove the option raw to have it encoded',
  },
  encoding: {
    fr: 'sa valeur contient la moitié d’un caractère UTF-16, qui ne peut pas être codée ; passez le texte par toWellFormed()',
    en: 'its value contains half of a UTF-16 character, which cannot be encoded; send the text through toWellFormed()',
  },
  type: {
    fr: 'sa valeur doit être un texte, un nombre, un booléen, une liste ou un objet littéral, et non {found}',
    en: 'its value must be a string, a number, a boolean, a list or a plain object, not {found}',
  },
  json: {
    fr: 'sa valeur ne peut pas devenir du JSON ; la cause est jointe',
    en: 'its value cannot become JSON; the cause is attached',
  },
  added: {
    fr: 'sa valeur n’a pas de place sous « {path} » : il y faudrait une liste ou un objet à chaque étape',
    en: 'its value has no place under "{path}": a list or an object would be needed at each step',
  },
  size: {
    fr: 'nom et valeur font {size} octets une fois codés, alors que les navigateurs ignorent un cookie de plus de {limit} octets ; rangez cette donnée en session',
    en: 'name and value take {size} bytes once encoded, but browsers ignore a cookie of more than {limit} bytes; keep this data in the session',
  },
  path: {
    fr: 'path doit être vide ou commencer par « / », en ASCII, sans « ; », sans « , » et sans caractère de contrôle',
    en: 'path must be empty or begin with "/", in ASCII, without ";", "," or control characters',
  },
  domain: {
    fr: 'domain doit être vide ou un nom de domaine en ASCII, sans espace, « ; », « , » ni caractère de contrôle',
    en: 'domain must be empty or a domain name in ASCII, without spaces, ";", "," or control characters',
  },
  expires: {
    fr: 'expires doit être un nombre de secondes à partir de maintenant, ou une date entre 1601 et 9999 (un objet Date, ou un texte que Date.parse comprend)',
    en: 'expires must be a number of seconds from now, or a date between 1601 and 9999 (a Date, or a text that Date.parse understands)',
  },
  delay: {
    fr: 'son délai dépasse dix ans : un nombre compte des secondes (expires) ou des minutes (make) à partir de maintenant ; pour un moment précis, donnez un objet Date',
    en: 'its delay exceeds ten years: a number counts seconds (expires) or minutes (make) from now; for a moment in time, give a Date',
  },
  samesite: {
    fr: 'samesite doit être Lax, Strict ou None, ou vide pour laisser le navigateur choisir',
    en: 'samesite must be Lax, Strict or None, or empty to let the browser choose',
  },
  none: {
    fr: 'SameSite=None exige Secure : mettez d’abord secure à true',
    en: 'SameSite=None requires Secure: set secure to true first',
  },
  partitioned: {
    fr: 'Partitioned exige Secure : mettez d’abord secure à true',
    en: 'Partitioned requires Secure: set secure to true first',
  },
  secure_prefix: {
    fr: 'un nom qui commence par __Secure- exige secure: true (RFC 6265bis, §4.1.3.1)',
    en: 'a name that begins with __Secure- requires secure: true (RFC 6265bis, §4.1.3.1)',
  },
  host_prefix: {
    fr: "un nom qui commence par __Host- exige secure: true, path: '/' et aucun domain (RFC 6265bis, §4.1.3.2)",
    en: "a name that begins with __Host- requires secure: true, path: '/' and no domain (RFC 6265bis, §4.1.3.2)",
  },
  option: {
    fr: 'l’option « {option} » n’existe pas ; connues : {known}',
    en: 'there is no option "{option}"; known: {known}',
  },
  sent: {
    fr: 'les en-têtes de la réponse sont déjà partis ; mettez le cookie en attente avant le premier octet',
    en: 'the headers of the response have already left; queue the cookie before the first byte',
  },
} as const;

/** `details.part` of an `E_COOKIE`: what a program can compare. */
export type CookiePart = keyof typeof REASONS;

/** The `E_COOKIE` to throw: `details.part` names what is wrong, `details.reason` says it in the user's language. */
export function refusal(part: CookiePart, details: ErrorDetails = {}, cause?: unknown): BlitzError {
  const reason = REASONS[part][language()].replace(/\{(\w+)\}/g, (_, name) => String(details[name]));
  return new BlitzError('E_COOKIE', { details: { ...details, part, reason }, cause });
}
