import { dirname } from 'node:path';
import type { ResolvedDatabaseGroup } from '../../../contracts/database.js';
import { optionalPackage } from '../../../support/optional-package.js';
import { cleaned } from '../failure.js';
import { type GivenPool, givenPool } from '../given-pool.js';
import { type PostgreClient, PostgreLink } from './link.js';

type Client = new (options: Record<string, unknown>) => PostgreClient;

/**
 * What opens a connection to the group's server, one after the other. `timeout`: milliseconds of connecting and of one
 * statement. Throws `E_PACKAGE_MISSING`.
 */
export async function postgreConnector(
  group: ResolvedDatabaseGroup,
  timeout: number,
): Promise<() => Promise<PostgreLink>> {
  const given = givenPool(group.pool);
  const Client = (given?.Client as Client | undefined) ?? (await library());
  const options = {
    application_name: 'blitz-session',
    ...(given === undefined ? optionsOf(group) : copied(given)),
    pipeline: true,
    keepAlive: true,
    connectionTimeoutMillis: timeout,
    query_timeout: 0,
  };
  // The server gives up first: then only the statement fails, not the connection with everything on it.
  let limits: object = { statement_timeout: Math.max(1, Math.floor(timeout * 0.9)) };
  const open = () => PostgreLink.open(new Client({ ...options, ...limits }), timeout);
  return () =>
    open().catch((error: unknown) => {
      // A pooler that takes no parameters of a session.
      if (!/unsupported startup parameter/.test(cleaned(error, false).message)) throw error;
      limits = {};
      return open();
    });
}

async function library(): Promise<Client> {
  const { default: pg } = await optionalPackage.load('postgre', ['pg'], () => import('pg'));
  return pg.Client as unknown as Client;
}

function optionsOf({ host, port, socket, username, password, database, ssl }: ResolvedDatabaseGroup): object {
  // pg takes the folder of a socket; its name holds the port.
  const [, named] = /\.s\.PGSQL\.(\d+)$/.exec(socket) ?? [];
  return {
    host: socket === '' ? host : named === undefined ? socket : dirname(socket),
    port: named === undefined ? port : Number(named),
    ...(username !== '' && { user: username }),
    ...(password !== '' && { password }),
    ...(database !== '' && { database }),
    ...(ssl !== false && { ssl: ssl === true ? true : { ...ssl } }),
  };
}

/** pg hides the password from copies. */
function copied({ options = {} }: GivenPool): object {
  const { password } = options;
  return { ...options, ...(password !== undefined && { password }) };
}
