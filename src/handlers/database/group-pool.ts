import type { ResolvedDatabaseGroup } from '../../contracts/database.js';
import { shared } from '../connections.js';
import { givenPool, largestPool } from './given-pool.js';
import type { Link } from './link.js';
import { Pool, type PoolOptions } from './pool.js';

/** Connections at most when the group says nothing. */
const CONNECTIONS = 8;

const numbers = new WeakMap<object, number>();
let counted = 0;

/** The one pool of this process for a group, closed together with the pool that was handed over, if one was. */
export async function groupPool<L extends Link>(
  group: ResolvedDatabaseGroup,
  options: Omit<PoolOptions, 'max'>,
  connector: (group: ResolvedDatabaseGroup, timeout: number) => Promise<() => Promise<L>>,
): Promise<Pool<L>> {
  const given = givenPool(group.pool);
  const place = given === undefined ? JSON.stringify(group) : `#${numberOf(given)}`;
  const open = async () => {
    const connect = await connector(group, options.timeout);
    return new Pool(connect, { ...options, max: largestPool(group.pool) ?? CONNECTIONS });
  };
  return shared(`sql ${options.timeout} ${place}`, open, async (pool) => {
    await Promise.all([pool.close(), given?.end()]);
  });
}

/** A pool as part of a name. */
function numberOf(given: object): number {
  const number = numbers.get(given) ?? ++counted;
  numbers.set(given, number);
  return number;
}
