import { existsSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { appWith, removeApps } from '../fixtures/config-app.js';
import { english, Klinge, klinge, linkPackages } from '../fixtures/klinge.js';
import { MariadbServer } from '../fixtures/servers/mariadb.ts';
import { PostgresServer } from '../fixtures/servers/postgres.ts';

type Server = MariadbServer | PostgresServer;

const MIGRATIONS = 'app/Database/Migrations';
const CREATE_A = '2026-01-01-000000_create_a';
const CREATE_B = '2026-01-02-000000_create_b';
const CREATE_C = '2026-01-03-000000_create_c';

/** A migration that makes a table; `before` runs first. */
const creates = (table: string, before = '', more = '') => `
  import { defineMigration } from 'blitz-session';

  export default defineMigration({
    ${more}
    async up(database) {
      await database.run('CREATE TABLE ${table} (a int)');
      ${before}
      await database.run('INSERT INTO ${table} (a) VALUES (1)');
    },
    async down(database) {
      await database.run('DROP TABLE ${table}');
    },
  });`;

/** A migration that waits until the test goes on. */
const PAUSE = `
      const { existsSync, writeFileSync } = await import('node:fs');
      writeFileSync('started', '');
      while (!existsSync('go')) await new Promise((done) => setTimeout(done, 20));`;

async function appears(file: string): Promise<void> {
  while (!existsSync(file)) await new Promise((done) => setTimeout(done, 20));
}

for (const [name, start] of [
  ['MariaDB', () => MariadbServer.start()],
  ['PostgreSQL', () => PostgresServer.start()],
] as const) {
  describe(`klinge migrate: ${name}`, () => {
    let server: Server;
    let prefixes = 0;

    before(async () => {
      server = await start();
    });
    after(async () => {
      await removeApps();
      await server.stop();
    });

    /** An application with these migrations, name → code. Each has its own prefix, and so its own table of migrations. */
    async function project(
      migrations: Record<string, string> = {},
      session: object = {},
      group: object = {},
    ): Promise<string> {
      const files = Object.entries(migrations).map(([file, code]) => [`${MIGRATIONS}/${file}.ts`, code]);
      const root = await appWith({
        'config/session.json': JSON.stringify({ handler: 'database', savePath: 'sessions', ...session }),
        'config/database.json': JSON.stringify({
          default: { ...server.group, prefix: `p${++prefixes}_`, ...group },
          other: server.group,
        }),
        ...Object.fromEntries(files),
      });
      await linkPackages(root, []);
      return root;
    }

    const tables = async () => {
      const schema = server.driver === 'mysql' ? 'app' : 'public';
      const rows = await server.sql(
        `SELECT table_name AS name FROM information_schema.tables WHERE table_schema = '${schema}'`,
      );
      return rows.map((row) => row['name']);
    };

    const columnsOf = async (table: string) =>
      (
        await server.sql(
          `SELECT column_name AS name FROM information_schema.columns WHERE table_name = '${table}' ORDER BY ordinal_position`,
        )
      ).map((row) => row['name']);

    const keyOf = async (table: string) =>
      (
        await server.sql(
          `SELECT column_name AS name FROM information_schema.key_column_usage WHERE table_name = '${table}' ORDER BY ordinal_position`,
        )
      ).map((row) => row['name']);

    const migration = async (args: readonly string[], root: string) => {
      const { code, out, error } = await klinge([...args, '--json'], root);
      expect(error).to.equal('');
      return { code, ...JSON.parse(out) };
    };

    /** Drops what `creates` made. */
    const dropAll = async (...names: string[]) => {
      for (const table of names) await server.sql(`DROP TABLE IF EXISTS ${inApp(table)}`);
    };
    const inApp = (table: string) => (server.driver === 'mysql' ? `app.${table}` : table);

    it('session:table, status, migrate, again, rollback', async () => {
      const root = await project({}, {}, { prefix: 'shop_' });
      expect((await klinge(['session:table'], root)).code).to.equal(0);
      const before = await klinge(['migrate:status'], root);
      expect({ code: before.code, error: before.error }).to.deep.equal({ code: 2, error: '' });
      expect(before.out).to.match(/^ {2}à appliquer +\S+_create_shop_sessions_table$/m);

      const { code, out, error } = await klinge(['migrate'], root);
      expect({ code, error }).to.deep.equal({ code: 0, error: '' });
      expect(out).to.include(`Groupe « default » : ${name} 1`).and.include(`127.0.0.1:${server.port}/app`);
      expect(out).to.match(/^1 migration appliquée en \d+ ms\.$/m);
      expect(await columnsOf('shop_sessions')).to.deep.equal([
        'id',
        'ip_address',
        'timestamp',
        'data',
        'lock_owner',
        'lock_until',
      ]);
      expect(await keyOf('shop_sessions')).to.deep.equal(['id']);

      const again = await klinge(['migrate'], root, english);
      expect(again.code).to.equal(0);
      expect(again.out).to.include('Nothing to apply (already there: 1).');
      expect((await migration(['migrate:status'], root)).migrations).to.have.nested.property('[0].batch', 1);

      const back = await klinge(['migrate:rollback'], root);
      expect(back.code).to.equal(0);
      expect(back.out).to.match(/^1 migration défaite en \d+ ms\.$/m);
      expect(await tables()).not.to.include('shop_sessions');
      expect((await klinge(['migrate:rollback'], root)).out).to.include('Rien à défaire.');
    });

    it('a table for matchIP holds one id of two addresses, and tells ids apart by case', async () => {
      const root = await project({}, { matchIP: true, savePath: 'seen' }, { prefix: '' });
      expect((await klinge(['session:table'], root)).code).to.equal(0);
      expect((await migration(['migrate'], root)).ok).to.equal(true);
      expect(await keyOf('seen')).to.deep.equal(['id', 'ip_address']);
      const insert = (id: string, ip: string) =>
        server.sql(`INSERT INTO ${inApp('seen')} (id, ip_address, data) VALUES ('${id}', '${ip}', 'x')`);
      await insert('s:ab', '127.0.0.1');
      await insert('s:ab', '2001:db8::1');
      await insert('s:AB', '127.0.0.1');
      const found = await server.sql(`SELECT id FROM ${inApp('seen')} WHERE id = 's:ab'`);
      expect(found).to.have.lengthOf(2);
      const twice = await insert('s:ab', '127.0.0.1').catch(() => 'refused');
      expect(twice).to.equal('refused');
    });

    it('three at once: one applies, one finds it done, the one that will not wait says so', async () => {
      const root = await project({ [CREATE_A]: creates('a', PAUSE) });
      const first = new Klinge(['migrate', '--json'], root);
      await appears(join(root, 'started'));
      const second = new Klinge(['migrate', '--json'], root);
      const hasty = await klinge(['migrate', '--wait', '0'], root);
      expect(hasty.code).to.equal(1);
      expect(hasty.error).to.include('un autre klinge travaille sur cette base depuis plus de 0 s');
      await writeFile(join(root, 'go'), '');
      expect([await first.ended, await second.ended]).to.deep.equal([0, 0]);
      const applied = [first, second].map(({ out }) => JSON.parse(out).applied.length);
      expect(applied).to.deep.equal([1, 0]);
      await dropAll('a');
    });

    it('a migration that fails is told and not recorded, and what follows is not tried', async () => {
      const bad = creates('b', "await database.run('NONSENSE');");
      const root = await project({ [CREATE_A]: creates('a'), [CREATE_B]: bad, [CREATE_C]: creates('c') });
      const { code, out, error } = await klinge(['migrate'], root);
      expect(code).to.equal(1);
      expect(out).to.include(`appliquée  ${CREATE_A}`).and.not.include(CREATE_B);
      expect(error)
        .to.include(`${CREATE_B} a échoué`)
        .and.match(/NONSENSE/)
        .and.not.match(/^\s+at /m);
      const made = await tables();
      expect(made).to.include('a').and.not.include('c');
      // Only PostgreSQL takes a table back.
      expect(made.includes('b')).to.equal(server.driver === 'mysql');
      await dropAll('b');

      const failed = await migration(['migrate'], root);
      expect({
        code: failed.code,
        ok: failed.ok,
        applied: failed.applied,
        before: failed.before,
      }).to.deep.equal({
        code: 1,
        ok: false,
        applied: [],
        before: 1,
      });
      expect(failed.failed.name).to.equal(CREATE_B);
      await dropAll('b');
      await writeFile(join(root, MIGRATIONS, `${CREATE_B}.ts`), creates('b'));
      expect((await migration(['migrate'], root)).applied).to.have.lengthOf(2);
      await dropAll('a', 'b', 'c');
    });

    it('rollback: the last batch, back to a batch, all; not without the file', async () => {
      const root = await project({ [CREATE_A]: creates('a') });
      const add = (file: string, table: string) =>
        writeFile(join(root, MIGRATIONS, `${file}.ts`), creates(table));
      await migration(['migrate'], root);
      await add(CREATE_B, 'b');
      await migration(['migrate'], root);
      await add(CREATE_C, 'c');
      expect((await migration(['migrate'], root)).batch).to.equal(3);

      const names = async (...args: string[]) =>
        (await migration(['migrate:rollback', ...args], root)).rolledBack.map(
          (step: { name: string }) => step.name,
        );
      await rm(join(root, MIGRATIONS, `${CREATE_A}.ts`));
      const { code, error } = await klinge(['migrate:rollback', '--all'], root);
      expect(code).to.equal(1);
      expect(error).to.include(`le fichier de ${CREATE_A} n’est plus là`);
      const { migrations } = await migration(['migrate:status'], root);
      const states = migrations.map(({ state }: { state: string }) => state);
      expect(states).to.deep.equal(['missing', 'applied', 'applied']);

      await add(CREATE_A, 'a');
      expect(await names()).to.deep.equal([CREATE_C]);
      expect(await names('--batch', '1')).to.deep.equal([CREATE_B]);
      expect(await tables())
        .to.include('a')
        .and.not.include('b');
      expect(await names('--all')).to.deep.equal([CREATE_A]);
      expect(await tables()).not.to.include('a');
    });

    it('a migration of another group waits for its own command', async () => {
      const root = await project({ [CREATE_A]: creates('a', '', "group: 'other',") });
      const { code, out } = await klinge(['migrate'], root);
      expect(code).to.equal(0);
      expect(out).to.include('klinge migrate --group other');
      expect(await tables()).not.to.include('a');
      expect((await migration(['migrate', '--group', 'other'], root)).applied).to.have.lengthOf(1);
      // One that names no group is of the default one.
      await writeFile(join(root, MIGRATIONS, `${CREATE_B}.ts`), creates('b'));
      const status = await klinge(['migrate:status', '--group', 'other'], root);
      expect(status.out).to.match(/klinge migrate --group default$/m);
      await dropAll('a');
    });

    it('a file that is no migration: its name, what it should be', async () => {
      const root = await project({ [CREATE_A]: 'export default { up() {} };' });
      const { code, error } = await klinge(['migrate'], root, english);
      expect(code).to.equal(1);
      expect(error).to.include(`${CREATE_A}.ts does not export an object { up, down }`);
      await writeFile(join(root, MIGRATIONS, `${CREATE_A}.js`), 'export default {};');
      const twice = await klinge(['migrate'], root, english);
      expect(twice.error).to.include('are the same migration');
    });

    it('a wrong password: the cause, and no password', async () => {
      const root = await project({}, {}, { password: 'wr0ng-one' });
      for (const args of [['migrate', '--json'], ['migrate:status']]) {
        const { code, out, error } = await klinge(args, root);
        expect({ code, out }).to.deep.equal({ code: 1, out: '' });
        expect(error)
          .to.match(/Access denied|password authentication failed/)
          .and.not.include('wr0ng-one')
          .and.not.include('secret');
      }
    });

    it('a connection that is killed in the middle: told, not recorded', async () => {
      const root = await project({ [CREATE_A]: creates('a', PAUSE) });
      const running = new Klinge(['migrate'], root);
      await appears(join(root, 'started'));
      await server.killConnections();
      await writeFile(join(root, 'go'), '');
      expect(await running.ended).to.equal(1);
      expect(running.error).to.match(/a échoué/);
      expect((await migration(['migrate:status'], root)).pending).to.equal(1);
      await dropAll('a');
    });
  });
}
