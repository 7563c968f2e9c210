import * as v from 'valibot';
import type { CookieConfig, SameSite } from '../contracts/config.js';
import { boolean, type FileSchema, type Option, text } from './option.js';
import { asBoolean, asNumber, asText } from './text.js';

const SAME_SITE: Readonly<Record<string, SameSite>> = { lax: 'Lax', strict: 'Strict', none: 'None' };

/** Nothing that could end an attribute or a header (RFC 6265 §4.1.1: visible ASCII without `;`). */
const attribute: v.GenericSchema<unknown, string> = v.pipe(
  v.string(),
  v.regex(/^[\x20-\x2b\x2d-\x3a\x3c-\x7e]*$/),
);

const EXPIRES: Option<number | string | Date> = {
  schema: v.union([
    v.pipe(v.number(), v.safeInteger(), v.minValue(0)),
    v.pipe(
      v.string(),
      v.check((value) => !Number.isNaN(Date.parse(value))),
    ),
    v.pipe(
      v.date(),
      v.transform((value) => new Date(value)),
    ),
  ]),
  otherwise: () => 0,
  allowed: {
    fr: 'un nombre entier de secondes, 0 ou plus, ou une date',
    en: 'a whole number of seconds, 0 or more, or a date',
  },
  fromText: asNumber,
};

const PATH: Option<string> = {
  schema: v.pipe(attribute, v.startsWith('/')),
  otherwise: () => '/',
  allowed: {
    fr: 'un chemin qui commence par « / », en ASCII, sans « ; », sans « , » et sans caractère de contrôle',
    en: 'a path in ASCII that begins with "/", without ";", "," or control characters',
  },
  fromText: asText,
};

const DOMAIN: Option<string> = {
  schema: v.pipe(attribute, v.regex(/^\S*$/)),
  otherwise: () => '',
  allowed: {
    fr: 'un nom de domaine en ASCII ou un texte vide, sans espace, « ; », « , » ni caractère de contrôle',
    en: 'a domain name in ASCII or an empty text, without spaces, ";", "," or control characters',
  },
  fromText: asText,
};

const SECURE: Option<boolean | 'auto'> = {
  schema: v.union([v.boolean(), v.literal('auto')]),
  otherwise: () => false,
  allowed: { fr: "true, false ou 'auto'", en: "true, false or 'auto'" },
  fromText: (value) => (value.trim().toLowerCase() === 'auto' ? 'auto' : asBoolean(value)),
};

const SAMESITE: Option<SameSite> = {
  schema: v.pipe(
    v.string(),
    v.transform((value) => SAME_SITE[value.toLowerCase()] ?? ''),
    v.picklist(['Lax', 'Strict', 'None']),
  ),
  otherwise: () => 'Lax',
  allowed: { fr: 'Lax, Strict ou None', en: 'Lax, Strict or None' },
  fromText: asText,
};

/** Every option of `config/cookie.ts` with its default. */
export const COOKIE: FileSchema<CookieConfig> = {
  aliases: {},
  options: {
    prefix: text(''),
    expires: EXPIRES,
    path: PATH,
    domain: DOMAIN,
    secure: SECURE,
    httponly: boolean(true),
    samesite: SAMESITE,
    raw: boolean(false),
    partitioned: boolean(false),
  },
};
