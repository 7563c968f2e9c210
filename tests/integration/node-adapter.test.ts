import { session } from 'blitz-session';
import { type SessionListener, withSession } from 'blitz-session/node';
import { ShiftedClock } from 'blitz-session/testing';
import { expect } from 'chai';
import { afterEach, describe, it } from 'mocha';
import { ask, closeSites, serve } from '../fixtures/http.js';

const count: SessionListener = (_request, response) => {
  response.end(String(session().increment('visits')));
};
const look: SessionListener = (request, response) => {
  if (request.url === '/put') session().put('name', 'Ada');
  response.end(String(session('name') ?? 'nobody'));
};

describe('node adapter: the session cookie', () => {
  afterEach(closeSites);

  it('is set for a new visitor and leads back to the session', async () => {
    const site = await serve(count);
    const visitor = site.visitor();
    expect((await visitor.get('/')).body).to.equal('1');
    const { id } = visitor;
    expect(id).to.match(/^[0-9a-f]{32}$/);
    expect((await visitor.get('/')).body).to.equal('2');
    expect(visitor.id).to.equal(id);
    expect((await site.get('/')).body).to.equal('1');
  });

  it('carries its attributes, and dates that agree with each other', async () => {
    const site = await serve(count, { session: { expiration: 900 } });
    const { cookies, headers } = await site.get('/');
    expect(cookies).to.have.length(1);
    const cookie = cookies[0] ?? '';
    expect(cookie).to.match(
      /^blitz_session=[0-9a-f]{32}; expires=[^;]+; Max-Age=900; path=\/; HttpOnly; SameSite=Lax$/,
    );
    const expires = Date.parse(/expires=([^;]+)/.exec(cookie)?.[1] ?? '');
    expect(expires - Date.parse(headers.date ?? '')).to.be.within(899_000, 901_000);
  });

  it('lives until the browser closes when expiration is 0', async () => {
    const site = await serve(count, { session: { expiration: 0 } });
    expect((await site.get('/')).cookies[0]).to.match(
      /^blitz_session=[0-9a-f]{32}; path=\/; HttpOnly; SameSite=Lax$/,
    );
  });

  it('has the configured domain, path, SameSite, Partitioned and Secure', async () => {
    const site = await serve(count, {
      cookie: { domain: 'example.org', path: '/shop', samesite: 'None', secure: true, partitioned: true },
    });
    expect((await site.get('/shop')).cookies[0]).to.match(
      /; path=\/shop; domain=example\.org; secure; HttpOnly; SameSite=None; Partitioned$/,
    );
  });

  it('is sent again with each write, also to AJAX, and with a touch, but not otherwise', async () => {
    const clock = new ShiftedClock();
    const site = await serve(look, { clock, session: { touch_interval: 60, time_to_update: 0 } });
    const visitor = site.visitor();
    const ajax = { headers: { 'x-requested-with': 'XMLHttpRequest' } };
    expect((await visitor.get('/')).cookies).to.have.length(1);
    expect((await visitor.get('/')).cookies).to.be.empty;
    expect((await visitor.get('/put')).cookies).to.have.length(1);
    expect((await visitor.get('/put')).cookies, 'the same value again').to.be.empty;
    expect((await visitor.get('/', ajax)).cookies).to.be.empty;
    clock.advance(59);
    expect((await visitor.get('/')).cookies).to.be.empty;
    clock.advance(2);
    expect((await visitor.get('/')).cookies, 'a touch').to.have.length(1);
    expect((await visitor.get('/')).cookies).to.be.empty;
    clock.advance(61);
    expect((await visitor.get('/', ajax)).cookies, 'a touch by AJAX').to.have.length(1);
    expect((await site.visitor().get('/', ajax)).cookies, 'a new visitor by AJAX').to.have.length(1);
  });

  it('goes out with a new id when the session is renewed', async () => {
    const clock = new ShiftedClock();
    const site = await serve(look, { clock, session: { time_to_update: 300 } });
    const visitor = site.visitor();
    await visitor.get('/put');
    const { id } = visitor;
    clock.advance(301);
    const ajax = await visitor.get('/', { headers: { 'x-requested-with': 'xmlhttprequest' } });
    expect(ajax.cookies[0]).to.contain(id);
    expect((await visitor.get('/')).body).to.equal('Ada');
    expect(visitor.id).to.not.equal(id);
    expect((await visitor.get('/')).body).to.equal('Ada');
  });

  it('is expired when the session is destroyed', async () => {
    const site = await serve(async (request, response) => {
      if (request.url === '/out') await session().destroy();
      response.end();
    });
    const visitor = site.visitor();
    await visitor.get('/');
    const { cookies } = await visitor.get('/out');
    expect(cookies[0]).to.match(/^blitz_session=deleted; expires=Thu, 01 Jan 1970[^;]*; Max-Age=0; path=\//);
  });

  it('an unknown or malformed id gets a new one', async () => {
    const site = await serve(count);
    for (const id of ['0'.repeat(32), '../../etc/passwd', 'é', '', 'a'.repeat(5000)]) {
      const headers = { cookie: Buffer.from(`blitz_session=${id}`, 'latin1').toString('latin1') };
      const reply = await site.get('/', { headers });
      expect(reply.body).to.equal('1');
      expect(reply.cookies[0]).to.not.contain(`=${id};`);
    }
  });

  it('Cache-Control is private, no-store with the cookie, unless the application set its own', async () => {
    const site = await serve((request, response) => {
      if (request.url === '/own') response.setHeader('cache-control', 'max-age=5');
      if (request.url === '/head') response.writeHead(200, { 'Cache-Control': 'public' });
      response.end();
    });
    const visitor = site.visitor();
    expect((await visitor.get('/')).headers['cache-control']).to.equal('private, no-store');
    expect((await visitor.get('/')).headers['cache-control']).to.equal(undefined);
    expect((await site.get('/own')).headers['cache-control']).to.equal('max-age=5');
    expect((await site.get('/head')).headers['cache-control']).to.equal('public');
  });
});

describe("node adapter: the application's own headers", () => {
  afterEach(closeSites);

  const ways: Record<string, SessionListener> = {
    'setHeader, one': (_request, response) => response.setHeader('Set-Cookie', 'a=1').end(),
    'setHeader, a list': (_request, response) => response.setHeader('set-cookie', ['a=1', 'b=2']).end(),
    appendHeader: (_request, response) =>
      response.appendHeader('Set-Cookie', 'a=1').appendHeader('Set-Cookie', 'b=2').end(),
    setHeaders: (_request, response) =>
      response
        .setHeaders(
          new Headers([
            ['set-cookie', 'a=1'],
            ['set-cookie', 'b=2'],
          ]),
        )
        .end(),
    'writeHead, an object': (_request, response) =>
      response.writeHead(200, { 'Set-Cookie': ['a=1', 'b=2'] }).end(),
    'writeHead, a flat list': (_request, response) =>
      response.writeHead(200, ['Set-Cookie', 'a=1', 'X-Other', 'y', 'set-cookie', 'b=2']).end(),
    'writeHead, pairs': (_request, response) =>
      response
        .writeHead(200, [
          ['Set-Cookie', 'a=1'],
          ['Set-Cookie', 'b=2'],
        ] as never)
        .end(),
    'writeHead over setHeader': (_request, response) =>
      response
        .setHeader('Set-Cookie', 'old=1')
        .writeHead(200, 'Fine', { 'set-cookie': ['a=1', 'b=2'] })
        .end(),
    'writeHead with a list over setHeader': (_request, response) =>
      response
        .setHeader('Set-Cookie', 'old=1')
        .writeHead(200, ['Set-Cookie', 'a=1', 'Set-Cookie', 'b=2'])
        .end(),
  };
  for (const [way, listener] of Object.entries(ways)) {
    it(`keeps its cookies beside ours: ${way}`, async () => {
      const site = await serve(listener);
      const { cookies } = await site.get('/');
      const expected = way.endsWith('one') ? ['a=1'] : ['a=1', 'b=2'];
      expect(cookies.filter((each) => !each.startsWith('blitz_session='))).to.deep.equal(expected);
      expect(cookies.filter((each) => each.startsWith('blitz_session='))).to.have.length(1);
    });
  }

  it("never puts a visitor's cookie into a list that the application keeps", async () => {
    const kept = ['theme=dark'];
    const site = await serve((request, response) => {
      if (request.url === '/head')
        response.writeHead(200, ['Set-Cookie', kept, 'Set-Cookie', 'x=1'] as never);
      else response.setHeader('Set-Cookie', kept);
      response.end();
    });
    for (const path of ['/', '/', '/head', '/head']) await site.get(path);
    expect(kept).to.deep.equal(['theme=dark']);
    expect((await site.get('/')).cookies).to.have.length(2);
  });

  it('status, message and other headers arrive as they were given', async () => {
    const site = await serve((request, response) => {
      if (request.url === '/text') response.writeHead('404' as never, { 'X-A': ['1', '2'], 'X-B': 3 });
      else if (request.url === '/undefined')
        response.writeHead(201, undefined as unknown as string, { 'X-A': 'late' });
      else if (request.url === '/null') response.writeHead(201, { 'X-A': 'first' } as never, null as never);
      else {
        response.statusCode = 418;
        response.statusMessage = 'Short and stout';
      }
      response.end();
    });
    const text = await site.get('/text');
    expect([text.status, text.message]).to.deep.equal([404, 'Not Found']);
    expect([text.headers['x-a'], text.headers['x-b']]).to.deep.equal(['1, 2', '3']);
    const late = await site.get('/undefined');
    expect([late.status, late.headers['x-a']]).to.deep.equal([201, 'late']);
    expect((await site.get('/null')).headers['x-a']).to.equal('first');
    const teapot = await site.get('/');
    expect([teapot.status, teapot.message]).to.deep.equal([418, 'Short and stout']);
  });

  it('the old name writeHeader is held too, where Node has it', async () => {
    const site = await serve((_request, response) => {
      const old = (response as unknown as { writeHeader?: typeof response.writeHead }).writeHeader;
      (old ?? response.writeHead).call(response, 201, { 'X-Old': 'yes' }).end('done');
    });
    const reply = await site.get('/');
    expect([reply.status, reply.headers['x-old'], reply.body]).to.deep.equal([201, 'yes', 'done']);
    expect(reply.cookies).to.have.length(1);
  });
});

describe('node adapter: reaching the session', () => {
  afterEach(closeSites);

  it('session() and request.session() are the same store, at any depth', async () => {
    const site = await serve(async (request, response) => {
      session().put('a', 1);
      await new Promise((resolve) => setTimeout(resolve, 1));
      request.session().increment('a');
      await Promise.resolve();
      response.end(`${session('a')} ${request.session().id === session().id}`);
    });
    expect((await site.get('/')).body).to.equal('2 true');
  });

  it('a POST body can be read before and after the session is used', async () => {
    const site = await serve(async (request, response) => {
      if (request.url === '/late') session().put('seen', true);
      const parts: Buffer[] = [];
      for await (const part of request) parts.push(part as Buffer);
      session().put('body', Buffer.concat(parts).toString());
      response.end(session<string>('body')?.length.toString());
    });
    const body = 'x'.repeat(200_000);
    for (const path of ['/early', '/late']) {
      const visitor = site.visitor();
      for (let round = 0; round < 2; round++) {
        expect((await visitor.get(path, { method: 'POST', body })).body).to.equal('200000');
      }
    }
  });

  it('a redirect carries the cookie, and the next page sees the value', async () => {
    const site = await serve((request, response) => {
      if (request.url === '/login') {
        session().put('user', 7);
        response.writeHead(303, { Location: '/home' }).end();
      } else response.end(String(session('user')));
    });
    const visitor = site.visitor();
    const redirect = await visitor.get('/login');
    expect([redirect.status, redirect.headers.location]).to.deep.equal([303, '/home']);
    expect((await visitor.get('/home')).body).to.equal('7');
  });

  it('readOnly: flash values are seen and do not age, nothing is written, no cookie goes out', async () => {
    const site = await serve(
      (request, response) => {
        if (request.url === '/flash') session().flash('note', 'saved');
        if (request.url === '/peek/change') {
          try {
            session().put('x', 1);
          } catch (error) {
            response.end((error as { code: string }).code);
            return;
          }
        }
        response.end(`${session('note') ?? '-'} ${session().isStarted()}`);
      },
      { options: { readOnly: (request) => request.url?.startsWith('/peek') ?? false } },
    );
    const visitor = site.visitor();
    await visitor.get('/flash');
    for (let round = 0; round < 3; round++) {
      const reply = await visitor.get('/peek');
      expect(reply.body).to.equal('saved false');
      expect(reply.cookies).to.be.empty;
    }
    expect((await visitor.get('/peek/change')).body).to.equal('E_SESSION_READ_ONLY');
    expect((await visitor.get('/')).body, 'not aged by reading').to.equal('saved true');
    expect((await visitor.get('/')).body).to.equal('- true');
    for (const cookie of [undefined, `blitz_session=${'0'.repeat(32)}`]) {
      const reply = await ask(site.port, '/peek', { headers: cookie === undefined ? {} : { cookie } });
      expect([reply.body, reply.cookies]).to.deep.equal(['- false', []]);
    }
  });

  it('skip leaves the session out', async () => {
    const site = await serve(
      (request, response) => {
        const codes = [() => session('x'), () => request.session()].map((use) => {
          try {
            use();
            return 'a session';
          } catch (error) {
            return (error as { code: string }).code;
          }
        });
        response.end(codes.join());
      },
      { options: { skip: (request) => request.url === '/health' } },
    );
    const reply = await site.get('/health');
    expect(reply.body).to.equal('E_SESSION_NO_REQUEST,E_SESSION_NO_REQUEST');
    expect(reply.cookies).to.be.empty;
    expect((await site.get('/')).body).to.equal('a session,a session');
  });

  it('context: false leaves request.session() only', async () => {
    const site = await serve(
      (request, response) => {
        request.session().increment('n');
        try {
          session('n');
        } catch (error) {
          response.end(`${(error as { code: string }).code} ${request.session().get('n')}`);
        }
      },
      { options: { context: false } },
    );
    const visitor = site.visitor();
    await visitor.get('/');
    expect((await visitor.get('/')).body).to.equal('E_SESSION_NO_REQUEST 2');
  });

  it("a second withSession on the same request finds the first one's store", async () => {
    const site = await serve((request, response) => {
      const outer = request.session();
      outer.put('n', 1);
      return withSession(site.app, async (inner, answer) => {
        inner.session().increment('n');
        if (inner.url === '/fail') throw new Error('inner');
        answer.end(`${inner.session() === outer} ${session('n')}`);
      })(request, response);
    });
    expect((await site.get('/')).body).to.equal('true 2');
    expect((await site.get('/fail')).status, 'the outer one answers').to.equal(500);
  });
});
