import { readdir, readFile } from 'node:fs/promises';
import { createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { expect } from 'chai';
import { appWith, removeApps } from '../fixtures/config-app.js';
import { english, klinge, linkPackages } from '../fixtures/klinge.js';

const MIGRATIONS = 'app/Database/Migrations';

const GROUP = { driver: 'mysql', host: '127.0.0.1', port: 9, username: 'web', password: 'tr3s-secret' };

/** An application whose sessions are in a table; `database` is the default group. */
function project(
  session: object = {},
  group: object = {},
  files: Record<string, string> = {},
): Promise<string> {
  return appWith({
    'config/session.json': JSON.stringify({ handler: 'database', savePath: 'sessions', ...session }),
    'config/database.json': JSON.stringify({ default: { ...GROUP, database: 'boutique', ...group } }),
    ...files,
  });
}

const written = (root: string) => readdir(join(root, MIGRATIONS)).catch(() => []);

describe('klinge session:table', () => {
  after(removeApps);

  it('--print: the SQL for MySQL, and nothing else', async () => {
    const root = await project();
    const { code, out, error } = await klinge(['session:table', '--print'], root);
    expect({ code, error }).to.deep.equal({ code: 0, error: '' });
    expect(out).to.equal(
      [
        'CREATE TABLE `sessions` (',
        '  id varchar(128) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,',
        '  ip_address varchar(45) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,',
        '  timestamp timestamp NOT NULL DEFAULT CURRENT_TIMESTAMP,',
        '  data mediumblob NOT NULL,',
        '  lock_owner varchar(32) CHARACTER SET ascii COLLATE ascii_bin NULL DEFAULT NULL,',
        '  lock_until timestamp(6) NULL DEFAULT NULL,',
        '  PRIMARY KEY (id),',
        '  KEY `sessions_timestamp` (timestamp)',
        ') ENGINE=InnoDB;',
        '',
      ].join('\n'),
    );
    expect(await written(root)).to.deep.equal([]);
  });

  it('--print: the SQL for PostgreSQL, with a schema, a prefix and matchIP', async () => {
    const root = await project(
      { savePath: 'site.sessions', matchIP: true },
      { driver: 'postgre', prefix: 'w_' },
    );
    expect((await klinge(['session:table', '--print'], root)).out).to.equal(
      [
        'CREATE TABLE "site"."w_sessions" (',
        '  id varchar(128) NOT NULL,',
        '  ip_address inet NOT NULL,',
        '  timestamp timestamptz NOT NULL DEFAULT CURRENT_TIMESTAMP,',
        "  data bytea NOT NULL DEFAULT '',",
        '  lock_owner varchar(32) NULL DEFAULT NULL,',
        '  lock_until timestamptz NULL DEFAULT NULL,',
        '  PRIMARY KEY (id, ip_address)',
        ');',
        '',
        'CREATE INDEX "w_sessions_timestamp" ON "site"."w_sessions" (timestamp);',
        '',
      ].join('\n'),
    );
    const json = JSON.parse((await klinge(['session:table', '--print', '--json'], root)).out);
    expect({ ...json, sql: json.sql.length }).to.deep.equal({
      table: 'site.w_sessions',
      driver: 'postgre',
      matchIP: true,
      sql: 2,
    });
  });

  it('under interop: the four columns of PHP, and no others', async () => {
    for (const driver of ['mysql', 'postgre']) {
      const root = await project({ interop: 'php' }, { driver });
      const { code, out, error } = await klinge(['session:table', '--print'], root);
      expect({ code, error }).to.deep.equal({ code: 0, error: '' });
      expect(out).to.match(
        / data (?:mediumblob NOT NULL|bytea NOT NULL DEFAULT ''),\n {2}PRIMARY KEY \(id\)/,
      );
      expect(out).to.not.contain('lock_');
      await klinge(['session:table'], root);
      const [name = ''] = await written(root);
      expect(await readFile(join(root, MIGRATIONS, name), 'utf8')).to.include('que PHP partage');
    }
  });

  it('writes one migration a table; --force puts another in its place, under its name', async () => {
    const root = await project({ group: 'default' });
    const first = await klinge(['session:table'], root);
    expect({ code: first.code, error: first.error }).to.deep.equal({ code: 0, error: '' });
    const [name = '', ...others] = await written(root);
    expect(others).to.deep.equal([]);
    expect(name).to.match(/^\d{4}-\d{2}-\d{2}-\d{6}_create_sessions_table\.ts$/);
    expect(first.out).to.include(`écrite  ${MIGRATIONS}/${name}`).and.include('npx klinge migrate');
    const code = await readFile(join(root, MIGRATIONS, name), 'utf8');
    expect(code)
      .to.include("group: 'default'")
      .and.include('La table des sessions\u00a0:')
      .and.include('DROP TABLE `sessions`')
      .and.include('PRIMARY KEY (id)');

    const again = await klinge(['session:table'], root);
    expect({ code: again.code, out: again.out }).to.deep.equal({ code: 1, out: '' });
    expect(again.error).to.include(`${MIGRATIONS}/${name} crée déjà cette table`);

    const forced = await klinge(['session:table', '--force', '--json'], root, {
      ...english,
      SESSION_MATCH_IP: 'true',
    });
    expect(JSON.parse(forced.out)).to.deep.equal({
      table: 'sessions',
      driver: 'mysql',
      matchIP: true,
      path: `${MIGRATIONS}/${name}`,
      state: 'replaced',
    });
    expect(await written(root)).to.deep.equal([name]);
    expect(await readFile(join(root, MIGRATIONS, name), 'utf8'))
      .to.include('The table of sessions:')
      .and.include('PRIMARY KEY (id, ip_address)');
  });

  it('--group: a table of the same name in another group has a migration of its own', async () => {
    const groups = { connection: 'web', web: GROUP, archive: { ...GROUP, driver: 'postgre' } };
    const root = await project({}, {}, { 'config/database.json': JSON.stringify(groups) });
    await linkPackages(root, []);
    const table = async (...args: string[]) => {
      const { code, out, error } = await klinge(['session:table', '--json', ...args], root);
      expect({ code, error }).to.deep.equal({ code: 0, error: '' });
      return JSON.parse(out);
    };
    const web = await table();
    expect(web.path).to.match(/_create_sessions_table\.ts$/);
    const first = await klinge(['session:table', '--group', 'archive'], root);
    const path = /écrite {2}(\S+)/.exec(first.out)?.[1] ?? '';
    expect(path).to.match(/_create_sessions_table_in_archive\.ts$/);
    expect(first.out).to.match(/^ {2}npx klinge migrate --group archive$/m);
    const code = await readFile(join(root, path), 'utf8');
    expect(code).to.include("group: 'archive'").and.include('data bytea');

    // Each group knows its own again, however the group is chosen.
    const refusals = [
      [path, ['--group', 'archive'], {}],
      [path, [], { SESSION_GROUP: 'archive' }],
      [web.path, [], {}],
      [web.path, ['--group', 'web'], {}],
    ] as const;
    for (const [known, args, env] of refusals) {
      const again = await klinge(['session:table', ...args], root, env);
      expect(again.error, args.join(' ')).to.include(`${known} crée déjà cette table`);
    }
    expect(await table('--group', 'archive', '--force')).to.include({ path, state: 'replaced' });
    expect(await written(root)).to.have.lengthOf(2);
    expect((await table('--group', 'archive', '--print')).driver).to.equal('postgre');
    const unknown = await klinge(['session:table', '--group', 'attic'], root);
    expect(unknown.error).to.include('le groupe « attic » n’est pas dans config/database (web, archive)');
  });

  for (const [title, files, extension] of [
    ['JavaScript alone', { 'config/app.js': 'export default {};' }, 'js'],
    ['JavaScript in CommonJS', { 'package.json': '{}', 'config/app.cjs': 'module.exports = {};' }, 'mjs'],
    ['both', { 'config/app.js': 'export default {};', 'tsconfig.json': '{}' }, 'ts'],
  ] as const) {
    it(`a project with ${title}: a file in .${extension}`, async () => {
      const root = await project({}, {}, files);
      expect((await klinge(['session:table'], root)).code).to.equal(0);
      expect(await written(root)).to.match(new RegExp(`_create_sessions_table\\.${extension}$`));
    });
  }

  for (const [title, session, sentence] of [
    ['a handler without a table', { handler: 'file' }, 'le gestionnaire « file » ne range pas'],
    ['no table', { savePath: '' }, 'doit nommer une table'],
    ['what is no name', { savePath: 'sessions; DROP' }, 'doit nommer une table'],
    ['a name that is too long', { savePath: 's'.repeat(54) }, 'doit nommer une table'],
  ] as const) {
    it(`refuses ${title}`, async () => {
      const root = await project(session);
      const { code, out, error } = await klinge(['session:table', '--print'], root);
      expect({ code, out }).to.deep.equal({ code: 1, out: '' });
      expect(error)
        .to.include(sentence)
        .and.not.match(/^\s+at /m);
    });
  }
});

/** A process in which these packages are not installed. */
function without(names: readonly string[]): Record<string, string> {
  const hook = `export function resolve(specifier, context, next) {
    if (!${JSON.stringify(names)}.includes(specifier)) return next(specifier, context);
    throw Object.assign(new Error('Cannot find package'), { code: 'ERR_MODULE_NOT_FOUND' });
  }`;
  const url = (code: string) => `data:text/javascript,${encodeURIComponent(code)}`;
  const main = `import { register } from 'node:module'; register(${JSON.stringify(url(hook))});`;
  return { NODE_OPTIONS: `--import ${url(main)}` };
}

describe('klinge migrate: a database that cannot be used', () => {
  after(removeApps);

  for (const [driver, name] of [
    ['mysql', 'mysql2'],
    ['postgre', 'pg'],
  ] as const) {
    it(`${driver} without its package: which one to install`, async () => {
      const root = await project({}, { driver });
      const { code, out, error } = await klinge(['migrate'], root, without([name, `${name}/promise`]));
      expect({ code, out }).to.deep.equal({ code: 1, out: '' });
      expect(error).to.include(`npm install ${name}`);
    });

    it(`${driver}, nobody there: the address, the cause, never the password`, async () => {
      const root = await project({}, { driver });
      const { code, out, error } = await klinge(['migrate:status'], root);
      expect({ code, out }).to.deep.equal({ code: 1, out: '' });
      expect(error)
        .to.include(`La base du groupe « default » (${driver}, 127.0.0.1:9/boutique) a échoué`)
        .and.include('ECONNREFUSED')
        .and.not.include('tr3s-secret');
    });

    it(`${driver}, a server that says nothing: given up in time`, async () => {
      const sockets: Socket[] = [];
      const silent = createServer((socket) => sockets.push(socket));
      const port = await new Promise<number>((done) => {
        silent.listen(0, '127.0.0.1', () => done((silent.address() as { port: number }).port));
      });
      try {
        const root = await project({ operation_timeout: 0.3 }, { driver, port });
        const start = performance.now();
        const { code, error } = await klinge(['migrate'], root, english);
        expect(code).to.equal(1);
        expect(error).to.include('The database of the group "default"');
        expect(performance.now() - start).to.be.below(15_000);
      } finally {
        for (const socket of sockets) socket.destroy();
        silent.close();
      }
    });
  }

  it('a group that is not there, a number that is none', async () => {
    const root = await project();
    const group = await klinge(['migrate', '--group', 'archive'], root);
    expect(group.code).to.equal(1);
    expect(group.error).to.include('le groupe « archive » n’est pas dans config/database (default)');
    const wait = await klinge(['migrate', '--wait', 'peu'], root, english);
    expect(wait.code).to.equal(1);
    expect(wait.error).to.include('--wait takes a whole number');
  });
});

describe('klinge about: a database behind the sessions', () => {
  after(removeApps);

  it('tells the group and the address, and warns of an open way to another machine', async () => {
    const root = await project({ operation_timeout: 0.2 }, { host: '192.0.2.1', port: 3306 });
    const { code, out } = await klinge(['about', '--json'], root);
    const told = JSON.parse(out);
    expect(code).to.equal(1);
    expect(out).not.to.include('tr3s-secret');
    expect(told.application.savePath).to.equal('sessions');
    expect(told.application.database).to.deep.equal({
      group: 'default',
      place: 'mysql, 192.0.2.1:3306/boutique',
    });
    const options = told.production.map(({ option }: { option: string }) => option);
    expect(options).to.include('database.default.ssl');
    const words = await klinge(['about'], await project({}, { ssl: true, host: '192.0.2.1' }), {
      SESSION_OPERATION_TIMEOUT: '0.2',
    });
    expect(words.out).to.match(/^ {2}base +default \(mysql, 192\.0\.2\.1:9\/boutique\)$/m);
    expect(words.out).not.to.include('database.default.ssl');
  });
});
