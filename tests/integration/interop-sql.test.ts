import { HandlerRegistry } from 'blitz-session';
import { handlerSuite } from 'blitz-session/testing';
import { after, before, describe, it } from 'mocha';
import { sqlLockSuite } from '../fixtures/interop-sql-locks.ts';
import { interopSuite } from '../fixtures/interop-suite.ts';
import type { PhpOptions } from '../fixtures/php-server.ts';
import { SQL_SERVERS, type SqlServer } from '../fixtures/sql-app.ts';

const runner = { describe, it, before, after };

/** How PHP reaches the same table. */
function phpOptions(server: SqlServer, savePath: string): PhpOptions {
  const { port } = server;
  const [store, scheme] =
    server.driver === 'mysql' ? (['mysql', 'mysql'] as const) : (['postgre', 'pgsql'] as const);
  const dsn = `${scheme}:host=127.0.0.1;port=${port};dbname=app`;
  return { peer: 'blitzphp', store, savePath, dsn, user: 'php', password: 'secret' };
}

for (const [name, start] of SQL_SERVERS) {
  describe(`sessions that PHP keeps in ${name}`, () => {
    let server: SqlServer;

    before(async function () {
      this.timeout(60_000);
      server = await start();
      await server.createTable('sessions', { shared: true });
      await server.sql(
        ...(server.driver === 'mysql'
          ? ["CREATE USER php@'127.0.0.1' IDENTIFIED BY 'secret'", "GRANT ALL ON app.* TO php@'127.0.0.1'"]
          : ['CREATE ROLE php LOGIN', 'GRANT ALL ON sessions TO php']),
      );
      await server.createTable('by_address', { matchIP: true, shared: true });
    });

    after(() => server.stop());

    interopSuite({
      name,
      rush: 500,
      start: async () => ({
        node: {
          session: { handler: 'database', savePath: 'sessions', interop: 'php', gc_probability: 0 },
          database: { default: server.group },
        },
        php: phpOptions(server, 'sessions'),
      }),
      stored: async (id) => {
        const sql = `SELECT data, timestamp FROM sessions WHERE id = 'blitz_session:${id}'`;
        const [row] = await server.sql(sql);
        if (row === undefined) return undefined;
        return { bytes: row['data'] as Buffer, renewed: Number(row['timestamp']) };
      },
    });

    handlerSuite(runner, {
      name: `${name} beside PHP, with few connections and matchIP`,
      handler: new HandlerRegistry().resolve('database', true),
      savePath: () => 'by_address',
      database: () => ({ default: { ...server.group, pool: { max: 3 } } }),
      options: { matchIP: true },
      locks: true,
    });

    sqlLockSuite(name, () => server);
  });
}
