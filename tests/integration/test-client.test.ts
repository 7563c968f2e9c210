import { AssertionError } from 'node:assert';
import { createServer, type Server } from 'node:http';
import { Application, back, Route, redirect, request, session } from 'blitz-session';
import { withSession } from 'blitz-session/node';
import { ManualClock, ShiftedClock, type TestClient, testClient } from 'blitz-session/testing';
import { expect } from 'chai';

async function booted(more: object = {}): Promise<Application> {
  return Application.boot({
    root: '/nowhere/test-client',
    clock: new ShiftedClock(),
    config: { session: { handler: 'array', ...more } },
  });
}

describe('testClient: the routes of an application', () => {
  let app: Application;
  let client: TestClient;

  before(async () => {
    app = await booted({ expiration: 600 });
    Route.get('/', () => ({ visits: session().increment('visits'), notice: session('notice', null) }));
    Route.get('/who', () => session<{ name: string }>('user', { name: 'nobody' }).name);
    Route.post('/cart', () => {
      session().push('cart', request('item'));
      return redirect('/').with('notice', 'added');
    });
    Route.post('/refuse', () => back('/').withErrors({ age: 'A number, please.' }).withInput());
    Route.any('/echo', () => ({
      method: request().method(),
      all: request().all(),
      accept: request().header('accept'),
    }));
    Route.delete('/all', () => session().invalidate());
    Route.get('/twice', () => redirect('/again'));
    Route.get('/again', () => redirect('/'));
    Route.get('/away', () => redirect('https://example.org/'));
    Route.get('/cookie', () => redirect('/').withCookie('seen', 'yes'));
  });
  after(() => app.close());
  beforeEach(() => {
    client = testClient(app);
  });

  it('keeps the cookies of one visitor', async () => {
    (await client.get('/')).assertOk().assertExactJson({ visits: 1, notice: null });
    (await client.get('/')).assertJson({ visits: 2 }).assertSessionHas('visits', 2);
    (await testClient(app).get('/')).assertJson({ visits: 1 });
  });

  it('prepares the session before the first request', async () => {
    const response = await client
      .withSession({ visits: 4, cart: ['tea'] })
      .actingAs({ name: 'Ada' })
      .get('/who');
    response.assertSee('Ada').assertDontSee('nobody');
    response.assertSessionHas('cart.0', 'tea').assertSessionHasAll({ visits: 4, cart: ['tea'] });
    response.assertSessionMissing('absent');
    (await client.get('/')).assertJson({ visits: 5 });
    await client.actingAs('Zoé', 'member').assertSessionHas('member', 'Zoé');
    await client.assertSessionMissing('absent');
  });

  it('sends forms with the token of the session, and without it when asked to', async () => {
    const response = await client.post('/cart', { item: 'rice' });
    response.assertRedirect('/').assertRedirect('http://localhost/').assertSessionHas('cart', ['rice']);
    response.assertSessionHas('notice', 'added');
    (await client.get('/')).assertJson({ notice: 'added' });
    (await client.get('/')).assertJson({ notice: null }).assertSessionMissing('notice');
    (await testClient(app).withoutToken().post('/cart', { item: 'rice' })).assertStatus(419);
  });

  it('does not use up flash values by looking or preparing', async () => {
    await client.post('/cart', { item: 'rice' });
    await client.withSession({ more: 1 }).assertSessionHas('notice');
    await client.session();
    (await client.get('/')).assertJson({ notice: 'added' });
  });

  it('sees errors and input that were kept for the form', async () => {
    const response = await client.from('/form').post('/refuse', { age: 'twelve' });
    response.assertRedirect('/form').assertSessionHasErrors(['age']);
    response.assertSessionHas('errors.default.age', (text: unknown) => String(text).startsWith('A number'));
    expect(response.session.getOldInput('age')).to.equal('twelve');
    expect(() => response.assertSessionHasErrors('name')).to.throw(
      AssertionError,
      'there are errors for: age',
    );
    (await testClient(app).get('/')).assertSessionHasNoErrors();
  });

  it('sends every kind of body', async () => {
    for (const verb of ['get', 'post', 'put', 'patch', 'delete'] as const) {
      const answer = await client[`${verb}Json`]('/echo?a=1');
      answer.assertJson({ method: verb.toUpperCase(), accept: 'application/json' });
    }
    (await client.postJson('/echo', { a: 1 })).assertJson({ all: { a: 1 } });
    (await client.json('POST', '/echo', { a: [1] })).assertJson({
      all: { a: [1] },
      accept: 'application/json',
    });
    (await client.put('/echo', new URLSearchParams('a=b'))).assertJson({ method: 'PUT', all: { a: 'b' } });
    (await client.patch('/echo', { a: 'é', b: 2 })).assertJson({ method: 'PATCH', all: { a: 'é', b: '2' } });
    const form = new FormData();
    form.set('a', 'é');
    (await client.post('/echo', form)).assertStatus(415).assertDontSee('CSRF');
    const fetching = testClient({
      fetch: async (asked) => new Response(String((await asked.formData()).get('a'))),
    });
    (await fetching.post('/', form)).assertSee('é');
    (await client.delete('/echo?x=1')).assertJson({ method: 'DELETE', all: { x: '1' } });
    (await client.post('/echo', '{"a":1}', { 'Content-Type': 'application/json' })).assertJson({
      all: { a: 1 },
    });
    expect((await client.head('/echo')).text).to.equal('');
  });

  it('follows redirections within the site', async () => {
    (await client.get('/twice')).assertRedirect('/again');
    const page = await client.followingRedirects().get('/twice');
    page.assertOk().assertJson({ visits: 1 });
    expect(page.url).to.equal('http://localhost/');
    (await client.post('/cart', { item: 'tea' })).assertOk().assertJson({ notice: 'added' });
    (await client.get('/away')).assertRedirect('https://example.org/');
  });

  it('reads cookies and headers', async () => {
    const response = await client.withHeaders({ 'X-Way': 'a' }).withCookie('mine', '1').get('/cookie');
    response.assertCookie('seen').assertCookie('blitz_session').assertCookieMissing('mine');
    response.assertHeader('cache-control').assertHeaderMissing('x-way');
    expect(client.cookies.header('/')).to.match(/^(?=.*mine=1)(?=.*blitz_session=[0-9a-f]{32}).*seen=/);
  });

  it('travels in time', async () => {
    await client.get('/');
    await client.travel(601);
    (await client.get('/')).assertJson({ visits: 1 });
  });

  it('travels by a clock that stands still otherwise', async () => {
    const clock = new ManualClock();
    const still = await Application.boot({
      root: '/nowhere/test-client',
      clock,
      config: { session: { handler: 'array', expiration: 600 } },
    });
    try {
      const visitor = testClient(
        withSession(still, (_request, response) => void response.end(session().id)),
        {
          app: still,
        },
      );
      const first = (await visitor.get('/')).text;
      await visitor.travel(599);
      (await visitor.get('/')).assertSee(first);
      await visitor.travel(601);
      (await visitor.get('/')).assertDontSee(first);
      await visitor.close();
    } finally {
      await still.close();
    }
  });

  it('loses what was destroyed', async () => {
    await client.withSession({ a: 1 }).delete('/all');
    await client.assertSessionMissing('a');
  });

  it('says what came instead', async () => {
    const response = await client.get('/who');
    const broken: (() => unknown)[] = [
      () => response.assertStatus(404),
      () => response.assertNotFound(),
      () => response.assertRedirect(),
      () => response.assertSee('Ada'),
      () => response.assertDontSee('nobody'),
      () => response.assertHeader('x-none'),
      () => response.assertHeader('content-type', 'x'),
      () => response.assertHeaderMissing('content-type'),
      () => response.assertCookie('none'),
      () => response.assertCookie('blitz_session', 'x'),
      () => response.assertCookieMissing('blitz_session'),
      () => response.assertSessionHas('none'),
      () => response.assertSessionHas('_token', 'x'),
      () => response.assertSessionMissing('_token'),
    ];
    for (const each of broken) expect(each).to.throw(AssertionError);
    const page = await client.get('/');
    expect(() => page.assertJson({ visits: 3 })).to.throw(AssertionError);
    expect(() => page.assertExactJson({ visits: 1 })).to.throw(AssertionError);
    (await client.get('/nowhere')).assertNotFound();
  });
});

describe('testClient: other servers', () => {
  let app: Application;
  let server: Server;

  before(async () => {
    app = await booted();
    server = createServer(
      withSession(app, (incoming, response) => {
        if (incoming.url === '/move') response.writeHead(302, { location: '/' }).end();
        else response.end(`visit ${session().increment('visits')} of ${session('user', 'nobody')}`);
      }),
    );
    await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  });
  after(async () => {
    server.closeAllConnections();
    server.close();
    await app.close();
  });

  const address = () => `http://127.0.0.1:${(server.address() as { port: number }).port}`;

  it('a listener, served on a port of its own', async () => {
    const listener = withSession(
      app,
      (_request, response) => void response.end(String(session().increment('n'))),
    );
    const client = testClient(listener, { app });
    (await client.withSession({ n: 5 }).get('/')).assertOk().assertSee('6').assertSessionHas('n', 6);
    (await client.get('/')).assertSee('7');
    await client.close();
  });

  it('a server that listens, or does not yet', async () => {
    const client = testClient(server, { app });
    (await client.actingAs('Ada').get('/')).assertSee('visit 1 of Ada');
    await client.close();
    expect(server.listening).to.equal(true);
    const idle = createServer((_request, response) => void response.end('idle'));
    const other = testClient(idle);
    (await other.get('/')).assertSee('idle');
    await other.close();
    expect(idle.listening).to.equal(false);
  });

  it('an address, without knowing the application', async () => {
    const client = testClient(address(), { followRedirects: true });
    (await client.get('/')).assertSee('visit 1');
    const page = (await client.get('/move')).assertSee('visit 2');
    expect(() => page.assertSessionHas('visits')).to.throw(TypeError, '{ app }');
    await client.session().then(
      () => expect.fail(),
      (error: unknown) => expect(error).to.be.instanceOf(TypeError),
    );
    await client.travel(5).then(
      () => expect.fail(),
      (error: unknown) => expect(String(error)).to.include('ShiftedClock'),
    );
  });

  it('an object with fetch, one with inject, and one with callback', async () => {
    const fetching = testClient({
      fetch: (asked) => new Response(`${asked.method} ${new URL(asked.url).pathname}`),
    });
    (await fetching.post('/a', { b: 1 })).assertOk().assertSee('POST /a');
    const calling = testClient({ callback: () => (_request, response) => void response.end('koa') });
    (await calling.get('/')).assertSee('koa');
    await calling.close();
    const { fastify } = await import('fastify');
    const host = fastify();
    host.get('/', () => 'fastify');
    (await testClient(host).get('/')).assertSee('fastify');
    await host.close();
  });
});

describe('the test kit under node:test', () => {
  it('works as it does here', async () => {
    const { execFile } = await import('node:child_process');
    const { fileURLToPath } = await import('node:url');
    const script = fileURLToPath(new URL('../fixtures/testing-kit.node-test.ts', import.meta.url));
    const { NODE_OPTIONS: _, ...env } = process.env;
    const args = ['--import', 'tsx', '--test', '--test-reporter', 'tap', script];
    const out = await new Promise<string>((resolve) => {
      execFile(process.execPath, args, { env }, (_error, stdout, stderr) => resolve(stdout + stderr));
    });
    expect(out).to.match(/# pass [1-9]\d*\n# fail 0/, out);
  });
});
