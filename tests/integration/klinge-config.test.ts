import { loadConfig } from 'blitz-session';
import { expect } from 'chai';
import { appWith, removeApps } from '../fixtures/config-app.js';
import { english, klinge, linkPackages } from '../fixtures/klinge.js';

interface Option {
  readonly name: string;
  readonly value: unknown;
  readonly origin: string;
  readonly description: string;
}

interface Checked {
  readonly valid: boolean;
  readonly root: string;
  readonly options: readonly Option[];
  readonly faults?: readonly string[];
}

async function options(root: string, env: Record<string, string> = {}): Promise<Map<string, Option>> {
  const { code, out, error } = await klinge(['config:check', '--json'], root, env);
  expect({ code, error }).to.deep.equal({ code: 0, error: '' });
  return new Map((JSON.parse(out) as Checked).options.map((option) => [option.name, option]));
}

const DATABASE = `export default {
  connection: 'shop',
  shop: { driver: 'postgre', username: 'shop', password: 'Opensesame1', pool: { max: 3 }, ssl: { key: 'Opensesame1' } },
};`;

describe('klinge config:check', () => {
  after(removeApps);

  it('explains every option that the configuration has, and no other, in both languages', async () => {
    const root = await appWith({
      'config/database.mjs': DATABASE,
      'config/services.mjs': 'export default { clockwork: () => 1 };',
    });
    const config = await loadConfig({ root, env: {} });
    const real = [
      ...(['session', 'cookie', 'app'] as const).flatMap((file) =>
        Object.keys(config[file]).map((option) => `${file}.${option}`),
      ),
      'database.connection',
      ...Object.keys(config.database.groups['shop'] ?? {}).map((option) => `database.shop.${option}`),
      'services.clockwork',
    ];
    const [french, inEnglish] = [await options(root), await options(root, english)];
    expect([...french.keys()]).to.deep.equal(real);
    for (const [name, { description }] of french) {
      expect(description, name).to.match(/^\p{Lu}.+[.…]$/u);
      expect(inEnglish.get(name)?.description, name)
        .to.match(/^[A-Z].+[.…]$/)
        .and.not.equal(description);
    }
  });

  it('tells the value of each option and where it came from', async () => {
    const root = await appWith({
      'config/session.ts': 'export default { expiration: 60 as number, grace: 7, lock_wait: 8 };',
      'config/services.mjs': 'export default { clockwork: function makeClock() { return 1; } };',
      '.env': 'SESSION_GRACE=9\nSESSION_LOCK_WAIT=9\n',
    });
    const found = await options(root, { SESSION_LOCK_WAIT: '10' });
    const seen = (name: string) => [found.get(name)?.value, found.get(name)?.origin];
    expect(seen('session.expiration')).to.deep.equal([60, 'config/session.ts']);
    expect(seen('session.grace')).to.deep.equal([9, '.env:SESSION_GRACE']);
    expect(seen('session.lock_wait')).to.deep.equal([10, 'SESSION_LOCK_WAIT']);
    expect(seen('session.matchIP')).to.deep.equal([false, 'default']);
    expect(seen('session.savePath')).to.deep.equal([`${root}/storage/framework/session`, 'default']);
    expect(seen('services.clockwork')).to.deep.equal(['makeClock', 'config/services.mjs']);

    const { code, out, error } = await klinge(['config:check'], root, { SESSION_LOCK_WAIT: '10' });
    expect({ code, error }).to.deep.equal({ code: 0, error: '' });
    expect(out).to.match(/^ {2}expiration = 60 {2}\[config\/session\.ts\]\n {6}Secondes d’inactivité/m);
    expect(out).to.include('grace = 9  [.env, SESSION_GRACE]').and.include('matchIP = false  [défaut]');
    expect(out).to.include('lock_wait = 10  [variable SESSION_LOCK_WAIT]');
    expect(out.trimEnd()).to.match(/\n\d+ options, aucune faute\.$/);
    expect((await klinge(['config:check'], root, english)).out).to.match(/\n\d+ options, no fault\.\n$/);
  });

  it('never shows a secret', async () => {
    const root = await appWith({ 'config/database.mjs': DATABASE, '.env': 'APP_KEY=Opensesame1\n' });
    for (const args of [['config:check'], ['config:check', '--json']]) {
      const { out } = await klinge(args, root);
      expect(out).not.to.match(/opensesame/i);
      expect(out).to.include('•••');
    }
    const found = await options(root);
    expect(found.get('app.key')?.value).to.equal('•••');
    expect(found.get('database.shop.password')?.value).to.equal('•••');
    expect(found.get('database.shop.ssl')?.value).to.equal('•••');
    expect(found.get('database.shop.username')?.value).to.equal('shop');
  });

  for (const [address, shown] of [
    ['tcp://localhost:6379?auth=Opensesame1&database=2', 'tcp://localhost:6379?•••'],
    ['redis://me:Opensesame1@db.example.org:6379/3', 'redis://•••@db.example.org:6379/3'],
    ['mongodb://a.example.org/shop;password=Opensesame1', '•••'],
    ['redis://:Opense#same1@db.example.org', '•••'],
    ['tcp://db?auth=Opense@same1', '•••'],
    ['/run/redis.sock?auth=Opensesame1', '/run/redis.sock?•••'],
    ['host=db password=Opensesame1', '•••'],
    ['10.0.0.1:11211:2,10.0.0.2:11211', '10.0.0.1:11211:2,10.0.0.2:11211'],
    ['ci_sessions', 'ci_sessions'],
    ['tls://10.0.0.1:6380', 'tls://10.0.0.1:6380'],
  ] as const) {
    it(`shows the address of a store without what opens it: ${address}`, async () => {
      const root = await appWith({
        'config/session.json': JSON.stringify({ handler: 'redis', savePath: address }),
      });
      expect((await options(root)).get('session.savePath')?.value).to.equal(shown);
    });
  }

  it('cuts long values on the terminal, not in JSON', async () => {
    const long = Array.from({ length: 30 }, (_, n) => `10.0.0.${n}`);
    const root = await appWith({ 'config/app.json': JSON.stringify({ trust_proxy: long }) });
    expect((await options(root)).get('app.trust_proxy')?.value).to.deep.equal(long);
    expect((await klinge(['config:check'], root)).out).to.match(/trust_proxy = .{60}… {2}\[/);
  });

  it('faults: all of them, exit code 1', async () => {
    const root = await appWith({ 'config/session.json': '{ "expiraton": 60, "grace": -1 }' });
    const { code, out, error } = await klinge(['config:check'], root);
    expect({ code, out }).to.deep.equal({ code: 1, out: '' });
    expect(error).to.match(/^Configuration refusée :\n- config\/session\.json : « expiraton »/);
    const asJson = await klinge(['config:check', '--json'], root, english);
    expect({ code: asJson.code, error: asJson.error }).to.deep.equal({ code: 1, error: '' });
    const { valid, faults } = JSON.parse(asJson.out) as Checked;
    expect(valid).to.equal(false);
    expect(faults).to.have.lengthOf(2);
    expect(faults?.[0]).to.match(/^config\/session\.json: "expiraton" \(a number\) is not an option/);
  });

  it('reads what defineSession gives, and starts nothing', async () => {
    const root = await appWith({
      'config/session.ts':
        "import { defineSession } from 'blitz-session';\nexport default defineSession({ expiration: 61 });",
      'app/Listeners/Loud.mjs': "console.log('started');",
    });
    await linkPackages(root);
    const { out } = await klinge(['config:check'], root);
    expect(out).to.include('expiration = 61').and.not.include('started');
  });
});
