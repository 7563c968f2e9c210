import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { type Request, type Router, redirect, response, session } from 'blitz-session';
import { expect } from 'chai';
import {
  type Browser,
  closeSites,
  type KernelSite,
  openSite,
  type SiteOptions,
} from '../fixtures/kernel-site.ts';
import { wordsOf } from '../fixtures/sample-app.ts';

const run = promisify(execFile);
const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const BAR = '<blitz-debug-bar';
const page = (text = '') => `<!doctype html><html><body><p>page</p>${text}</body></html>`;

describe('kernel: the bar of development', () => {
  const language = process.env['BLITZ_LANG'];
  beforeEach(() => {
    process.env['BLITZ_LANG'] = 'fr';
  });
  afterEach(async () => {
    if (language === undefined) delete process.env['BLITZ_LANG'];
    else process.env['BLITZ_LANG'] = language;
    await closeSites();
  });

  function routes(route: Router): void {
    route.get('/', () => page());
    route.get('/set', () => {
      session().put({ panier: { ordre: ['the'], quantites: { the: 1 } }, nom: '<b>Zoé</b> & "co"' });
      return page();
    });
    route.get('/change', () => {
      session().increment('panier.quantites.the');
      session().put('panier.quantites.cafe', 2);
      session().remove('nom');
      return page();
    });
    route.get('/marks', () => {
      session().flash('avis', 'Bonjour');
      session().now('ici', 1);
      session().temp('code', 'QUAI', 60);
      return page();
    });
    route.get('/login', async () => {
      await session().regenerate();
      session().put('moi', session().id);
      return page();
    });
    route.get('/leave', async () => {
      await session().destroy();
      return page();
    });
    route.get('/close', async () => {
      await session().close();
      return page();
    });
    route.get('/read', () => page()).readOnly();
    route.get('/bare', () => page()).withoutSession();
    route.get('/fail', () => {
      throw new Error('boom');
    });
  }

  const open = (options: SiteOptions = {}, more: (route: Router) => void = () => {}) =>
    openSite(
      (route) => {
        routes(route);
        more(route);
      },
      {
        ...options,
        app: { env: 'development', ...options.app },
        session: { save_uninitialized: true, ...options.session },
      },
    );

  /** The bar of a page in words. */
  async function bar(visitor: Browser, path: string): Promise<string> {
    const { body } = await visitor.get(path);
    expect(body.split(BAR)).to.have.length(2);
    expect(body).to.match(/<\/blitz-debug-bar>\n<\/body><\/html>$/);
    return wordsOf(body.slice(body.indexOf(BAR))).trim();
  }

  it('shows the handler, the state, the wait, the previous page, and data', async () => {
    const site = await open();
    const visitor = site.browser();
    expect(await bar(visitor, '/')).to.match(/^Session array neuve rien de changé .*Page précédente aucune/);
    const words = await bar(visitor, '/set');
    expect(words).to.match(/Session array reprise attente \d+,\d\u00a0ms 2\u00a0changements/);
    expect(words).to.match(/Identifiant masqué/);
    expect(words).to.include(`Page précédente ${site.url}/`);
    expect(words).to.match(/Données panier \{ ordre: \[ &#39;the&#39; \], quantites: \{ the: 1 \} \}/);
    expect(words).to.include('Valeurs flash Rien.');
  });

  it('tells what this request added, changed and removed, by paths', async () => {
    const visitor = (await open()).browser();
    await visitor.get('/set');
    const words = await bar(visitor, '/change');
    expect(words).to.include('3\u00a0changements');
    expect(words).to.match(/panier\.quantites\.the changée 1 2 /);
    expect(words).to.match(/panier\.quantites\.cafe ajoutée 2 /);
    expect(words).to.match(/nom retirée /);
    expect(await bar(visitor, '/')).to.include('Ce que cette requête a changé Rien.');
  });

  it('tells how long flash and temporary values last', async () => {
    const site = await open();
    const visitor = site.browser();
    let words = await bar(visitor, '/marks');
    expect(words).to.match(/Valeurs flash avis page suivante .*ici cette page 1 .*code encore 60\u00a0s/);
    site.clock.advance(10);
    words = await bar(visitor, '/');
    expect(words).to.match(/Valeurs flash avis cette page .*Valeurs temporaires code encore 50\u00a0s/);
    site.clock.advance(60);
    expect(await bar(visitor, '/')).to.match(/Valeurs flash Rien\. Valeurs temporaires Rien\./);
  });

  it('tells of values that only live longer than they did', async () => {
    const site = await open({}, (route) => {
      route.get('/keep', () => {
        session().keep('avis');
        session().put('nom', 'Zoé');
        return page();
      });
    });
    const visitor = site.browser();
    await visitor.get('/marks');
    expect(await bar(visitor, '/keep')).to.match(
      /2\u00a0changements .*avis changée cette page page suivante /,
    );
  });

  it('escapes what the session holds, and never shows its id, its token or internals', async () => {
    const visitor = (
      await open({}, (route) => {
        route.get('/token', () => {
          session().put('copie', session().token());
          session().put(`<i>${session().id}</i>`, 1);
          return page();
        });
      })
    ).browser();
    const { body } = await visitor.get('/set');
    expect(body).to.include('&#60;b&#62;Zoé&#60;/b&#62; &#38;').and.not.include('<b>Zoé');
    for (const path of ['/token', '/login', '/']) {
      const { body } = await visitor.get(path);
      expect(body)
        .to.include('•••')
        .and.not.include(visitor.id)
        .and.not.include('__blitz')
        .and.not.include('<i>');
    }
    expect(await bar(visitor, '/token')).to.match(/copie &#39;•••&#39;/);
    expect(await bar(visitor, '/login')).to.include('reprise, identifiant renouvelé');
  });

  it('tells of a session that was closed, destroyed, read only, or not there', async () => {
    const visitor = (await open()).browser();
    await visitor.get('/set');
    expect(await bar(visitor, '/close')).to.include('reprise, fermée avant la fin');
    expect(await bar(visitor, '/read')).to.include('lecture seule');
    expect(await bar(visitor, '/bare')).to.match(/^Session array aucune session rien de changé/);
    expect(await bar(visitor, '/leave')).to.include('reprise, détruite');
  });

  it('shows on a page what the redirect before it changed, to that visitor and once', async () => {
    const posted = await open({}, (route) => {
      route
        .post('/free', () => {
          session().push('liste', 'x');
          return redirect('/');
        })
        .withoutCsrf();
    });
    const [one, two] = [posted.browser(), posted.browser()];
    await one.get('/');
    await two.get('/');
    await one.post('/free');
    expect(await bar(two, '/')).to.not.include('Juste avant');
    expect(await bar(one, '/')).to.match(
      /1\u00a0changement .*Juste avant POST \/free → 30\d liste ajoutée \[ &#39;x&#39; \]/,
    );
    expect(await bar(one, '/')).to.not.include('Juste avant');
  });

  it('speaks English too', async () => {
    process.env['BLITZ_LANG'] = 'en';
    const visitor = (await open()).browser();
    await visitor.get('/set');
    const words = await bar(visitor, '/change');
    expect(words).to.match(/Session array resumed waited \d+\.\d\u00a0ms 3\u00a0changes/);
    expect(words).to.include('What this request changed').and.include('nom removed');
  });

  it('serves its style sheet to anybody, and runs no script', async () => {
    const site = await open();
    const { body } = await site.get('/');
    const address = /<link rel="stylesheet" href="([^"]+)">/.exec(body)?.[1] ?? '';
    expect(address).to.match(/^\/_blitz\/debug-bar\.css\?[0-9a-f]{8}$/);
    const style = await site.get(address);
    expect(style.status).to.equal(200);
    expect(style.headers.get('content-type')).to.equal('text/css; charset=utf-8');
    expect(style.cookies).to.deep.equal([]);
    expect(body).to.not.match(/<script|<style| style=| on\w+=/);
  });

  it('says nothing to the log', async () => {
    const site = await open();
    const visitor = site.browser();
    for (const path of ['/set', '/change', '/marks', '/login', '/leave']) await visitor.get(path);
    expect(site.log.text).to.equal('');
  });

  describe('leaves alone', () => {
    const answers: Readonly<Record<string, (request: Request) => unknown>> = {
      'what is no page: a piece of one': () => '<p>piece</p>',
      'a page with a length of its own': () =>
        response().html(page()).withHeader('Content-Length', page().length),
      'a page with an ETag': () => response().html(page()).withHeader('ETag', '"1"'),
      'a page that is compressed': () => response().html(page()).withHeader('Content-Encoding', 'identity'),
      'a page to be saved': () =>
        response().html(page()).withHeader('Content-Disposition', 'attachment; filename="a.html"'),
      'a text': () => response().text(page()),
      JSON: () => ({ text: page() }),
      bytes: () => response().withBody(Buffer.from(page())).type('html'),
      'a stream': () => response().stream(new Blob([page()]).stream(), 'text/html; charset=utf-8'),
      'a page whose policy takes no style sheet': () =>
        response().html(page()).withHeader('Content-Security-Policy', "default-src 'self'; style-src 'none'"),
      'the page of an error': () => {
        throw new Error('boom');
      },
    };
    for (const [name, answer] of Object.entries(answers)) {
      it(name, async () => {
        const site = await open({}, (route) => {
          route.get('/it', (request: Request) => answer(request) as never);
        });
        const visitor = site.browser();
        await visitor.get('/set');
        const { status, body } = await visitor.get('/it');
        expect(status).to.equal(name === 'the page of an error' ? 500 : 200);
        expect(body).to.not.include(BAR).and.not.include('Zoé');
        expect(body).to.match(/^<p>piece<\/p>$|<p>page<\/p>|<h1>boom<\/h1>/);
      });
    }

    it('what scripts, frames and HEAD ask for', async () => {
      const visitor = (await open()).browser();
      for (const headers of [
        { 'x-requested-with': 'XMLHttpRequest' },
        { 'sec-fetch-dest': 'empty' },
        { 'sec-fetch-dest': 'iframe' },
        { accept: 'application/json' },
      ]) {
        expect((await visitor.get('/', { headers })).body).to.equal(page());
      }
      const { headers } = await visitor.get('/', { method: 'HEAD' });
      expect(headers.get('content-length')).to.equal(String(page().length));
      const seen = await visitor.get('/', { headers: { 'sec-fetch-dest': 'document' } });
      expect(seen.body).to.include(BAR);
      expect(seen.headers.get('content-length')).to.equal(String(Buffer.byteLength(seen.body)));
    });
  });

  describe('where it is not wanted', () => {
    const without = async (app: SiteOptions['app']) => {
      const site: KernelSite = await openSite(routes, { app });
      const visitor = site.browser();
      for (const path of ['/set', '/', '/bare', '/nowhere']) {
        expect((await visitor.get(path)).body, path).to.not.include(BAR);
      }
      expect((await visitor.get('/')).body).to.equal(page());
      expect((await site.get('/_blitz/debug-bar.css')).status).to.equal(404);
    };

    it('in production, test and any other environment there is none, whatever the option says', async () => {
      for (const env of ['production', 'test', 'staging']) await without({ env, debug_bar: true });
    });

    it('nor where debug_bar is false', () => without({ env: 'development', debug_bar: false }));

    it('nor is its code loaded', async () => {
      const program = `
        import { Session } from 'node:inspector';
        import { Application } from 'blitz-session';
        const app = await Application.boot({ config: { session: { handler: 'array' },
          app: { env: process.argv[1], debug_bar: process.argv[2] === 'true' } } });
        app.service('route').get('/', () => '<body></body>');
        const { body } = await app.inject('/');
        const scripts = [];
        const inspector = new Session();
        inspector.connect();
        inspector.on('Debugger.scriptParsed', ({ params }) => scripts.push(params.url));
        inspector.post('Debugger.enable', () => {
          console.log(JSON.stringify([body.includes('<blitz-debug-bar'), scripts.some((url) => url.includes('debug-bar')),
            scripts.some((url) => url.includes('blitz-session') || url.includes('/dist/') || url.includes('/src/'))]));
          inspector.disconnect();
          void app.close();
        });`;
      const loaded = async (env: string, wanted: boolean) => {
        const args = ['--input-type=module', '--eval', program, env, String(wanted)];
        const { stdout } = await run(process.execPath, args, { cwd: ROOT });
        return JSON.parse(stdout);
      };
      expect(await loaded('development', true)).to.deep.equal([true, true, true]);
      expect(await loaded('development', false)).to.deep.equal([false, false, true]);
      expect(await loaded('production', true)).to.deep.equal([false, false, true]);
    });
  });
});
