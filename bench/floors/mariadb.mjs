import { createPool } from 'mysql2';
import { floor } from './floor.mjs';

const CREATE = "INSERT INTO sessions (id, ip_address, data) VALUES (?, '127.0.0.1', ?)";
const SAVE = `UPDATE sessions SET data = ?, timestamp = NOW(), lock_owner = NULL, lock_until = NULL
  WHERE id = ? AND lock_owner = ?`;
const READ = 'SELECT data FROM sessions WHERE id = ?';
const REPLACE = `INSERT INTO sessions (id, ip_address, data) VALUES (?, '127.0.0.1', ?)
  ON DUPLICATE KEY UPDATE data = VALUES(data), timestamp = NOW()`;

/** mysql2. With `lock` a lease in the row: lock and read in one message, a prepared statement that writes and frees. */
export function listen({ address, lock, ...run }) {
  const { hostname: host, port, username: user, pathname } = new URL(address);
  const database = pathname.slice(1);
  const pool = createPool({
    host,
    port: Number(port),
    user,
    database,
    multipleStatements: true,
    connectionLimit: 8,
  });
  const told = (method, sql, values) =>
    new Promise((resolve, reject) => {
      pool[method](sql, values, (error, answer) => (error ? reject(error) : resolve(answer)));
    });
  const peek = async (id) => (await told('execute', READ, [id]))[0]?.data.toString() ?? null;
  const create = (id, text) => told('execute', CREATE, [id, Buffer.from(text)]);
  if (!lock) {
    const save = (id, _token, text) => told('execute', REPLACE, [id, Buffer.from(text)]);
    return floor({ open: peek, create, save, peek }, run);
  }
  return floor(
    {
      async open(id, token) {
        const [{ affectedRows }, [row]] = await told(
          'query',
          `UPDATE sessions SET lock_owner = '${token}', lock_until = NOW(6) + INTERVAL 30 SECOND
           WHERE id = '${id}' AND (lock_until IS NULL OR lock_until < NOW(6)); SELECT data FROM sessions WHERE id = '${id}'`,
        );
        return affectedRows === 1 ? row.data.toString() : undefined;
      },
      create,
      save: (id, token, text) => told('execute', SAVE, [Buffer.from(text), id, token]),
      peek,
    },
    run,
  );
}
