import { spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect } from 'chai';
import { after, before, describe, it } from 'mocha';
import { pageNamed } from '../fixtures/docs.ts';
import { Browser } from '../fixtures/kernel-site.ts';
import { KERNEL, Klinge, klinge, linkPackages } from '../fixtures/klinge.ts';
import { RedisServer } from '../fixtures/servers/redis.ts';

const PAGE = 'premiers-pas.md';
/** Where the page has its Redis. */
const THEIR_REDIS = 'tcp://127.0.0.1:6379';
/** What it types, block by block. */
const COMMANDS = pageNamed(PAGE).blocks.flatMap(({ language, code }) => (language === 'sh' ? [code] : []));
const FILES = pageNamed(PAGE).blocks.flatMap(({ file, code }) =>
  file === undefined ? [] : [[file, code] as const],
);

describe(`docs-fr: the application of ${PAGE}`, () => {
  let root: string;
  const running: Klinge[] = [];

  async function serve(): Promise<string> {
    const served = new Klinge(['serve', '--port', '0'], root);
    running.push(served);
    return (await served.url()).replace(/\/$/, '');
  }

  async function stop(): Promise<void> {
    for (const served of running) served.child.kill('SIGTERM');
    await Promise.all(running.splice(0).map((served) => served.ended));
  }

  before(async () => {
    root = await mkdtemp(join(tmpdir(), 'blitz-first-steps-'));
    await linkPackages(root, [...KERNEL, 'ioredis']);
    expect((await klinge(['init', '--no-install'], root)).code).to.equal(0);
    const removal = COMMANDS.find((code) => code.startsWith('rm ')) ?? '';
    for (const path of removal.trim().split(' ').slice(1)) await rm(join(root, path));
    for (const [path, code] of FILES) {
      if (path === '.env') continue;
      await mkdir(dirname(join(root, path)), { recursive: true });
      await writeFile(join(root, path), code);
    }
  });

  after(async () => {
    await stop();
    await rm(root, { recursive: true, force: true });
  });

  const tokenIn = (html: string) => /name="_token" value="([^"]+)"/.exec(html)?.[1] ?? '';
  const signIn = async (browser: Browser, mot_de_passe = 'sésame') =>
    browser.post('/connexion', {
      _token: tokenIn((await browser.get('/connexion')).body),
      courriel: 'zoe@exemple.org',
      mot_de_passe,
    });

  it('lets a member in, keeps what she notes over a restart, and lets her out', async () => {
    let browser = new Browser(await serve());
    expect((await browser.get('/')).headers.get('location')).to.equal('/carnet');
    expect((await browser.get('/carnet')).headers.get('location')).to.equal('/connexion');

    expect((await signIn(browser, 'faux')).headers.get('location')).to.equal('/connexion');
    const refused = (await browser.get('/connexion')).body;
    expect(refused).to.include('value="zoe@exemple.org"').and.to.include('ne vont pas ensemble');
    expect(refused).to.not.include('faux"');
    expect((await browser.get('/connexion')).body)
      .to.include('value=""')
      .and.to.not.include('ne vont pas ensemble');

    const planted = browser.jar.get('blitz_session');
    expect((await signIn(browser)).headers.get('location')).to.equal('/carnet');
    expect(browser.jar.get('blitz_session')).to.not.equal(planted);
    const page = (await browser.get('/carnet')).body;
    expect(page).to.include('Bienvenue, Zoé.').and.to.include('Le carnet de Zoé');
    await browser.post('/carnet', { _token: tokenIn(page), note: 'du thé & du <riz>' });
    expect((await browser.get('/carnet')).body).to.include('Noté.');

    await stop();
    browser = new Browser(await serve(), browser.jar);
    const later = (await browser.get('/carnet')).body;
    expect(later).to.include('<li>du thé &amp; du &lt;riz&gt;</li>').and.to.not.include('Bienvenue');

    const left = await browser.post('/deconnexion', { _token: tokenIn(later) });
    expect(left.headers.get('location')).to.equal('/connexion');
    expect((await browser.get('/connexion')).body).to.include('À bientôt.');
    expect((await browser.get('/carnet')).status).to.equal(302);
    await stop();
  });

  it('passes the test that the page writes, by the command that it gives', () => {
    const command = COMMANDS.find((code) => code.startsWith('node --test')) ?? '';
    const [, ...args] = command.trim().split(' ');
    const { NODE_OPTIONS: _, NODE_TEST_CONTEXT: __, ...env } = process.env;
    const { status, stdout } = spawnSync(process.execPath, args, { cwd: root, env, encoding: 'utf8' });
    expect(stdout).to.match(/pass 1\b/);
    expect(status).to.equal(0);
  });

  it('moves to Redis by .env alone: two processes, one session', async () => {
    const redis = await RedisServer.start();
    const env = FILES.find(([path]) => path === '.env')?.[1] ?? '';
    expect(env).to.include(THEIR_REDIS);
    try {
      await writeFile(join(root, '.env'), env.replace(THEIR_REDIS, `tcp://127.0.0.1:${redis.port}`));
      const about = await klinge(['about'], root);
      expect(about.out).to.include('redis');
      expect(about.code).to.equal(0);
      const [one, other] = [new Browser(await serve()), await serve()];
      await signIn(one);
      const there = new Browser(other, one.jar);
      const page = (await there.get('/carnet')).body;
      expect(page).to.include('Bienvenue, Zoé.');
      const noting = Array.from({ length: 10 }, (_, at) =>
        [one, there].map((side) => side.post('/carnet', { _token: tokenIn(page), note: `note ${at}` })),
      );
      await Promise.all(noting.flat());
      expect((await one.get('/carnet')).body.match(/<li>note /g)).to.have.length(20);
      await stop();
    } finally {
      await redis.stop();
    }
  });
});
