import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { appWith, removeApps } from '../fixtures/config-app.js';
import { KERNEL, Klinge, klinge, linkPackages } from '../fixtures/klinge.js';
import { MariadbServer } from '../fixtures/servers/mariadb.ts';
import { PostgresServer } from '../fixtures/servers/postgres.ts';

type Server = MariadbServer | PostgresServer;

for (const [name, start] of [
  ['MariaDB', () => MariadbServer.start()],
  ['PostgreSQL', () => PostgresServer.start()],
] as const) {
  describe(`klinge: from an empty folder to sessions in ${name}`, () => {
    let server: Server;
    before(async () => {
      server = await start();
    });
    after(async () => {
      await removeApps();
      await server.stop();
    });

    /** As the guide tells it, from the files that `klinge init` wrote. */
    async function configure(root: string): Promise<void> {
      const { password, ...others } = server.group;
      const group = `{ ...${JSON.stringify(others)}, password: env['DB_PASSWORD'] ?? '' }`;
      await writeFile(
        join(root, 'config/database.ts'),
        `import { defineDatabase } from 'blitz-session';
        export default defineDatabase(({ env }) => ({ default: ${group} }));`,
      );
      await writeFile(join(root, '.env'), `DB_PASSWORD=${password}\n`);
      const file = join(root, 'config/session.ts');
      const code = await readFile(file, 'utf8');
      await writeFile(
        file,
        code
          .replace("// handler: 'file'", "handler: 'database'")
          .replace("'storage/framework/session'", "'sessions'"),
      );
    }

    it('init, session:table, migrate, serve; then SELECT, about, session:gc', async () => {
      const root = await appWith();
      await linkPackages(root, KERNEL);
      expect((await klinge(['init', '--no-install'], root)).code).to.equal(0);
      await configure(root);

      const early = await klinge(['about', '--json'], root);
      expect(early.code).to.equal(1);
      expect(JSON.parse(early.out).store.failure.message).to.include('npx klinge session:table');

      for (const command of ['session:table', 'migrate']) {
        const { code, error } = await klinge([command], root);
        expect({ code, error }).to.deep.equal({ code: 0, error: '' });
      }
      const { scripts } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'));
      expect(scripts.start).to.equal('klinge serve');
      const serving = new Klinge(['serve', '--port', '0'], root);
      try {
        const url = await serving.url();
        const first = await fetch(url);
        const cookie = first.headers.getSetCookie()[0]?.split(';')[0] ?? '';
        expect(await first.text()).to.include('<strong>1</strong>');
        expect(await (await fetch(url, { headers: { cookie } })).text()).to.include('<strong>2</strong>');
      } finally {
        serving.child.kill('SIGTERM');
        await serving.ended;
      }
      const [row, ...others] = await server.sql(
        `SELECT id, ip_address, data, lock_owner FROM ${server.driver === 'mysql' ? 'app.' : ''}sessions`,
      );
      expect(others).to.deep.equal([]);
      expect(row?.['id']).to.match(/^blitz_session:[0-9a-f]{64}$/);
      expect({ ip: row?.['ip_address'], owner: row?.['lock_owner'] }).to.deep.equal({
        ip: '127.0.0.1',
        owner: null,
      });
      expect(JSON.parse(String(row?.['data']))).to.include({ visits: 2 });

      const about = await klinge(['about', '--json'], root);
      expect(about.code).to.equal(0);
      const { store, application } = JSON.parse(about.out);
      expect({ reachable: store.reachable, lock: store.lock }).to.deep.equal({
        reachable: true,
        lock: 'store',
      });
      expect(application.database.place).to.equal(`${server.driver}, 127.0.0.1:${server.port}/app`);
      expect(about.out).not.to.include('secret');
      const gc = await klinge(['session:gc', '--json'], root);
      expect(JSON.parse(gc.out).deleted).to.equal(0);
    });
  });
}
