import pg from 'pg';
import { floor } from './sql-floor.mjs';

const OPEN = `UPDATE sessions SET lock_owner = $2, lock_until = now() + interval '30 s'
  WHERE id = $1 AND (lock_until IS NULL OR lock_until < now()) RETURNING data`;
const CREATE = "INSERT INTO sessions (id, ip_address, data) VALUES ($1, '127.0.0.1', $2)";
const SAVE = `UPDATE sessions SET data = $3, timestamp = now(), lock_owner = NULL, lock_until = NULL
  WHERE id = $1 AND lock_owner = $2`;

/** What locked sessions through pg cannot cost less than: a lease in the row, two prepared statements. See sql-floor. */
export function listen({ address, payload, context }) {
  const pool = new pg.Pool({ connectionString: address, max: 8 });
  const run = (name, text, values) => pool.query({ name, text, values });
  return floor(
    {
      open: async (id, token) => (await run('open', OPEN, [id, token])).rows[0]?.data.toString(),
      create: (id, text) => run('create', CREATE, [id, Buffer.from(text)]),
      save: (id, token, text) => run('save', SAVE, [id, token, Buffer.from(text)]),
    },
    { payload, context },
  );
}
