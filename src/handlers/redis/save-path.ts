import { BlitzError } from '../../errors.js';
import { language } from '../../support/language.js';

/** Where a Redis answers, as `savePath` says it. */
export interface RedisAddress {
  /** `single`: one server. `cluster`: some of its nodes. `sentinel`: the sentinels that know the master. */
  readonly kind: 'single' | 'cluster' | 'sentinel';
  readonly nodes: readonly RedisNode[];
  /** A Unix socket, in the place of `nodes`. */
  readonly socket?: string;
  readonly tls: boolean;
  /** A file of certificates to trust, for `tls`. */
  readonly ca?: string;
  readonly username?: string;
  readonly password?: string;
  readonly database: number;
  /** Seconds for connecting. */
  readonly timeout?: number;
  /** Replaces `blitz_session:<cookie_name>:` in front of every key. */
  readonly prefix?: string;
  /** The master's name, of `sentinel`. */
  readonly master?: string;
  readonly sentinelUsername?: string;
  readonly sentinelPassword?: string;
}

export interface RedisNode {
  readonly host: string;
  readonly port: number;
}

type Reason = readonly [fr: string, en: string];

const FORMS: Reason = [
  'tcp://hôte:6379?auth=motdepasse&database=0&timeout=2.5&prefix=app:, tls://hôte:6380?ca=/chemin/ca.pem, unix:///run/redis.sock, tcp://a:7000,tcp://b:7000 (grappe), sentinel://a:26379,b:26379?master=nom, ou un objet ioredis',
  'tcp://host:6379?auth=password&database=0&timeout=2.5&prefix=app:, tls://host:6380?ca=/path/ca.pem, unix:///run/redis.sock, tcp://a:7000,tcp://b:7000 (cluster), sentinel://a:26379,b:26379?master=name, or an ioredis object',
];

/** The error of a `savePath` that cannot be used; it never quotes the value, which may hold a password. */
export function refused(fr: string, en: string): BlitzError {
  const chosen = language() === 'fr' ? 0 : 1;
  const details = { handler: 'redis', reason: [fr, en][chosen] as string, forms: FORMS[chosen] };
  return new BlitzError('E_SESSION_SAVE_PATH', { details });
}

const SCHEMES: Readonly<Record<string, { readonly tls: boolean; readonly sentinel?: true }>> = {
  tcp: { tls: false },
  redis: { tls: false },
  tls: { tls: true },
  rediss: { tls: true },
  sentinel: { tls: false, sentinel: true },
};

/**
 * Understands `savePath`: `tcp://host:port?auth=…&database=…&timeout=…&prefix=…`, `tls://…`, `unix:///path`,
 * `/path.sock`, several addresses for a cluster, `sentinel://…?master=…`. Throws `E_SESSION_SAVE_PATH`.
 * (BlitzPHP: Handlers\Redis::setSavePath; the query is decoded as PHP's parse_str does.)
 */
export function parseSavePath(savePath: string): RedisAddress {
  if (savePath === '') throw refused('il est vide', 'it is empty');
  const [base = '', query = ''] = cut(savePath, '?');
  const parameters = new Parameters(query);
  const socket = base.startsWith('unix:') ? base.slice('unix:'.length).replace(/^\/\//, '') : base;
  if (base.startsWith('unix:') || base.startsWith('/')) {
    if (!socket.startsWith('/'))
      throw refused('le chemin d’une socket commence par /', 'the path of a socket begins with /');
    return { kind: 'single', nodes: [], socket: decoded(socket), tls: false, ...parameters.common(true) };
  }
  return parseHosts(base, parameters);
}

function parseHosts(base: string, parameters: Parameters): RedisAddress {
  const addresses = base.split(',').map(parseAddress);
  const first = addresses[0] as Address;
  if (addresses.some(({ scheme }) => scheme !== undefined && scheme !== (first.scheme ?? 'tcp')))
    throw refused('les adresses n’ont pas toutes le même début', 'the addresses do not all begin alike');
  const { tls, sentinel } = SCHEMES[first.scheme ?? 'tcp'] as (typeof SCHEMES)[string];
  const nodes = addresses.map(({ host, port }) => ({ host, port: port ?? (sentinel ? 26_379 : 6379) }));
  if (sentinel) {
    const { master, ...rest } = parameters.sentinel();
    if (master === undefined)
      throw refused(
        'master=nom manque (le nom du maître)',
        'master=name is missing (the name of the master)',
      );
    return { kind: 'sentinel', nodes, master, ...rest, ...credentials(first, parameters.common(true)) };
  }
  const cluster = parameters.flag('cluster') || nodes.length > 1;
  const common = credentials(first, parameters.common(!cluster));
  return {
    kind: cluster ? 'cluster' : 'single',
    nodes,
    tls,
    ...common,
    ...(tls && parameters.certificates()),
  };
}

interface Address {
  readonly scheme: string | undefined;
  readonly host: string;
  readonly port: number | undefined;
  readonly user: string | undefined;
  readonly database: string | undefined;
}

const ADDRESS =
  /^(?:([a-z][a-z0-9+.-]*):\/\/)?(?:([^@]*)@)?(?:\[([0-9a-f:.%]+)\]|([^:/[\]]*))(?::(\d+))?(?:\/(\d*))?$/i;

/** What the handler `file` takes, left behind when only the name of the handler was changed. */
const FOLDER = /^[\w.-]+\/[^@:[\]]+$/;

function parseAddress(text: string): Address {
  const scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(text)?.[1]?.toLowerCase();
  if (scheme !== undefined && SCHEMES[scheme] === undefined)
    throw refused(`${scheme}:// n’est pas connu`, `${scheme}:// is not known`);
  const match = ADDRESS.exec(text);
  if (match === null) {
    if (FOLDER.test(text))
      throw refused(
        'c’est le chemin d’un dossier, non une adresse',
        'it is the path of a folder, not an address',
      );
    throw refused(
      'une adresse ne se lit pas (une adresse IPv6 se met entre crochets : tcp://[::1]:6379)',
      'an address cannot be read (an IPv6 address stands in brackets: tcp://[::1]:6379)',
    );
  }
  const [, , user, v6, name, digits, database] = match;
  const host = v6 ?? decoded(name ?? '');
  if (host === '') throw refused('l’hôte manque', 'the host is missing');
  const port = digits === undefined ? undefined : Number(digits);
  if (port !== undefined && (port < 1 || port > 65_535))
    throw refused('le port va de 1 à 65535', 'the port is from 1 to 65535');
  return { scheme, host, port, user, database: database || undefined };
}

type Common = Pick<RedisAddress, 'username' | 'password' | 'database' | 'timeout' | 'prefix'>;

/** `redis://user:password@host/1` says the same as `auth` and `database`. */
function credentials({ user, database }: Address, common: Common): Common {
  return {
    ...common,
    ...(user !== undefined && account(cut(user, ':').length === 1 ? ['', user] : cut(user, ':'))),
    ...(database !== undefined && { database: Number(database) }),
  };
}

const KNOWN = [
  'auth',
  'database',
  'timeout',
  'prefix',
  'persistent',
  'cluster',
  'ca',
  'master',
  'sentinel_auth',
  'tls',
];

/** What stands behind the question mark. */
class Parameters {
  readonly #raw = new Map<string, string[]>();

  constructor(query: string) {
    for (const pair of query.split('&')) {
      if (pair === '') continue;
      const [name = '', value = ''] = cut(pair, '=');
      const plain = decoded(name).replace(/\[(?:\w*)\]$/, '');
      if (!KNOWN.includes(plain)) {
        const known = KNOWN.join(', ');
        throw refused(
          `le paramètre ${shown(plain)} n’est pas connu (${known})`,
          `the parameter ${shown(plain)} is not known (${known})`,
        );
      }
      if (/^[a-z]+:\/\/|,[a-z]+:\/\//i.test(value)) {
        throw refused(
          'les paramètres se mettent une seule fois, après la dernière adresse',
          'the parameters stand only once, after the last address',
        );
      }
      this.#raw.set(plain, [...(this.#raw.get(plain) ?? []), value]);
    }
  }

  common(mayChooseDatabase: boolean): Common {
    const database = this.#number('database', /^\d{1,5}$/) ?? 0;
    if (database !== 0 && !mayChooseDatabase)
      throw refused('une grappe n’a que la base 0', 'a cluster has only the database 0');
    const timeout = this.#number('timeout', /^\d+(?:\.\d+)?$/);
    const prefix = this.#text('prefix');
    return {
      database,
      ...this.#account('auth', 'username', 'password'),
      ...(timeout !== undefined && timeout > 0 && { timeout }),
      ...(prefix !== undefined && { prefix: checkedPrefix(prefix) }),
    };
  }

  certificates(): Pick<RedisAddress, 'ca'> {
    const ca = this.#text('ca');
    return ca === undefined ? {} : { ca };
  }

  sentinel(): Pick<RedisAddress, 'master' | 'tls' | 'ca' | 'sentinelUsername' | 'sentinelPassword'> {
    const master = this.#text('master');
    return {
      ...(master !== undefined && { master }),
      tls: this.flag('tls'),
      ...(this.flag('tls') && this.certificates()),
      ...this.#account('sentinel_auth', 'sentinelUsername', 'sentinelPassword'),
    };
  }

  flag(name: string): boolean {
    return /^(?:1|true|yes|on)$/i.test(this.#text(name) ?? '');
  }

  #text(name: string): string | undefined {
    const values = this.#raw.get(name);
    return values === undefined ? undefined : decoded((values.at(-1) as string).replaceAll('+', ' '));
  }

  #number(name: string, form: RegExp): number | undefined {
    const text = this.#text(name);
    if (text === undefined) return undefined;
    if (!form.test(text)) throw refused(`${name} doit être un nombre`, `${name} must be a number`);
    return Number(text);
  }

  /** `password`, `user:password` (a colon of the password itself is written %3A), or `auth[]=user&auth[]=password`. */
  #account<U extends string, P extends string>(
    name: string,
    user: U,
    password: P,
  ): { [K in U | P]?: string } {
    const values = this.#raw.get(name)?.map((value) => value.replaceAll('+', ' '));
    if (values === undefined) return {};
    const [first = '', second] = values.length > 1 ? values : cut(values[0] as string, ':');
    const { username, password: secret } = account(second === undefined ? ['', first] : [first, second]);
    return { ...(username && { [user]: username }), ...(secret && { [password]: secret }) } as {
      [K in U | P]?: string;
    };
  }
}

function account([user = '', password = '']: readonly string[]): { username?: string; password?: string } {
  return {
    ...(user !== '' && { username: decoded(user) }),
    ...(password !== '' && { password: decoded(password) }),
  };
}

/** Braces would decide the cluster's slot, and so tear a record from its lock. Throws `E_SESSION_SAVE_PATH`. */
export function checkedPrefix(prefix: string): string {
  if (/[{}]/.test(prefix)) throw refused('prefix contient une accolade', 'prefix contains a brace');
  return prefix;
}

/** Both sides of the first `separator`; one part when there is none. */
function cut(text: string, separator: string): string[] {
  const at = text.indexOf(separator);
  return at === -1 ? [text] : [text.slice(0, at), text.slice(at + separator.length)];
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw refused(
      'un caractère % n’est pas suivi de deux chiffres hexadécimaux',
      'a % is not followed by two hexadecimal digits',
    );
  }
}

/** A parameter's name; what is no name may be a piece of a password. */
function shown(name: string): string {
  return /^[a-z_]{1,20}$/.test(name) ? `« ${name} »` : '…';
}
