import { DatabaseHandler, MysqlHandler, PostgreHandler } from 'blitz-session';
import { handlerSuite } from 'blitz-session/testing';
import { after, before, describe, it } from 'mocha';
import { processSuite } from '../fixtures/process-suite.ts';
import { SQL_SERVERS, type SqlServer } from '../fixtures/sql-app.ts';

const runner = { describe, it, before, after };
const HANDLERS = { MariaDB: MysqlHandler, PostgreSQL: PostgreHandler };

for (const [name, start] of SQL_SERVERS) {
  describe(`sessions in ${name}`, () => {
    let server: SqlServer;

    before(async function () {
      this.timeout(60_000);
      server = await start();
      await server.createTable('sessions');
      await server.createTable('web_by_address', { matchIP: true });
    });

    after(() => server.stop());

    handlerSuite(runner, {
      name,
      handler: HANDLERS[name],
      savePath: () => 'sessions',
      database: () => ({ default: server.group }),
      locks: true,
    });

    handlerSuite(runner, {
      name: `${name}, by its group, with a prefix, few connections and matchIP`,
      handler: DatabaseHandler,
      savePath: () => 'by_address',
      database: () => ({ connection: 'web', web: { ...server.group, prefix: 'web_', pool: { max: 2 } } }),
      options: { matchIP: true },
      locks: true,
    });

    processSuite({
      name,
      options: () => ({ handler: 'database', savePath: 'sessions' }),
      database: () => ({ default: server.group }),
      freedAtOnce: false,
      kills: 12,
    });
  });
}
