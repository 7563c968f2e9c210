import type { CookieConfig, DatabaseConfig, SessionConfig } from '../contracts/config.js';
import type { Faults } from './faults.js';
import type { Resolved } from './resolve.js';
import { namePrefix } from './schema-session.js';

/** The options that rules between options look at. */
export interface Ruled {
  readonly session: Resolved<SessionConfig>;
  readonly cookie: Resolved<CookieConfig>;
  readonly database: Resolved<DatabaseConfig>;
}

/** Rules between options. One that looks at an option already refused says nothing more. */
export function checkRules(all: Ruled, faults: Faults): void {
  lockRule(all, faults);
  interopRule(all, faults);
  sameSiteRule(all, faults);
  namePrefixRule(all, faults);
  groupRule(all, faults);
  savePathRule(all, faults);
}

/** Handlers that know only folders and tables. */
const WITHOUT_CLIENT: ReadonlySet<unknown> = new Set(['file', 'array', 'database', 'mysql', 'postgre']);

function savePathRule({ session }: Ruled, faults: Faults): void {
  const { values, origins, refused } = session;
  if (refused.has('savePath') || refused.has('handler') || typeof values.savePath === 'string') return;
  if (!WITHOUT_CLIENT.has(values.handler)) return;
  faults.value(
    origins['savePath']!,
    'savePath',
    values.savePath,
    {
      fr: `un texte avec le gestionnaire ${String(values.handler)} ; seuls redis, memcached et les vôtres prennent un client`,
      en: `a string with the handler ${String(values.handler)}; only redis, memcached and your own take a client`,
    },
    true,
  );
}

function lockRule({ session }: Ruled, faults: Faults): void {
  const { values, origins, refused } = session;
  if (refused.has('lock_ttl') || refused.has('lock_max') || values.lock_ttl <= values.lock_max) return;
  faults.value(origins['lock_ttl']!, 'lock_ttl', values.lock_ttl, {
    fr: `au plus lock_max (${values.lock_max}), la durée après laquelle la session se ferme`,
    en: `at most lock_max (${values.lock_max}), after which the session closes`,
  });
}

function interopRule({ session }: Ruled, faults: Faults): void {
  const { values, origins, refused } = session;
  if (refused.has('interop') || values.interop === false) return;
  if (values.interop.peer === 'php' && SQL.has(values.handler) && !refused.has('handler')) {
    faults.add(origins['interop']!, {
      fr: `PHP seul ne range pas ses sessions en base (gestionnaire « ${values.handler} ») ; prenez file, redis ou memcached, ou nommez le cadre : { peer: 'blitzphp' }, { peer: 'codeigniter4' }.`,
      en: `PHP by itself keeps no sessions in databases (handler "${values.handler}"); take file, redis or memcached, or name the framework: { peer: 'blitzphp' }, { peer: 'codeigniter4' }.`,
    });
  }
  if (values.handler === 'file' && values.file_lock === 'lease' && !refused.has('file_lock')) {
    faults.value(origins['file_lock']!, 'file_lock', 'lease', {
      fr: 'flock sous interop : PHP ne connaît pas le bail, et deux sortes de verrous ne s’excluent pas',
      en: 'flock under interop: PHP does not know the lease, and two kinds of locks do not exclude each other',
    });
  }
  if (values.interop.peer === 'php' && values.matchIP && !refused.has('matchIP')) {
    faults.value(origins['matchIP']!, 'matchIP', true, {
      fr: "false sous interop: { peer: 'php' } : PHP seul n'attache pas ses sessions à une adresse",
      en: "false under interop: { peer: 'php' }: PHP by itself does not tie its sessions to an address",
    });
  }
  if (values.serialize_handler !== 'json') return;
  faults.value(origins['serialize_handler']!, 'serialize_handler', 'json', {
    fr: 'php, php_binary ou php_serialize sous interop : PHP ne lit pas le JSON des sessions',
    en: 'php, php_binary or php_serialize under interop: PHP does not read sessions in JSON',
  });
}

/** RFC 6265bis §5.7: a browser refuses these cookies unless they are `Secure`. */
function sameSiteRule({ cookie }: Ruled, faults: Faults): void {
  const { values, origins, refused } = cookie;
  if (refused.has('secure') || values.secure !== false) return;
  if (values.samesite === 'None') {
    faults.value(origins['samesite']!, 'samesite', 'None', {
      fr: "Lax ou Strict, ou bien secure à true ou 'auto' dans config/cookie : None l'exige",
      en: "Lax or Strict, or else secure set to true or 'auto' in config/cookie: None requires it",
    });
  }
  if (values.partitioned) {
    faults.value(origins['partitioned']!, 'partitioned', true, {
      fr: "false, ou bien secure à true ou 'auto' dans config/cookie : un cookie partitionné l'exige",
      en: "false, or else secure set to true or 'auto' in config/cookie: a partitioned cookie requires it",
    });
  }
}

/** RFC 6265bis §4.1.3: what `__Secure-` and `__Host-` promise about the cookie. */
function namePrefixRule({ session, cookie }: Ruled, faults: Faults): void {
  if (session.refused.has('cookie_name') || session.refused.has('interop')) return;
  const prefix = namePrefix(session.values);
  if (prefix === undefined) return;
  const { values, refused } = cookie;
  const broken: string[] = [];
  if (values.secure === false && !refused.has('secure')) broken.push("secure: true | 'auto'");
  if (prefix === 'host' && values.path !== '/' && !refused.has('path')) broken.push("path: '/'");
  if (prefix === 'host' && values.domain !== '' && !refused.has('domain')) broken.push("domain: ''");
  if (broken.length === 0) return;
  const needed = broken.join(', ');
  faults.value(session.origins['cookie_name']!, 'cookie_name', session.values.cookie_name, {
    fr: `un nom sans ce préfixe, ou bien dans config/cookie ce que le préfixe promet (${needed})`,
    en: `a name without this prefix, or else in config/cookie what the prefix promises (${needed})`,
  });
}

const SQL: ReadonlyMap<unknown, 'mysql' | 'postgre' | undefined> = new Map([
  ['database', undefined],
  ['mysql', 'mysql' as const],
  ['postgre', 'postgre' as const],
]);

/** A handler in SQL needs a group of `config/database`, and the right driver in it. */
function groupRule({ session, database }: Ruled, faults: Faults): void {
  const { values, origins, refused } = session;
  if (!SQL.has(values.handler) || refused.has('handler') || refused.has('group')) return;
  const name = values.group ?? database.values.connection;
  const chosenBy = values.group === null ? 'handler' : 'group';
  const group = Object.hasOwn(database.values.groups, name) ? database.values.groups[name] : undefined;
  const driver = SQL.get(values.handler);
  if (group === undefined) {
    const known = Object.keys(database.values.groups);
    const list = known.length > 0 ? ` (${known.join(', ')})` : '';
    faults.add(origins[chosenBy]!, {
      fr: `le gestionnaire « ${values.handler} » demande le groupe « ${name} », qui n'est pas dans config/database${list} ; ajoutez-le, ou nommez un groupe existant dans « group ».`,
      en: `the handler "${values.handler}" asks for the group "${name}", which is not in config/database${list}; add it, or name an existing group in "group".`,
    });
  } else if (driver !== undefined && group.driver !== driver && !database.refused.has(`${name}.driver`)) {
    faults.add(origins[chosenBy]!, {
      fr: `le gestionnaire « ${values.handler} » et le groupe « ${name} » (driver : ${group.driver}) ne vont pas ensemble ; prenez « database », ou un groupe ${driver}.`,
      en: `the handler "${values.handler}" and the group "${name}" (driver: ${group.driver}) do not fit; take "database", or a group for ${driver}.`,
    });
  }
}
