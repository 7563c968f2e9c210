import { BlitzError } from '../../errors.js';
import { language } from '../../support/language.js';
import { isKey } from './command-text.js';
import type { RingServer } from './ring.js';

/** The servers of `savePath`, and what was said about them. */
export interface MemcachedAddress {
  readonly servers: readonly RingServer[];
  /** Replaces `blitz_session:<cookie_name>:` in front of every key. */
  readonly prefix: string | undefined;
  /** Seconds for connecting. */
  readonly timeout: number | undefined;
  readonly tls: boolean;
  /** A file of certificates to trust, for `tls`. */
  readonly ca: string | undefined;
  /** How the PHP application that shares the sessions spreads keys over its servers. */
  readonly distribution: Distribution | undefined;
}

const DISTRIBUTIONS = ['modula', 'ketama', 'ketama_weighted'] as const;
/** libmemcached's names; PHP's setting is `memcached.sess_consistent_hash` with its type. */
export type Distribution = (typeof DISTRIBUTIONS)[number];

const FORMS = {
  fr: '127.0.0.1:11211, a:11211:2,b:11211:1 (poids), [::1]:11211, /run/memcached.sock, tls://a:11211?ca=/chemin/ca.pem, suivi au besoin de ?prefix=app:&timeout=1, ou un client du paquet memcached',
  en: '127.0.0.1:11211, a:11211:2,b:11211:1 (weights), [::1]:11211, /run/memcached.sock, tls://a:11211?ca=/path/ca.pem, followed where needed by ?prefix=app:&timeout=1, or a client of the package memcached',
};

/** The error of a `savePath` that cannot be used. */
export function refused(fr: string, en: string): BlitzError {
  const chosen = language();
  const details = { handler: 'memcached', reason: { fr, en }[chosen], forms: FORMS[chosen] };
  return new BlitzError('E_SESSION_SAVE_PATH', { details });
}

/**
 * Understands `savePath`: `host:port[:weight],host:port`, IPv6 in brackets, `/path.sock`, `tls://` in front, and after a
 * `?` `prefix`, `timeout`, `ca`, `distribution`. Throws `E_SESSION_SAVE_PATH`. (BlitzPHP: Handlers\Memcached::setSavePath.)
 */
export function parseSavePath(savePath: string): MemcachedAddress {
  if (savePath === '') throw refused('il est vide', 'it is empty');
  const mark = savePath.indexOf('?');
  const base = mark === -1 ? savePath : savePath.slice(0, mark);
  const parsed = base.split(',').map(parseServer);
  const tls = parsed[0]?.tls === true;
  if (parsed.some((each) => each.tls !== tls)) {
    throw refused('tls:// est devant une partie des adresses', 'tls:// stands before some of the addresses');
  }
  const servers = parsed.map(({ server }) => server);
  if (new Set(servers.map(({ name }) => name)).size < servers.length) {
    throw refused('un serveur y est deux fois', 'a server is in it twice');
  }
  return { servers, tls, ...parameters(mark === -1 ? '' : savePath.slice(mark + 1), tls) };
}

const SERVER = /^(tls:\/\/)?(?:\[([0-9a-f:.]+)\]|([A-Za-z0-9._-]+)):(\d{1,5})(?::(\d{1,4}))?$/i;
const SOCKET = /^(?:unix:\/\/)?(\/[^:?,]+)(?::0)?(?::(\d{1,4}))?$/;

function parseServer(text: string): { readonly server: RingServer; readonly tls: boolean } {
  const path = SOCKET.exec(text);
  if (path !== null) {
    const [, name = '', weight = '1'] = path;
    return { server: { name, host: name, port: undefined, weight: weightOf(weight) }, tls: false };
  }
  const match = SERVER.exec(text);
  if (match === null) {
    throw refused(
      'une adresse n’a pas la forme hôte:port (une adresse IPv6 se met entre crochets)',
      'an address has not the form host:port (an IPv6 address stands in brackets)',
    );
  }
  const [, tls, v6, name, digits, weight = '1'] = match;
  const host = v6 ?? (name as string);
  const port = Number(digits);
  if (port < 1 || port > 65_535) throw refused('le port va de 1 à 65535', 'the port is from 1 to 65535');
  const server = {
    name: `${v6 === undefined ? host : `[${v6}]`}:${port}`,
    host,
    port,
    weight: weightOf(weight),
  };
  return { server, tls: tls !== undefined };
}

function weightOf(text: string): number {
  const weight = Number(text);
  if (weight < 1) throw refused('un poids est au moins 1', 'a weight is at least 1');
  return weight;
}

function parameters(
  query: string,
  tls: boolean,
): Pick<MemcachedAddress, 'prefix' | 'timeout' | 'ca' | 'distribution'> {
  const given = new URLSearchParams(query);
  for (const name of given.keys()) {
    if (!['prefix', 'timeout', 'ca', 'distribution'].includes(name)) {
      throw refused(
        'un paramètre n’est pas connu (prefix, timeout, ca, distribution)',
        'a parameter is not known (prefix, timeout, ca, distribution)',
      );
    }
  }
  const prefix = given.get('prefix') ?? undefined;
  if (prefix !== undefined && prefix !== '' && !isKey(prefix)) {
    throw refused(
      'prefix contient une espace, un caractère de contrôle ou accentué',
      'prefix contains a space, a control character or a letter with an accent',
    );
  }
  const seconds = given.get('timeout');
  const timeout = seconds === null ? undefined : Number(seconds);
  if (timeout !== undefined && !(timeout > 0)) {
    throw refused('timeout doit être un nombre de secondes', 'timeout must be a number of seconds');
  }
  const ca = given.get('ca') ?? undefined;
  if (ca !== undefined && !tls) throw refused('ca ne va qu’avec tls://', 'ca goes with tls:// only');
  const distribution = given.get('distribution') ?? undefined;
  if (distribution !== undefined && !isDistribution(distribution)) {
    throw refused(
      `distribution est l’un de ${DISTRIBUTIONS.join(', ')}`,
      `distribution is one of ${DISTRIBUTIONS.join(', ')}`,
    );
  }
  return { prefix, timeout, ca, distribution };
}

function isDistribution(text: string): text is Distribution {
  return (DISTRIBUTIONS as readonly string[]).includes(text);
}
