import type { IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { PassThrough, Readable } from 'node:stream';
import { Application, session } from 'blitz-session';
import { startSession } from 'blitz-session/fastify';
import { adapterSuite } from 'blitz-session/testing';
import { expect } from 'chai';
import { type FastifyRequest, fastify } from 'fastify';
import { after, afterEach, before, describe, it } from 'mocha';
import { nameIn } from '../fixtures/adapter-body.js';
import { moodyHandler } from '../fixtures/http.js';

/** What a parser makes of a body that is no JSON, before the session is opened. */
async function parsed(request: FastifyRequest, payload: IncomingMessage): Promise<{ name: string }> {
  const headers = { 'content-type': request.headers['content-type'] ?? '' };
  return {
    name: await nameIn(new Response(Readable.toWeb(payload) as ReadableStream<Uint8Array>, { headers })),
  };
}

adapterSuite(
  { describe, it, before, after },
  {
    name: 'fastify',
    async start({ app, actions, parts, options, proxied }) {
      const server = fastify({ trustProxy: proxied, forceCloseConnections: true });
      server.addContentTypeParser(['application/x-www-form-urlencoded', 'multipart/form-data'], parsed);
      await server.register(startSession, { app, ...options((request: FastifyRequest) => request.url) });
      for (const [path, action] of Object.entries(actions)) {
        server.get(path, async () => action());
      }
      for (const path of ['/own', '/bare/own']) {
        server.get(path, async (request) => String(request.session().increment('own')));
      }
      server.post<{ Body: { name: string } }>('/form', async ({ body }) => {
        session().put('name', body.name);
        return body.name;
      });
      server.get('/redirect', async (_request, reply) => {
        session().put('name', 'redirected');
        return reply.redirect('/readonly/see');
      });
      server.get('/stream', async (_request, reply) => {
        session().increment('count');
        return reply.send(Readable.from(parts()));
      });
      server.get('/empty', async (_request, reply) => {
        session().increment('count');
        return reply.code(204).send();
      });
      server.get('/unchanged', async (_request, reply) => {
        session().increment('count');
        return reply.code(304).send();
      });
      server.get('/headers', async (_request, reply) => {
        session().increment('count');
        reply.headers({ 'X-Own': 'fine', 'Cache-Control': 'private, max-age=5' });
        return reply.header('Set-Cookie', 'a=1').header('Set-Cookie', 'b=2').send('fine');
      });
      server.get('/raw', async (_request, reply) => {
        session().increment('count');
        reply.hijack();
        reply.raw.writeHead(201, { 'X-Own': 'fine', 'Set-Cookie': ['a=1', 'b=2'] }).end('fine');
      });
      await server.listen({ port: 0, host: '127.0.0.1' });
      return { port: (server.server.address() as AddressInfo).port, close: () => server.close() };
    },
  },
);

describe('fastify adapter: inside Fastify', () => {
  const { mood, handler } = moodyHandler();
  let app: Application;
  before(async () => {
    app = await Application.boot({
      root: '/nowhere/app',
      config: { session: { handler, gc_probability: 0 } },
      log: { warn() {}, error() {} },
    });
  });
  after(() => app.close());
  afterEach(() => {
    mood.write = 'works';
  });

  it('a failed save reaches the error handler; headers from before stay, those of the route are gone', async () => {
    const server = fastify();
    const seen: unknown[] = [];
    server.addHook('onRequest', async (_request, reply) => {
      reply.header('X-Site', 'here').header('Set-Cookie', 'site=1');
    });
    server.setErrorHandler((error: { code?: string }, _request, reply) => {
      seen.push(error.code);
      return reply.code(507).send({ sorry: true });
    });
    await server.register(startSession, { app });
    server.get('/', async (request, reply) => {
      request.session().increment('n');
      reply.raw.setHeader('X-Raw', 'fine');
      return reply.code(201).header('X-Own', 'fine').header('Set-Cookie', 'own=1').send('fine');
    });
    const fine = await server.inject('/');
    expect([fine.statusCode, fine.headers['x-raw']]).to.deep.equal([201, 'fine']);
    expect([fine.headers['set-cookie']].flat()).to.have.length(3);
    mood.write = 'throws';
    const reply = await server.inject('/');
    expect([reply.statusCode, reply.json()]).to.deep.equal([507, { sorry: true }]);
    expect([reply.headers['x-site'], reply.headers['set-cookie']]).to.deep.equal(['here', 'site=1']);
    expect([reply.headers['x-own'], reply.headers['x-raw']]).to.deep.equal([undefined, undefined]);
    expect(seen).to.deep.equal(['E_SESSION_BACKEND']);
    await server.close();
  });

  it('a stream that is not sent is destroyed', async () => {
    const server = fastify();
    await server.register(startSession, { app });
    const stream = new PassThrough();
    server.get('/', async (request, reply) => {
      request.session().increment('n');
      return reply.send(stream);
    });
    mood.write = 'throws';
    expect((await server.inject('/')).statusCode).to.equal(503);
    expect(stream.destroyed).to.equal(true);
    await server.close();
  });

  it('an operation that fails unseen while the route waits for ever is answered', async () => {
    const server = fastify();
    await server.register(startSession, { app });
    server.get('/', (request, reply) => {
      request.session().increment('n');
      reply.header('X-Own', 'fine');
      void request
        .session()
        .close()
        .then(() => {});
    });
    mood.write = 'throws';
    const reply = await server.inject('/');
    expect([reply.statusCode, reply.headers['x-own']]).to.deep.equal([503, undefined]);
    await server.close();
  });

  it('the session is opened when the body has been parsed, and not for a body that cannot be', async () => {
    const server = fastify();
    const order: string[] = [];
    server.addHook('onRequest', async (request) => {
      expect(() => request.session())
        .to.throw()
        .with.property('code', 'E_SESSION_NO_REQUEST');
    });
    server.addHook('preParsing', async () => {
      order.push('parsing');
    });
    await server.register(startSession, {
      app,
      readOnly: () => {
        order.push('opening');
        return false;
      },
    });
    server.post('/', async () => 'fine');
    const headers = { 'content-type': 'application/json' };
    const wrong = await server.inject({ method: 'POST', url: '/', headers, payload: '{' });
    expect([wrong.statusCode, wrong.headers['set-cookie'], order]).to.deep.equal([
      400,
      undefined,
      ['parsing'],
    ]);
    const right = await server.inject({ method: 'POST', url: '/', headers, payload: '{}' });
    expect([right.statusCode, order]).to.deep.equal([200, ['parsing', 'parsing', 'opening']]);
    await server.close();
  });

  it('hooks and routes beside it see the session; those of the server above do not', async () => {
    const server = fastify();
    await server.register(async (inner) => {
      await inner.register(startSession, { app, skip: (request) => request.url === '/skip' });
      inner.addHook('preHandler', async () => {
        session().put('hook', 'seen');
      });
      inner.get('/inside', async () => session('hook'));
      inner.get('/skip', async (request) => request.session().id);
    });
    server.get('/outside', async () => String(session('hook')));
    expect((await server.inject('/inside')).body).to.equal('seen');
    const outside = await server.inject('/outside');
    expect([outside.statusCode, outside.json().code]).to.deep.equal([500, 'E_SESSION_NO_REQUEST']);
    expect((await server.inject('/skip')).json().code).to.equal('E_SESSION_NO_REQUEST');
    await server.close();
  });
});
