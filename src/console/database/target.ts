import type { ResolvedConfig, ResolvedDatabaseGroup } from '../../contracts/config.js';
import { language } from '../../support/language.js';
import { refused } from './refused.js';

/** The database that a command works on. */
export interface DatabaseTarget {
  /** The group's name in `config/database`. */
  readonly group: string;
  readonly options: ResolvedDatabaseGroup;
  /** Seconds after which a server that is silent is given up. */
  readonly patience: number;
}

/**
 * The group named on the command line, else that of the sessions, else the default one. Throws `E_MIGRATION` where
 * there is none.
 */
export function targetOf({ session, database }: ResolvedConfig, asked?: string): DatabaseTarget {
  const group = asked ?? session.group ?? database.connection;
  const options = Object.hasOwn(database.groups, group) ? database.groups[group] : undefined;
  if (options === undefined) {
    const known = Object.keys(database.groups).join(', ');
    throw refused(
      `le groupe « ${group} » n’est pas dans config/database${known && ` (${known})`} ; ajoutez-le, ou nommez-en un autre avec --group`,
      `the group "${group}" is not in config/database${known && ` (${known})`}; add it, or name another one with --group`,
    );
  }
  return { group, options, patience: session.operation_timeout };
}

/** The handlers that keep sessions in a table. */
const IN_TABLES: ReadonlySet<unknown> = new Set(['database', 'mysql', 'postgre']);

export function keepsInTable({ session }: ResolvedConfig): boolean {
  return IN_TABLES.has(session.handler);
}

/** What `about` tells of the database behind the sessions, where there is one. */
export function databaseOf(config: ResolvedConfig): { database?: { group: string; place: string } } {
  if (!keepsInTable(config)) return {};
  const { group, options } = targetOf(config);
  return { database: { group, place: placeOf(options) } };
}

/** Where it is, for people: `mysql, 127.0.0.1:3306/boutique`. Never what opens it. */
export function placeOf({ driver, host, port, socket, database, pool }: ResolvedDatabaseGroup): string {
  if (typeof pool['end'] === 'function') {
    return `${driver}, ${{ fr: 'le pool donné', en: 'the given pool' }[language()]}`;
  }
  const address = host.includes(':') ? `[${host}]` : host;
  return `${driver}, ${socket === '' ? `${address}:${port}` : socket}/${database}`;
}

/** Whether what is sent there leaves this machine. */
export function isRemote({ host, socket, pool }: ResolvedDatabaseGroup): boolean {
  if (socket !== '' || typeof pool['end'] === 'function') return false;
  return !/^(?:localhost|127\.[\d.]+|::1|\/.*)$/i.test(host);
}
