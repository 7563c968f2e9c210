import type { RequestListener } from 'node:http';
import { connect } from 'node:net';
import { setFlagsFromString } from 'node:v8';
import { BaseHandler, session } from 'blitz-session';
import { expect } from 'chai';
import compression from 'compression';
import { EXPRESS, type Request, type Response } from '../fixtures/express.ts';
import { closeExpressSites, expressSite } from '../fixtures/express-site.ts';
import { ask, listen, Visitor } from '../fixtures/http.ts';

setFlagsFromString('--allow-natives-syntax');
const haveSameMap = new Function('a', 'b', 'return %HaveSameMap(a, b)') as (a: object, b: object) => boolean;
setFlagsFromString('--no-allow-natives-syntax');

/** Two responses of an application that has no sessions. */
async function withoutSessions(express: (typeof EXPRESS)[number][1]): Promise<[Response, Response]> {
  const seen: Response[] = [];
  const plain = express();
  plain.get('/', (_request, response) => {
    seen.push(response);
    response.end();
  });
  const server = await listen(plain as RequestListener);
  const { port } = server.address() as { port: number };
  await ask(port, '/');
  await ask(port, '/');
  server.close();
  return seen as [Response, Response];
}

for (const [name, express] of EXPRESS) {
  const other = EXPRESS.find(([title]) => title !== name)?.[1] ?? express;

  describe(`${name}: requests and responses whose prototype was changed`, () => {
    afterEach(closeExpressSites);

    it('share their hidden classes with those of other requests', async () => {
      const seen: [Request, Response][] = [];
      const site = await expressSite(express, (server) => {
        server.use((request, response, next) => {
          seen.push([request, response]);
          next();
        });
        server.get('/', (_request, response) => response.end(String(session().increment('n'))));
      });
      await ask(site.port, '/');
      await ask(site.port, '/');
      const [first, second] = seen as [[Request, Response], [Request, Response]];
      // Without the mend each has its own from the moment at which Express has changed its prototype.
      expect([haveSameMap(first[0], second[0]), haveSameMap(first[1], second[1])]).to.deep.equal([
        true,
        true,
      ]);
      expect(haveSameMap(...(await withoutSessions(express)))).to.equal(false);
    });

    it('are held as well below what others have put on them, before and after', async () => {
      const site = await expressSite(express, (server) => {
        server.get('/plain', (_request, response) => response.send(String(session().increment('n'))));
        server.use(compression({ threshold: 0 }));
        server.get('/later', (_request, response) => response.send(String(session().increment('n'))));
      });
      const packed = await expressSite(
        express,
        (server) => {
          server.get('/', (_request, response) => response.send(String(session().increment('n'))));
        },
        { before: (server) => void server.use(compression({ threshold: 0 })) },
      );
      for (const [port, paths] of [
        [site.port, ['/plain', '/later', '/plain', '/later']],
        [packed.port, ['/', '/', '/']],
      ] as const) {
        const visitor = new Visitor(port);
        for (const [at, path] of paths.entries()) {
          expect((await visitor.get(path)).body).to.equal(String(at + 1));
        }
      }
    });

    it('tell a handler the visitor’s address also once the client has left', async () => {
      const addresses: (string | undefined)[] = [];
      class Noting extends BaseHandler {
        read(): string {
          return '';
        }
        write(): void {
          addresses.push(this.request.ip);
        }
        destroy(): void {}
      }
      let saved = () => {};
      const over = new Promise<void>((resolve) => {
        saved = resolve;
      });
      const site = await expressSite(
        express,
        (server) => {
          server.get('/', (_request, response) => {
            session().put('n', 1);
            response.once('close', () => {
              response.end();
              setImmediate(saved);
            });
            client.destroy();
          });
        },
        { session: { handler: Noting } },
      );
      const client = connect(site.port, '127.0.0.1', () => client.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n'));
      await over;
      expect(addresses).to.deep.equal(['127.0.0.1']);
    });

    it('of an application without sessions behave as Node’s', async () => {
      const site = await expressSite(express, (server) => {
        server.get('/', (_request, response) => response.send('held'));
      });
      await ask(site.port, '/');
      const ended: boolean[] = [];
      const plain = express();
      plain.get('/', (request, response) => {
        ended.push('session' in request, response.writableEnded, response.headersSent);
        response.writeHead(201, { 'X-Own': 'fine' });
        response.write('as ');
        ended.push(response.headersSent);
        response.end('ever');
        ended.push(response.writableEnded);
      });
      const server = await listen(plain as RequestListener);
      const { port } = server.address() as { port: number };
      try {
        const reply = await ask(port, '/');
        expect([reply.status, reply.body, reply.headers['x-own']]).to.deep.equal([201, 'as ever', 'fine']);
        expect(ended).to.deep.equal([false, false, false, true, true]);
      } finally {
        server.close();
      }
    });

    it('are held below a mounted application of another copy of Express', async () => {
      const site = await expressSite(express, (server) => {
        const mounted = other();
        mounted.get('/', (_request, response) => response.send(String(session().increment('n'))));
        server.use('/mounted', mounted);
      });
      const visitor = new Visitor(site.port);
      expect((await visitor.get('/mounted')).body).to.equal('1');
      expect((await visitor.get('/mounted')).body).to.equal('2');
    });

    it('are saved at the end where another copy of Express, called as a function, answers past us', async () => {
      const site = await expressSite(express, (server) => {
        server.get('/', (_request, response) => response.send(String(session().get('n', 0))));
        const called = other();
        called.get('/called', (_request, response) => response.send(String(session().increment('n'))));
        server.use((request, response, next) => called(request, response, next));
      });
      const visitor = new Visitor(site.port);
      await visitor.get('/');
      expect((await visitor.get('/called')).body).to.equal('1');
      expect((await visitor.get('/')).body).to.equal('1');
    });
  });
}
