import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { isBlitzError, session } from 'blitz-session';
import { expect } from 'chai';
import compression from 'compression';
import { EXPRESS, type Express } from '../fixtures/express.ts';
import { closeExpressSites, type ExpressSite, expressSite } from '../fixtures/express-site.ts';
import { complaints, type Reply, sleep } from '../fixtures/http.ts';

const FILE = fileURLToPath(new URL('../../package-lock.json', import.meta.url));
const GZIP = { headers: { 'accept-encoding': 'gzip' } };

function clean(reply: Reply, body: string): void {
  expect(reply.status).to.equal(503);
  expect(reply.body).to.equal(body);
  expect(reply.cookies).to.deep.equal([]);
  expect(reply.headers['retry-after']).to.equal('1');
  for (const name of ['location', 'x-own', 'content-range', 'content-disposition', 'content-encoding']) {
    expect(reply.headers[name], name).to.equal(undefined);
  }
  expect(reply.headers['x-before']).to.equal('fine');
}

for (const [name, express] of EXPRESS) {
  describe(`${name}: a session that cannot be saved`, () => {
    afterEach(closeExpressSites);

    const before = (server: Express) =>
      void server.use((_request, response, next) => {
        response.setHeader('X-Before', 'fine');
        next();
      });
    const routes = (server: Express) => {
      server.use((_request, response, next) => {
        session().put('name', 'Ada');
        response.setHeader('X-Own', 'dropped').setHeader('X-Before', 'changed');
        next();
      });
      server.get('/json', (_request, response) => void response.cookie('a', '1').json({ fine: true }));
      server.get('/redirect', (_request, response) => response.redirect('/elsewhere'));
      server.get(
        '/head',
        (_request, response) => void response.writeHead(201, { 'X-Own': 'head' }).end('fine'),
      );
      server.get('/empty', (_request, response) => void response.status(204).end());
      server.get('/file', (_request, response) => response.sendFile(FILE));
      server.get('/download', (_request, response) => response.download(FILE));
      server.get(
        '/pipe',
        (_request, response) => void Readable.from(['fine', 'fine']).pipe(response.type('txt')),
      );
      server.get('/pipeline', (_request, response) => {
        pipeline(Readable.from(['fine', 'fine']), response).catch(() => {});
      });
      server.use(
        '/below',
        express.Router().get('/json', (_request, response) => void response.json({ fine: true })),
      );
    };
    const failing = async (more: (server: Express) => void = routes): Promise<ExpressSite> => {
      const site = await expressSite(express, more, { before });
      site.mood.write = 'throws';
      return site;
    };

    for (const path of [
      '/json',
      '/redirect',
      '/head',
      '/empty',
      '/file',
      '/download',
      '/pipe',
      '/pipeline',
      '/below/json',
    ]) {
      it(`${path}: the error handler answers, once, on a clean response`, async () => {
        const site = await failing();
        const heard = await complaints(async () => {
          clean(await site.get(path), '<E_SESSION_BACKEND> Ada');
          const ranged = await site.get(path, { headers: { range: 'bytes=0-9' } });
          clean(ranged, '<E_SESSION_BACKEND again> Ada');
        });
        expect(heard).to.deep.equal([]);
        expect(site.told).to.have.length(2);
        expect(site.told.every((error) => isBlitzError(error, 'E_SESSION_BACKEND'))).to.equal(true);
        expect(site.errors).to.deep.equal([]);
      });
    }

    it('HEAD, too', async () => {
      const site = await failing();
      clean(await site.get('/json', { method: 'HEAD' }), '');
    });

    const writing = (pause: number) => (server: Express) =>
      server.get('/', async (_request, response) => {
        session().put('name', 'Ada');
        response.write('fine');
        for (let piece = 0; piece < 3; piece++) {
          await sleep(pause);
          response.write('x'.repeat(20_000));
        }
        response.end('fine');
      });

    it('a handler that writes piece by piece: the error handler answers when it has ended', async () => {
      const site = await failing(writing(5));
      clean(await site.get('/'), '<E_SESSION_BACKEND> Ada');
    });

    it('a handler that goes on writing is not heard: 503 is answered here, and logged', async () => {
      const site = await failing(writing(120));
      const reply = await site.get('/');
      expect([reply.status, reply.cookies, reply.headers['retry-after']]).to.deep.equal([503, [], '1']);
      expect(reply.body).to.not.match(/fine|x{9}/);
      await sleep(250);
      expect([site.told, site.errors.length]).to.deep.equal([[], 1]);
    });

    for (const place of ['behind', 'in front']) {
      it(`compression ${place}: the answer of the error handler is whole`, async () => {
        const site = await expressSite(
          express,
          (server) => {
            if (place === 'behind') server.use(compression({ threshold: 0 }));
            routes(server);
          },
          {
            before(server) {
              if (place !== 'behind') server.use(compression({ threshold: 0 }));
              before(server);
            },
          },
        );
        // In front it keeps the waiting for `drain` to itself: a long file is answered as a handler that goes on writing.
        for (const path of place === 'behind' ? ['/json', '/file', '/pipe'] : ['/json', '/pipe']) {
          site.mood.write = 'throws';
          site.told.length = 0;
          const reply = await site.get(path, GZIP);
          const packed = reply.headers['content-encoding'] === 'gzip';
          expect(packed).to.equal(place === 'in front');
          expect((packed ? gunzipSync(reply.bytes) : reply.bytes).toString()).to.equal(
            '<E_SESSION_BACKEND> Ada',
          );
          expect([reply.status, reply.cookies]).to.deep.equal([503, []]);
          site.mood.write = 'works';
          const fine = await site.get(path, GZIP);
          expect([fine.status, fine.headers['content-encoding'], fine.cookies.length >= 1]).to.deep.equal([
            200,
            'gzip',
            true,
          ]);
          gunzipSync(fine.bytes);
        }
      });
    }

    it('without an error handler: the default answer, with Retry-After and no cookie', async () => {
      const site = await failing((server) => {
        server.set('env', 'test');
        routes(server);
        server.use((error: unknown, _request: unknown, _response: unknown, next: (error: unknown) => void) =>
          next(error),
        );
      });
      // The one of the site comes behind, and is the last.
      clean(await site.get('/json'), '<E_SESSION_BACKEND> Ada');
    });

    it('an error, and the save of its page fails: the error handler is not called for the same request without end', async () => {
      const site = await failing((server) => {
        server.set('env', 'test');
        server.get('/', () => {
          session().put('name', 'Ada');
          throw new Error('broken');
        });
      });
      const reply = await site.get('/');
      expect([reply.status, reply.cookies, site.told.length]).to.deep.equal([503, [], 1]);
    });

    it('an operation that fails unseen, and a handler that answers never: the error handler answers', async () => {
      const site = await failing((server) =>
        server.get('/', () => {
          session().put('name', 'Ada');
          void session()
            .close()
            .then(() => {});
        }),
      );
      clean(await site.get('/'), '<E_SESSION_BACKEND> Ada');
      expect(site.told).to.have.length(1);
    });

    it('an operation that fails unseen while the rest is saved: the answer of the error handler carries the cookie', async () => {
      const site = await expressSite(express, (server) => {
        server.get('/known', (request, response) => {
          request.session().put('name', 'Ada');
          response.send('fine');
        });
        server.get('/', (request) => {
          void request
            .session()
            .invalidate()
            .then(() => {});
          request.session().put('name', 'Bob');
        });
        server.get('/name', (request, response) => void response.send(request.session().get('name')));
      });
      const visitor = site.visitor();
      await visitor.get('/known');
      const old = visitor.cookie;
      site.mood.destroy = 'throws';
      const reply = await visitor.get('/');
      expect([reply.status, reply.body]).to.deep.equal([503, '<E_SESSION_BACKEND> Bob']);
      expect(visitor.cookie).to.not.equal(old);
      expect((await visitor.get('/name')).body).to.equal('Bob');
    });

    it('a session that cannot be opened: the error handler answers, without a session', async () => {
      const site = await expressSite(
        express,
        (server) => {
          server.get(
            '/',
            (request, response) => void response.send(String(request.session().increment('n'))),
          );
        },
        { session: { lock_wait: 1, lock_max_waiters: 1 } },
      );
      const visitor = site.visitor();
      await visitor.get('/');
      site.mood.readDelay = 100;
      const replies = await Promise.all([1, 2, 3].map(() => visitor.get('/')));
      const busy = replies.filter(({ status }) => status === 503);
      expect(busy).to.have.length(1);
      expect(busy[0]?.body).to.equal('<E_SESSION_BUSY> E_SESSION_NO_REQUEST');
      expect(busy[0]?.headers['retry-after']).to.equal('1');
      expect(busy[0]?.cookies).to.deep.equal([]);
    });

    it('an option that throws goes to the error handler', async () => {
      const site = await expressSite(express, () => {}, {
        options: {
          skip: () => {
            throw new Error('broken');
          },
        },
      });
      expect((await site.get('/')).body).to.equal('<broken> E_SESSION_NO_REQUEST');
    });
  });
}
