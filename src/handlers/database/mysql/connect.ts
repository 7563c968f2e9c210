import type { ResolvedDatabaseGroup } from '../../../contracts/database.js';
import { optionalPackage } from '../../../support/optional-package.js';
import { type GivenPool, givenPool } from '../given-pool.js';
import { type MysqlClient, MysqlLink } from './link.js';
import { firstWords } from './statements.js';

/**
 * What opens a connection to the group's server, one after the other. `timeout`: milliseconds of connecting and of one
 * statement. Throws `E_PACKAGE_MISSING`.
 */
export async function mysqlConnector(
  group: ResolvedDatabaseGroup,
  timeout: number,
): Promise<() => Promise<MysqlLink>> {
  const { createConnection } = await optionalPackage.load('mysql', ['mysql2'], () => import('mysql2'));
  const given = givenPool(group.pool);
  const options = given === undefined ? optionsOf(group) : copied(given);
  // The server gives up first: then only the statement fails, not the connection.
  const first = firstWords(Math.max(1, Math.floor((timeout / 1000) * 0.9)));
  return () => {
    // mysql2 writes into the objects that it is given.
    const { ssl, ...rest } = options;
    const client = createConnection({
      ...rest,
      ...(typeof ssl === 'object' && ssl !== null && { ssl: { ...ssl } }),
      multipleStatements: true,
      // Set here, because mysql2 copies the options of a single statement, which costs as much as sending it.
      rowsAsArray: true,
      // Statements come with their values; nothing is to be looked for in them.
      queryFormat: (sql: string) => sql,
      connectTimeout: timeout,
      enableKeepAlive: true,
      maxPreparedStatements: 64,
    });
    return MysqlLink.open(client as unknown as MysqlClient, first, timeout);
  };
}

type Options = Record<string, unknown>;

function optionsOf({
  host,
  port,
  socket,
  username,
  password,
  database,
  ssl,
}: ResolvedDatabaseGroup): Options {
  return {
    ...(socket === '' ? { host, port } : { socketPath: socket }),
    ...(username !== '' && { user: username }),
    ...(password !== '' && { password }),
    ...(database !== '' && { database }),
    ...(ssl !== false && { ssl: ssl === true ? {} : ssl }),
  };
}

/** What says where the server is and who connects; how a connection behaves is ours to say. */
const KEPT = [
  ...[
    'host',
    'port',
    'localAddress',
    'socketPath',
    'user',
    'password',
    'password2',
    'password3',
    'passwordSha1',
  ],
  ...[
    'database',
    'ssl',
    'stream',
    'authPlugins',
    'authSwitchHandler',
    'insecureAuth',
    'enableCleartextPlugin',
  ],
] as const;

function copied({ config }: GivenPool): Options {
  const all = config?.connectionConfig ?? {};
  return Object.fromEntries(KEPT.flatMap((key) => (all[key] ? [[key, all[key]]] : [])));
}
