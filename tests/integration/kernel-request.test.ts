import { connect } from 'node:net';
import {
  Request as HttpRequest,
  type InjectOptions,
  type Request,
  Request as RequestFacade,
  type Router,
  redirect,
  session,
} from 'blitz-session';
import { expect } from 'chai';
import { bootSite, closeSites, openSite, type SiteOptions } from '../fixtures/kernel-site.js';

const FORM = { 'content-type': 'application/x-www-form-urlencoded' };

/** What `look` sees of one request. */
async function seen<T>(
  look: (request: Request) => T,
  options: InjectOptions | string,
  site: SiteOptions = {},
): Promise<T> {
  const app = await bootSite(site);
  let found: { value: T } | undefined;
  const routes = app.service('route') as Router;
  routes.any('/(:any)', (_path, request) => {
    found = { value: look(request) };
  });
  routes.any('/', (request) => {
    found = { value: look(request) };
  });
  for (const route of routes.routes) route.withoutCsrf();
  const answer = await app.inject(options);
  if (found === undefined) return expect.fail(`${answer.statusCode} ${answer.body}`);
  expect(answer.statusCode).to.be.below(400);
  return found.value;
}

/** What `look` sees of a form. */
const form = <T>(look: (request: Request) => T, payload: string, url = '/form') =>
  seen(look, { method: 'POST', url, headers: FORM, payload });

/** What `look` sees of a JSON body. */
const json = <T>(look: (request: Request) => T, payload: object, url = '/json') =>
  seen(look, { method: 'POST', url, payload });

describe('kernel: what a request carries', () => {
  afterEach(closeSites);

  it('input: the body before the query, with defaults and dotted keys', async () => {
    const found = await form(
      (request) => ({
        both: request.input('a'),
        query: request.input('b'),
        absent: request.input('c'),
        fallback: request.input('c', 'none'),
        computed: request.input('c', () => 'made'),
        empty: request.input('empty', 'none'),
        dotted: request.input('user.name'),
        deep: request.input('rows.1.name', 'none'),
        all: request.input(),
      }),
      'a=body&empty=&user[name]=Ada&rows[0][name]=x&rows[1][name]=y',
      '/form?a=query&b=q',
    );
    expect(found).to.deep.equal({
      both: 'body',
      query: 'q',
      absent: undefined,
      fallback: 'none',
      computed: 'made',
      empty: '',
      dotted: 'Ada',
      deep: 'y',
      all: { a: 'body', b: 'q', empty: '', user: { name: 'Ada' }, rows: [{ name: 'x' }, { name: 'y' }] },
    });
  });

  it('query and post: each part by itself', async () => {
    const found = await form(
      (request) => ({
        query: [request.query('a'), request.query('b', 'none'), request.query()],
        post: [request.post('a'), request.post('q', 'none'), request.post()],
      }),
      'a=body&b=2',
      '/form?a=query&q=1',
    );
    expect(found).to.deep.equal({
      query: ['query', 'none', { a: 'query', q: '1' }],
      post: ['body', 'none', { a: 'body', b: '2' }],
    });
  });

  it('all, only and except give copies; keys may be paths', async () => {
    const found = await json(
      (request) => {
        const part = request.except(['user.password', 'list.0', 'list.2', 'nothing.there']) as {
          user: { name: string };
          list: number[];
        };
        part.user.name = 'changed';
        part.list.push(9);
        request.all()['added'] = 1;
        return {
          only: request.only(['user.name', 'x', 'list.1', 'absent']),
          one: request.only('x'),
          except: part,
          whole: request.except('user'),
          left: request.all(),
        };
      },
      { x: 1, user: { name: 'Ada', password: 's' }, list: [1, 2, 3] },
    );
    expect(found).to.deep.equal({
      only: { user: { name: 'Ada' }, x: 1, list: { 1: 2 } },
      one: { x: 1 },
      except: { x: 1, user: { name: 'changed' }, list: [2, 9] },
      whole: { x: 1, list: [1, 2, 3] },
      left: { x: 1, user: { name: 'Ada', password: 's' }, list: [1, 2, 3] },
    });
  });

  it('has, hasAny, missing and filled', async () => {
    const data = {
      a: 'x',
      blank: '  ',
      nothing: null,
      zero: 0,
      no: false,
      list: [],
      empty: {},
      full: [''],
      in: { b: 1 },
    };
    const found = await json(
      (request) => ({
        has: ['a', 'blank', 'nothing', 'in.b', 'c', 'in.c'].filter((key) => request.has(key)),
        every: [request.has(['a', 'zero']), request.has(['a', 'c'])],
        any: [request.hasAny(['c', 'a']), request.hasAny(['c', 'd'])],
        missing: [request.missing('c'), request.missing(['a', 'c']), request.missing('a')],
        filled: ['c', ...Object.keys(data)].filter((key) => request.filled(key)),
        both: request.filled(['a', 'blank']),
      }),
      data,
    );
    expect(found).to.deep.equal({
      has: ['a', 'blank', 'nothing', 'in.b'],
      every: [true, false],
      any: [true, false],
      missing: [true, true, false],
      filled: ['a', 'zero', 'no', 'full', 'in'],
      both: false,
    });
  });

  it('filled and string do not stumble over what has no text', async () => {
    const hostile = { a: { toString: 1, valueOf: 2 }, b: { toString: null } };
    const found = await json(
      (request) => [
        request.filled('a'),
        request.string('a', 'none'),
        request.integer('b', 7),
        request.boolean('a'),
      ],
      hostile,
    );
    expect(found).to.deep.equal([true, 'none', 7, false]);
  });

  it('string, integer and boolean', async () => {
    const look = (request: Request) => {
      const keys = Object.keys(request.all());
      return Object.fromEntries(
        keys.map((key) => [key, [request.string(key, '-'), request.integer(key, -1), request.boolean(key)]]),
      );
    };
    expect(
      await form(
        look,
        'a=12&b=+7&c=1.5&d=on&e=TRUE&f=no&g=&h[]=1&i=-0&j=9007199254740993&k=0x10&l=1e3&m=-12',
      ),
    ).to.deep.equal({
      a: ['12', 12, false],
      b: [' 7', 7, false],
      c: ['1.5', -1, false],
      d: ['on', -1, true],
      e: ['TRUE', -1, true],
      f: ['no', -1, false],
      g: ['', -1, false],
      h: ['-', -1, false],
      i: ['-0', 0, false],
      j: ['9007199254740993', -1, false],
      k: ['0x10', -1, false],
      l: ['1e3', -1, false],
      m: ['-12', -12, false],
    });
    expect(
      await json(look, { a: 5, b: 5.5, c: true, d: null, e: 1, f: 0, g: '1', h: ' yes ' }),
    ).to.deep.equal({
      a: ['5', 5, false],
      b: ['5.5', -1, false],
      c: ['true', -1, true],
      d: ['-', -1, false],
      e: ['1', 1, true],
      f: ['0', 0, false],
      g: ['1', 1, true],
      h: [' yes ', -1, true],
    });
    expect(
      await form((request) => [request.string('x'), request.integer('x'), request.boolean('x')], ''),
    ).to.deep.equal(['', 0, false]);
    expect(Object.is(await form((request) => request.integer('x'), 'x=-0'), 0)).to.equal(true);
  });

  it('body: forms and JSON as values, text as text, nothing as undefined', async () => {
    const body = (request: Request) => request.body;
    expect(await form(body, 'a=1')).to.deep.equal({ a: '1' });
    expect(await json(body, { a: 1 })).to.deep.equal({ a: 1 });
    expect(
      await json((request) => [request.body, request.input(), request.post('0', 'none')], [1, 2]),
    ).to.deep.equal([[1, 2], {}, 'none']);
    const text = {
      method: 'POST',
      url: '/x?a=1',
      headers: { 'content-type': 'text/plain' },
      payload: 'a=2',
    } as const;
    expect(await seen((request) => [request.body, request.input('a'), request.post()], text)).to.deep.equal([
      'a=2',
      '1',
      {},
    ]);
    expect(await seen(body, { method: 'POST', url: '/x' })).to.equal(undefined);
    expect(await seen(body, '/x')).to.equal(undefined);
  });

  it('forms in UTF-8, with plus signs and percent signs', async () => {
    expect(await form((request) => request.all(), 'n%C3%A9=th%C3%A9+vert&p=100%25&plus=1%2B1')).to.include({
      né: 'thé vert',
      p: '100%',
      plus: '1+1',
    });
  });

  it('params and param: by the names of the path, decoded', async () => {
    const app = await bootSite();
    const routes = app.service('route') as Router;
    const look = (request: Request) => ({
      all: { ...request.params },
      id: request.param('id'),
      own: request.param('constructor'),
    });
    routes.get('/a/{id}/{tab?}', (_id, _tab, request) => look(request));
    routes
      .get('/b/(:num)/{path}', (_n: string, _path: string, request: Request) => look(request))
      .where('path', '.*');
    expect((await app.inject('/a/th%C3%A9%2Fvert')).json()).to.deep.equal({
      all: { id: 'thé/vert' },
      id: 'thé/vert',
    });
    expect((await app.inject('/b/7/x/y')).json()).to.deep.equal({ all: { arg1: '7', path: 'x/y' } });
  });

  it('the route that answers', async () => {
    const app = await bootSite();
    const routes = app.service('route') as Router;
    routes.group({ name: 'user.', prefix: 'user' }, () => {
      routes
        .get('/{id}', (_id, request) => [request.route()?.path.text, request.route()?.fullName])
        .name('show');
    });
    expect((await app.inject('/user/1')).json()).to.deep.equal(['/user/{id}', 'user.show']);
  });

  it('attributes: from a middleware to the action', async () => {
    const app = await bootSite();
    const routes = app.service('route') as Router;
    routes.use((request: Request, next: () => unknown) => {
      request.attributes.set('user', { name: 'Ada' });
      return next();
    });
    routes.get('/', (request) => (request.attributes.get('user') as { name: string }).name);
    expect((await app.inject('/')).body).to.equal('Ada');
  });

  it('the façade is the request, also to instanceof', async () => {
    const found = await seen(
      (request) => [
        RequestFacade.input('a'),
        RequestFacade.cookies['c'],
        RequestFacade.session() === session(),
        request instanceof HttpRequest,
        {} instanceof HttpRequest,
        RequestFacade.is('x/*'),
      ],
      { url: '/x/y?a=1', cookies: { c: '2' } },
    );
    expect(found).to.deep.equal(['1', '2', false, true, false, true]);
  });
});

describe('kernel: names and sizes that are meant to harm', () => {
  afterEach(closeSites);

  const HOSTILE = [
    '__proto__[x]=1',
    '__proto__.x=1',
    'constructor[prototype][x]=1',
    'a[__proto__][x]=1',
    'a[constructor][prototype][x]=1',
    '__proto__=1',
    'a[]=1&a[__proto__][x]=1',
    'hasOwnProperty=1&toString=1&valueOf=1',
    'length=5&a[length]=5',
  ];

  it('never reach a prototype, in the query or the body', async () => {
    for (const text of HOSTILE) {
      const look = (request: Request) => {
        const all = request.all();
        const nested = all['a'] as { x?: unknown } | undefined;
        return [
          ({} as { x?: unknown }).x,
          (all as { x?: unknown }).x,
          nested?.x,
          request.input('x', 'none'),
          request.only(['__proto__', 'constructor.prototype']),
          request.has('__proto__'),
          request.has('constructor.name'),
          Object.keys(request.except(['__proto__', 'constructor.prototype'])).length >= 0,
          typeof request.flashable(),
        ];
      };
      const clean = [undefined, undefined, undefined, 'none', {}, false, false, true, 'object'];
      expect(await form(look, text), text).to.deep.equal(clean);
      expect(await form(look, '', `/form?${text}`), `?${text}`).to.deep.equal(clean);
      expect(([] as { x?: unknown }).x, text).to.equal(undefined);
    }
    expect(Object.keys(Object.prototype)).to.deep.equal([]);
  });

  it('JSON with them is refused with 400, or kept as data', async () => {
    const app = await bootSite();
    (app.service('route') as Router).post('/', (request) => request.all()).withoutCsrf();
    const headers = { 'content-type': 'application/json' };
    for (const payload of [
      '{"__proto__":{"x":1}}',
      '{"a":{"__proto__":{"x":1}}}',
      '{"constructor":{"prototype":{"x":1}}}',
    ]) {
      const { statusCode } = await app.inject({ method: 'POST', url: '/', headers, payload });
      expect(statusCode, payload).to.equal(400);
    }
    expect(({} as { x?: unknown }).x).to.equal(undefined);
  });

  it('headers, cookies and attributes of that name are absent', async () => {
    const found = await seen(
      (request) => [
        request.header('__proto__'),
        request.header('constructor'),
        request.header('toString', 'none'),
        request.cookie('__proto__'),
        request.cookie('constructor', 'none'),
        request.cookies['toString'],
        request.param('__proto__'),
        request.param('toString'),
      ],
      '/x',
    );
    expect(found).to.deep.equal([
      undefined,
      undefined,
      'none',
      undefined,
      'none',
      undefined,
      undefined,
      undefined,
    ]);
    expect(
      await seen((request) => request.cookie('__proto__'), { url: '/x', headers: { cookie: '__proto__=1' } }),
    ).to.equal('1');
  });

  it("lists and brackets as PHP's", async () => {
    const all = (request: Request) => request.all();
    const rules: Record<string, object> = {
      'a[]=1&a[]=2': { a: ['1', '2'] },
      'a%5B%5D=1&a%5B%5D=2': { a: ['1', '2'] },
      'a[0]=x&a[1]=y': { a: ['x', 'y'] },
      'a[1]=y&a[0]=x': { a: ['x', 'y'] },
      'rows[0][name]=x&rows[0][tags][]=1&rows[1][name]=y': {
        rows: [{ name: 'x', tags: ['1'] }, { name: 'y' }],
      },
      'user[name]=Ada&user[address][city]=Paris': { user: { name: 'Ada', address: { city: 'Paris' } } },
      'stock[12]=3&stock[40]=1': { stock: { 12: '3', 40: '1' } },
      'rows[5][name]=x&rows[7][name]=y': { rows: { 5: { name: 'x' }, 7: { name: 'y' } } },
      'a[5]=x&a[]=y': { a: { 5: 'x', 6: 'y' } },
      'a[b]=1&a[]=2': { a: { b: '1', 0: '2' } },
      'a=1&a=2': { a: '2' },
      'a=1&a[b]=2': { a: { b: '2' } },
      'a[b]=1&a=2': { a: '2' },
      'a[01]=1&a[-1]=2&a[1.5]=3': { a: { '01': '1', '-1': '2', '1.5': '3' } },
      'empty&b=&=5&&': { empty: '', b: '' },
      'a.b=1&a b=2': { 'a.b': '1', 'a b': '2' },
      'a[b=1&[x]=2&a]=3&c[d]e=4': { 'a[b': '1', '[x]': '2', 'a]': '3', c: { d: '4' } },
      'a[b c]=d+e%2B': { a: { 'b c': 'd e+' } },
      'a=b=c': { a: 'b=c' },
      'bad=%E0%A4&worse=%zz%': { bad: '\ufffd', worse: '%zz%' },
      'toString=1&constructor=2': { toString: '1', constructor: '2' },
    };
    for (const [text, values] of Object.entries(rules)) {
      expect(await form(all, text), text).to.deep.equal(values);
      expect(await seen(all, `/x?${text}`), `?${text}`).to.deep.equal(values);
    }
  });

  it('too many fields are refused, and not cut off', async () => {
    const app = await bootSite();
    (app.service('route') as Router).post('/', (request) => Object.keys(request.post()).length).withoutCsrf();
    const post = (count: number) =>
      app.inject({
        method: 'POST',
        url: '/',
        headers: FORM,
        payload: Array.from({ length: count }, (_, at) => `k${at}=1`).join('&'),
      });
    expect((await post(10_000)).body).to.equal('10000');
    expect((await post(10_001)).statusCode).to.equal(413);
  });

  it('deep, long and many: an answer, whatever it is, and no wait', async () => {
    const app = await bootSite({ session: { lock_wait: 1 } });
    const routes = app.service('route') as Router;
    routes
      .post('/', (request) => {
        request.flash();
        return `${Object.keys(request.all()).length}`;
      })
      .withoutCsrf();
    const bodies: Record<string, [payload: string, type: string]> = {
      deep: [`a${'[b]'.repeat(5000)}=1`, FORM['content-type']],
      many: [Array.from({ length: 5000 }, (_, at) => `k${at}=1`).join('&'), FORM['content-type']],
      'many in a list': [Array.from({ length: 5000 }, () => 'a[]=1').join('&'), FORM['content-type']],
      'a great index': ['a[999999999]=1&a[4294967296]=2', FORM['content-type']],
      'a long name': [`${'n'.repeat(1_000_000)}=1`, FORM['content-type']],
      'deep JSON': [`{"a":${'['.repeat(20_000)}${']'.repeat(20_000)}}`, 'application/json'],
      brackets: ['['.repeat(100_000), FORM['content-type']],
      'equal signs': ['='.repeat(100_000), FORM['content-type']],
      ampersands: ['&'.repeat(1_000_000), FORM['content-type']],
    };
    for (const [name, [payload, type]] of Object.entries(bodies)) {
      const began = performance.now();
      const { statusCode } = await app.inject({
        method: 'POST',
        url: '/',
        headers: { 'content-type': type },
        payload,
      });
      expect(statusCode, name).to.be.oneOf([200, 400, 413]);
      expect(performance.now() - began, name).to.be.below(5000);
    }
    const query = Array.from({ length: 2000 }, (_, at) => `k${at}=1`).join('&');
    expect((await app.inject({ method: 'POST', url: `/?${query}` })).statusCode).to.be.oneOf([200, 400]);
  });
});

describe('kernel: whom a request comes from', () => {
  afterEach(closeSites);

  const look = (request: Request) => ({
    ip: request.ip(),
    secure: request.secure(),
    scheme: request.scheme(),
    host: request.host(),
    root: request.root(),
    url: request.url(),
    fullUrl: request.fullUrl(),
  });
  const forwarded = {
    host: 'inner:3000',
    'x-forwarded-for': '203.0.113.9, 10.0.0.2',
    'x-forwarded-proto': 'https',
    'x-forwarded-host': 'example.org',
  };
  const options = { url: '/a/b?x=1', headers: forwarded, remoteAddress: '10.0.0.1' };
  const own = {
    ip: '10.0.0.1',
    secure: false,
    scheme: 'http',
    host: 'inner:3000',
    root: 'http://inner:3000',
    url: 'http://inner:3000/a/b',
    fullUrl: 'http://inner:3000/a/b?x=1',
  };

  it('nobody is believed by default', async () => {
    expect(await seen(look, options)).to.deep.equal(own);
  });

  it('a trusted proxy is, by number and by address', async () => {
    const outer = {
      secure: true,
      scheme: 'https',
      host: 'example.org',
      root: 'https://example.org',
      url: 'https://example.org/a/b',
      fullUrl: 'https://example.org/a/b?x=1',
    };
    const trusting = (trust_proxy: number | string[]) => seen(look, options, { app: { trust_proxy } });
    expect(await trusting(1)).to.deep.equal({ ...outer, ip: '10.0.0.2' });
    expect(await trusting(2)).to.deep.equal({ ...outer, ip: '203.0.113.9' });
    expect(await trusting(['10.0.0.0/8'])).to.deep.equal({ ...outer, ip: '203.0.113.9' });
    expect(await trusting(['10.0.0.1'])).to.deep.equal({ ...outer, ip: '10.0.0.2' });
    expect(await trusting(['192.0.2.1'])).to.deep.equal(own);
  });

  it('app.base_url goes before everything', async () => {
    const found = await seen(look, options, { app: { base_url: 'https://shop.example/', trust_proxy: 1 } });
    expect(found).to.include({
      root: 'https://shop.example',
      fullUrl: 'https://shop.example/a/b?x=1',
      host: 'example.org',
    });
  });

  it('a host that is none is none, and makes no address', async () => {
    for (const host of ['evil.example/x', 'a b', 'x@evil.example', '<script>', 'a\\b', '[', 'a:b:c']) {
      const found = await seen(look, { url: '//evil.example/x?y=1', headers: { host } });
      expect(found, host).to.include({
        host: '',
        root: '',
        url: '/evil.example/x',
        fullUrl: '/evil.example/x?y=1',
      });
    }
    expect((await seen(look, { url: '/x', headers: { host: '[2001:db8::1]:8080' } })).root).to.equal(
      'http://[2001:db8::1]:8080',
    );
  });

  it('the path as it was sent, also where a proxy sent the whole address', async () => {
    const site = await openSite((route) => {
      route.get('/{name}', (_name, request) => [request.path(), request.fullUrl(), request.query('q', '')]);
    });
    const raw = (line: string) =>
      new Promise<string>((resolve, reject) => {
        let text = '';
        const socket = connect(site.port, '127.0.0.1', () => {
          socket.end(`${line} HTTP/1.1\r\nHost: here.example\r\nConnection: close\r\n\r\n`);
        });
        socket.setEncoding('utf8').on('data', (data: string) => {
          text += data;
        });
        socket.on('close', () => resolve(text)).on('error', reject);
      });
    const body = async (line: string) => JSON.parse(/\[.*\]/.exec(await raw(line))?.[0] ?? 'null');
    expect(await body('GET /caf%C3%A9?q=1')).to.deep.equal([
      '/caf%C3%A9',
      'http://here.example/caf%C3%A9?q=1',
      '1',
    ]);
    expect(await body('GET http://other.example/x?q=2')).to.deep.equal([
      '/x',
      'http://here.example/x?q=2',
      '2',
    ]);
    expect(await raw('GET /caf%E0%A4')).to.match(/^HTTP\/1\.1 400 /);
  });

  it('is: patterns of the decoded path', async () => {
    const found = await seen(
      (request) => [
        request.is('admin/*'),
        request.is('/admin/caf\u00e9/x'),
        request.is('admin'),
        request.is('user/*', '*/x'),
        request.is('ad?in/*'),
        request.is('*'),
        request.is('/'),
      ],
      '/admin/caf%C3%A9/x',
    );
    expect(found).to.deep.equal([true, true, false, true, false, true, false]);
    expect(await seen((request) => [request.is('/'), request.is('*'), request.is('x')], '/')).to.deep.equal([
      true,
      true,
      false,
    ]);
  });

  it('method, isMethod, and the method that a form names', async () => {
    const of = (request: Request) => [request.method(), request.isMethod('put'), request.isMethod('POST')];
    expect(await form(of, 'a=1')).to.deep.equal(['POST', false, true]);
    expect(await form(of, '_method=put')).to.deep.equal(['PUT', true, false]);
    expect(await form(of, '_method=TRACE')).to.deep.equal(['POST', false, true]);
    expect(await form(of, '_method[]=PUT')).to.deep.equal(['POST', false, true]);
    expect(await seen((request) => request.method(), '/x?_method=PUT')).to.equal('GET');
    expect(await seen((request) => request.method(), { method: 'HEAD', url: '/x' })).to.equal('HEAD');
  });

  it('ajax, prefetch, isJson and expectsJson', async () => {
    const says = (headers: Record<string, string>, look: (request: Request) => unknown) =>
      seen(look, { url: '/x', headers });
    const ajax = { 'x-requested-with': 'XMLHttpRequest' };
    expect(await says(ajax, (request) => request.ajax())).to.equal(true);
    expect(await says({}, (request) => request.ajax())).to.equal(false);
    for (const headers of [
      { 'sec-purpose': 'prefetch;prerender' },
      { purpose: 'prefetch' },
      { 'x-moz': 'prefetch' },
    ]) {
      expect(await says(headers, (request) => request.prefetch())).to.equal(true);
    }
    expect(await says({ purpose: 'other' }, (request) => request.prefetch())).to.equal(false);
    const expects = async (accept: string | undefined, more: Record<string, string> = {}) =>
      says({ ...(accept === undefined ? {} : { accept }), ...more }, (request) => request.expectsJson());
    for (const accept of [
      'application/json',
      'application/json, text/html',
      'application/problem+json',
      'text/html;q=0.5, application/json;q=0.9',
      'text/html;q=0.5, Application/JSON',
    ]) {
      expect(await expects(accept), accept).to.equal(true);
    }
    for (const accept of [
      'text/html',
      'text/html, application/json',
      '*/*',
      '',
      undefined,
      'application/json;q=0.1, text/html',
      'text/jsonx',
    ]) {
      expect(await expects(accept), String(accept)).to.equal(false);
    }
    expect([
      await expects('*/*', ajax),
      await expects(undefined, ajax),
      await expects('text/html', ajax),
    ]).to.deep.equal([true, true, false]);
    expect(await json((request) => request.isJson(), {})).to.equal(true);
    expect(await form((request) => request.isJson(), '')).to.equal(false);
  });

  it('headers, cookies, the bearer token and the browser', async () => {
    const found = await seen(
      (request) => [
        request.header('X-Own'),
        request.header('x-none', 'none'),
        request.headers['x-own'],
        request.cookie('a'),
        request.cookie('b', 'none'),
        request.cookies['c'],
        request.bearerToken(),
        request.userAgent(),
      ],
      {
        url: '/x',
        headers: {
          'x-own': 'yes',
          cookie: 'a=th%C3%A9; c=%E0',
          authorization: 'bearer  abc.def',
          'user-agent': 'Robot',
        },
      },
    );
    expect(found).to.deep.equal(['yes', 'none', 'yes', 'thé', 'none', '%E0', 'abc.def', 'Robot']);
    const basic = { url: '/x', headers: { authorization: 'Basic abc' } };
    expect(await seen((request) => request.bearerToken(), basic)).to.equal(undefined);
  });
});

describe('kernel: old input', () => {
  afterEach(closeSites);

  const FIELDS = {
    nom: 'Zoé',
    _token: 't',
    _method: 'POST',
    password: 's1',
    password_confirmation: 's2',
    mot_de_passe: 's3',
    motDePasse: 's4',
    newPassword: 's5',
    'user[password]': 's6',
    'user[name]': 'zoe',
    'rows[0][api_token]': 's7',
    'rows[0][name]': 'x',
    'card[cvc]': 's8',
    'card[name]': 'Z',
    mdp: 's9',
    csrf: 's10',
    pass: 's11',
    client_secret: 's12',
    passenger: 'Ada',
    payment_method: 'card',
    compass: 'north',
    passport_number: 'P1',
  };
  const KEPT = {
    nom: 'Zoé',
    user: { name: 'zoe' },
    rows: [{ name: 'x' }],
    card: { name: 'Z' },
    passenger: 'Ada',
    payment_method: 'card',
    compass: 'north',
    passport_number: 'P1',
  };

  /** What `old()` has after a form that `keep` kept. */
  async function kept(
    keep: (request: Request) => unknown,
    fields: Record<string, string> = FIELDS,
  ): Promise<unknown> {
    const site = await openSite((route) => {
      route.post('/form', (request) => keep(request) ?? '').withoutCsrf();
      route.get('/old', (request) => request.old());
    });
    const browser = site.browser();
    expect((await browser.post('/form', fields)).status).to.be.below(400);
    return JSON.parse((await browser.get('/old')).body);
  }

  it('flash keeps everything but secrets, wherever they stand', async () => {
    expect(await kept((request) => request.flash())).to.deep.equal(KEPT);
  });

  it('withInput does too, with the input or with what it is given', async () => {
    expect(await kept(() => redirect('/old').withInput())).to.deep.equal(KEPT);
    expect(
      await kept(() => redirect('/old').withInput({ a: 1, b: { Password: 's', c: [{ token: 's', d: 2 }] } })),
    ).to.deep.equal({
      a: 1,
      b: { c: [{ d: 2 }] },
    });
  });

  it('flashOnly and flashExcept keep a part, and never a secret', async () => {
    expect(
      await kept((request) => request.flashOnly(['nom', 'password', 'user', 'rows.0.api_token'])),
    ).to.deep.equal({
      nom: 'Zoé',
      user: { name: 'zoe' },
      rows: { 0: {} },
    });
    const { nom, card, ...rest } = KEPT;
    expect(await kept((request) => request.flashExcept(['nom', 'card']))).to.deep.equal(rest);
    expect(await kept((request) => request.flashExcept('card.name'))).to.deep.equal({
      nom,
      ...rest,
      card: {},
    });
    void card;
  });

  it('old: a field, a path, a default; for one request', async () => {
    const site = await openSite((route) => {
      route.post('/form', (request) => request.flash()).withoutCsrf();
      route.get('/old', (request) => [
        request.old('user.name'),
        request.old('rows.0.name', 'none'),
        request.old('nothing', 'none'),
        request.old('nothing', () => 'made'),
        session().getOldInput('nom', 'none'),
      ]);
    });
    const browser = site.browser();
    await browser.post('/form', FIELDS);
    expect(JSON.parse((await browser.get('/old')).body)).to.deep.equal(['zoe', 'x', 'none', 'made', 'Zoé']);
    expect(JSON.parse((await browser.get('/old')).body)).to.deep.equal([
      null,
      'none',
      'none',
      'made',
      'none',
    ]);
  });

  it('what no form can be so deep is left out, and does not fail', async () => {
    const site = await openSite((route) => {
      route
        .post('/form', (request) => {
          request.flash();
          return 'kept';
        })
        .withoutCsrf();
      route.get('/old', (request) => request.old());
    });
    const browser = site.browser();
    let deep: unknown = 'end';
    for (let depth = 0; depth < 500; depth++) deep = { in: deep };
    expect((await browser.json('/form', { a: 1, deep })).body).to.equal('kept');
    expect(JSON.parse((await browser.get('/old')).body)).to.include({ a: 1 });
  });
});
