import type { Pool } from '../pool.js';
import type { Column } from '../rows.js';
import type { PostgreLink } from './link.js';
import { COLUMNS } from './statements.js';

/** PostgreSQL's own limit of a value, with room for the message around it. */
export const LARGEST: number = 2 ** 30 - 2 ** 16;

/** The columns of a table; none when there is no table. `table`: its name, quoted. */
export async function columnsOf(pool: Pool<PostgreLink>, table: string): Promise<readonly Column[]> {
  const { tuples } = await pool.run((link) => link.run({ name: undefined, text: COLUMNS }, [table]));
  return tuples.map((row) => {
    const [name = '', type = '', limit, inKey, leadsIndex] = row.map((value) => value ?? undefined);
    return {
      name,
      type,
      limit: limit === undefined ? undefined : Number(limit),
      inKey: inKey === 'true',
      leadsIndex: leadsIndex === 'true',
    };
  });
}
