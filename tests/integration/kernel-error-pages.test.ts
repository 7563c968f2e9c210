import { abort, Cookie, HttpError, request, response, session, view } from 'blitz-session';
import { expect } from 'chai';
import { moodyHandler } from '../fixtures/http.ts';
import { closeSites, openSite } from '../fixtures/kernel-site.ts';

describe('kernel: the page of development', () => {
  afterEach(closeSites);
  const app = { env: 'development' };

  it('shows the error with the source line it comes from, escaped', async () => {
    const site = await openSite(() => {}, {
      app,
      files: {
        'config/routes.ts': `import { Route } from 'blitz-session';
import { explode } from '../app/explode.ts';
Route.get('/', () => explode('<script>alert(1)</script>'));`,
        'app/explode.ts': `// line 1 <b>
export function explode(what: string): never {
  throw new Error('boom ' + what); // the guilty line
}`,
      },
    });
    const { status, body, headers } = await site.get('/');
    expect(status).to.equal(500);
    expect(headers.get('cache-control')).to.equal('private, no-store');
    expect(body)
      .to.contain('boom &#60;script&#62;alert(1)')
      .and.not.contain('<script>')
      .and.not.contain('<b>');
    expect(body).to.match(/<mark>[^\n]*the guilty line/);
    expect(body).to.contain('app/explode.ts:3');
    expect(body).to.contain('GET /');
  });

  it('shows the line of the template', async () => {
    const site = await openSite(
      (route) => {
        route.get('/', () => view('broken', { user: undefined }));
        route.get('/inner', () => view('outer'));
      },
      {
        app,
        files: {
          'app/Views/broken.eta': '<h1>fine</h1>\n<p><%= it.user.name %></p>\n<i>after</i>',
          'app/Views/outer.eta': '<main><%~ include("broken", {}) %></main>',
        },
      },
    );
    for (const path of ['/', '/inner']) {
      const { status, body } = await site.get(path);
      expect(status).to.equal(500);
      expect(body).to.contain('broken.eta:2');
      expect(body).to.contain('it.user.name').and.contain('&#62;&#62; 2| ');
      expect(body).to.not.contain('<p><%= it.user');
      expect(body).to.match(/Cannot read properties of undefined/);
    }
  });

  it('shows the cause, and no session data', async () => {
    const site = await openSite(
      (route) =>
        route.get('/', () => {
          session({ card: request('card') });
          throw new Error('outer', { cause: new Error('the inner <reason>') });
        }),
      { app },
    );
    const browser = site.browser();
    const card = Math.random().toString().slice(2);
    const { body } = await browser.get(`/?card=${card}`);
    expect(body).to.contain('the inner &#60;reason&#62;');
    expect(body).to.not.contain(card).and.not.contain(browser.id);
  });

  it('what the client did wrong has its ordinary page', async () => {
    const site = await openSite((route) => route.get('/', () => abort(403, 'Members only.')), { app });
    const { status, body } = await site.get('/');
    expect(status).to.equal(403);
    expect(body).to.contain('Members only.').and.not.contain('abort');
    expect((await site.get('/nothing')).body).to.not.contain('kernel');
  });
});

describe("kernel: the application's own error pages", () => {
  afterEach(closeSites);

  it('errors/404.eta, errors/error.eta for the rest, with the session and without', async () => {
    const site = await openSite(
      (route) => {
        route.get('/name', () => session({ name: '<Ada>' }));
        route.get('/lost', () => abort(404));
        route.get('/teapot', () => abort(418, 'No coffee <here>.'));
        route.get('/boom', () => {
          throw new Error('secret');
        });
        route.get('/none', () => abort(404)).withoutSession();
      },
      {
        files: {
          'app/Views/errors/404.eta': `<h1>own <%= it.status %></h1><%= request().hasSession() ? session('name', 'nobody') : 'no session' %>`,
          'app/Views/errors/error.eta':
            '<h1>rest <%= it.status %></h1><p><%= it.title %></p><p><%= it.message %></p>',
        },
      },
    );
    const browser = site.browser();
    await browser.get('/name');
    expect((await browser.get('/lost')).body).to.equal('<h1>own 404</h1>&lt;Ada&gt;');
    expect((await browser.get('/nowhere')).body).to.match(/^<h1>own 404<\/h1>(?:&lt;Ada&gt;|no session)$/);
    expect((await browser.get('/none')).body).to.equal('<h1>own 404</h1>no session');
    const teapot = await browser.get('/teapot');
    expect([teapot.status, teapot.headers.get('content-type')]).to.deep.equal([
      418,
      'text/html; charset=utf-8',
    ]);
    expect(teapot.body).to.match(/^<h1>rest 418<\/h1>.*<p>No coffee &lt;here&gt;.<\/p>$/);
    const boom = await browser.get('/boom');
    expect([boom.status, boom.body.startsWith('<h1>rest 500</h1>')]).to.deep.equal([500, true]);
    expect(boom.body).to.not.contain('secret');
  });

  it('an error view that fails is reported, and our page is sent', async () => {
    const site = await openSite(
      (route) => {
        route.get('/lost', () => abort(404));
        route.get('/boom', () => {
          throw new Error('first');
        });
      },
      {
        files: {
          'app/Views/errors/404.eta': '<%= it.nothing.at.all %>',
          'app/Views/errors/500.eta': '<% layout("missing") %>',
        },
      },
    );
    const browser = site.browser();
    for (const [path, status] of [
      ['/lost', 404],
      ['/nowhere', 404],
      ['/boom', 500],
    ] as const) {
      const answer = await browser.get(path);
      expect(answer.status, path).to.equal(status);
      expect(answer.body).to.match(/^<!doctype html>/);
      expect(answer.body).to.not.contain('nothing');
    }
    expect(site.log.errors).to.have.length(4);
  });

  it('an error view is read-only once the session could not be saved', async () => {
    const { mood, handler } = moodyHandler();
    const site = await openSite((route) => route.get('/', () => session({ n: 1 })), {
      session: { handler },
      files: { 'app/Views/errors/503.eta': `<h1>own <%= it.status %> <%= session('n') %></h1>` },
    });
    mood.write = 'throws';
    const answer = await site.get('/');
    expect([answer.status, answer.body, answer.cookies]).to.deep.equal([503, '<h1>own 503 1</h1>', []]);
  });

  it('flash values that only an error page showed have had their turn', async () => {
    const site = await openSite(
      (route) => {
        route.get('/flash', () => session().flash('m', 'hello'));
        route.get('/lost', () => abort(404));
        route.get('/m', () => session('m', 'gone'));
      },
      { files: { 'app/Views/errors/404.eta': `<%= session('m', 'gone') %>` } },
    );
    const browser = site.browser();
    await browser.get('/flash');
    expect((await browser.get('/lost')).body).to.equal('hello');
    expect((await browser.get('/m')).body).to.equal('gone');
  });

  it('an address that nobody knows does not age flash values', async () => {
    const site = await openSite((route) => {
      route.get('/flash', () => session().flash('m', 'hello'));
      route.get('/m', () => session('m', 'gone'));
    });
    const browser = site.browser();
    await browser.get('/flash');
    await browser.get('/favicon.ico');
    expect((await browser.get('/m')).body).to.equal('hello');
  });
});

describe('kernel: abort()', () => {
  afterEach(closeSites);

  it('has its status, headers and message, and saves the session', async () => {
    const site = await openSite((route) => {
      route.get('/{status}', (status) => {
        session({ status });
        Cookie.queue('queued', 'yes');
        abort(Number(status), 'Said <so>.', { 'X-Reason': 'because', 'Retry-After': '7' });
      });
      route.get('/thrown/error', () => {
        throw new HttpError(402);
      });
      route.get('/seen/status', () => session('status'));
    });
    const browser = site.browser();
    for (const status of [400, 401, 402, 403, 404, 405, 409, 410, 418, 419, 422, 429, 500, 503]) {
      const answer = await browser.get(`/${status}`);
      expect(answer.status).to.equal(status);
      expect(answer.headers.get('x-reason')).to.equal('because');
      expect(answer.headers.get('retry-after')).to.equal('7');
      expect(answer.body).to.contain('Said &#60;so&#62;.');
      expect((await browser.get('/seen/status')).body).to.equal(String(status));
    }
    expect((await browser.get('/thrown/error')).status).to.equal(402);
    expect(site.log.errors).to.deep.equal([]);
  });

  it('in a middleware: the action does not run', async () => {
    let runs = 0;
    const site = await openSite((route) => {
      route.aliasMiddleware('member', (_request, next) => (session('member') ? next() : abort(403)));
      route.get('/club', () => String(++runs)).middleware('member');
      route.get('/join', () => session({ member: true }));
    });
    const browser = site.browser();
    expect((await browser.get('/club')).status).to.equal(403);
    await browser.get('/join');
    expect((await browser.get('/club')).body).to.equal('1');
  });

  it('what no HTTP message can carry is a 500 of ours, with the session', async () => {
    const site = await openSite((route) => {
      route.get('/header', () => {
        session({ a: 1 });
        return response('x').withHeader('X-Bad', 'a\nb');
      });
      route.get('/name', () => response('x').withHeader('X Bad', 'a'));
      route.get('/reason', () => response('x').withStatus(200, 'a\nb'));
      route.get('/status', () => response('x').withStatus(799));
      route.get('/a', () => String(session('a', 0)));
    });
    for (const path of ['/header', '/name', '/reason', '/status']) {
      const browser = site.browser();
      const answer = await browser.get(path);
      expect(answer.status, path).to.equal(500);
      expect(answer.headers.get('content-type'), path).to.equal('text/html; charset=utf-8');
      expect(answer.body, path).to.not.match(/invalid|ERR_|token/i);
      expect(answer.cookies, path).to.have.length(1);
      if (path === '/header') expect((await browser.get('/a')).body).to.equal('1');
    }
    expect(site.log.errors).to.have.length(4);
  });
});
