import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chmod, mkdir, readdir, stat, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { appWith, removeApps } from '../fixtures/config-app.js';

const REPOSITORY = fileURLToPath(new URL('../..', import.meta.url));
const CHILD = join(REPOSITORY, 'tests', 'fixtures', 'config-child.mjs');
const run = promisify(execFile);

interface Answer {
  session: { expiration: number };
  origins: Record<string, string>;
  built: Record<string, unknown>;
  evaluations: number;
  planted?: boolean;
  error?: string;
}

/** Loads the configuration in a plain Node process, or one with flags, that uses the built package. */
async function child(root: string, flags: string[] = [], cwd: string = root): Promise<Answer> {
  // A relative TSX_TSCONFIG_PATH, set for the tests themselves, means nothing in another folder.
  const { TSX_TSCONFIG_PATH: _, ...own } = process.env;
  const env = { ...own, NODE_OPTIONS: '', BLITZ_LANG: 'en' };
  const { stdout } = await run(process.execPath, [...flags, CHILD, root], { cwd, env });
  return JSON.parse(stdout) as Answer;
}

const TSX = ['--import', import.meta.resolve('tsx')];

/** A session file and a services file that share a module, with syntax that only a TypeScript reader takes. */
const SHARED = {
  'lib/shared.ts': `declare global { var evaluations: number | undefined }
    await new Promise((resolve) => setTimeout(resolve, 5));
    globalThis.evaluations = (globalThis.evaluations ?? 0) + 1;
    export enum Kind { A = 42 }
    export interface Shape { a: number }
    export class Pair { constructor(readonly left: number, public right: number) {} }`,
  'config/session.ts': `import { Kind, Shape } from '../lib/shared.js';
    const shape: Shape = { a: Kind.A };
    export default { expiration: shape.a };`,
  'config/services.mts': `import { Pair } from '../lib/shared.ts';
    export default { pair: () => new Pair(1, 2).right };`,
};

describe('configuration: in a process of its own', function () {
  this.timeout(30_000);
  before(() => {
    expect(existsSync(join(REPOSITORY, 'dist', 'index.js')), 'dist/ is built').to.equal(true);
  });
  after(removeApps);

  for (const [name, flags] of [
    ['plain Node', []],
    ['tsx', TSX],
  ] as const) {
    it(`evaluates a module that two files import once, under ${name}`, async () => {
      const answer = await child(await appWith(SHARED), [...flags]);
      expect(answer.error).to.equal(undefined);
      expect(answer.session.expiration).to.equal(42);
      expect(answer.built).to.deep.equal({ pair: 2 });
      expect(answer.evaluations).to.equal(1);
    });
  }

  it('gives TypeScript files the package that the process itself uses', async () => {
    const root = await appWith({
      'config/services.ts': `import { BlitzError, loadConfig } from 'blitz-session';
        enum One { A = 1 }
        export default { same: () => (globalThis as any).own === BlitzError && One.A === 1 };`,
    });
    await mkdir(join(root, 'node_modules'));
    await symlink(REPOSITORY, join(root, 'node_modules', 'blitz-session'));
    const main = `import { BlitzError, loadConfig } from 'blitz-session';
      globalThis.own = BlitzError;
      const { services } = await loadConfig({ root: ${JSON.stringify(root)} });
      console.log(services.same());`;
    const { stdout } = await run(process.execPath, ['--input-type=module', '-e', main], { cwd: root });
    expect(stdout.trim()).to.equal('true');
  });

  it('evaluates it once for two boots at the same time', async () => {
    const root = await appWith(SHARED);
    const main = `import { loadConfig } from 'blitz-session';
      await Promise.all([1, 2].map(() => loadConfig({ root: ${JSON.stringify(root)} })));
      console.log(globalThis.evaluations);`;
    const { stdout } = await run(process.execPath, ['--input-type=module', '-e', main], { cwd: REPOSITORY });
    expect(stdout.trim()).to.equal('1');
  });

  it('keeps its cache of TypeScript in the application, for the owner alone', async () => {
    const root = await appWith(SHARED);
    const { session } = await child(root);
    expect(session.expiration).to.equal(42);
    const cache = join(root, 'storage', 'cache', 'jiti');
    expect((await stat(cache)).mode & 0o777).to.equal(0o700);
    expect((await readdir(cache)).some((file) => file.includes('session'))).to.equal(true);
    expect((await child(root)).session.expiration).to.equal(42);
  });

  it('does without a cache that others could write to', async () => {
    const root = await appWith(SHARED);
    const cache = join(root, 'storage', 'cache', 'jiti');
    await mkdir(cache, { recursive: true });
    await chmod(cache, 0o777);
    expect((await child(root)).session.expiration).to.equal(42);
    expect(await readdir(cache)).to.deep.equal([]);
  });

  it('loads a program that boots while it is itself being loaded, and two boots at once', async () => {
    const inner = await appWith(SHARED);
    const outer = await appWith({
      'config/session.ts': `import { loadConfig } from ${JSON.stringify(join(REPOSITORY, 'dist', 'index.js'))};
        enum Plus { One = 1 }
        const roots = [${JSON.stringify(inner)}, ${JSON.stringify(inner)}];
        const [first] = await Promise.all(roots.map((root) => loadConfig({ root })));
        export default { expiration: first!.session.expiration + Plus.One };`,
    });
    const answer = await child(outer);
    expect(answer.session.expiration).to.equal(43);
    expect(answer.evaluations).to.equal(1);
  });

  for (const [file, content] of [
    ['.config/config.js', 'globalThis.planted = true; export default { searchPlaces: ["evil.js"] };'],
    ['.config/config.cjs', 'globalThis.planted = true; module.exports = { searchPlaces: ["evil.js"] };'],
    ['.config/config.json', '{ "searchPlaces": ["evil.js"] }'],
    ['package.json', '{ "type": "module", "cosmiconfig": { "searchPlaces": ["evil.js"] } }'],
  ] as const) {
    it(`never follows ${file} of the current directory`, async () => {
      const hostile = await appWith({
        [file]: content,
        'evil.js': 'globalThis.planted = true; export default { expiration: 666 };',
      });
      const root = await appWith({
        'config/session.json': '{ "expiration": 5 }',
        'config/app.yaml': 'env: x',
      });
      for (const answer of [await child(root, [], hostile), await child(hostile, [], hostile)]) {
        expect(answer.planted).to.equal(undefined);
        expect(answer.error).to.equal(undefined);
        expect([5, 7200]).to.include(answer.session.expiration);
      }
    });
  }
});
