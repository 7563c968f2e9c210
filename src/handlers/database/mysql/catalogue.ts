import type { Pool } from '../pool.js';
import type { Column } from '../rows.js';
import type { MysqlLink } from './link.js';
import { COLUMNS } from './statements.js';

type Described = readonly [string, string, number | string, number | string, number | string];

/** The columns of a table; none when there is no table. `name`: the table's, with its schema. */
export async function columnsOf(pool: Pool<MysqlLink>, name: string): Promise<readonly Column[]> {
  const [table = '', schema = null] = name.split('.').reverse();
  const rows = await pool.run((link) => link.execute<readonly Described[]>(COLUMNS, [schema, table]));
  return rows.map(([column, type, limit, inKey, leadsIndex]) => ({
    name: column.toLowerCase(),
    type: type.toLowerCase(),
    limit: Number(limit) < 0 ? undefined : Number(limit),
    inKey: Number(inKey) === 1,
    leadsIndex: Number(leadsIndex) === 1,
  }));
}

/** Bytes of the longest message that the server takes. */
export async function largestMessage(pool: Pool<MysqlLink>): Promise<number> {
  const rows = await pool.run((link) =>
    link.query<readonly (readonly [number | string])[]>('SELECT @@max_allowed_packet'),
  );
  return Number(rows[0]?.[0] ?? Number.POSITIVE_INFINITY);
}

/** Bytes that the column `data` holds. */
export function largestData(columns: readonly Column[]): number {
  return columns.find(({ name }) => name === 'data')?.limit ?? Number.POSITIVE_INFINITY;
}
