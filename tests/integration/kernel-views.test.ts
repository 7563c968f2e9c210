import { fork } from 'node:child_process';
import { once } from 'node:events';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  type Application,
  abort,
  type BlitzError,
  type ErrorCode,
  isBlitzError,
  redirect,
  session,
  View,
  view,
} from 'blitz-session';
import { expect } from 'chai';
import {
  bootSite,
  closeSites,
  FullLog,
  openSite,
  type SiteOptions,
  writeApplication,
} from '../fixtures/kernel-site.js';

/** Views by their name. */
type Templates = Readonly<Record<string, string>>;

const filesOf = (templates: Templates) =>
  Object.fromEntries(Object.entries(templates).map(([name, text]) => [`app/Views/${name}.eta`, text]));

/** An application with these views. */
const appWith = (templates: Templates, options: SiteOptions = {}): Promise<Application> =>
  bootSite({ ...options, files: { ...filesOf(templates), ...options.files } });

/** The text of the view `page`. */
async function shown(
  template: string,
  data: Record<string, unknown> = {},
  more: Templates = {},
): Promise<string> {
  await appWith({ page: template, ...more });
  return view('page', data).render();
}

/** The error of that code that `work` throws. */
function refused(work: () => unknown, code: ErrorCode): BlitzError {
  try {
    work();
  } catch (error) {
    if (isBlitzError(error, code)) return error;
    throw error;
  }
  return expect.fail('nothing was refused');
}

describe('kernel: views', () => {
  afterEach(closeSites);

  describe('values', () => {
    it('are escaped, in texts and in attributes', async () => {
      const evil = `"'<script>&`;
      expect(
        await shown('<p title="<%= it.x %>" class=\'<%= it.x %>\'><%= it.x %></p>', { x: evil }),
      ).to.equal(
        `<p title="&quot;&#39;&lt;script&gt;&amp;" class='&quot;&#39;&lt;script&gt;&amp;'>&quot;&#39;&lt;script&gt;&amp;</p>`,
      );
      expect(await shown('<%~ it.x %>', { x: evil })).to.equal(evil);
      expect(await shown('<%= it.x %>', { x: ['<', '>'] })).to.equal('&lt;,&gt;');
      expect(await shown('<%= it.x %>', { x: { toString: () => '<' } })).to.equal('&lt;');
    });

    it('that are absent print nothing', async () => {
      expect(await shown('[<%= it.a %><%~ it.a %><%= it.b %><%~ it.b %>]', { b: null })).to.equal('[]');
      expect(await shown('[<%= it.a %>|<%= it.b %>|<%= it.c %>]', { a: 0, b: false, c: '' })).to.equal(
        '[0|false|]',
      );
    });

    it('belong to the view alone: what was given is copied', async () => {
      await appWith({ page: '<%= it.x %>' });
      const data = { x: 1 };
      const page = view('page', data).with('x', 2).with({ y: 3 });
      data.x = 9;
      expect([page.render(), String(page), data, page.name]).to.deep.equal(['2', '2', { x: 9 }, 'page']);
    });

    it('a view may be in a view', async () => {
      await appWith({ page: '<b><%~ it.part %></b>', part: '<i><%= it.x %></i>' });
      expect(view('page', { part: view('part', { x: '<' }) }).render()).to.equal('<b><i>&lt;</i></b>');
    });
  });

  describe('includes', () => {
    it('by their name from the views folder, also in nested folders, or from where they stand', async () => {
      const text = await shown('', {}, {});
      expect(text).to.equal('');
      await appWith({
        'shop/list/page': `<%~ include('shop/parts/row', { n: 1 }) %><%~ include('./own', { n: 2 }) %><%~ include('../parts/row', { n: 3 }) %>`,
        'shop/list/own': `own <%= it.n %>,<%~ include('../parts/row') %>`,
        'shop/parts/row': `row <%= it.n %><%= it.x %>,`,
      });
      expect(view('shop/list/page', { x: '!' }).render()).to.equal('row 1!,own 2,row 2!,row 3!,');
      expect(view('/shop/parts/row', { n: 4 }).render()).to.equal('row 4,');
      expect(view('shop/parts/row.eta', { n: 5 }).render()).to.equal('row 5,');
    });

    it('one that is not there is named, in development as in production', async () => {
      for (const env of ['production', 'development'] as const) {
        await appWith({ page: `<%~ include('parts/none') %>` }, { app: { env } });
        expect(refused(() => view('page').render(), 'E_VIEW_UNKNOWN').details).to.deep.equal({
          name: 'parts/none',
          file: 'app/Views/parts/none.eta',
        });
        await closeSites();
      }
    });
  });

  describe('layouts', () => {
    const layouts = {
      'layouts/main': `<title><%= it.title %></title><%~ it.body %><%= it.x %>`,
      'layouts/other': `[<%~ it.body %>]`,
    };

    it('around the view, with its data, what it adds, and the page in it.body', async () => {
      const page = `<% layout('layouts/main', { title: 'T & T' }) %><p><%= it.x %></p>`;
      expect(await shown(page, { x: '<' }, layouts)).to.equal('<title>T &amp; T</title><p>&lt;</p>&lt;');
    });

    it('may have one themselves', async () => {
      const nested = { ...layouts, 'layouts/inner': `<% layout('./other') %>(<%~ it.body %>)` };
      expect(await shown(`<% layout('layouts/inner') %>x`, {}, nested)).to.equal('[(x)]');
    });

    it('chosen by the action, unless the view chooses one itself', async () => {
      await appWith({
        ...layouts,
        plain: `p<%~ include('part') %>`,
        own: `<% layout('layouts/main', { title: 'own' }) %>o`,
        part: 'q',
      });
      expect(view('plain').layout('layouts/other').render()).to.equal('[pq]');
      expect(view('own').layout('layouts/other').render()).to.equal('<title>own</title>o');
      expect(view('plain').render()).to.equal('pq');
      expect(View.render('plain', {}, 'layouts/other')).to.equal('[pq]');
      refused(() => view('plain').layout('layouts/none').render(), 'E_VIEW_UNKNOWN');
    });

    it('blocks: of the page in the layout, whoever chose it', async () => {
      const framed = {
        'layouts/framed': `<head><% block('title', () => { %>none<% }) %><%~ block('title') %></head><%~ it.body %>`,
        'layouts/simple': `<head><%~ block('head') %></head><main><%~ it.body %></main>`,
        page: `<% block('head', () => { %><title><%= it.x %></title><% }) %>body`,
        chosen: `<% layout('layouts/simple') %><% block('head', () => { %><title><%= it.x %></title><% }) %>body`,
      };
      await appWith(framed);
      const expected = '<head><title>&lt;</title></head><main>body</main>';
      expect(view('chosen', { x: '<' }).render()).to.equal(expected);
      expect(view('page', { x: '<' }).layout('layouts/simple').render()).to.equal(expected);
    });
  });

  describe('names', () => {
    it('that lead out of the folder are unknown', async () => {
      await appWith(
        { page: `<%~ include(it.name) %>`, 'sub/page': `<%~ include(it.name) %>` },
        {
          files: { 'app/secret.eta': 'secret', 'secret.eta': 'secret', 'app/Views2/secret.eta': 'secret' },
        },
      );
      const names = [
        '../secret',
        '../../secret',
        '/../secret',
        'sub/../../secret',
        './../secret',
        '../Views2/secret',
        '..\\secret',
        '../../../../../../etc/passwd',
        'page\0',
        '',
        '.',
        '..',
        '/',
      ];
      for (const name of names) {
        expect(View.exists(name), name).to.equal(false);
        refused(() => view(name), 'E_VIEW_UNKNOWN');
        refused(() => view('page', { name }).render(), 'E_VIEW_UNKNOWN');
        refused(() => view('sub/page', { name }).render(), 'E_VIEW_UNKNOWN');
      }
      expect(view('page', { name: 'sub/../page2' }).with('name', 'sub/../page').name).to.equal('page');
    });

    it('make, exists, first, and what is not there', async () => {
      const app = await appWith({ a: 'A', 'b/c': 'BC' });
      expect(View.make('a').render()).to.equal('A');
      expect(app.service('view').make('b/c').render()).to.equal('BC');
      expect([View.exists('a'), View.exists('b/c'), View.exists('b'), View.exists('A')]).to.deep.equal([
        true,
        true,
        false,
        false,
      ]);
      expect(View.first(['none', 'b/c', 'a']).name).to.equal('b/c');
      expect(View.first(['a'], { x: 1 }).render()).to.equal('A');
      expect(refused(() => View.first(['none', 'nor/this']), 'E_VIEW_UNKNOWN').details['name']).to.equal(
        'nor/this',
      );
      refused(() => View.first([]), 'E_VIEW_UNKNOWN');
      expect(refused(() => view('user/profil'), 'E_VIEW_UNKNOWN').message).to.match(
        /user\/profil.*app\/Views\/user\/profil\.eta/,
      );
    });

    it('view_exists in a template', async () => {
      expect(await shown(`<%= view_exists('page') %> <%= view_exists('none') %>`)).to.equal('true false');
    });
  });

  describe('sharing', () => {
    it('at the start: with every view, layout and include; what a view is given wins', async () => {
      await appWith({
        page: `<% layout('main') %><%= it.site %><%~ include('part') %>`,
        part: '<%= it.site %><%= it.price(3) %>',
        main: '<%= it.site %><%~ it.body %>',
      });
      View.share('site', 'S');
      View.share({ price: (sum: number) => `${sum} F`, other: 1 });
      expect(view('page').render()).to.equal('SSS3 F');
      expect(view('page', { site: 'own' }).render()).to.equal('ownownown3 F');
    });

    it('during a request: with the views of this request alone', async () => {
      const site = await openSite(
        (route) => {
          route.use((request: { input(key: string): unknown }, next: () => unknown) => {
            View.share('user', request.input('user'));
            return next();
          });
          route.get('/slow', async () => {
            await new Promise((resolve) => setTimeout(resolve, 100));
            return view('page');
          });
          route.get('/fast', () => view('page'));
          route.get('/broken', () => abort(404));
        },
        { files: filesOf({ page: '<%= it.site %>:<%= it.user %>', 'errors/404': 'lost <%= it.user %>' }) },
      );
      View.share('site', 'S');
      const [slow, fast, none] = await Promise.all([
        site.get('/slow?user=Ada'),
        site.get('/fast?user=Bob'),
        site.get('/fast'),
      ]);
      expect([slow.body, fast.body, none.body]).to.deep.equal(['S:Ada', 'S:Bob', 'S:']);
      expect((await site.get('/broken?user=Cy')).body).to.equal('lost Cy');
      expect(view('page').render()).to.equal('S:');
    });
  });

  describe('helpers', () => {
    it('session, request, route, config, csrf and method fields', async () => {
      const site = await openSite(
        (route) => {
          route
            .get('/users/{id}', () => {
              session({ name: '<Ada>' });
              return view('page');
            })
            .name('user');
        },
        {
          files: filesOf({
            page: [
              `<%= session('name') %>`,
              `<%= session('none', 'default') %>`,
              `<%= session().get('name') %>`,
              `<%= request().path() %>`,
              `<%= route('user', { id: 'é', q: 1 }) %>`,
              `<%= config('session.cookie_name') %>`,
              `<%= config('app.none', 'fallback') %>`,
              `<%= csrf_token() === session().token() %>`,
              `<%~ csrf_field() %>`,
              `<%~ method_field('put') %>`,
            ].join('|'),
          }),
        },
      );
      const { body } = await site.get('/users/7');
      const lines = body.split('|');
      expect(lines.slice(0, 8)).to.deep.equal([
        '&lt;Ada&gt;',
        'default',
        '&lt;Ada&gt;',
        '/users/7',
        '/users/%C3%A9?q=1',
        'blitz_session',
        'fallback',
        'true',
      ]);
      expect(lines[8]).to.match(/^<input type="hidden" name="_token" value="\w{40}">$/);
      expect(lines[9]).to.equal('<input type="hidden" name="_method" value="PUT">');
    });

    const formPage = {
      page: `<%= old('nom') %>|<%= old('user.name', 'none') %>|<%= error('nom') %>|<%= error('age') %>|<%= error('none') %>|<%= error('nom', 'login') %>|<%~ JSON.stringify(errors()) %>`,
    };

    it('old, error and errors after a form', async () => {
      const site = await openSite(
        (route) => {
          route.get('/', () => view('page'));
          route
            .post('/', () =>
              redirect('/')
                .withInput()
                .withErrors({ nom: ['<Court>', 'x'], age: 'Manque.' })
                .withErrors({ nom: 'L' }, 'login'),
            )
            .withoutCsrf();
          route.post('/text', () => redirect('/').withErrors('Refusé.')).withoutCsrf();
        },
        { files: filesOf(formPage) },
      );
      const browser = site.browser();
      expect((await browser.get('/')).body).to.equal('|none|||||{}');
      await browser.post('/', { nom: '"x"', 'user[name]': 'Zoé' });
      expect((await browser.get('/')).body).to.equal(
        '&quot;x&quot;|Zoé|&lt;Court&gt;|Manque.||L|{"nom":["<Court>","x"],"age":"Manque."}',
      );
      expect((await browser.get('/')).body).to.equal('|none|||||{}');
      await browser.post('/text');
      expect((await browser.get('/')).body).to.equal('|none|||||["Refusé."]');
    });

    it('withErrors: in this view and what it includes alone, on any route, and nothing is kept', async () => {
      const site = await openSite(
        (route) => {
          const page = () =>
            view('outer')
              .withErrors({ nom: ['Vue.'] })
              .withErrors('Seul.', 'login');
          route.get('/write', page);
          route.get('/read', page).readOnly();
          route.get('/none', page).withoutSession();
          route.get('/twice', () => `${page().render()};${view('outer').render()}`);
          route.get('/kept', () => {
            session().flashErrors({ nom: 'Session.', age: 'Session.' });
            session().flashErrors({ nom: 'Autre.' }, 'other');
            return page();
          });
          route.get('/look', () => ({ errors: session('errors'), keys: session().getFlashKeys() }));
        },
        {
          files: filesOf({
            outer: `<%~ include('inner') %>`,
            inner: `<%= error('nom') %>,<%= error('age') %>,<%= error('0', 'login') %>,<%= error('nom', 'other') %>`,
          }),
        },
      );
      for (const path of ['/write', '/read', '/none'])
        expect((await site.get(path)).body, path).to.equal('Vue.,,Seul.,');
      expect((await site.get('/twice')).body).to.equal('Vue.,,Seul.,;,,,');
      expect((await site.get('/kept')).body).to.equal('Vue.,,Seul.,Autre.');
      const browser = site.browser();
      await browser.get('/write');
      expect(JSON.parse((await browser.get('/look')).body)).to.deep.equal({ keys: [] });
    });

    it('old, error and errors have nothing on a route without a session; the token says what is missing', async () => {
      const site = await openSite(
        (route) => {
          route.get('/', () => view('page')).withoutSession();
          route.get('/token', () => view('token')).withoutSession();
          route.get('/session', () => view('session')).withoutSession();
        },
        { files: filesOf({ ...formPage, token: '<%~ csrf_field() %>', session: `<%= session('x') %>` }) },
      );
      expect((await site.get('/')).body).to.equal('|none|||||{}');
      expect([(await site.get('/token')).status, (await site.get('/session')).status]).to.deep.equal([
        500, 500,
      ]);
      expect(site.log.text).to.contain('E_SESSION_NO_REQUEST');
    });

    it('in a page for an error the session is empty where there is none to ask', async () => {
      const error = `<%= it.status %>:<%= session('name', 'nobody') %>:<%= old('x', 'none') %>:<%~ csrf_field() %>`;
      const site = await openSite(
        (route) => {
          route.get('/none', () => abort(403)).withoutSession();
          route.get('/write', () => {
            session({ name: 'Ada' });
            abort(403);
          });
        },
        { files: filesOf({ 'errors/error': error }) },
      );
      const field = '<input type="hidden" name="_token" value="">';
      expect((await site.get('/none')).body).to.equal(`403:nobody:none:${field}`);
      expect((await site.get('/nothing')).body).to.equal(`404:nobody:none:${field}`);
      expect((await site.get('/write')).body).to.match(
        /^403:Ada:none:<input type="hidden" name="_token" value="\w{40}">$/,
      );
    });

    it('outside a request say what is missing', async () => {
      for (const [template, code] of [
        [`<%= session('x') %>`, 'E_SESSION_NO_REQUEST'],
        [`<%= old('x') %>`, 'E_SESSION_NO_REQUEST'],
        [`<%= error('x') %>`, 'E_SESSION_NO_REQUEST'],
        [`<%~ csrf_field() %>`, 'E_SESSION_NO_REQUEST'],
        [`<%= request().path() %>`, 'E_HTTP_NO_REQUEST'],
        [`<%= route('none') %>`, 'E_ROUTE_UNKNOWN'],
      ] as const) {
        await appWith({ page: template });
        refused(() => view('page').render(), code);
        await closeSites();
      }
    });
  });

  describe('errors in a template', () => {
    for (const env of ['production', 'development'] as const) {
      it(`keep their identity: ${env}`, async () => {
        class Mine extends Error {}
        const mine = new Mine('mine');
        await appWith(
          {
            page: `<% layout('layout') %><%~ include('part', { fail: it.fail }) %>`,
            part: `line 1\n<% it.fail() %>\n`,
            layout: `<%~ it.body %>`,
            own: `<%= it.none.x %>`,
          },
          { app: { env } },
        );
        const fail = (thrown: unknown) =>
          view('page', {
            fail: () => {
              throw thrown;
            },
          });
        expect(() => fail(mine).render()).to.throw(Mine, 'mine');
        let caught: unknown;
        for (const thrown of ['text', 5, undefined, null, Object.freeze(new Error('frozen'))]) {
          try {
            fail(thrown).render();
          } catch (error) {
            caught = error;
          }
          if (thrown instanceof Error) expect(caught).to.equal(thrown);
          else expect(caught).not.to.equal(mine);
        }
        expect(() => view('own').render()).to.throw(TypeError);
        refused(() => fail(refused(() => view('none'), 'E_VIEW_UNKNOWN')).render(), 'E_VIEW_UNKNOWN');
      });
    }

    it('abort() inside a view is its status, and an error of ours is its own', async () => {
      const files = filesOf({
        gone: '<% it.abort(410, "Parti.") %>',
        route: `<%= route('none') %>`,
        broken: `\n\n<%= it.none.x %>`,
      });
      for (const env of ['production', 'development'] as const) {
        const log = new FullLog();
        const site = await openSite(
          (route) => {
            for (const name of ['gone', 'route', 'broken'])
              route.get(`/${name}`, () => view(name, { abort }));
          },
          { files, app: { env }, log },
        );
        const gone = await site.get('/gone', { headers: { accept: 'application/json' } });
        expect([gone.status, JSON.parse(gone.body).error.message]).to.deep.equal([410, 'Parti.']);
        expect((await site.get('/route')).status).to.equal(500);
        expect(log.errors[0]).to.contain('E_ROUTE_UNKNOWN');
        const broken = await site.get('/broken');
        expect(broken.status).to.equal(500);
        if (env === 'development')
          expect(broken.body)
            .to.match(/broken\.eta:3/)
            .and.contain('it.none.x');
        else expect(broken.body).not.to.contain('it.none');
      }
    });

    it('what cannot be read is named with its file', async () => {
      for (const env of ['production', 'development'] as const) {
        await appWith(
          {
            'user/page': `<% if (x { %>`,
            open: `<%= 'x %>`,
            outer: `<%~ include('user/page') %>`,
            unclosed: `<p>\n<%= x`,
          },
          { app: { env } },
        );
        const { details, message } = refused(() => view('user/page').render(), 'E_VIEW_SYNTAX');
        expect(details['file']).to.equal('app/Views/user/page.eta');
        expect(message)
          .to.match(/user\/page\.eta.*[Uu]nexpected token/)
          .and.not.contain('__eta');
        expect(refused(() => view('outer').render(), 'E_VIEW_SYNTAX').details['file']).to.equal(
          'app/Views/user/page.eta',
        );
        expect(refused(() => view('unclosed').render(), 'E_VIEW_SYNTAX').details['reason']).to.match(
          /unclosed tag at line 2/,
        );
        refused(() => view('open').render(), 'E_VIEW_SYNTAX');
        await closeSites();
      }
    });

    it('leave nothing behind for the next view', async () => {
      await appWith({ page: `<% it.fail() %>`, next: `<%= error('x') %>` });
      const fail = () => {
        throw new Error('mine');
      };
      expect(() => view('page', { fail }).withErrors({ x: 'left' }).render()).to.throw('mine');
      refused(() => view('next').render(), 'E_SESSION_NO_REQUEST');
    });
  });

  describe('files', () => {
    it('are read once in production, and each time in development', async () => {
      for (const [env, second] of [
        ['production', 'one'],
        ['development', 'two'],
      ] as const) {
        const root = await writeApplication(filesOf({ page: `<%~ include('part') %>`, part: 'one' }));
        await bootSite({ root, app: { env } });
        expect(view('page').render()).to.equal('one');
        await writeFile(join(root, 'app/Views/part.eta'), 'two');
        expect(view('page').render(), env).to.equal(second);
        expect(View.exists('later')).to.equal(false);
        await writeFile(join(root, 'app/Views/later.eta'), 'x');
        expect(View.exists('later')).to.equal(env === 'development');
        if (env === 'production') {
          await rm(join(root, 'app/Views'), { recursive: true });
          expect(view('page').render()).to.equal('one');
        }
        await closeSites();
      }
    });

    it('two applications have their own', async () => {
      const [one, two] = [await appWith({ page: 'one' }), await appWith({ page: 'two' })];
      expect([one, two].map((app) => app.service('view').make('page').render())).to.deep.equal([
        'one',
        'two',
      ]);
    });
  });

  it('without eta who asks for a view is told what to install, and nobody else', async () => {
    const root = await writeApplication(filesOf({ page: 'x' }));
    expect(await withoutPackage(root, 'eta')).to.deep.equal({
      results: { '/': 200, '/view': 500 },
      errors: ['E_PACKAGE_MISSING'],
    });
    await bootSite();
    const { message, details } = refused(() => View.render('page'), 'E_PACKAGE_MISSING');
    expect(details['packages']).to.equal('eta');
    expect(message).to.contain('npm install eta');
  });

  it('without Fastify inject says what to install', async () => {
    const root = await writeApplication();
    const { results } = await withoutPackage(root, 'fastify');
    expect(results['/']).to.match(/^E_PACKAGE_MISSING .*fastify/);
  });
});

const WITHOUT = fileURLToPath(new URL('../fixtures/without-package.mjs', import.meta.url));

/** What an application answers in a process where a package is not installed. */
async function withoutPackage(
  root: string,
  name: string,
): Promise<{ readonly results: Record<string, unknown>; readonly errors: readonly string[] }> {
  const fromSource = process.env['TSX_TSCONFIG_PATH'] !== undefined;
  const child = fork(WITHOUT, [root, name], { execArgv: fromSource ? ['--import', 'tsx'] : [] });
  const [answer] = await once(child, 'message');
  return answer;
}
