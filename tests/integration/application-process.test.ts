import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { request as rawRequest } from 'node:http';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { Browser, COOKIE, ON_SOURCE, Running, START, tokenIn, wordsOf } from '../fixtures/sample-app.ts';

describe('the sample application: its process', () => {
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
    expect(app.output).to.match(/L’application vous attend[ \u00a0]: http:\/\/127\.0\.0\.1:\d+\//);
  });

  it('keeps sessions over a restart', async () => {
    await visitor.submit('/panier', {}, '/panier/cafe/plus');
    await visitor.submit('/connexion', { nom: 'Inès' });
    expect(await app.stop('SIGTERM')).to.equal(0);
    expect(app.output).to.include('Application arrêtée.');
    app = await Running.start({ SESSION_SAVE_PATH: folder });
    visitor.base = app.base;
    const page = await visitor.text('/panier');
    expect(page).to.include('ligne-cafe');
    expect(wordsOf(page)).to.include('Bonjour, Inès');
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
      const body = `_token=${tokenIn(await visitor.text('/panier'))}`;
      const request = rawRequest(`${other.base}/panier/cafe/plus`, {
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
    expect(await visitor.text('/panier')).to.include('ligne-cafe');
  });

  it('says in French what keeps it from starting, and ends with code 1', async () => {
    const occupied = createServer();
    await new Promise<void>((resolve) => occupied.listen(0, '127.0.0.1', resolve));
    const { port } = occupied.address() as { port: number };
    try {
      const cases = [
        [{ PORT: String(port) }, `port ${port} de 127.0.0.1 est déjà pris`],
        [{ PORT: 'abc' }, 'PORT vaut « abc »'],
        [{ PORT: '70000' }, 'PORT vaut « 70000 »'],
        [{ SESSION_EXPIRATION: 'longtemps' }, 'SESSION_EXPIRATION'],
      ] as const;
      for (const [environment, sentence] of cases) {
        const failing = new Running({ SESSION_SAVE_PATH: folder, ...environment });
        const [exit] = await once(failing.process, 'close');
        expect(failing.output.replaceAll('\u00a0', ' '))
          .to.include(sentence)
          .and.not.match(/\n\s+at /);
        expect(exit).to.equal(1);
      }
    } finally {
      occupied.close();
    }
  });
});
