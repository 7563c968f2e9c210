import { mkdir, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { type HandlerClass, loadConfig } from 'blitz-session';
import { expect } from 'chai';
import { appWith, faultLines, removeApps } from '../fixtures/config-app.js';

const load = async (files: Record<string, string>, env: Record<string, string> = {}) =>
  loadConfig({ root: await appWith(files), env });
const faults = async (files: Record<string, string>, env: Record<string, string> = {}): Promise<string[]> =>
  faultLines(load(files, env));

describe('configuration: files', () => {
  after(removeApps);

  const SCRIPT = 'export default { expiration: 11 };';
  const TYPED = 'enum Kind { A = 11 }\nexport default { expiration: Kind.A as number };';
  for (const [file, content] of [
    ['session.ts', TYPED],
    ['session.mts', TYPED],
    ['session.js', SCRIPT],
    ['session.mjs', SCRIPT],
    ['session.cjs', 'module.exports = { expiration: 11 };'],
    ['session.json', '{ "expiration": 11 }'],
    ['session.yaml', 'expiration: 11'],
    ['session.yml', 'expiration: 11'],
  ] as const) {
    it(`reads config/${file}`, async () => {
      const { session, origins } = await load({ [`config/${file}`]: content });
      expect(session.expiration).to.equal(11);
      expect(origins['session.expiration']).to.equal(`config/${file}`);
      expect(origins['session.grace']).to.equal('default');
    });
  }

  it('reads TypeScript in a package of CommonJS too', async () => {
    const { session } = await load({ 'package.json': '{}', 'config/session.ts': SCRIPT });
    expect(session.expiration).to.equal(11);
  });

  it('reads keys of package.json, except services', async () => {
    const { session, cookie, origins } = await load({
      'package.json':
        '{ "session": { "expiration": 11 }, "cookie": { "path": "/a" }, "services": { "x": 1 } }',
    });
    expect([session.expiration, cookie.path]).to.deep.equal([11, '/a']);
    expect(origins['session.expiration']).to.equal('package.json#session');
  });

  it('calls a function, sync or async, with the root and the environment, .env included', async () => {
    const { session, app, root } = await load(
      {
        '.env': 'LIFETIME=77\nSITE=http://env.file/\n',
        'config/session.mjs': 'export default ({ env }) => ({ expiration: Number(env.LIFETIME) });',
        'config/app.mjs': 'export default async ({ env, root }) => ({ base_url: env.SITE, key: root });',
      },
      { SITE: 'http://real/' },
    );
    expect([session.expiration, app.base_url, app.key]).to.deep.equal([77, 'http://real/', root]);
  });

  it('does not read other files of the folder', async () => {
    const { session } = await load({
      'config/routes.js': 'throw new Error("routes");',
      'config/session.d.ts': 'throw new Error("types");',
      'config/session.test.js': 'throw new Error("test");',
      'config/session': 'x',
      'config/cookie.json/x': 'x',
    });
    expect(session.expiration).to.equal(7200);
  });

  it('keeps services and handler classes as they are, and copies the rest frozen', async () => {
    class Mine {
      static calls = 0;
    }
    const handler = Mine as unknown as HandlerClass;
    const client = { options: { a: 1 } };
    class Pool {
      client = client;
      end(): void {}
    }
    const pool = new Pool();
    const ca = { list: ['x'] };
    const mailer = (): string => 'sent';
    const config = await loadConfig({
      root: await appWith(),
      env: {},
      config: {
        session: { handler },
        database: { default: { driver: 'mysql', pool, ssl: ca } },
        services: { mailer },
      },
    });
    expect(config.session.handler).to.equal(handler);
    expect(config.session.savePath).to.equal('');
    expect(config.services['mailer']).to.equal(mailer);
    const group = config.database.groups['default']!;
    expect(group.pool).to.equal(pool);
    expect(Object.isFrozen(pool) || Object.isFrozen(client) || Object.isFrozen(handler)).to.equal(false);
    expect(group.ssl).to.deep.equal(ca);
    expect(group.ssl).to.not.equal(ca);
    expect(Object.isFrozen(ca) || Object.isFrozen(ca.list)).to.equal(false);
    for (const part of [
      config,
      config.session,
      config.origins,
      group,
      group.ssl,
      (group.ssl as typeof ca).list,
    ]) {
      expect(Object.isFrozen(part)).to.equal(true);
    }
  });
});

describe('configuration: files refused', () => {
  after(removeApps);

  it('two files for one name', async () => {
    expect(
      await faults({ 'config/session.js': 'export default {}', 'config/session.json': '{}' }),
    ).to.deep.equal([
      '- config/session.js, config/session.json: the configuration "session" is written 2 times; keep one of these files.',
    ]);
    expect(await faults({ 'package.json': '{"app":{}}', 'config/app.yml': 'env: x' })).to.deep.equal([
      '- config/app.yml, package.json#app: the configuration "app" is written 2 times; keep one of these files.',
    ]);
  });

  it('an empty file, and one that exports nothing by default', async () => {
    expect(
      await faults({
        'config/session.ts': ' \n',
        'config/cookie.ts': 'export default undefined;',
        'config/app.mjs': 'export const env = 1;',
        'config/database.yaml': '# nothing\n',
        'config/services.json': '',
      }),
    ).to.deep.equal([
      '- config/session.ts: the file is empty.',
      '- config/cookie.ts: the file has no default export; write "export default { … }".',
      '- config/database.yaml: null; allowed: an object, or a function that returns one.',
      '- config/app.mjs: the file has no default export; write "export default { … }".',
      '- config/services.json: the file is empty.',
    ]);
  });

  it('what is no object', async () => {
    expect(
      await faults({
        'config/session.json': '[1]',
        'config/cookie.mjs': 'export default () => undefined;',
        'config/app.mjs': 'export default class {}',
        'package.json': '{"database":"x"}',
      }),
    ).to.deep.equal([
      '- config/session.json: a list; allowed: an object, or a function that returns one.',
      '- config/cookie.mjs: undefined; allowed: an object, or a function that returns one.',
      '- package.json#database: a string; allowed: an object, or a function that returns one.',
      "- config/app.mjs: the file failed: Class constructor default cannot be invoked without 'new'",
    ]);
  });

  it('$import, which would be followed to any file', async () => {
    const lines = await faults({
      'config/session.json': '{ "$import": "../secrets.json", "expiration": 1 }',
      'config/cookie.yaml': '$import: ../secrets.yaml',
      'secrets.json': '{ "expiration": 3 }',
      'package.json': '{ "app": { "$import": "x.json" } }',
    });
    expect(lines.map((line) => line.slice(0, line.indexOf(';')))).to.have.length(3);
    for (const line of lines) expect(line).to.contain('"$import" is refused');
  });

  it('JSON and YAML with a mistake, by its line', async () => {
    expect(
      await faults({
        'config/session.json': '{\n  "expiration": 1,\n  oops\n}',
        'config/cookie.json': '{\n  "path": "/"\n',
        'config/app.yaml': 'env: x\nkey: [1\nother: 2\n',
      }),
    ).to.deep.equal([
      '- config/session.json: this is not valid JSON (line 3).',
      '- config/cookie.json: this is not valid JSON (line 3).',
      '- config/app.yaml: this is not valid YAML (line 3).',
    ]);
    expect(await faults({ 'package.json': '{' })).to.deep.equal(['- package.json: this is not valid JSON.']);
  });

  it('a syntax error, an exception, a rejected promise, a missing import', async () => {
    const lines = await faults({
      'config/session.ts': 'export default {\n  a: ;\n};',
      'config/cookie.mjs': 'throw "no words";',
      'config/app.mjs': 'export default async () => { throw new Error("later\\nmore\\nand more"); };',
      'config/services.mjs': 'import "./missing.js"; export default {};',
    });
    expect(lines[0]).to.match(/^- config\/session\.ts: the file failed: .*session\.ts:2:/);
    expect(lines[1]).to.equal('- config/cookie.mjs: the file failed: no words');
    expect(lines[2]).to.equal('- config/app.mjs: the file failed: later more');
    expect(lines[3]).to.match(/^- config\/services\.mjs: the file failed: .*missing\.js/);
  });

  it('a link that leads nowhere, and a .env that is a folder', async () => {
    const root = await appWith({ '.env/x': '' });
    await mkdir(join(root, 'config'));
    await symlink(join(root, 'gone.json'), join(root, 'config', 'session.json'));
    const lines = await faultLines(loadConfig({ root, env: {} }));
    expect(lines[0]).to.equal('- .env: the file cannot be read (EISDIR).');
    expect(lines[1]).to.match(/^- config\/session\.json: the file failed: ENOENT/);
  });
});
