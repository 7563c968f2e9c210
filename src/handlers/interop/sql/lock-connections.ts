import type { MysqlLink } from '../../database/mysql/link.js';
import type { PostgreLink } from '../../database/postgre/link.js';

/** Tells the server to end the connection after `silence` seconds without a statement; its number there. */
export async function openMysqlConnection(link: MysqlLink, silence: number): Promise<number> {
  const sql = `SET SESSION wait_timeout = ${silence};SELECT CONNECTION_ID() AS id`;
  const [, [row]] = await link.query<readonly [unknown, readonly (readonly [number | string])[]]>(sql);
  return numberOf(row?.[0]);
}

/** The same. */
export async function openPostgreConnection(link: PostgreLink, silence: number): Promise<number> {
  const text = `SELECT pg_backend_pid(), set_config('idle_session_timeout', $1, false)`;
  const { tuples } = await link.runOnce({ name: undefined, text }, [silence * 1000]);
  return numberOf(tuples[0]?.[0]);
}

function numberOf(answer: unknown): number {
  const number = Number(answer);
  if (Number.isSafeInteger(number) && number > 0) return number;
  throw new Error('the server does not tell the number of the connection');
}
