import { execFile } from 'node:child_process';
import { chmod, copyFile, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Application, type DatabaseGroup, type SessionOptions } from 'blitz-session';
import { expect } from 'chai';
import mysql from 'mysql2';
import mysqlPromise from 'mysql2/promise';
import pg from 'pg';
import { create, everything, failureOf, increment } from '../fixtures/redis-app.ts';
import { MariadbServer } from '../fixtures/servers/mariadb.ts';
import { PostgresServer } from '../fixtures/servers/postgres.ts';
import { serverProgram } from '../fixtures/servers/programs.ts';
import { until } from '../fixtures/servers/redis.ts';
import { freePort } from '../fixtures/servers/server-process.ts';
import { bootSql, closeSqlApps, SQL_SERVERS, type SqlServer } from '../fixtures/sql-app.ts';

const run = promisify(execFile);

function inEnglish(): void {
  const language = process.env['BLITZ_LANG'];
  before(() => {
    process.env['BLITZ_LANG'] = 'en';
  });
  after(() => {
    if (language === undefined) delete process.env['BLITZ_LANG'];
    else process.env['BLITZ_LANG'] = language;
  });
}

describe('sessions in a database: the table that savePath names', () => {
  inEnglish();

  const group: DatabaseGroup = { driver: 'postgre', port: 1 };
  for (const [title, savePath, prefix] of [
    ['nothing', '', ''],
    ['an injection', 'sessions; DROP TABLE users', ''],
    ['quotes', 'ses"sions', ''],
    ['a backquote', 'ses`sions', ''],
    ['letters with accents', 'séances', ''],
    ['a digit first', '1sessions', ''],
    ['too many dots', 'a.b.c', ''],
    ['an empty schema', '.sessions', ''],
    ['a name that is too long', 's'.repeat(64), ''],
    ['a prefix that is none', 'sessions', 'my-'],
  ] as const) {
    it(`refuses ${title}`, async () => {
      const error = await failureOf(bootSql({ ...group, prefix }, { savePath }));
      expect(error.code).to.equal('E_SESSION_SAVE_PATH');
      expect(error.message).to.contain('schema.sessions');
    });
  }
});

for (const [name, start] of SQL_SERVERS) {
  describe(`${name} at boot`, function () {
    this.timeout(30_000);
    inEnglish();
    let server: SqlServer;
    const schema = () => (server.driver === 'mysql' ? 'app' : 'public');

    before(async () => {
      server = await start();
    });

    after(() => server.stop());

    beforeEach(() => server.createTable());

    afterEach(closeSqlApps);

    async function works(group: DatabaseGroup, session: SessionOptions = {}): Promise<Application> {
      const app = await bootSql(group, session);
      expect(await increment(await create())).to.equal(1);
      return app;
    }

    async function refused(reason: RegExp, session: SessionOptions = {}): Promise<void> {
      const error = await failureOf(bootSql(server.group, session));
      expect(error.code).to.equal('E_SESSION_TABLE');
      expect(error.message).to.match(reason);
    }

    it('nobody there: a clear error within operation_timeout', async () => {
      const began = performance.now();
      const error = await failureOf(bootSql({ ...server.group, port: await freePort() }));
      expect(performance.now() - began).to.be.below(2000);
      expect([error.code, error.status]).to.deep.equal(['E_SESSION_BACKEND', 503]);
      expect(everything(error)).to.contain('ECONNREFUSED').and.not.contain('secret');
    });

    it('a server that starts meanwhile is waited for', async () => {
      await server.crash();
      const booting = works(server.group, { operation_timeout: 10 });
      await new Promise((resolve) => setTimeout(resolve, 300));
      await server.process.start();
      await booting;
    });

    it('a wrong password: refused at once, and shown nowhere', async () => {
      const began = performance.now();
      const error = await failureOf(
        bootSql({ ...server.group, password: 'not-the-one' }, { operation_timeout: 5 }),
      );
      expect(performance.now() - began).to.be.below(2000);
      expect(error.code).to.equal('E_SESSION_BACKEND');
      expect(everything(error)).to.match(/denied|authentication failed/);
      expect(everything(error))
        .to.not.contain('not-the-one')
        .and.not.match(/'web'|"web"/);
    });

    it('a database that is not there', async () => {
      const error = await failureOf(bootSql({ ...server.group, database: 'nowhere' }));
      expect(error.code).to.equal('E_SESSION_BACKEND');
    });

    it('no table: the commands that make it', () =>
      refused(/"nowhere".*does not exist.*klinge session:table, then npx klinge migrate/, {
        savePath: 'nowhere',
      }));

    it('a column that is missing', async () => {
      await server.sql('ALTER TABLE sessions DROP COLUMN lock_until');
      await refused(/column lock_until is missing.*klinge migrate/);
    });

    it('a column of a type that does not keep bytes', async () => {
      await server.sql('ALTER TABLE sessions DROP COLUMN data', 'ALTER TABLE sessions ADD data text');
      await refused(/column data is of the type text, not (?:.*blob|bytea)/);
    });

    it('a column that is too short for the ids', async () => {
      await server.sql(
        server.driver === 'mysql'
          ? 'ALTER TABLE sessions MODIFY id varchar(70) NOT NULL'
          : 'ALTER TABLE sessions ALTER id TYPE varchar(70)',
      );
      await refused(/id holds 70 characters, and 78 are needed.*cookie_name/);
      await works(server.group, { cookie_name: 'short' });
    });

    it('a primary key that does not go with matchIP, either way', async () => {
      await refused(/primary key is \(id\), and matchIP: true needs \(id, ip_address\)/, { matchIP: true });
      await server.createTable('sessions', { matchIP: true });
      await refused(/matchIP: false needs \(id\)/);
      await works(server.group, { matchIP: true });
    });

    it('each right that is missing', async () => {
      const account = server.driver === 'mysql' ? "reader@'127.0.0.1'" : 'reader';
      await server.sql(
        server.driver === 'mysql'
          ? `CREATE USER ${account} IDENTIFIED BY 'secret'`
          : `CREATE ROLE ${account} LOGIN PASSWORD 'secret'`,
      );
      const group = { ...server.group, username: 'reader' };
      const rights = ['SELECT', 'INSERT', 'UPDATE', 'DELETE'];
      for (const missing of rights.slice(1)) {
        const given = rights.filter((right) => right !== missing).join(', ');
        await server.sql(`GRANT ${given} ON sessions TO ${account}`);
        const error = await failureOf(bootSql(group));
        expect(error.message).to.match(new RegExp(`no right ${missing} .*GRANT`));
        expect(error.code).to.equal('E_SESSION_TABLE');
        await server.sql(`REVOKE ${given} ON sessions FROM ${account}`);
      }
      await server.sql(`GRANT ${rights.join(', ')} ON sessions TO ${account}`);
      await works(group);
    });

    it('a schema, and a prefix of the group', async () => {
      await server.createTable('web_sessions');
      await works({ ...server.group, prefix: 'web_' }, { savePath: `${schema()}.sessions` });
      expect(await server.sql('SELECT 1 FROM web_sessions')).to.have.length(1);
      expect(await server.sql('SELECT 1 FROM sessions')).to.have.length(0);
    });

    it('chooses the group: the one that is named, that of the environment, or default', async () => {
      const broken = { ...server.group, port: await freePort() };
      const boot = async (config: Parameters<typeof Application.boot>[0]) => {
        const app = await Application.boot({ root: '/nowhere', ...config });
        await app.close();
      };
      const session = { handler: 'database', savePath: 'sessions', operation_timeout: 0.5 } as const;
      await boot({
        config: { session: { ...session, group: 'web' }, database: { default: broken, web: server.group } },
      });
      await boot({
        config: { session, app: { env: 'shop' }, database: { default: broken, shop: server.group } },
      });
      await boot({
        config: { session, database: { connection: 'web', default: broken, web: server.group } },
      });
      const named = server.driver === 'mysql' ? 'mysql' : 'postgre';
      await boot({
        config: { session: { ...session, handler: named }, database: { default: server.group } },
      });
    });

    it('a pool that is handed over, which is ended with the application', async () => {
      const { host, port, username: user, password, database } = server.group;
      const options = { host, port, user, password, database };
      const pools =
        server.driver === 'mysql'
          ? [mysql.createPool({ ...options, connectionLimit: 3 }), mysqlPromise.createPool(options)]
          : [new pg.Pool({ ...options, max: 3 })];
      for (const pool of pools) {
        const app = await works({ driver: server.driver, pool });
        await Promise.all(Array.from({ length: 20 }, () => create()));
        // mysql2's own default is ten.
        expect(await server.connections()).to.be.within(1, 10);
        await app.close();
        await until('the connections are gone', async () => (await server.connections()) === 0, 2);
      }
    });
  });
}

describe('PostgreSQL without prepared statements', () => {
  it('works, for poolers that keep none', async () => {
    const server = await PostgresServer.start();
    try {
      await server.createTable();
      await bootSql({ ...server.group, pool: { prepare: false } });
      const id = await create();
      await Promise.all(Array.from({ length: 10 }, () => increment(id)));
      expect(await increment(id)).to.equal(11);
    } finally {
      await closeSqlApps();
      await server.stop();
    }
  });
});

describe('TLS and sockets of databases', function () {
  this.timeout(60_000);
  let certificates: string;

  before(async () => {
    certificates = await mkdtemp(join(tmpdir(), 'blitz-tls-'));
    const openssl = await serverProgram('openssl');
    const subject = ['-subj', '/CN=127.0.0.1', '-addext', 'subjectAltName=IP:127.0.0.1'];
    const key = ['-newkey', 'rsa:2048', '-nodes', '-keyout', 'key.pem', '-out', 'cert.pem'];
    await run(openssl, ['req', '-x509', ...key, ...subject], { cwd: certificates });
    await chmod(certificates, 0o755);
  });

  after(() => rm(certificates, { recursive: true, force: true }));

  afterEach(closeSqlApps);

  /** Each server takes its key only from its own account. */
  async function keyOf(user: string): Promise<string> {
    const file = join(certificates, `${user}.pem`);
    await copyFile(join(certificates, 'key.pem'), file);
    await chmod(file, 0o600);
    if (process.getuid?.() === 0) await run('chown', [user, file]);
    return file;
  }

  async function expectTls(server: SqlServer): Promise<void> {
    try {
      await server.createTable();
      const ca = await readFile(join(certificates, 'cert.pem'), 'utf8');
      await bootSql({ ...server.group, ssl: { ca } });
      expect(await increment(await create())).to.equal(1);
      await closeSqlApps();
      const error = await failureOf(bootSql({ ...server.group, ssl: true }));
      expect(error.code).to.equal('E_SESSION_BACKEND');
      expect(everything(error)).to.match(/self[- ]signed/i);
    } finally {
      await closeSqlApps();
      await server.stop();
    }
  }

  it('TLS to MariaDB, which is demanded', async () => {
    const cert = join(certificates, 'cert.pem');
    const args = [`--ssl-cert=${cert}`, `--ssl-key=${await keyOf('mysql')}`];
    const server = await MariadbServer.start({ args });
    await server.sql("ALTER USER web@'127.0.0.1' REQUIRE SSL");
    await expectTls(server);
  });

  it('TLS to PostgreSQL', async () => {
    const cert = join(certificates, 'cert.pem');
    const tls = ['ssl=on', `ssl_cert_file=${cert}`, `ssl_key_file=${await keyOf('postgres')}`];
    await expectTls(await PostgresServer.start({ args: tls.flatMap((setting) => ['-c', setting]) }));
  });

  it('a socket of each', async () => {
    const mariadb = await MariadbServer.start();
    const postgres = await PostgresServer.start();
    try {
      await Promise.all([mariadb.createTable(), postgres.createTable()]);
      await mariadb.sql(
        "CREATE USER web@localhost IDENTIFIED BY 'secret'",
        'GRANT ALL ON app.* TO web@localhost',
      );
      const folder = postgres.process.folder;
      const sockets: [SqlServer, string][] = [
        [mariadb, `${mariadb.process.folder}/s`],
        [postgres, `${folder}/.s.PGSQL.${postgres.port}`],
      ];
      for (const [server, socket] of sockets) {
        await bootSql({ ...server.group, host: 'nowhere.invalid', port: 1, socket });
        expect(await increment(await create())).to.equal(1);
        await closeSqlApps();
      }
    } finally {
      await closeSqlApps();
      await Promise.all([mariadb.stop(), postgres.stop()]);
    }
  });
});

describe('the database handlers without their libraries', () => {
  for (const [driver, library] of [
    ['mysql', 'mysql2'],
    ['postgre', 'pg'],
  ]) {
    it(`says to install ${library}`, async () => {
      const hide = `
        export async function resolve(name, context, next) {
          if (name !== '${library}') return next(name, context);
          throw Object.assign(new Error('hidden'), { code: 'ERR_MODULE_NOT_FOUND' });
        }`;
      const program = `
        import { register } from 'node:module';
        register('data:text/javascript,' + encodeURIComponent(${JSON.stringify(hide)}));
        const { Application } = await import('blitz-session');
        const session = { handler: 'database', savePath: 'sessions' };
        const config = { session, database: { default: { driver: '${driver}' } } };
        const error = await Application.boot({ root: '/nowhere', config }).catch((error) => error);
        console.log(JSON.stringify([error.code, error.message]));`;
      const args = process.env['TSX_TSCONFIG_PATH'] === undefined ? [] : ['--import', 'tsx'];
      const { stdout } = await run(process.execPath, [...args, '--input-type=module', '-e', program], {
        env: { ...process.env, BLITZ_LANG: 'en' },
      });
      const [code, message] = JSON.parse(stdout);
      expect(code).to.equal('E_PACKAGE_MISSING');
      expect(message).to.contain(`npm install ${library}`);
    });
  }
});
