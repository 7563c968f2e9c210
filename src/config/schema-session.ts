import { resolve } from 'node:path';
import * as v from 'valibot';
import type { SessionConfig } from '../contracts/config.js';
import type { HandlerClass, HandlerName } from '../contracts/handler.js';
import { withFolder } from '../support/php-save-path.js';
import { INTEROP } from './interop.js';
import {
  boolean,
  count,
  type DefaultsContext,
  delay,
  type FileSchema,
  type Known,
  type Option,
  oneOf,
  printable,
  seconds,
} from './option.js';
import { asText, asTextOrNull } from './text.js';

const LOCK_TTL = 30;
const LOCK_MAX = 300;
const FILE_FOLDER = 'storage/framework/session';

const HANDLER: Option<HandlerName | HandlerClass> = {
  schema: v.union([
    v.pipe(
      v.string(),
      v.regex(/^[\w.:-]+$/),
      v.transform((name) => name as HandlerName),
    ),
    v.custom<HandlerClass>((value) => typeof value === 'function'),
  ]),
  otherwise: (_known, context) => (context.env['NODE_ENV'] === 'test' ? 'array' : 'file'),
  allowed: {
    fr: 'file, database, redis, memcached, array, mysql, postgre, un nom donné à Session.extend, ou une classe',
    en: 'file, database, redis, memcached, array, mysql, postgre, a name given to Session.extend, or a class',
  },
  fromText: asText,
};

const COOKIE_NAME: Option<string> = {
  schema: v.pipe(
    v.string(),
    v.transform((name) => name.replaceAll(' ', '-')),
    v.regex(/^(?:__(?:Host|Secure)-)?[A-Za-z0-9_-]+$/i),
    v.check((name) => !/^__(?:host|secure)-$/i.test(name)),
  ),
  otherwise: () => 'blitz_session',
  allowed: {
    fr: 'des lettres sans accent, des chiffres, « _ » et « - » (une espace devient « - »)',
    en: 'unaccented letters, digits, "_" and "-" (a space becomes "-")',
  },
  fromText: asText,
  explain: (value) => {
    if (typeof value !== 'string') return undefined;
    const cleaned = value
      .toLowerCase()
      .replaceAll(' ', '-')
      .replace(/[^a-z0-9_-]/g, '');
    if (cleaned === '') return undefined;
    return {
      fr: `${COOKIE_NAME.allowed.fr}, par exemple "${cleaned}", le nom que BlitzPHP en tire`,
      en: `${COOKIE_NAME.allowed.en}, for example "${cleaned}", the name that BlitzPHP makes of it`,
    };
  },
};

/** An address, or in its place a client or its options; whether the handler takes one is a rule between options. */
const SAVE_PATH: Option<string | object> = {
  schema: v.union([
    printable,
    v.custom<object>((value) => typeof value === 'object' && value !== null && !Array.isArray(value)),
  ]),
  otherwise: (known) => (known['handler'] === 'file' ? FILE_FOLDER : ''),
  allowed: {
    fr: 'un dossier (file), une table (database), une adresse ou un client (redis, memcached)',
    en: 'a folder (file), a table (database), an address or a client (redis, memcached)',
  },
  fromText: asTextOrNull,
  nullable: true,
  secret: true,
};

const GROUP: Option<string | null> = {
  schema: v.nullable(v.pipe(v.string(), v.nonEmpty())),
  otherwise: () => null,
  allowed: {
    fr: 'le nom d’un groupe de config/database, ou null pour le groupe par défaut',
    en: 'the name of a group of config/database, or null for the default group',
  },
  fromText: asTextOrNull,
  nullable: true,
};

const under = (known: Known): boolean => known['interop'] !== false;

/**
 * Every option of `config/session.ts` with its default. The order matters: a default may look at the rows
 * above it. Names and defaults are BlitzPHP's where BlitzPHP has the option.
 */
export const SESSION: FileSchema<SessionConfig> = {
  aliases: { save_path: 'savePath', match_ip: 'matchIP' },
  options: {
    handler: HANDLER,
    interop: INTEROP,
    cookie_name: COOKIE_NAME,
    expiration: seconds(7200),
    savePath: SAVE_PATH,
    matchIP: boolean(false),
    time_to_update: seconds(300),
    regenerate_destroy: boolean(false),
    group: GROUP,
    serialize_handler: oneOf(['json', 'php', 'php_binary', 'php_serialize'], (known) =>
      under(known) ? 'php' : 'json',
    ),
    gc_probability: count(1),
    gc_divisor: count(100, 1),
    gc_maxlifetime: seconds(1440, 1),
    // Who sets only one of the two moves the other's default, so that a lease never outlives its session.
    lock_ttl: delay(
      (known) => Math.min(LOCK_TTL, (known['lock_max'] as number | undefined) ?? LOCK_MAX),
      true,
    ),
    lock_max: delay((known) => Math.max(LOCK_MAX, known['lock_ttl'] as number), true),
    lock_wait: delay(30),
    lock_max_waiters: count(64),
    absolute_expiration: seconds(0),
    grace: delay(60),
    touch_interval: delay((known) => (under(known) ? 0 : 60)),
    operation_timeout: delay(5, true),
    file_lock: oneOf(['flock', 'lease'], 'flock'),
    file_trust_folder: boolean(false),
    save_uninitialized: boolean(true),
  },
};

/** The two options whose resolved form depends on others: the cookie's name and the folder. */
export function finishSession(session: SessionConfig, context: DefaultsContext): SessionConfig {
  return {
    ...session,
    cookie_name: cookieName(session),
    savePath: session.handler === 'file' ? absolute(session, context.root) : session.savePath,
  };
}

/** An empty path is no path: the default folder, never the root of the application. */
function absolute({ savePath, interop }: SessionConfig, root: string): string | object {
  if (typeof savePath !== 'string') return savePath;
  if (interop === false || interop.peer !== 'php') return resolve(root, savePath || FILE_FOLDER);
  return withFolder(savePath, (folder) => resolve(root, folder));
}

/** Whether browsers give this name rules of its own (RFC 6265bis §4.1.3); PHP knows nothing of them. */
export function namePrefix(session: SessionConfig): 'host' | 'secure' | undefined {
  if (session.interop !== false) return undefined;
  return /^__(host|secure)-/i.exec(session.cookie_name)?.[1]?.toLowerCase() as 'host' | 'secure' | undefined;
}

function cookieName(session: SessionConfig): string {
  // BlitzPHP lower-cases its name; CodeIgniter and PHP itself (PHPSESSID) send theirs as it is written.
  const written = session.interop !== false && session.interop.peer !== 'blitzphp';
  return written || namePrefix(session) ? session.cookie_name : session.cookie_name.toLowerCase();
}
