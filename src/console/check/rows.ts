import type { ResolvedConfig } from '../../contracts/config.js';
import { type Language, language } from '../../support/language.js';
import type { Words } from '../command.js';
import { MASK, maskPlace } from '../mask.js';
import { APP_TEXTS, COOKIE_TEXTS, DATABASE_TEXTS, GROUP_TEXTS, SERVICE_TEXT } from './describe-others.js';
import { SESSION_TEXTS } from './describe-session.js';

/** One option as it is now. */
export interface Row {
  /** `session.expiration`. */
  readonly name: string;
  /** What JSON can carry; secrets are masked. */
  readonly value: unknown;
  /** `default`, a file, a variable. */
  readonly origin: string;
  readonly description: string;
}

/** Options whose values nobody is shown, and objects that may hold certificates and passwords. */
const SECRET = /^(?:app\.key|database\..+\.(?:password|ssl|pool))$/;

/** Every option of every file, in the order of the files. */
export function rowsOf(config: ResolvedConfig): Row[] {
  const lang = language();
  const { session, cookie, app, database, services } = config;
  const row = (name: string, raw: unknown, words: Words): Row => ({
    name,
    value: shown(name, raw, config, lang),
    origin: config.origins[name] ?? 'default',
    description: words[lang],
  });
  const rows = (file: string, values: object, texts: Readonly<Record<string, Words>>): Row[] =>
    Object.entries(values).map(([option, raw]) => row(`${file}.${option}`, raw, texts[option] as Words));
  return [
    ...rows('session', session, SESSION_TEXTS),
    ...rows('cookie', cookie, COOKIE_TEXTS),
    ...rows('app', app, APP_TEXTS),
    row('database.connection', database.connection, DATABASE_TEXTS.connection),
    ...Object.entries(database.groups).flatMap(([group, options]) =>
      rows(`database.${group}`, options, GROUP_TEXTS),
    ),
    ...Object.entries(services).map(([name, factory]) => row(`services.${name}`, factory, SERVICE_TEXT)),
  ];
}

function shown(name: string, raw: unknown, { session }: ResolvedConfig, lang: Language): unknown {
  if (SECRET.test(name)) return isEmpty(raw) ? raw : MASK;
  if (name === 'session.savePath' && session.handler !== 'file') return maskPlace(raw as string | object);
  if (typeof raw === 'function') return raw.name || { fr: 'une fonction', en: 'a function' }[lang];
  return raw;
}

function isEmpty(value: unknown): boolean {
  if (typeof value === 'object' && value !== null) return Object.keys(value).length === 0;
  return value === '' || value === false;
}
