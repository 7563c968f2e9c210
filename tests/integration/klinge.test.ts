import { readdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Application, Session } from 'blitz-session';
import { expect } from 'chai';
import { appWith, removeApps } from '../fixtures/config-app.js';
import { BIN, english, HERE, klinge } from '../fixtures/klinge.js';

interface Listed {
  readonly version: string;
  readonly commands: readonly {
    readonly name: string;
    readonly description: string;
    readonly options: readonly { readonly flags: string; readonly description: string }[];
  }[];
}

const NAMES = [
  'init',
  'list',
  'about',
  'serve',
  'config:check',
  'session:table',
  'migrate',
  'migrate:rollback',
  'migrate:status',
  'session:gc',
];

describe('klinge', () => {
  after(removeApps);

  it('lists its commands, also when none is named', async () => {
    const { code, out, error } = await klinge(['list']);
    expect({ code, error }).to.deep.equal({ code: 0, error: '' });
    expect(out).to.match(/^ {2}list {14}Affiche la liste des commandes\.$/m);
    expect(out).to.match(/^ {2}session:gc {8}Supprime les sessions expirées\.$/m);
    expect((await klinge([])).out).to.equal(out);
    expect((await klinge(['list'], HERE, english)).out).to.match(/^ {2}session:gc {8}Deletes expired/m);
  });

  it('list --json: every command with its options, in the chosen language', async () => {
    const listed = async (env = {}) =>
      JSON.parse((await klinge(['list', '--json'], HERE, env)).out) as Listed;
    const french = await listed();
    expect(french.commands.map(({ name }) => name)).to.deep.equal(NAMES);
    const gc = french.commands.at(-1);
    expect(gc?.description).to.equal('Supprime les sessions expirées.');
    expect(gc?.options.map(({ flags }) => flags)).to.deep.equal(['--json']);
    expect((await listed(english)).commands.at(-1)?.description).to.equal('Deletes expired sessions.');
  });

  it('colours its output on a terminal or when asked, never in a pipe nor in JSON', async () => {
    const sequence = '\u001b[';
    expect((await klinge(['list'])).out).not.to.include(sequence);
    expect((await klinge(['list'], HERE, { FORCE_COLOR: '1' })).out).to.include(sequence);
    expect((await klinge(['list'], HERE, { FORCE_COLOR: '0' })).out).not.to.include(sequence);
    expect((await klinge(['list', '--json'], HERE, { FORCE_COLOR: '1' })).out).not.to.include(sequence);
  });

  it('imports for the list nothing but commander and its own few files', async () => {
    const seen = new Set<string>();
    const packages = new Set<string>();
    const visit = async (file: string): Promise<void> => {
      if (seen.has(file)) return;
      seen.add(file);
      const code = await readFile(file, 'utf8');
      for (const match of code.matchAll(/^(?:import|export)\b(?:[^;'"]*\bfrom)?\s*['"]([^'"]+)['"];$/gm)) {
        const name = match[1] as string;
        if (name.startsWith('.')) await visit(join(dirname(file), name));
        else if (!name.startsWith('node:')) packages.add(name);
      }
    };
    await visit(BIN);
    expect([...packages]).to.deep.equal(['commander']);
    expect(seen.size).to.be.greaterThan(3).and.lessThan(20);
  });

  it('is executable and tells the version of the package', async () => {
    expect(await readFile(BIN, 'utf8')).to.match(/^#!\/usr\/bin\/env node\n/);
    const { version } = JSON.parse(
      await readFile(new URL('../../package.json', import.meta.url), 'utf8'),
    ) as { version: string };
    expect(await klinge(['--version'])).to.deep.equal({ code: 0, out: `${version}\n`, error: '' });
  });

  it('helps in both languages, on the standard output', async () => {
    const french = await klinge(['--help']);
    expect(french.code).to.equal(0);
    expect(french.out).to.include('Utilisation : klinge <commande> [options]').and.include('Commandes :');
    expect((await klinge(['--help'], HERE, english)).out).to.include('Usage: klinge <command> [options]');
    const command = await klinge(['session:gc', '--help']);
    expect(command.code).to.equal(0);
    expect(command.out).to.include('Supprime les sessions expirées.').and.include('--json');
    expect((await klinge(['help', 'session:gc'])).out).to.equal(command.out);
    const serve = await klinge(['serve', '--help'], HERE, english);
    expect(serve.out).to.include('Serves the application').and.include('else PORT, else 3000');
  });

  for (const [args, french, suggestion] of [
    [['sesion:gc'], 'erreur : commande inconnue « sesion:gc »', '(Vouliez-vous dire « session:gc » ?)'],
    [['session:gc', '--jsn'], 'erreur : option inconnue « --jsn »', '(Vouliez-vous dire « --json » ?)'],
    [['--verson'], 'erreur : option inconnue « --verson »', '(Vouliez-vous dire « --version » ?)'],
    [['serve', '--port'], 'erreur : il manque une valeur à l’option « --port <port> »', ''],
    [['list', 'a', 'b'], 'erreur : trop d’arguments pour « list » : 0 attendu, 2 reçu.', ''],
  ] as const) {
    it(`refuses: klinge ${args.join(' ')}`, async () => {
      const { code, out, error } = await klinge([...args]);
      expect({ code, out }).to.deep.equal({ code: 1, out: '' });
      const lines = error.trimEnd().split('\n');
      expect(lines[0]).to.equal(french);
      if (suggestion !== '') expect(lines[1]).to.equal(suggestion);
      expect(lines.at(-1)).to.include('« klinge list »');
    });
  }

  it('refuses in English too', async () => {
    const { code, error } = await klinge(['sesion:gc'], HERE, english);
    expect(code).to.equal(1);
    expect(error).to.match(/^error: unknown command 'sesion:gc'\n\(Did you mean session:gc\?\)\n/);
  });
});

describe('klinge session:gc', () => {
  after(removeApps);

  it('deletes what has expired in the application of the current directory', async () => {
    const root = await appWith({
      'config/session.ts': "export default { handler: 'file', expiration: 1 as number };",
    });
    const app = await Application.boot({ root });
    try {
      for (let n = 0; n < 3; n++) await Session.run(undefined, (session) => session.put('n', n));
    } finally {
      await app.close();
    }
    const records = async () =>
      (await readdir(join(root, 'storage/framework/session'))).filter((name) => !name.startsWith('.'));
    expect(await records()).to.have.lengthOf(3);
    await new Promise((resolve) => setTimeout(resolve, 1200));
    const { code, out, error } = await klinge(['session:gc'], root);
    expect({ code, error }).to.deep.equal({ code: 0, error: '' });
    expect(out).to.match(/^3 sessions expirées supprimées en \d+ ms\.\n$/);
    expect(await records()).to.deep.equal([]);
    expect((await klinge(['session:gc'], root)).out).to.match(/^0 session expirée supprimée en \d+ ms\.\n$/);
    expect((await klinge(['session:gc'], root, english)).out).to.match(/^0 expired sessions deleted in/);
  });

  const handler = (gc: string) => `
    export default {
      handler: class Sample {
        constructor(options, request) { this.request = request; }
        read() { return ''; }
        open() {} close() {} write() {} destroy() {}
        gc() { ${gc} }
      },
    };`;

  it('on a terminal tells how far it is and for how long, and leaves nothing of that', async () => {
    const slow = 'this.request.progress(12); return new Promise((done) => setTimeout(done, 2300, 41));';
    const root = await appWith({ 'config/session.mjs': handler(slow) });
    const [plain, terminal] = await Promise.all([
      klinge(['session:gc'], root),
      klinge(['session:gc', '--json'], root, { FORCE_COLOR: '1' }),
    ]);
    expect({ code: plain.code, error: plain.error }).to.deep.equal({ code: 0, error: '' });
    expect(terminal.error).to.match(/^\r\u001b\[KSessions expirées supprimées : 12, en 1 s…/);
    expect(terminal.error.endsWith('\r\u001b[K')).to.equal(true);
    expect(JSON.parse(terminal.out).deleted).to.equal(41);
  });

  it('--json prints one object', async () => {
    const root = await appWith({ 'config/session.mjs': handler('return 41;') });
    const { code, out } = await klinge(['session:gc', '--json'], root);
    expect(code).to.equal(0);
    const { deleted, milliseconds, ...rest } = JSON.parse(out) as Record<string, number>;
    expect({ deleted, rest }).to.deep.equal({ deleted: 41, rest: {} });
    expect(milliseconds).to.be.at.least(0);
  });

  it('a store that fails: the sentence and its cause, no stack, exit code 1', async () => {
    const root = await appWith({ 'config/session.mjs': handler("throw new Error('out of order');") });
    const { code, out, error } = await klinge(['session:gc'], root);
    expect({ code, out }).to.deep.equal({ code: 1, out: '' });
    expect(error).to.match(/^Le stockage des sessions \(gestionnaire « Sample »\) a échoué pendant « gc »/);
    expect(error)
      .to.include('(Error: out of order)')
      .and.not.match(/^\s+at /m);
  });

  it('a configuration with a fault: the list of faults, no stack, exit code 1', async () => {
    const root = await appWith({ 'config/session.json': '{ "expiraton": 60 }' });
    const french = await klinge(['session:gc'], root);
    expect({ code: french.code, out: french.out }).to.deep.equal({ code: 1, out: '' });
    expect(french.error).to.match(/^Configuration refusée :\n- config\/session\.json : « expiraton »/);
    expect(french.error).not.to.match(/^\s+at /m);
    const { error } = await klinge(['session:gc'], root, english);
    expect(error).to.match(/^Configuration refused:\n/);
  });
});
