import { get as httpGet } from 'node:http';
import { Readable } from 'node:stream';
import {
  Controller,
  Cookie,
  HttpError,
  type InjectedResponse,
  isBlitzError,
  type Request,
  type Response,
  Response as ResponseFacade,
  type Router,
  redirect,
  response,
  session,
  View,
  view,
} from 'blitz-session';
import { expect } from 'chai';
import { bootSite, closeSites, FullLog, openSite, type SiteOptions } from '../fixtures/kernel-site.js';

type Action = (request: Request, response: Response) => unknown;

const VIEWS = { 'app/Views/page.eta': '<p><%= it.name %></p>' };

/** The answer of one action, and what was logged. */
async function answer(
  action: Action,
  options: SiteOptions & { readonly method?: 'GET' | 'HEAD' } = {},
): Promise<InjectedResponse & { readonly log: FullLog }> {
  const { method = 'GET', ...site } = options;
  const log = new FullLog();
  const app = await bootSite({ log, ...site });
  (app.service('route') as Router).get('/', action);
  return Object.assign(await app.inject({ method, url: '/' }), { log });
}

/** The header lines of an answer but for those of the server. */
function headersOf({ headers }: InjectedResponse): Record<string, unknown> {
  const {
    date: _date,
    connection: _connection,
    'cache-control': _cache,
    'set-cookie': _cookie,
    ...own
  } = headers;
  return own;
}

/** Cookies of the answer but the session's. */
const cookiesOf = ({ cookies }: InjectedResponse) => cookies.filter(({ name }) => name !== 'blitz_session');

/** The reason of the `E_RESPONSE` behind a 500. */
function reasonOf({ statusCode, log }: InjectedResponse & { readonly log: FullLog }): string {
  expect(statusCode).to.equal(500);
  const text = log.errors.join('\n');
  expect(text).to.contain('E_RESPONSE');
  return text;
}

describe('kernel: what an action returns', () => {
  afterEach(closeSites);

  it('text is HTML, a number is text', async () => {
    expect((await answer(() => '<b>x</b>')).headers['content-type']).to.equal('text/html; charset=utf-8');
    for (const [value, body] of [
      [5, '5'],
      [0, '0'],
      [-1.5, '-1.5'],
      [10n ** 20n, '100000000000000000000'],
    ] as const) {
      const got = await answer(() => value);
      expect([got.body, got.headers['content-type']]).to.deep.equal([body, 'text/plain; charset=utf-8']);
    }
    expect((await answer(() => '')).body).to.equal('');
  });

  it('objects, lists, booleans and dates are JSON', async () => {
    for (const [value, body] of [
      [{ a: 1, b: undefined, c: null }, '{"a":1,"c":null}'],
      [[1, 'é'], '[1,"é"]'],
      [true, 'true'],
      [false, 'false'],
      [new Date(0), '"1970-01-01T00:00:00.000Z"'],
      [{ toJSON: () => 'own' }, '"own"'],
      [Object.create(null), '{}'],
    ] as const) {
      const got = await answer(() => value);
      expect([got.body, got.headers['content-type']]).to.deep.equal([
        body,
        'application/json; charset=utf-8',
      ]);
    }
  });

  it('nothing is the current response as it is', async () => {
    const empty = await answer(() => undefined);
    expect([empty.statusCode, empty.body, headersOf(empty)]).to.deep.equal([
      200,
      '',
      { 'content-length': '0' },
    ]);
    expect((await answer(() => null)).statusCode).to.equal(200);
    const set = await answer((_request, current) => void current.text('set').withStatus(202));
    expect([set.statusCode, set.body]).to.deep.equal([202, 'set']);
    expect((await answer(async (_request, current) => current.text('later'))).body).to.equal('later');
  });

  it('bytes and streams are sent as they are', async () => {
    const bytes = Buffer.from([0, 255, 128]);
    for (const make of [
      () => bytes,
      () => new Uint8Array(bytes),
      () => new Uint8Array([9, 0, 255, 128, 9]).subarray(1, 4),
      () => Readable.from([bytes.subarray(0, 1), bytes.subarray(1)]),
      () => new Blob([bytes]).stream(),
    ]) {
      const got = await answer(make as Action);
      expect([...got.rawPayload]).to.deep.equal([...bytes]);
      expect(got.headers['content-type']).to.equal('application/octet-stream');
    }
  });

  it('a view is rendered', async () => {
    const got = await answer(() => view('page', { name: '<Ada>' }), { files: VIEWS });
    expect([got.body, got.headers['content-type']]).to.deep.equal([
      '<p>&lt;Ada&gt;</p>',
      'text/html; charset=utf-8',
    ]);
  });

  it("a response of the Web, such as fetch's", async () => {
    const web = () =>
      new globalThis.Response('thé', {
        status: 201,
        headers: [
          ['Content-Type', 'text/plain; charset=utf-8'],
          ['X-Own', 'yes'],
          ['Set-Cookie', 'a=1'],
          ['Set-Cookie', 'b=2'],
          ['Connection', 'keep-alive'],
        ],
      });
    const got = await answer(web);
    expect([got.statusCode, got.body, got.headers['x-own']]).to.deep.equal([201, 'thé', 'yes']);
    expect(cookiesOf(got).map(({ name, value }) => `${name}=${value}`)).to.deep.equal(['a=1', 'b=2']);
    const empty = await answer(() => new globalThis.Response(null, { status: 204 }));
    expect([empty.statusCode, empty.body]).to.deep.equal([204, '']);
    const compressed = await answer(
      () =>
        new globalThis.Response('plain', { headers: { 'Content-Encoding': 'gzip', 'Content-Length': '99' } }),
    );
    expect([
      compressed.body,
      compressed.headers['content-encoding'],
      compressed.headers['content-length'],
    ]).to.deep.equal(['plain', undefined, undefined]);
  });

  it('one of the Web that was read already is refused', async () => {
    const used = new globalThis.Response('x');
    await used.text();
    expect(reasonOf(await answer(() => used))).to.match(/flux|stream/);
  });

  it('what JSON cannot say is a 500 that says so in the log', async () => {
    const cycle: Record<string, unknown> = {};
    cycle['self'] = cycle;
    expect(reasonOf(await answer(() => ({ n: 1n })))).to.match(/JSON.*BigInt/s);
    expect(reasonOf(await answer(() => cycle))).to.contain('JSON');
    expect(reasonOf(await answer((_request, current) => current.json([1n])))).to.contain('JSON');
    const mine = await answer(() => ({
      toJSON() {
        throw new HttpError(418);
      },
    }));
    expect(mine.statusCode).to.equal(418);
  });

  it('a controller has the request and the response', async () => {
    class Page extends Controller {
      show() {
        return this.response.withHeader('X-Path', this.request.path()).text('shown');
      }
    }
    const app = await bootSite();
    (app.service('route') as Router).get('/page', [Page, 'show']);
    const got = await app.inject('/page');
    expect([got.body, got.headers['x-path']]).to.deep.equal(['shown', '/page']);
  });
});

describe('kernel: the current response beside a returned one', () => {
  afterEach(closeSites);

  it('its status, headers and cookies stand, whatever is returned', async () => {
    const set = (current: Response) =>
      current.withStatus(202, 'Later').withHeader('X-Own', 'yes').withCookie('c', '1');
    const returned: Record<string, (current: Response) => unknown> = {
      text: () => 'x',
      object: () => ({ x: 1 }),
      number: () => 5,
      view: () => view('page', { name: 'x' }),
      nothing: () => undefined,
      bytes: () => Buffer.from('x'),
      'a response': () => response('x'),
      itself: (current) => current.text('x'),
    };
    for (const [kind, make] of Object.entries(returned)) {
      const got = await answer(
        (_request, current) => {
          set(current);
          return make(current);
        },
        { files: VIEWS },
      );
      expect([got.statusCode, got.headers['x-own'], cookiesOf(got).length], kind).to.deep.equal([
        202,
        'yes',
        1,
      ]);
    }
  });

  it('what the returned one says itself wins', async () => {
    const got = await answer((_request, current) => {
      current
        .withStatus(202)
        .withHeader('X-A', 'current')
        .withHeader('X-B', 'current')
        .withCookie('c', 'current');
      current.withCookie('d', 'current');
      return response('x', 203, { 'x-a': 'own' }).withCookie('c', 'own').withAddedHeader('X-C', 'own');
    });
    expect(got.statusCode).to.equal(203);
    expect(headersOf(got)).to.include({ 'x-a': 'own', 'x-b': 'current', 'x-c': 'own' });
    expect(cookiesOf(got).map(({ name, value }) => `${name}=${value}`)).to.deep.equal(['c=own', 'd=current']);
  });

  it('headers that describe a body stay with it', async () => {
    const got = await answer((_request, current) => {
      current.download(Buffer.from('%PDF'), 'x.pdf').withHeader('ETag', '"1"');
      return redirect('/elsewhere');
    });
    expect([got.statusCode, headersOf(got)]).to.deep.equal([
      302,
      { location: '/elsewhere', 'content-length': '0' },
    ]);
    const other = await answer((_request, current) => {
      current.json({ a: 1 });
      return response('<p>');
    });
    expect(other.headers['content-type']).to.equal('text/html; charset=utf-8');
    const typed = await answer((_request, current) => {
      current.type('csv').withHeader('Content-Disposition', 'inline');
      return response('a,b');
    });
    expect([typed.headers['content-type'], typed.headers['content-disposition']]).to.deep.equal([
      'text/csv; charset=utf-8',
      'inline',
    ]);
  });

  it('what a middleware takes away stays away', async () => {
    const app = await bootSite();
    const routes = app.service('route') as Router;
    routes.use(async (_request: Request, next: () => Promise<Response>) => {
      ResponseFacade.withHeader('X-Late', 'yes');
      return next();
    });
    routes.use(async (_request: Request, next: () => Promise<Response>) =>
      (await next()).withoutHeader('X-Own'),
    );
    routes.get('/', (_request, current) => {
      current.withHeader('X-Own', 'yes');
      return response('x');
    });
    const got = await app.inject('/');
    expect([got.headers['x-own'], got.headers['x-late'], got.body]).to.deep.equal([undefined, 'yes', 'x']);
  });

  it('a middleware may answer, change the answer, or put another in its place', async () => {
    const app = await bootSite();
    const routes = app.service('route') as Router;
    routes.get('/stop', () => 'action').middleware(() => response('stopped', 403));
    routes.get('/text', () => 'action').middleware(() => 'text');
    routes
      .get('/change', () => 'action')
      .middleware(async (_request, next) => (await next()).withStatus(202).text('changed'));
    routes
      .get('/instead', () => 'action')
      .middleware(async (_request, next) => {
        await next();
        return redirect('/other');
      });
    const all = await Promise.all(['/stop', '/text', '/change', '/instead'].map((path) => app.inject(path)));
    expect(all.map(({ statusCode, body }) => `${statusCode} ${body}`)).to.deep.equal([
      '403 stopped',
      '200 text',
      '202 changed',
      '302 ',
    ]);
  });

  it('a middleware that returns nothing answers with what came back to it', async () => {
    const app = await bootSite();
    const routes = app.service('route') as Router;
    routes.use(async (_request: Request, next: () => Promise<Response>) => {
      await next();
    });
    routes.get('/redirect', () => redirect('/other'));
    routes.get('/own', () => response('own', 203));
    routes.get('/text', () => 'text');
    const all = await Promise.all(['/redirect', '/own', '/text'].map((path) => app.inject(path)));
    expect(all.map(({ statusCode, body }) => `${statusCode} ${body}`)).to.deep.equal([
      '302 ',
      '203 own',
      '200 text',
    ]);
  });

  it('the helper, the façade and the argument are the same one', async () => {
    const got = await answer((_request, current) => {
      response().withHeader('X-Helper', '1');
      ResponseFacade.withHeader('X-Facade', '2').withHeader('X-Chained', '3');
      return [
        response() === current,
        current instanceof ResponseFacade,
        response('x') instanceof ResponseFacade,
        ('x' as unknown) instanceof ResponseFacade,
        redirect('/') instanceof ResponseFacade,
      ];
    });
    expect(got.json()).to.deep.equal([true, true, true, false, true]);
    expect(headersOf(got)).to.include({ 'x-helper': '1', 'x-facade': '2', 'x-chained': '3' });
  });
});

describe('kernel: the methods of a response', () => {
  afterEach(closeSites);

  it('headers: set, add, take away, ask', async () => {
    const got = await answer((_request, current) => {
      current
        .withHeader('X-One', 'a')
        .header('x-one', 'b')
        .withHeader('X-Number', 5)
        .withHeader('X-List', ['a', 'b'])
        .withAddedHeader('X-List', 'c')
        .withAddedHeader('X-New', 'd')
        .withHeaders({ 'X-Two': 'e', 'X-Gone': 'f' })
        .withoutHeader('x-gone');
      return [
        current.hasHeader('X-ONE'),
        current.hasHeader('X-Gone'),
        current.getHeaderLine('x-list'),
        current.getHeaderLine('x-gone'),
        current.getHeaderLine('x-new'),
        current.headers.get('x-one')?.name,
      ];
    });
    expect(got.json()).to.deep.equal([true, false, 'a, b, c', '', 'd', 'x-one']);
    expect(headersOf(got)).to.deep.include({
      'x-one': 'b',
      'x-number': '5',
      'x-list': ['a', 'b', 'c'],
      'x-new': 'd',
      'x-two': 'e',
    });
    expect(got.headers).not.to.have.property('x-gone');
  });

  it('a list that was given is not changed', async () => {
    const vary = ['Accept'];
    const got = await answer((_request, current) =>
      current.withHeader('Vary', vary).withAddedHeader('Vary', 'Cookie').text(''),
    );
    expect([vary, got.headers['vary']]).to.deep.equal([['Accept'], ['Accept', 'Cookie']]);
  });

  it('status: with a phrase, by json, by both names', async () => {
    expect((await answer((_request, current) => current.status(404).text('x'))).statusCode).to.equal(404);
    expect((await answer((_request, current) => current.json({}, 201))).statusCode).to.equal(201);
    const site = await openSite((route) => {
      route.get('/', (_request, current) => current.withStatus(418, 'I am a teapot').text('x'));
    });
    const phrase = await new Promise<string | undefined>((resolve, reject) => {
      httpGet(site.url, (got) => {
        got.resume();
        resolve(got.statusMessage);
      }).on('error', reject);
    });
    expect(phrase).to.equal('I am a teapot');
  });

  it('type: short names, whole ones, unknown ones', async () => {
    for (const [type, header] of [
      ['html', 'text/html; charset=utf-8'],
      ['json', 'application/json; charset=utf-8'],
      ['PDF', 'application/pdf'],
      ['.csv', 'text/csv; charset=utf-8'],
      ['text/plain', 'text/plain; charset=utf-8'],
      ['text/plain; charset=iso-8859-1', 'text/plain; charset=iso-8859-1'],
      ['application/vnd.api+json', 'application/vnd.api+json'],
      ['image/png', 'image/png'],
      ['constructor', 'application/octet-stream'],
      ['nothing', 'application/octet-stream'],
    ] as const) {
      const got = await answer((_request, current) => current.type(type).withBody(Buffer.from('x')));
      expect(got.headers['content-type'], type).to.equal(header);
    }
  });

  it('html, text, json, view, withBody', async () => {
    const typed = async (make: (current: Response) => Response) => {
      const got = await answer((_request, current) => make(current), { files: VIEWS });
      return [got.body, got.headers['content-type']];
    };
    const html = 'text/html; charset=utf-8';
    expect(await typed((current) => current.html('<p>'))).to.deep.equal(['<p>', html]);
    expect(await typed((current) => current.text('<p>'))).to.deep.equal(['<p>', 'text/plain; charset=utf-8']);
    expect(await typed((current) => current.json(undefined))).to.deep.equal([
      'null',
      'application/json; charset=utf-8',
    ]);
    expect(await typed((current) => current.view('page', { name: 'x' }))).to.deep.equal(['<p>x</p>', html]);
    expect(await typed((current) => current.withBody(view('page')))).to.deep.equal(['<p></p>', html]);
    expect(await typed((current) => current.withBody('x'))).to.deep.equal(['x', html]);
    expect(await typed((current) => current.type('xml').withBody('<x/>'))).to.deep.equal([
      '<x/>',
      'application/xml; charset=utf-8',
    ]);
    expect(await typed(() => response(view('page', { name: 'y' })).type('txt'))).to.deep.equal([
      '<p>y</p>',
      'text/plain; charset=utf-8',
    ]);
  });

  it('noContent leaves nothing that describes a body', async () => {
    const got = await answer((_request, current) =>
      current.download(Buffer.from('x'), 'x.pdf').withHeader('X-Own', '1').noContent(),
    );
    expect([got.statusCode, got.body, headersOf(got)]).to.deep.equal([204, '', { 'x-own': '1' }]);
    const reset = await answer((_request, current) => current.noContent(205));
    expect([reset.statusCode, reset.body]).to.deep.equal([205, '']);
  });

  it('204 and 304 have no body, whatever they were given', async () => {
    for (const status of [204, 304]) {
      const got = await answer((_request, current) => current.text('body').withStatus(status));
      expect([got.statusCode, got.body, got.headers['content-length']]).to.deep.equal([
        status,
        '',
        undefined,
      ]);
    }
  });

  it('an empty body keeps its type', async () => {
    const got = await answer((_request, current) => current.type('json'));
    expect([got.body, got.headers['content-length'], got.headers['content-type']]).to.deep.equal([
      '',
      '0',
      'application/json; charset=utf-8',
    ]);
    const empty = await answer((_request, current) => current.text(''));
    expect([empty.body, empty.headers['content-length']]).to.deep.equal(['', '0']);
  });

  it('HEAD has the headers and no body, also of files and streams', async () => {
    const files = { 'storage/x.txt': 'four' };
    const makes: [Action, string | undefined][] = [
      [() => 'text', '4'],
      [() => ({ a: 1 }), '7'],
      [(_request, current) => current.file('storage/x.txt'), '4'],
      [() => Readable.from(['x']), undefined],
    ];
    for (const [make, length] of makes) {
      const got = await answer(make, { method: 'HEAD', files });
      expect([got.statusCode, got.body, got.headers['content-length']]).to.deep.equal([200, '', length]);
    }
  });

  it('withCookie, withoutCookie and Cookie.queue: by name, path and domain the last one counts', async () => {
    const got = await answer((_request, current) => {
      Cookie.queue('a', 'queued', 10);
      current
        .withCookie('b', '1')
        .cookie('b', '2')
        .withCookie(Cookie.make('c', '3', 5, { path: '/shop' }));
      current.withCookie('c', '4').withoutCookie('d');
      Cookie.queue('a', 'again');
      return response('x').withCookie('b', 'own');
    });
    const lines = (got.headers['set-cookie'] as string[]).filter((line) => !line.startsWith('blitz_session'));
    expect(
      lines.map((line) => line.split(/; (?=HttpOnly)/)[0]?.replace(/expires=[^;]+; /, '')),
    ).to.deep.equal([
      'b=own; path=/',
      'c=3; Max-Age=300; path=/shop',
      'c=4; path=/',
      'd=; Max-Age=0; path=/',
      'a=again; path=/',
    ]);
  });

  it('Set-Cookie as a header stands beside them', async () => {
    const got = await answer((_request, current) => {
      current.withHeader('Set-Cookie', ['x=1', 'y=2']).withCookie('z', '3');
      session().put('a', 1);
      return 'x';
    });
    expect(got.cookies.map(({ name }) => name).sort()).to.deep.equal(['blitz_session', 'x', 'y', 'z']);
  });

  it('what no header can carry is refused with a 500 that says which, and nothing of it is sent', async () => {
    const evil = 'x\r\nSet-Cookie: evil=1';
    const faults: Record<string, [Action, RegExp]> = {
      value: [(_request, current) => current.withHeader('X-Own', evil), /X-Own/],
      'value in a list': [(_request, current) => current.withHeader('X-Own', ['a', evil]), /X-Own/],
      added: [(_request, current) => current.withAddedHeader('X-Own', evil), /X-Own/],
      'several at once': [(_request, current) => current.withHeaders({ 'X-Own': evil }), /X-Own/],
      'beyond Latin-1': [(_request, current) => current.withHeader('X-Own', '€'), /X-Own/],
      'beyond ASCII': [(_request, current) => current.withHeader('X-Own', 'é'), /X-Own/],
      'phrase beyond ASCII': [(_request, current) => current.withStatus(200, 'é'), /phrase/],
      name: [(_request, current) => current.withHeader(`X-Own: a\r\nX`, 'x'), /nom|name/],
      'no name': [(_request, current) => current.withHeader('', 'x'), /nom|name/],
      type: [(_request, current) => current.type(`text/html${evil}`), /Content-Type/],
      helper: [() => response('x', 200, { 'X-Own': evil }), /X-Own/],
      phrase: [(_request, current) => current.withStatus(200, evil), /phrase/],
      'a status': [(_request, current) => current.withStatus(99), /99/],
      'another status': [(_request, current) => current.withStatus(600), /600/],
      'no status': [(_request, current) => current.withStatus(200.5), /200\.5/],
      information: [(_request, current) => current.json({}, 103), /103/],
    };
    for (const [kind, [action, named]] of Object.entries(faults)) {
      const got = await answer((request, current) => {
        session().put('a', 1);
        return action(request, current);
      });
      const text = reasonOf(got);
      expect(text, kind).to.match(named);
      expect(text.split('[cause]')[0], kind).not.to.contain('evil');
      expect(cookiesOf(got), kind).to.deep.equal([]);
      expect(got.headers, kind).not.to.have.property('x-own');
    }
  });

  it('a stream that was read already is refused, before the session is saved', async () => {
    const ended = Readable.from(['x']);
    for await (const _chunk of ended);
    const locked = new Blob(['x']).stream();
    locked.getReader();
    const destroyed = Readable.from(['x']).destroy();
    for (const stream of [ended, locked, destroyed]) {
      expect(reasonOf(await answer(() => stream))).to.match(/flux|stream/);
    }
  });
});

describe('kernel: files and downloads', () => {
  afterEach(closeSites);

  const files = {
    'storage/docs/thé.pdf': '%PDF',
    'storage/page.html': '<p>',
    'storage/none': 'bytes',
    'public/style.css': 'p{}',
  };

  it('file: from the root of the application, with its type and length', async () => {
    for (const [path, type, body] of [
      ['storage/docs/thé.pdf', 'application/pdf', '%PDF'],
      ['storage/page.html', 'text/html; charset=utf-8', '<p>'],
      ['public/style.css', 'text/css; charset=utf-8', 'p{}'],
      ['storage/none', 'application/octet-stream', 'bytes'],
    ] as const) {
      const got = await answer((_request, current) => current.file(path), { files });
      expect([got.body, got.headers['content-type'], got.headers['content-length']]).to.deep.equal([
        body,
        type,
        String(body.length),
      ]);
    }
    const changed = await answer((_request, current) => current.file('storage/none').type('text'), { files });
    expect(changed.headers['content-type']).to.equal('text/plain; charset=utf-8');
  });

  it('no such file is a 404, a folder too', async () => {
    for (const path of [
      'storage/nothing.pdf',
      'storage',
      'storage/none/below',
      'storage/../storage/none',
      '../none',
      'storage\\..\\none',
      'storage/\0',
      `storage/${'x'.repeat(5000)}`,
    ]) {
      const got = await answer((_request, current) => current.download(path), { files });
      expect([got.statusCode, got.headers['content-disposition']], path).to.deep.equal([404, undefined]);
    }
  });

  it('download: names with accents, quotes and signs (RFC 6266)', async () => {
    const names: Record<string, string> = {
      'plain.pdf': `attachment; filename="plain.pdf"; filename*=UTF-8''plain.pdf`,
      'reçu d’été.pdf': `attachment; filename="recu d_ete.pdf"; filename*=UTF-8''re%C3%A7u%20d%E2%80%99%C3%A9t%C3%A9.pdf`,
      'a "b" \\c.pdf': `attachment; filename="a _b_ _c.pdf"; filename*=UTF-8''a%20%22b%22%20%5Cc.pdf`,
      "l'an (2026)*.pdf": `attachment; filename="l'an (2026)*.pdf"; filename*=UTF-8''l%27an%20%282026%29%2A.pdf`,
      'x\r\nSet-Cookie: a=1.pdf': `attachment; filename="x__Set-Cookie: a=1.pdf"; filename*=UTF-8''x%0D%0ASet-Cookie%3A%20a%3D1.pdf`,
      '日本.pdf': `attachment; filename="__.pdf"; filename*=UTF-8''%E6%97%A5%E6%9C%AC.pdf`,
      '../../etc/passwd': `attachment; filename=".._.._etc_passwd"; filename*=UTF-8''..%2F..%2Fetc%2Fpasswd`,
      'half \ud800.pdf': `attachment; filename="half _.pdf"; filename*=UTF-8''half%20%EF%BF%BD.pdf`,
      '100%.pdf': `attachment; filename="100_.pdf"; filename*=UTF-8''100%25.pdf`,
    };
    for (const [name, header] of Object.entries(names)) {
      const got = await answer((_request, current) => current.download(Buffer.from('%PDF'), name));
      expect(got.headers['content-disposition']).to.equal(header);
      expect([got.statusCode, got.body]).to.deep.equal([200, '%PDF']);
    }
  });

  it('download: a file under its own name or another, content, a stream', async () => {
    const download = async (action: (current: Response) => Response) => {
      const got = await answer((_request, current) => action(current), { files });
      return [
        got.body,
        got.headers['content-type'],
        /filename="([^"]*)"/.exec(String(got.headers['content-disposition']))?.[1],
      ];
    };
    expect(await download((current) => current.download('storage/docs/thé.pdf'))).to.deep.equal([
      '%PDF',
      'application/pdf',
      'the.pdf',
    ]);
    expect(await download((current) => current.download('storage/none', 'x.txt'))).to.deep.equal([
      'bytes',
      'text/plain; charset=utf-8',
      'x.txt',
    ]);
    expect(await download((current) => current.download('storage/page.html', 'page'))).to.deep.equal([
      '<p>',
      'text/html; charset=utf-8',
      'page',
    ]);
    expect(await download((current) => current.download(Buffer.from('a;b'), 'x.csv'))).to.deep.equal([
      'a;b',
      'text/csv; charset=utf-8',
      'x.csv',
    ]);
    expect(await download((current) => current.download(Buffer.from('a')))).to.deep.equal([
      'a',
      'application/octet-stream',
      'download',
    ]);
    expect(await download((current) => current.download(Readable.from(['a', 'b']), 'x.zip'))).to.deep.equal([
      'ab',
      'application/zip',
      'x.zip',
    ]);
  });

  it('stream: of Node and of the Web, with its type, and the session is saved before', async () => {
    const app = await bootSite();
    const routes = app.service('route') as Router;
    routes.get('/stream', (_request, current) => {
      session().put('a', 1);
      return current.stream(Readable.from(['data: x\n\n']), 'text/event-stream');
    });
    routes.get('/web', (_request, current) => current.stream(new Blob(['x']).stream() as ReadableStream));
    const got = await app.inject('/stream');
    expect([got.body, got.headers['content-type']]).to.deep.equal([
      'data: x\n\n',
      'text/event-stream; charset=utf-8',
    ]);
    expect(got.cookies.map(({ name }) => name)).to.deep.equal(['blitz_session']);
    const web = await app.inject('/web');
    expect([web.body, web.headers['content-type']]).to.deep.equal(['x', 'application/octet-stream']);
  });
});

describe('kernel: Route.view and Route.redirect', () => {
  afterEach(closeSites);

  it('view: with its data and the parameters of the path', async () => {
    const app = await bootSite({ files: { 'app/Views/page.eta': '<%= it.id %>/<%= it.name %>' } });
    const routes = app.service('route') as Router;
    routes.view('/page/{id}/{name?}', 'page', { name: 'given' });
    expect((await app.inject('/page/7')).body).to.equal('7/given');
    expect((await app.inject('/page/7/x')).body).to.equal('7/given');
  });

  it('redirect: paths, parameters, whole addresses, encoded once', async () => {
    const app = await bootSite();
    const routes = app.service('route') as Router;
    routes.redirect('/old/{id}', '/new/{id}?x={id}', 301);
    routes.redirect('/café', '/caf%C3%A9 crème#là');
    routes.redirect('/away', 'https://example.org/x');
    const to = async (path: string) => {
      const { statusCode, headers } = await app.inject(path);
      return [statusCode, headers.location];
    };
    expect(await to('/old/a%2Fb%20c')).to.deep.equal([301, '/new/a%2Fb%20c?x=a%2Fb%20c']);
    expect(await to('/caf%C3%A9')).to.deep.equal([302, '/caf%C3%A9%20cr%C3%A8me#l%C3%A0']);
    expect(await to('/away')).to.deep.equal([302, 'https://example.org/x']);
  });
});

describe('kernel: the errors of responses', () => {
  afterEach(closeSites);

  it('are ours, in French or English', async () => {
    let caught: unknown;
    await answer((_request, current) => {
      try {
        current.withHeader('X-Own', 'a\nb');
      } catch (error) {
        caught = error;
      }
      return '';
    });
    if (!isBlitzError(caught, 'E_RESPONSE')) return expect.fail('nothing was refused');
    expect(caught.status).to.equal(500);
    expect(caught.details['part']).to.equal('value');
    expect(caught.message).to.match(/X-Own/).and.not.match(/a\nb/);
  });

  it('View is a class to instanceof', async () => {
    const got = await answer(() => [view('page') instanceof View, {} instanceof View], { files: VIEWS });
    expect(got.json()).to.deep.equal([true, false]);
  });
});
