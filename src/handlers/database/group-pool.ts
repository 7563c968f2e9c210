import type { ResolvedDatabaseGroup } from '../../contracts/database.js';
import { shared } from '../connections.js';
import { givenPool, largestPool } from './given-pool.js';
import type { Link } from './link.js';
import { Pool, type PoolOptions } from './pool.js';

/** Connections at most when the group says nothing. */
const CONNECTIONS = 8;

const numbers = new WeakMap<object, number>();
let counted = 0;

/** What opens the connections to a group's server, one after the other. */
export type Connector<L extends Link> = (
  group: ResolvedDatabaseGroup,
  timeout: number,
) => Promise<() => Promise<L>>;

/** The one pool of this process for a group, closed together with the pool that was handed over, if one was. */
export async function groupPool<L extends Link>(
  group: ResolvedDatabaseGroup,
  options: Omit<PoolOptions, 'max'> & { readonly max?: number },
  connector: Connector<L>,
): Promise<Pool<L>> {
  const max = Math.min(options.max ?? Number.POSITIVE_INFINITY, largestPool(group.pool) ?? CONNECTIONS);
  const open = async () => {
    const connect = await connector(group, options.timeout);
    return new Pool(connect, { ...options, max });
  };
  return shared(`sql ${options.timeout} ${max} ${placeOf(group)}`, open, async (pool) => {
    await Promise.all([pool.close(), givenPool(group.pool)?.end()]);
  });
}

/** A group, as part of the name of what this process keeps for it. */
export function placeOf(group: ResolvedDatabaseGroup): string {
  const given = givenPool(group.pool);
  return given === undefined ? JSON.stringify(group) : `#${numberOf(given)}`;
}

/** A pool as part of a name. */
function numberOf(given: object): number {
  const number = numbers.get(given) ?? ++counted;
  numbers.set(given, number);
  return number;
}
