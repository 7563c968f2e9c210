import { createPool } from 'mysql2';
import { floor } from './sql-floor.mjs';

const CREATE = "INSERT INTO sessions (id, ip_address, data) VALUES (?, '127.0.0.1', ?)";
const SAVE = `UPDATE sessions SET data = ?, timestamp = NOW(), lock_owner = NULL, lock_until = NULL
  WHERE id = ? AND lock_owner = ?`;

/**
 * What locked sessions through mysql2 cannot cost less than: a lease in the row, lock and read in one message, a
 * prepared statement that writes. See sql-floor.
 */
export function listen({ address, payload, context }) {
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
      create: (id, text) => told('execute', CREATE, [id, Buffer.from(text)]),
      save: (id, token, text) => told('execute', SAVE, [Buffer.from(text), id, token]),
    },
    { payload, context },
  );
}
