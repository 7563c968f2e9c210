import type { RequestListener } from 'node:http';
import { session } from 'blitz-session';
import { expect } from 'chai';
import compression from 'compression';
import { EXPRESS, type NextFunction, type Request, type Response } from '../fixtures/express.ts';
import { closeExpressSites, expressSite } from '../fixtures/express-site.ts';
import { ask, listen, Visitor } from '../fixtures/http.ts';

type Keys = readonly PropertyKey[];

for (const [name, express] of EXPRESS) {
  const other = EXPRESS.find(([title]) => title !== name)?.[1] ?? express;

  describe(`${name}: requests and responses whose prototype was changed`, () => {
    afterEach(closeExpressSites);

    it('get nothing but `session` put on them', async () => {
      const seen: { request: Keys; response: Keys }[] = [];
      const note = (request: Request, response: Response, next: NextFunction) => {
        seen.push({ request: Reflect.ownKeys(request), response: Reflect.ownKeys(response) });
        next();
      };
      const site = await expressSite(
        express,
        (server) => {
          server.use(note);
          server.get('/', (_request, response) => {
            session().increment('n');
            response.end('fine');
          });
        },
        { before: (server) => void server.use(note) },
      );
      // The first request of all may find the prototypes as Express made them.
      await ask(site.port, '/');
      seen.length = 0;
      expect((await ask(site.port, '/')).cookies).to.have.length(1);
      const [before, after] = seen;
      const added = (part: 'request' | 'response') =>
        after?.[part].filter((key) => !before?.[part].includes(key));
      expect(added('request')).to.deep.equal(['session']);
      expect(added('response')).to.deep.equal([]);
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
