import { mkdirSync, writeFileSync } from 'node:fs';
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Application, type MiddlewareFunction, type Request, type SessionOptions } from 'blitz-session';
import { expect } from 'chai';
import { after, before, describe, it } from 'mocha';
import { pageNamed } from '../fixtures/docs.ts';
import { Browser, closeSites, FullLog, writeApplication } from '../fixtures/kernel-site.ts';
import { PhpServer } from '../fixtures/php-server.ts';
import { temporaryFolder } from '../fixtures/processes.ts';
import { ServerProcess } from '../fixtures/servers/server-process.ts';

const PAGE = 'migrer-depuis-php.md';
/** Where the page has PHP's sessions. */
const THEIR_FOLDER = '/var/lib/php/sessions';
const PHP_FOR_THE_TRIAL = {
  'session.use_strict_mode': '1',
  'session.cookie_httponly': '1',
};

/** The files that the page shows, with PHP's sessions in a folder of the test's own. */
function filesOf(sessions: string): Record<string, string> {
  const files = pageNamed(PAGE).blocks.flatMap(({ file, code }) =>
    file === undefined ? [] : [[file, code.replaceAll(THEIR_FOLDER, sessions)] as const],
  );
  return Object.fromEntries(files);
}

/** nginx with the configuration of the page; only the addresses are others. */
function nginxBefore(
  ports: { php: number; node: number },
  files: Record<string, string>,
): Promise<ServerProcess> {
  const addressed = (port: number) => {
    const own: Record<string, number> = { 8080: port, 8000: ports.php, 3000: ports.node };
    return (files['nginx.conf'] ?? '').replace(/127\.0\.0\.1:(\d+)/g, (_, named: string) => {
      if (own[named] === undefined) throw new Error(`${PAGE}: nobody is at port ${named}`);
      return `127.0.0.1:${own[named]}`;
    });
  };
  return ServerProcess.start({
    program: 'nginx',
    args(port, folder) {
      mkdirSync(folder, { recursive: true });
      writeFileSync(join(folder, 'nginx.conf'), addressed(port));
      writeFileSync(join(folder, 'nginx-essai.conf'), files['nginx-essai.conf'] ?? '');
      // One process, which ends as soon as it is told to.
      return ['-p', folder, '-c', 'nginx-essai.conf', '-g', 'master_process off;'];
    },
  });
}

describe(`docs-fr: the visit of ${PAGE}, nginx in front of PHP and Node`, () => {
  let root: string;
  let sessions: string;
  let app: Application;
  let php: PhpServer;
  let nginx: ServerProcess;
  let files: Record<string, string>;
  const log = new FullLog();
  /** What Node took for the address of who asked for /panier/adresse. */
  const seen: (string | undefined)[] = [];

  before(async () => {
    sessions = await temporaryFolder();
    files = filesOf(sessions);
    root = await writeApplication(files);
    [app, php] = await Promise.all([
      Application.boot({ root, log }),
      PhpServer.start({
        peer: 'php',
        store: 'files',
        savePath: sessions,
        pages: join(root, 'php'),
        ini: { ...PHP_FOR_THE_TRIAL, 'session.save_path': sessions },
      }),
    ]);
    app.service('route').get('/panier/adresse', (request) => {
      seen.push((request as Request).ip());
      return '';
    });
    const node = Number(new URL(await app.listen(0)).port);
    nginx = await nginxBefore({ php: php.port, node }, files);
  });

  after(async () => {
    await nginx?.stop();
    await Promise.all([php?.stop(), app?.close()]);
    await closeSites();
    await rm(sessions, { recursive: true, force: true });
  });

  const visitor = () => new Browser(`http://127.0.0.1:${nginx.port}`);
  const tokenIn = (html: string) => /name="_token" value="([^"]+)"/.exec(html)?.[1] ?? '';
  /** Signs in at PHP's page, which leads to Node's. */
  async function signedIn(): Promise<{ browser: Browser; token: string; page: string }> {
    const browser = visitor();
    const form = tokenIn((await browser.get('/')).body);
    const planted = browser.jar.get('PHPSESSID');
    const { status, headers } = await browser.post('/connexion.php', { _token: form, nom: 'Zoé <3' });
    expect([status, headers.get('location')]).to.deep.equal([303, '/compte']);
    expect(browser.jar.get('PHPSESSID')).to.not.equal(planted);
    const page = (await browser.get('/compte')).body;
    return { browser, token: tokenIn(page), page };
  }

  it('signs in at PHP, and Node reads the object and shows the message once', async () => {
    const { browser, token, page } = await signedIn();
    expect(token).to.match(/^[0-9a-f]{40}$/);
    expect(page).to.include('<p>Bienvenue !</p>').and.to.include('<h1>Zoé &lt;3</h1>');
    expect((await browser.get('/')).body)
      .to.include('<p></p>')
      .and.to.include('Bonjour Zoé &lt;3. Panier : 0');
  });

  it('fills the basket on both sides, with a form of either', async () => {
    const { browser, token } = await signedIn();
    await browser.post('/panier/riz', { _token: token });
    const home = (await browser.get('/')).body;
    expect(home).to.include('<p>Dans le panier, par Node.</p>').and.to.include('Panier : 1');
    await browser.post('/ajouter.php', { _token: token, article: 'thé' });
    const account = (await browser.get('/compte')).body;
    expect(account).to.include('<p>Dans le panier, par PHP.</p>').and.to.include('<li>riz</li><li>thé</li>');
    expect((await browser.get('/')).body).to.include('<p></p>');
    for (const path of ['/panier/riz', '/ajouter.php'])
      expect((await browser.post(path, { _token: 'wrong' })).status).to.equal(419);
  });

  it('loses nothing of eighty parallel additions through nginx', async () => {
    const { browser, token } = await signedIn();
    const adding = Array.from({ length: 40 }, () => [
      browser.post('/panier/riz', { _token: token }),
      browser.post('/ajouter.php', { _token: token, article: 'thé' }),
    ]).flat();
    for (const { status } of await Promise.all(adding)) expect(status).to.be.oneOf([302, 303]);
    expect((await browser.get('/')).body).to.include('Panier : 80');
  });

  it('signs out in Node: nothing is left for PHP, nor under the old id', async () => {
    const { browser, token } = await signedIn();
    const id = browser.jar.get('PHPSESSID') ?? '';
    await browser.post('/deconnexion', { _token: token });
    expect(browser.jar.has('PHPSESSID')).to.equal(false);
    expect(await readdir(sessions)).to.not.include(`sess_${id}`);
    const thief = new Browser(`http://127.0.0.1:${nginx.port}`, new Map([['PHPSESSID', id]]));
    expect((await thief.get('/')).body).to.include('Se connecter');
    expect(thief.jar.get('PHPSESSID')).to.not.equal(id);
    expect((await thief.get('/compte')).headers.get('location')).to.equal('/');
  });

  it('tells Node the visitor’s address, and nothing that the visitor made up', async () => {
    const headers = {
      'X-Forwarded-For': '203.0.113.9',
      'X-Forwarded-Proto': 'https',
      'Client-IP': '203.0.113.9',
    };
    await visitor().get('/panier/adresse', { headers });
    expect(seen).to.deep.equal(['127.0.0.1']);
  });

  it('goes on without PHP: the sessions are taken over, with their forms', async () => {
    const { browser, token } = await signedIn();
    await browser.post('/panier/riz', { _token: token });
    const own = (path: string) => import(pathToFileURL(join(root, path)).href);
    const { default: session } = (await own('apres/session.ts')) as { default: SessionOptions };
    const { reprendre } = (await own('app/Middleware/Reprise.ts')) as { reprendre: MiddlewareFunction };
    const alone = await Application.boot({ root, log, config: { session: { ...session, interop: false } } });
    try {
      alone.service('route').use(reprendre);
      const later = new Browser((await alone.listen(0)).replace(/\/$/, ''), browser.jar);
      const twin = later.twin();
      const [one, other] = await Promise.all([later.get('/compte'), twin.get('/compte')]);
      for (const { body } of [one, other]) expect(body).to.include('<li>riz</li>').and.to.include('<p></p>');
      expect([...later.jar.keys()]).to.deep.equal(['boutique_session']);
      await later.post('/panier/pain', { _token: token });
      expect((await later.get('/compte')).body).to.include('<li>riz</li><li>pain</li>');
      await later.post('/deconnexion', { _token: token });
      expect((await later.get('/compte')).status).to.equal(302);
    } finally {
      await alone.close();
    }
  });
});
