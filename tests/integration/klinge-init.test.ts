import { spawn } from 'node:child_process';
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join, resolve } from 'node:path';
import { Application } from 'blitz-session';
import { expect } from 'chai';
import { english, KERNEL, Klinge, klinge, linkPackages, ROOT } from '../fixtures/klinge.js';

interface Init {
  readonly ok: boolean;
  readonly files: readonly { readonly path: string; readonly state: string; readonly because?: string }[];
  readonly packageJson: { readonly created: boolean; readonly added: string[]; readonly kept: string[] };
  readonly packages: readonly { readonly name: string; readonly installed: string | null }[];
  readonly install?: { readonly command: string; readonly ok: boolean | null };
  readonly unreachable?: string;
}

const FILES = [
  'config/session.ts',
  'config/cookie.ts',
  'config/app.ts',
  'config/routes.ts',
  'app/Controllers/HomeController.ts',
  'app/Listeners/.gitkeep',
  'app/Views/layouts/main.eta',
  'app/Views/home.eta',
  'public/style.css',
  'storage/.gitignore',
  '.gitignore',
  '.env.example',
  'tsconfig.json',
];

/** What `npm install ./blitz-session.tgz` leaves in an empty folder. */
const AFTER_INSTALL = '{\n  "dependencies": {\n    "blitz-session": "file:blitz-session-0.1.0.tgz"\n  }\n}\n';

describe('klinge init', () => {
  const made: string[] = [];
  after(async () => {
    for (const root of made) await rm(root, { recursive: true, force: true });
  });

  async function project(files: Record<string, string> = { 'package.json': AFTER_INSTALL }): Promise<string> {
    const root = await mkdtemp(join(tmpdir(), 'Ma Boutique-'));
    made.push(root);
    for (const [path, text] of Object.entries(files)) {
      await mkdir(dirname(join(root, path)), { recursive: true });
      await writeFile(join(root, path), text);
    }
    return root;
  }

  const read = (root: string, path: string) => readFile(join(root, path), 'utf8');
  const packageOf = async (root: string) => JSON.parse(await read(root, 'package.json'));
  const init = async (root: string, args: string[] = [], env: Record<string, string> = {}) => {
    const { code, out, error } = await klinge(['init', '--json', ...args], root, env);
    return { code, error, ...(JSON.parse(out) as Init) };
  };
  const stateOf = (files: Init['files'], path: string) => files.find((file) => file.path === path)?.state;

  async function ready(env: Record<string, string> = {}): Promise<string> {
    const root = await project();
    await linkPackages(root);
    const { code, ok } = await init(root, [], env);
    expect({ code, ok }).to.deep.equal({ code: 0, ok: true });
    return root;
  }

  it('writes a project that `klinge serve` answers with, session and message included', async () => {
    const root = await ready();
    const served = new Klinge(['serve', '--port', '0'], root);
    try {
      const url = await served.url();
      const first = await fetch(url);
      expect(first.status).to.equal(200);
      const cookie = first.headers.getSetCookie()[0]?.split(';')[0] ?? '';
      const page = await first.text();
      expect(page)
        .to.match(/<html lang="fr">/)
        .and.match(/<strong>1<\/strong>/);
      const token = /name="_token" value="([^"]+)"/.exec(page)?.[1] ?? '';
      const action = /action="([^"]+)"/.exec(page)?.[1] ?? '';
      expect(await (await fetch(url, { headers: { cookie } })).text()).to.include('<strong>2</strong>');
      const posted = await fetch(new URL(action, url), {
        method: 'POST',
        headers: { cookie },
        body: new URLSearchParams({ _token: token }),
        redirect: 'manual',
      });
      expect([posted.status, posted.headers.get('location')]).to.deep.equal([303, '/']);
      const again = await (await fetch(url, { headers: { cookie } })).text();
      expect(again)
        .to.match(/role="status">Le compteur repart de un\./)
        .and.include('<strong>1</strong>');
      expect((await fetch(new URL(action, url), { method: 'POST', headers: { cookie } })).status).to.equal(
        419,
      );
      const style = await fetch(new URL('/style.css', url));
      expect(style.headers.get('content-type')).to.match(/^text\/css/);
    } finally {
      served.child.kill('SIGTERM');
    }
    expect(await served.ended).to.equal(0);
    expect((await klinge(['about'], root)).code).to.equal(0);
    expect((await klinge(['config:check'], root)).out).to.match(/secure = auto {2}\[config\/cookie\.ts\]/);
  });

  it('runs below NODE_ENV=test too, in memory', async () => {
    const root = await ready();
    const app = await Application.boot({ root, config: { session: { handler: 'array' } } });
    try {
      expect((await app.inject('/')).statusCode).to.equal(200);
    } finally {
      await app.close();
    }
  });

  it('writes English comments and pages when asked', async () => {
    const root = await ready(english);
    expect(await read(root, 'app/Views/layouts/main.eta')).to.include('<html lang="en">');
    expect(await read(root, 'config/session.ts')).to.include('// The name of the cookie.');
    for (const path of FILES) expect(await read(root, path), path).not.to.match(/[àâçéèêîôùû«»\u00a0\u202f]/);
  });

  it('writes French with its typography', async () => {
    const root = await ready();
    for (const path of FILES) {
      const text = await read(root, path);
      expect(text, path).not.to.match(/(?<=\p{L}) [;!?»]|« |\p{L}'\p{L}/u);
    }
    expect(await read(root, 'config/session.ts')).to.include('valeur par défaut\u00a0: ');
  });

  it('writes TypeScript that compiles, in both languages and without @types/node', async () => {
    const tsc = join(ROOT, 'node_modules/typescript/bin/tsc');
    const source = process.env['TSX_TSCONFIG_PATH'];
    for (const env of [{}, english]) {
      const root = await ready(env);
      const paths = source ? { 'blitz-session': [join(ROOT, 'src/index.ts')] } : undefined;
      const check = {
        extends: './tsconfig.json',
        compilerOptions: paths
          ? { paths, types: ['node'], typeRoots: [join(ROOT, 'node_modules/@types')] }
          : {},
      };
      await writeFile(join(root, 'tsconfig.check.json'), JSON.stringify(check));
      const child = spawn(process.execPath, [tsc, '-p', 'tsconfig.check.json', '--pretty', 'false'], {
        cwd: root,
      });
      let out = '';
      child.stdout.setEncoding('utf8').on('data', (text: string) => {
        out += text;
      });
      const code = await new Promise((done) => child.once('close', done));
      expect(out).to.equal('');
      expect(code).to.equal(0);
    }
  });

  it('names every file that it writes, and says what comes next', async () => {
    const root = await project();
    await linkPackages(root);
    const { code, out, error } = await klinge(['init'], root);
    expect({ code, error }).to.deep.equal({ code: 0, error: '' });
    for (const path of FILES) expect(out).to.include(`  écrit     ${path}\n`);
    expect(out).to.include('package.json reçoit : "type": "module", scripts.start, scripts.dev.');
    expect(out).to.match(/Tout est prêt\. Pour lancer l’application :\n {2}npx klinge serve\n$/);
    const inEnglish = (await klinge(['init'], root, english)).out;
    expect(inEnglish).to.include('  kept      config/session.ts\n').and.include('"--force" replaces them.');
    const written = await readdir(root, { recursive: true, withFileTypes: true });
    const names = written
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name));
    const own = names
      .map((name) => name.slice(root.length + 1))
      .filter((name) => !name.startsWith('node_modules'));
    expect(own.sort()).to.deep.equal([...FILES, 'package.json'].sort());
  });

  describe('files that are there', () => {
    it('are never replaced, and are with --force', async () => {
      const root = await project({
        'package.json': AFTER_INSTALL,
        'config/session.ts': 'export default {};',
      });
      await linkPackages(root);
      const first = await init(root);
      expect(stateOf(first.files, 'config/session.ts')).to.equal('kept');
      expect(stateOf(first.files, 'config/cookie.ts')).to.equal('created');
      expect(await read(root, 'config/session.ts')).to.equal('export default {};');
      const before = await read(root, 'package.json');
      const second = await init(root);
      expect(new Set(second.files.map(({ state }) => state))).to.deep.equal(new Set(['kept']));
      expect(await read(root, 'package.json')).to.equal(before);
      const forced = await init(root, ['--force']);
      expect(new Set(forced.files.map(({ state }) => state))).to.deep.equal(new Set(['replaced']));
      expect(await read(root, 'config/session.ts')).to.include('defineSession');
    });

    it('stand for ours under another extension or in package.json, also with --force', async () => {
      const root = await project({
        'package.json': '{ "cookie": { "secure": "auto" } }',
        'config/session.json': '{ "expiration": 61 }',
      });
      await linkPackages(root);
      const { files } = await init(root, ['--force']);
      const found = (path: string) => files.find((file) => file.path === path)?.because;
      expect(found('config/session.ts')).to.equal('config/session.json');
      expect(found('config/cookie.ts')).to.equal('package.json#cookie');
      expect((await klinge(['config:check'], root)).code).to.equal(0);
    });
  });

  describe('package.json', () => {
    it('is written where there is none, with a name that npm takes', async () => {
      const root = await project({});
      const { code, packageJson, unreachable } = await init(root, ['--no-install']);
      expect({ code, unreachable }).to.deep.equal({ code: 1, unreachable: 'blitz-session' });
      expect(packageJson.created).to.equal(true);
      const { name, ...rest } = await packageOf(root);
      expect(name).to.match(/^ma-boutique-[a-z0-9]+$/);
      expect(rest).to.include({ private: true, type: 'module' });
    });

    it('keeps everything, its indentation and its order, and gets what is missing', async () => {
      const text = JSON.stringify(
        {
          name: 'shop',
          scripts: { start: 'node own.mjs' },
          dependencies: { 'blitz-session': '*' },
          own: [1],
        },
        null,
        '\t',
      );
      const root = await project({ 'package.json': `${text}\n` });
      await linkPackages(root);
      const { packageJson } = await init(root);
      expect(packageJson).to.deep.equal({
        created: false,
        added: ['"type": "module"', 'scripts.dev'],
        kept: ['scripts.start'],
      });
      const after = await read(root, 'package.json');
      expect(after)
        .to.match(/^\{\n\t"name": "shop",\n\t"scripts"/)
        .and.match(/\}\n$/);
      expect(Object.keys(JSON.parse(after))).to.deep.equal([
        'name',
        'scripts',
        'type',
        'dependencies',
        'own',
      ]);
      expect(JSON.parse(after).scripts).to.deep.equal({ start: 'node own.mjs', dev: 'klinge serve --watch' });
    });

    for (const [name, files, type] of [
      ['the commonjs of `npm init`, nothing else', {}, 'module'],
      ['commonjs, and code', { 'server.js': 'module.exports = 1;' }, 'commonjs'],
      ['commonjs, and code in a folder', { 'lib/shop/a.ts': 'export {};' }, 'commonjs'],
      ['commonjs, and pages with scripts of their own', { 'public/page.js': '1;' }, 'module'],
    ] as const) {
      it(`type: ${name} → ${type}`, async () => {
        const root = await project({ 'package.json': '{ "type": "commonjs" }', ...files });
        await linkPackages(root);
        const { packageJson } = await init(root);
        expect((await packageOf(root)).type).to.equal(type);
        expect(packageJson.kept).to.deep.equal(type === 'module' ? [] : ['type']);
        // Either way the project works.
        expect((await klinge(['about'], root)).code).to.equal(0);
      });
    }

    it('that nobody can read: a sentence, exit code 1, and nothing is written', async () => {
      const root = await project({ 'package.json': '{ "name": ' });
      const { code, out, error } = await klinge(['init'], root);
      expect({ code, out }).to.deep.equal({ code: 1, out: '' });
      expect(error).to.equal(
        'klinge init ne peut rien faire ici : package.json n’est pas du JSON valide ; corrigez-le.\n',
      );
      expect(await readdir(root)).to.deep.equal(['package.json']);
    });
  });

  describe('packages', () => {
    let ranges: Record<string, string>;
    let specs: string[];
    before(async () => {
      ({ peerDependencies: ranges } = await packageOf(ROOT));
      specs = KERNEL.map((name) => `${name}@${ranges[name]}`);
    });

    /** A folder whose `npm` (pnpm …) notes what it is asked for and ends with this code. */
    async function fake(name: string, code: number): Promise<string> {
      const folder = await project({});
      const script = `#!/bin/sh\npwd > "${folder}/asked"\necho "$@" >> "${folder}/asked"\necho noise\nexit ${code}\n`;
      await writeFile(join(folder, name), script);
      await chmod(join(folder, name), 0o755);
      return folder;
    }
    const first = (folder: string) => ({ PATH: `${folder}${delimiter}${process.env['PATH']}` });

    it('are installed by npm, in the ranges of our package.json', async () => {
      const root = await project();
      await linkPackages(root, []);
      const npm = await fake('npm', 0);
      const { code, out } = await klinge(['init'], root, first(npm));
      expect(code).to.equal(0);
      const [cwd = '', asked] = (await read(npm, 'asked')).split('\n');
      expect(resolve(cwd)).to.equal(resolve(root));
      expect(asked).to.equal(`install ${specs.join(' ')}`);
      expect(out).to.include('Installation : npm install fastify@^').and.include('noise');
      expect(await packageOf(root)).to.have.property('type', 'module');
    });

    it('that are there already are left alone', async () => {
      const root = await project();
      await linkPackages(root, ['fastify', '@fastify/static']);
      const npm = await fake('npm', 0);
      const { code, install, error } = await init(root, [], first(npm));
      expect({ code, ok: install?.ok }).to.deep.equal({ code: 0, ok: true });
      expect((await read(npm, 'asked')).split('\n')[1]).to.equal(`install ${specs[2]}`);
      // Standard output belongs to the one JSON object.
      expect(error).to.equal('noise\n');
    });

    it('an installation that fails: the exact command, exit code 1, the files stay', async () => {
      const root = await project();
      await linkPackages(root, []);
      const { code, out } = await klinge(['init'], root, first(await fake('npm', 7)));
      expect(code).to.equal(1);
      expect(out).to.include('L’installation a échoué (npm: 7)');
      expect(out).to.include(`\n  npm install ${specs.join(' ')}\n`);
      expect(await read(root, 'config/session.ts')).to.include('defineSession');
    });

    it('no npm at all: the same', async () => {
      const root = await project();
      await linkPackages(root, []);
      const { code, ok, install } = await init(root, [], { PATH: join(root, 'nothing') });
      expect({ code, ok, install: install?.ok }).to.deep.equal({ code: 1, ok: false, install: false });
      expect(install?.command).to.equal(`npm install ${specs.join(' ')}`);
    });

    it('--no-install writes them into package.json and says what is left to do', async () => {
      const root = await project();
      await linkPackages(root, ['eta']);
      const npm = await fake('npm', 0);
      const { code, install } = await init(root, ['--no-install'], first(npm));
      expect({ code, ok: install?.ok }).to.deep.equal({ code: 0, ok: null });
      expect(await readdir(npm)).to.deep.equal(['npm']);
      const { eta: _, ...others } = Object.fromEntries(KERNEL.map((name) => [name, ranges[name]]));
      expect((await packageOf(root)).dependencies).to.deep.equal({
        'blitz-session': 'file:blitz-session-0.1.0.tgz',
        ...others,
      });
    });

    it('a version that does not do is left in place, and said', async () => {
      const root = await project({
        'package.json': AFTER_INSTALL,
        'node_modules/fastify/package.json': '{ "version": "4.29.1" }',
        'node_modules/blitz-session/package.json': '{ "version": "0.1.0" }',
        'node_modules/eta/package.json': '{ "version": "4.999.0" }',
      });
      const npm = await fake('npm', 0);
      const { code, out } = await klinge(['init'], root, first(npm));
      expect(code).to.equal(1);
      expect(out).to.match(/fastify 4\.29\.1 est installé, mais il faut \^5/);
      expect(out).to.include(`\n  npm install ${specs[0]}\n`).and.include('Déjà installés : eta 4.999.0.');
      expect(await read(npm, 'asked')).to.not.match(/ fastify@/);
    });

    it('are added by the package manager whose lock file lies there', async () => {
      const root = await project({ 'package.json': AFTER_INSTALL, 'pnpm-lock.yaml': '' });
      await linkPackages(root, []);
      const pnpm = await fake('pnpm', 0);
      expect((await init(root, [], first(pnpm))).install?.command).to.equal(`pnpm add ${specs.join(' ')}`);
      expect((await read(pnpm, 'asked')).split('\n')[1]).to.equal(`add ${specs.join(' ')}`);
    });
  });

  describe('a folder that cannot be written to', () => {
    const refusal = /^klinge init ne peut rien faire ici : .+\n\(Error: E\w+: .+\)\n$/;

    it('a file where a folder must be: which one', async () => {
      const root = await project({ 'package.json': AFTER_INSTALL, config: 'a file' });
      const { code, error } = await klinge(['init'], root);
      expect(code).to.equal(1);
      expect(error)
        .to.match(refusal)
        .and.match(/config\/session\.ts n’a pas pu être écrit \(E/);
    });

    // The superuser may write everywhere; /proc takes no files from anybody.
    it('the folder itself', async () => {
      const { code, out, error } = await klinge(['init'], '/proc/self');
      expect({ code, out }).to.deep.equal({ code: 1, out: '' });
      expect(error).to.match(refusal);
    });
  });
});
