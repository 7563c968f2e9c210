import { BlitzError, isBlitzError } from '../../errors.js';
import type { Connection } from './connection.js';
import { connectMysql } from './mysql.js';
import { connectPostgre } from './postgre.js';
import { type DatabaseTarget, placeOf } from './target.js';

/** Connects, does `work`, and closes. Throws `E_PACKAGE_MISSING`, `E_DATABASE` with the database's own error as cause. */
export async function withConnection<T>(
  target: DatabaseTarget,
  work: (connection: Connection) => Promise<T>,
): Promise<T> {
  const connection = await failing(target, 'connect', () => connect(target));
  try {
    return await failing(target, 'migrate', () => work(connection));
  } finally {
    await connection.close();
  }
}

function connect(target: DatabaseTarget): Promise<Connection> {
  return target.options.driver === 'mysql' ? connectMysql(target) : connectPostgre(target);
}

async function failing<T>(
  { group, options }: DatabaseTarget,
  operation: string,
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    if (isBlitzError(cause)) throw cause;
    throw new BlitzError('E_DATABASE', { cause, details: { group, place: placeOf(options), operation } });
  }
}
