import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { request as rawRequest } from 'node:http';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';

const REPOSITORY = fileURLToPath(new URL('../..', import.meta.url));
const COOKIE = 'blitz_session';
/** The words of `npm start`: `exec node …`, so that no shell stands between npm and the application. */
const START = (
  JSON.parse(readFileSync(join(REPOSITORY, 'package.json'), 'utf8')).scripts.start as string
).split(' ');
/** On src/ instead of dist/ there is nothing to build. */
const ON_SOURCE = process.env['TSX_TSCONFIG_PATH'] !== undefined;
const ARGUMENTS = ON_SOURCE ? ['--import', 'tsx', 'app/server.ts'] : START.slice(2);

/** The application as `npm start` runs it, in a process of its own. */
class Running {
  readonly process: ChildProcess;
  output = '';
  base = '';

  constructor(
    environment: Record<string, string>,
    command: readonly string[] = [process.execPath, ...ARGUMENTS],
  ) {
    const [program = '', ...args] = command;
    const inherited = Object.entries(process.env).filter(([name]) => !/^(?:SESSION|COOKIE|APP)_/.test(name));
    this.process = spawn(program, args, {
      cwd: REPOSITORY,
      env: {
        ...Object.fromEntries(inherited),
        HOST: '127.0.0.1',
        PORT: '0',
        BLITZ_LANG: 'fr',
        ...environment,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
      // A group of its own for npm: whatever it started can be ended with it.
      detached: program === 'npm',
    });
    const collect = (text: Buffer) => {
      this.output += text.toString('utf8');
    };
    this.process.stdout?.on('data', collect);
    this.process.stderr?.on('data', collect);
  }

  static async start(environment: Record<string, string>, command?: readonly string[]): Promise<Running> {
    const running = new Running(environment, command);
    while (running.base === '') {
      running.base = /http:\/\/127\.0\.0\.1:\d+/.exec(running.output)?.[0] ?? '';
      if (running.process.exitCode !== null) throw new Error(`the application ended: ${running.output}`);
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    return running;
  }

  /** Ends the process and returns its exit code. */
  async stop(signal: 'SIGTERM' | 'SIGINT' | 'SIGKILL' = 'SIGTERM'): Promise<number | null> {
    if (this.process.exitCode !== null || this.process.signalCode !== null) return this.process.exitCode;
    this.process.kill(signal);
    await once(this.process, 'exit');
    return this.process.exitCode;
  }

  /** Ends what is left of the process and of those it started. */
  killAll(): void {
    try {
      process.kill(-(this.process.pid as number), 'SIGKILL');
    } catch {
      // Nobody is left.
    }
  }
}

interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

/** A visitor: remembers the cookie, follows nothing by itself. */
class Browser {
  base: string;
  id: string | undefined;

  constructor(base: string, id?: string) {
    this.base = base;
    this.id = id;
  }

  async send(path: string, options: RequestInit = {}): Promise<Answer> {
    const headers = new Headers(options.headers);
    if (this.id !== undefined) headers.set('cookie', `${COOKIE}=${this.id}`);
    const response = await fetch(this.base + path, { ...options, headers, redirect: 'manual' });
    for (const cookie of response.headers.getSetCookie()) {
      const [, id] = new RegExp(`^${COOKIE}=([^;]*)`).exec(cookie) ?? [];
      if (id !== undefined) this.id = /max-age=0/i.test(cookie) ? undefined : id;
    }
    return { status: response.status, headers: response.headers, text: await response.text() };
  }

  get(path: string): Promise<Answer> {
    return this.send(path);
  }

  /** Sends the form of a page as a browser would: with the token that the page carries. */
  async submit(path: string, fields: Record<string, string>): Promise<Answer> {
    const token = tokenIn((await this.get(path)).text);
    return this.post(path, { ...fields, _token: token });
  }

  post(path: string, fields: Record<string, string>): Promise<Answer> {
    return this.send(path, { method: 'POST', body: new URLSearchParams(fields) });
  }
}

function tokenIn(page: string): string {
  return /name="_token" value="([^"]+)"/.exec(page)?.[1] ?? '';
}

/** The large figure of a page. */
function figureIn(page: string): string | undefined {
  return /<output>([^<]*)<\/output>/.exec(page)?.[1];
}

describe('the first application', () => {
  let folder = '';
  let app: Running;
  let visitor: Browser;
  let answeredAfter = 0;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'blitz-app-'));
    const began = performance.now();
    app = await Running.start({ SESSION_SAVE_PATH: folder });
    const { status } = await new Browser(app.base).get('/');
    answeredAfter = performance.now() - began;
    expect(status).to.equal(200);
  });

  beforeEach(() => {
    visitor = new Browser(app.base);
  });

  after(async () => {
    await app?.stop('SIGKILL');
    await rm(folder, { recursive: true, force: true });
  });

  it('answers within 5 seconds of starting, and says where in French', () => {
    expect(answeredAfter).to.be.below(5000);
    expect(app.output).to.match(/L’application vous attend\u00a0: http:\/\/127\.0\.0\.1:\d+\//);
  });

  describe('every page', () => {
    for (const path of ['/', '/compteur', '/message', '/code', '/connexion', '/session']) {
      it(`${path} is French, well formed and protected`, async () => {
        const { status, headers, text } = await visitor.get(path);
        expect(status).to.equal(200);
        expect(headers.get('content-type')).to.equal('text/html; charset=utf-8');
        expect(headers.get('x-content-type-options')).to.equal('nosniff');
        expect(headers.get('referrer-policy')).to.equal('same-origin');
        expect(headers.get('cache-control')).to.equal('private, no-store');
        const policy = headers.get('content-security-policy');
        expect(policy).to.include("default-src 'none'").and.not.include('unsafe-inline');
        expect(headers.getSetCookie()).to.have.lengthOf(1);
        expect(headers.getSetCookie()[0])
          .to.match(/HttpOnly/)
          .and.match(/SameSite=Lax/);
        expect(text).to.include('<html lang="fr">').and.include('<main id="contenu"');
        expect(text).to.include(`<a href="${path}" aria-current="page">`);
        expect(text.match(/<h1>/g)).to.have.lengthOf(1);
        expect(text).not.to.match(/<script|<style| style=| on\w+=/);
        expect(text, 'French typography').not.to.match(/[^<] [;?!]|« | [:»]/);
        for (const [, id] of text.matchAll(/<input id="([^"]+)"/g))
          expect(text).to.include(`<label for="${id}">`);
      });
    }

    it('answers HEAD without a body', async () => {
      const { status, headers, text } = await visitor.send('/compteur', { method: 'HEAD' });
      expect(status).to.equal(200);
      expect(Number(headers.get('content-length'))).to.be.above(1000);
      expect(text).to.equal('');
    });
  });

  describe('files and addresses without a page', () => {
    it('serves the stylesheet without a session, and again only when it changed', async () => {
      const before = await readdir(folder);
      const { status, headers, text } = await visitor.get('/style.css');
      expect(status).to.equal(200);
      expect(headers.get('content-type')).to.equal('text/css; charset=utf-8');
      expect(headers.getSetCookie()).to.deep.equal([]);
      expect(text).to.include('prefers-color-scheme: dark');
      const again = await visitor.send('/style.css', {
        headers: { 'if-none-match': headers.get('etag') ?? '' },
      });
      expect([again.status, again.text]).to.deep.equal([304, '']);
      expect(await readdir(folder)).to.have.lengthOf(before.length);
    });

    it('says in French that a page does not exist, without opening a session', async () => {
      const { status, headers, text } = await visitor.get('/nulle-part?x=<script>');
      expect(status).to.equal(404);
      expect(text).to.include('Page introuvable').and.include('Erreur\u00a0: ');
      expect(headers.get('content-security-policy')).to.include("default-src 'none'");
      expect(headers.getSetCookie()).to.deep.equal([]);
    });

    it('answers odd addresses without failing', async () => {
      for (const path of ['//', '/%', '/..%2f', '/compteur/']) {
        expect((await visitor.get(path)).status, path).to.equal(404);
      }
    });

    it('refuses other methods and names those that it takes', async () => {
      const page = await visitor.send('/compteur', { method: 'DELETE' });
      expect([page.status, page.headers.get('allow')]).to.deep.equal([405, 'GET, HEAD, POST']);
      const home = await visitor.post('/', { a: 'b' });
      expect([home.status, home.headers.get('allow')]).to.deep.equal([405, 'GET, HEAD']);
      const file = await visitor.post('/style.css', { a: 'b' });
      expect([file.status, file.headers.get('allow')]).to.deep.equal([405, 'GET, HEAD']);
      expect((await visitor.post('/nulle-part', { a: 'b' })).status).to.equal(404);
      expect(visitor.id).to.equal(undefined);
    });
  });

  describe('forms', () => {
    it('refuses a wrong, missing or foreign token with 419 and changes nothing', async () => {
      await visitor.submit('/compteur', { action: 'plus' });
      const foreign = tokenIn((await new Browser(app.base).get('/compteur')).text);
      for (const token of ['', 'x', foreign, `${foreign}x`]) {
        const { status, text } = await visitor.post('/compteur', { action: 'plus', _token: token });
        expect(status).to.equal(419);
        expect(text).to.include('par sécurité, il n’a pas été\nenregistré');
      }
      expect((await visitor.post('/compteur', { action: 'plus' })).status).to.equal(419);
      expect(figureIn((await visitor.get('/compteur')).text)).to.equal('1');
    });

    it('refuses an action that the page does not know', async () => {
      for (const path of ['/compteur', '/code', '/connexion', '/session']) {
        const { status, text } = await visitor.submit(path, { action: 'inconnue' });
        expect(status, path).to.equal(400);
        expect(text).to.include('rien n’a changé');
      }
    });

    it('refuses what is too large, announced or not, and goes on serving the connection', async () => {
      const announced = await visitor.post('/message', { mot: 'é'.repeat(20_000) });
      expect(announced.status).to.equal(413);
      expect(announced.text).to.include('dépasse 16 Kio');
      const body = new Blob(['mot=', 'x'.repeat(40_000)]).stream();
      const headers = { 'content-type': 'application/x-www-form-urlencoded' };
      const options = { method: 'POST', body, headers, duplex: 'half' } as RequestInit;
      expect((await visitor.send('/message', options)).status).to.equal(413);
      expect((await visitor.get('/message')).status).to.equal(200);
    });

    it('refuses what is not a form', async () => {
      const headers = { 'content-type': 'application/json' };
      const { status } = await visitor.send('/message', { method: 'POST', body: '{}', headers });
      expect(status).to.equal(415);
    });
  });

  it('counts, and loses no click among parallel ones', async () => {
    const { status, headers } = await visitor.submit('/compteur', { action: 'plus' });
    expect([status, headers.get('location')]).to.deep.equal([303, '/compteur']);
    const page = (await visitor.get('/compteur')).text;
    expect(figureIn(page)).to.equal('1');
    const fields = { action: 'plus', _token: tokenIn(page) };
    await Promise.all(Array.from({ length: 30 }, () => visitor.post('/compteur', fields)));
    expect(figureIn((await visitor.get('/compteur')).text)).to.equal('31');
    await visitor.submit('/compteur', { action: 'moins' });
    expect(figureIn((await visitor.get('/compteur')).text)).to.equal('30');
    await visitor.submit('/compteur', { action: 'zero' });
    expect(figureIn((await visitor.get('/compteur')).text)).to.equal('0');
  });

  describe('the message after a redirect', () => {
    it('is shown once, escaped', async () => {
      const mot = '<script>alert("é & è")</script> « déjà » !';
      const { status, headers, text } = await visitor.submit('/message', { mot });
      expect([status, headers.get('location'), text]).to.deep.equal([303, '/message', '']);
      const shown = (await visitor.get('/message')).text;
      expect(shown).to.include('&lt;script&gt;alert(&quot;é &amp; è&quot;)&lt;/script&gt; « déjà » !');
      expect(shown).not.to.include('<script');
      const again = (await visitor.get('/message')).text;
      expect(again).to.include('Aucun message').and.not.include('alert(');
    });

    it('comes back to be corrected when it is empty or too long', async () => {
      expect((await visitor.submit('/message', { mot: '   ' })).status).to.equal(303);
      expect((await visitor.get('/message')).text)
        .to.include('Écrivez un message.')
        .and.include('aria-invalid');
      await visitor.submit('/message', { mot: 'à'.repeat(201) });
      const page = (await visitor.get('/message')).text;
      expect(page)
        .to.include('dépasse 200\u00a0caractères')
        .and.include(`value="${'à'.repeat(201)}"`);
      expect((await visitor.get('/message')).text).not.to.include('aria-invalid');
    });
  });

  describe('the code that expires', () => {
    it('shows what remains, and can be deleted', async () => {
      await visitor.submit('/code', { action: 'creer', delai: '' });
      const page = (await visitor.get('/code')).text;
      expect(figureIn(page)).to.match(/^\d{3}\u202f\d{3}$/);
      const left = Number(/Il reste (\d+)\u00a0secondes/.exec(page)?.[1]);
      expect(left).to.be.within(50, 60);
      expect(page).to.include(`max="60" value="${left}"`);
      await visitor.submit('/code', { action: 'effacer' });
      expect((await visitor.get('/code')).text).to.include('Aucun code en cours.');
    });

    it('is gone after its delay, while the session goes on', async () => {
      await visitor.submit('/compteur', { action: 'plus' });
      await visitor.submit('/code', { action: 'creer', delai: '1' });
      expect(figureIn((await visitor.get('/code')).text)).to.match(/\d/);
      await new Promise((resolve) => setTimeout(resolve, 2100));
      expect((await visitor.get('/code')).text).to.include('Aucun code en cours.');
      expect(figureIn((await visitor.get('/compteur')).text)).to.equal('1');
    });

    it('refuses other delays', async () => {
      for (const delai of ['0', '601', '1.5', '-3', 'dix']) {
        await visitor.submit('/code', { action: 'creer', delai });
        const page = (await visitor.get('/code')).text;
        expect(page).to.include('Choisissez un nombre entier, de 1 à 600.').and.include(`value="${delai}"`);
        expect(page).to.include('Aucun code en cours.');
      }
    });
  });

  describe('signing in and out', () => {
    it('gives a new id and a new token, keeps the values, and leaves the old id anonymous', async () => {
      await visitor.submit('/compteur', { action: 'plus' });
      const before = { id: visitor.id, token: tokenIn((await visitor.get('/connexion')).text) };
      const { status, headers } = await visitor.submit('/connexion', {
        action: 'entrer',
        nom: '  Zoé <b>  ',
      });
      expect([status, headers.get('location')]).to.deep.equal([303, '/connexion']);
      expect(visitor.id)
        .to.match(/^[0-9a-f]{32}$/)
        .and.not.equal(before.id);
      const page = (await visitor.get('/connexion')).text;
      expect(page).to.include('Bienvenue, Zoé &lt;b&gt;\u202f!').and.include('Connexion à l’instant.');
      expect(tokenIn(page)).not.to.equal(before.token);
      expect((await visitor.get('/')).text)
        .to.include('Bonjour, Zoé &lt;b&gt;')
        .and.not.include('Bienvenue');
      expect(figureIn((await visitor.get('/compteur')).text)).to.equal('1');

      const old = (await new Browser(app.base, before.id).get('/connexion')).text;
      expect(old).to.include('Qui êtes-vous').and.not.include('Zoé');
    });

    it('says farewell once and keeps nothing', async () => {
      await visitor.submit('/compteur', { action: 'plus' });
      await visitor.submit('/connexion', { action: 'entrer', nom: 'Anaïs' });
      const signedIn = visitor.id;
      expect((await visitor.submit('/connexion', { action: 'sortir' })).status).to.equal(303);
      expect(visitor.id).not.to.equal(signedIn);
      expect((await visitor.get('/connexion')).text).to.include('Au revoir, Anaïs\u202f!');
      const after = (await visitor.get('/connexion')).text;
      expect(after).to.include('Qui êtes-vous').and.not.include('Anaïs');
      expect(figureIn((await visitor.get('/compteur')).text)).to.equal('0');
      const old = (await new Browser(app.base, signedIn).get('/connexion')).text;
      expect(old).to.include('Qui êtes-vous').and.not.include('Anaïs');
    });

    it('asks for a name', async () => {
      await visitor.get('/connexion');
      const before = visitor.id;
      await visitor.submit('/connexion', { action: 'entrer', nom: ' ' });
      expect((await visitor.get('/connexion')).text).to.include('Écrivez un nom.');
      expect(visitor.id).to.equal(before);
    });
  });

  describe('what the session holds', () => {
    it('is shown by kind, without the id and with the token only in the form', async () => {
      await visitor.submit('/compteur', { action: 'plus' });
      await visitor.submit('/connexion', { action: 'entrer', nom: 'Noé' });
      await visitor.submit('/code', { action: 'creer', delai: '300' });
      await visitor.submit('/session', { action: 'flash' });
      const page = (await visitor.get('/session')).text;
      const [, values = '', flash = '', temp = ''] = page.split(/<h2[^>]*>/);
      expect(values)
        .to.include('<dt>compteur</dt><dd>1</dd>')
        .and.include('<dt>visiteur</dt>')
        .and.include('Noé');
      expect(values)
        .to.match(/depuis: \d{4}-\d\d-\d\dT/)
        .and.not.include('exemple');
      expect(flash).to.include('<dt>exemple</dt>').and.not.include('compteur');
      expect(temp).to.include('<dt>code</dt>');
      expect(page).not.to.include(visitor.id).and.not.include('__blitz');
      expect(page.split(tokenIn(page))).to.have.lengthOf(2);
      expect((await visitor.get('/session')).text).not.to.include('<dt>exemple</dt>');
    });

    it('is destroyed on demand, with its cookie', async () => {
      await visitor.submit('/compteur', { action: 'plus' });
      const old = visitor.id;
      const { status, text, headers } = await visitor.submit('/session', { action: 'detruire' });
      expect(status).to.equal(200);
      expect(text).to.include('Session détruite');
      expect(headers.getSetCookie()[0]).to.match(/max-age=0/i);
      expect(visitor.id).to.equal(undefined);
      expect(figureIn((await new Browser(app.base, old).get('/compteur')).text)).to.equal('0');
    });
  });

  describe('the process', () => {
    it('keeps sessions over a restart', async () => {
      await visitor.submit('/compteur', { action: 'plus' });
      await visitor.submit('/connexion', { action: 'entrer', nom: 'Inès' });
      expect(await app.stop('SIGTERM')).to.equal(0);
      expect(app.output).to.include('Application arrêtée.');
      app = await Running.start({ SESSION_SAVE_PATH: folder });
      visitor.base = app.base;
      expect(figureIn((await visitor.get('/compteur')).text)).to.equal('1');
      expect((await visitor.get('/')).text).to.include('Bonjour, Inès');
    });

    if (!ON_SOURCE) {
      it('npm start is one process for a signal: SIGTERM to npm ends the application', async () => {
        expect(START.slice(0, 2)).to.deep.equal(['exec', 'node']);
        const other = await Running.start({ SESSION_SAVE_PATH: folder }, ['npm', 'start']);
        try {
          // The pipes close when nobody holds them any more, an orphan included.
          const closed = once(other.process, 'close', { signal: AbortSignal.timeout(10_000) });
          other.process.kill('SIGTERM');
          await closed;
          expect(other.output).to.include('Application arrêtée.');
        } finally {
          other.killAll();
        }
      });
    }

    it('ends with code 0 on SIGINT too', async () => {
      const other = await Running.start({ SESSION_SAVE_PATH: folder });
      await new Browser(other.base).get('/');
      expect(await other.stop('SIGINT')).to.equal(0);
    });

    it('lets a form that is still arriving end, and saves it', async () => {
      const other = await Running.start({ SESSION_SAVE_PATH: folder });
      try {
        visitor.base = other.base;
        const body = `action=plus&_token=${tokenIn((await visitor.get('/compteur')).text)}`;
        const request = rawRequest(`${other.base}/compteur`, {
          method: 'POST',
          headers: {
            cookie: `${COOKIE}=${visitor.id}`,
            'content-type': 'application/x-www-form-urlencoded',
            'content-length': body.length,
          },
        });
        request.write(body.slice(0, 10));
        await new Promise((resolve) => setTimeout(resolve, 100));
        const stopped = other.stop('SIGTERM');
        await new Promise((resolve) => setTimeout(resolve, 200));
        expect(other.process.exitCode).to.equal(null);
        request.end(body.slice(10));
        const [response] = await once(request, 'response');
        response.resume();
        expect(response.statusCode).to.equal(303);
        expect(await stopped).to.equal(0);
      } finally {
        await other.stop('SIGKILL');
      }
      visitor.base = app.base;
      expect(figureIn((await visitor.get('/compteur')).text)).to.equal('1');
    });

    it('says in French what keeps it from starting, and ends with code 1', async () => {
      const occupied = createServer();
      await new Promise<void>((resolve) => occupied.listen(0, '127.0.0.1', resolve));
      const { port } = occupied.address() as { port: number };
      try {
        const cases = [
          [{ PORT: String(port) }, `Le port ${port} de 127.0.0.1 est déjà pris.`],
          [{ PORT: 'abc' }, 'PORT vaut «\u00a0abc\u00a0»'],
          [{ PORT: '70000' }, 'PORT vaut «\u00a070000\u00a0»'],
          [{ SESSION_EXPIRATION: 'longtemps' }, 'SESSION_EXPIRATION'],
        ] as const;
        for (const [environment, sentence] of cases) {
          const failing = new Running({ SESSION_SAVE_PATH: folder, ...environment });
          const [exit] = await once(failing.process, 'close');
          expect(failing.output)
            .to.include(sentence)
            .and.not.match(/\n\s+at /);
          expect(exit).to.equal(1);
        }
      } finally {
        occupied.close();
      }
    });
  });
});
