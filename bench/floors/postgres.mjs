import pg from 'pg';
import { floor } from './floor.mjs';

const OPEN = `UPDATE sessions SET lock_owner = $2, lock_until = now() + interval '30 s'
  WHERE id = $1 AND (lock_until IS NULL OR lock_until < now()) RETURNING data`;
const CREATE = "INSERT INTO sessions (id, ip_address, data) VALUES ($1, '127.0.0.1', $2)";
const SAVE = `UPDATE sessions SET data = $3, timestamp = now(), lock_owner = NULL, lock_until = NULL
  WHERE id = $1 AND lock_owner = $2`;
const READ = 'SELECT data FROM sessions WHERE id = $1';
const REPLACE = `INSERT INTO sessions (id, ip_address, data) VALUES ($1, '127.0.0.1', $2)
  ON CONFLICT (id) DO UPDATE SET data = excluded.data, timestamp = now()`;

/** pg, prepared statements. With `lock` a lease in the row: one locks and reads, one writes and frees. */
export function listen({ address, lock, ...run }) {
  const pool = new pg.Pool({ connectionString: address, max: 8 });
  const prepared = (name, text, values) => pool.query({ name, text, values });
  const peek = async (id) => (await prepared('read', READ, [id])).rows[0]?.data.toString() ?? null;
  const create = (id, text) => prepared('create', CREATE, [id, Buffer.from(text)]);
  if (!lock) {
    const save = (id, _token, text) => prepared('replace', REPLACE, [id, Buffer.from(text)]);
    return floor({ open: peek, create, save, peek }, run);
  }
  return floor(
    {
      open: async (id, token) => (await prepared('open', OPEN, [id, token])).rows[0]?.data.toString(),
      create,
      save: (id, token, text) => prepared('save', SAVE, [id, token, Buffer.from(text)]),
      peek,
    },
    run,
  );
}
