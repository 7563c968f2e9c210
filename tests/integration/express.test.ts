import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { Session, session } from 'blitz-session';
import { startSession } from 'blitz-session/express';
import { session_start, session_write_close } from 'blitz-session/php';
import { expect } from 'chai';
import compression from 'compression';
import { EXPRESS } from '../fixtures/express.ts';
import { closeExpressSites, expressSite } from '../fixtures/express-site.ts';
import { sleep } from '../fixtures/http.ts';

const FILE = fileURLToPath(new URL('../../package-lock.json', import.meta.url));
const BYTES = readFileSync(FILE);

for (const [name, express] of EXPRESS) {
  describe(`${name}: answers with a session`, () => {
    afterEach(closeExpressSites);

    it('files: whole, in part, unchanged, as a download, their head alone', async () => {
      const site = await expressSite(express, (server) => {
        server.use((request, _response, next) => {
          request.session().increment('n');
          next();
        });
        server.get('/file', (_request, response) => response.sendFile(FILE));
        server.get('/download', (_request, response) => response.download(FILE, 'a.json'));
      });
      const visitor = site.visitor();
      const whole = await visitor.get('/file');
      expect([whole.status, whole.bytes.equals(BYTES), whole.cookies.length]).to.deep.equal([200, true, 1]);
      const part = await visitor.get('/file', { headers: { range: 'bytes=10-19' } });
      expect([part.status, part.body, part.cookies.length]).to.deep.equal([
        206,
        BYTES.subarray(10, 20).toString(),
        1,
      ]);
      const etag = String(whole.headers['etag']);
      const unchanged = await visitor.get('/file', { headers: { 'if-none-match': etag } });
      expect([unchanged.status, unchanged.body, unchanged.cookies.length]).to.deep.equal([304, '', 1]);
      const head = await visitor.get('/file', { method: 'HEAD' });
      expect([head.status, head.body, head.headers['content-length']]).to.deep.equal([
        200,
        '',
        String(BYTES.length),
      ]);
      const download = await visitor.get('/download');
      expect(download.headers['content-disposition']).to.match(/^attachment; filename="?a\.json"?$/);
      expect(download.bytes.equals(BYTES)).to.equal(true);
    });

    for (const place of ['behind', 'in front']) {
      it(`events of a server, with compression ${place}: each leaves at once, the first one saves`, async () => {
        let go = () => {};
        const site = await expressSite(
          express,
          (server) => {
            if (place === 'behind') server.use(compression({ threshold: 0 }));
            server.get('/events', async (request, response) => {
              request.session().put('name', 'Ada');
              response.set('Content-Type', 'text/event-stream');
              response.flushHeaders();
              response.write('data: 1\n\n');
              (response as unknown as { flush(): void }).flush();
              await new Promise<void>((resolve) => {
                go = resolve;
              });
              expect(() => request.session().put('late', 1))
                .to.throw()
                .with.property('code', 'E_SESSION_CLOSED');
              response.end('data: 2\n\n');
            });
            server.get('/name', (request, response) => void response.send(request.session().get('name')));
          },
          { before: (server) => place !== 'behind' && server.use(compression({ threshold: 0 })) },
        );
        const visitor = site.visitor();
        await visitor.get('/name');
        const events = visitor.get('/events', { headers: { 'accept-encoding': 'gzip' } });
        await sleep(60);
        expect((await visitor.get('/name')).body).to.equal('Ada');
        go();
        const reply = await events;
        expect(reply.headers['content-encoding']).to.equal('gzip');
        expect(gunzipSync(reply.bytes).toString()).to.equal('data: 1\n\ndata: 2\n\n');
      });
    }

    it('below routers and applications of their own, and twice on one way: one session', async () => {
      const site = await expressSite(express, (server, app) => {
        const inner = express();
        inner.use(startSession(app));
        inner.get('/own', (request, response) => {
          session().increment('n');
          response.send(`${request.session().increment('n')} ${request.baseUrl}`);
        });
        server.use('/inner', inner);
      });
      const visitor = site.visitor();
      expect((await visitor.get('/inner/own')).body).to.equal('2 /inner');
      expect((await visitor.get('/inner/own')).body).to.equal('4 /inner');
    });

    it('start: false opens nothing, for session_start()', async () => {
      const site = await expressSite(
        express,
        (server) => {
          server.get('/none', (request, response) => {
            expect(() => request.session())
              .to.throw()
              .with.property('code', 'E_SESSION_NO_REQUEST');
            response.send('none');
          });
          server.get('/started', async (request, response, next) => {
            try {
              await session_start();
              const n = request.session().increment('n');
              await session_write_close();
              response.send(String(n));
            } catch (error) {
              next(error);
            }
          });
        },
        { options: { start: false } },
      );
      const visitor = site.visitor();
      const none = await visitor.get('/none');
      expect([none.body, none.cookies, site.mood.writes]).to.deep.equal(['none', [], 0]);
      const started = await visitor.get('/started');
      expect([started.body, started.cookies.length]).to.deep.equal(['1', 1]);
      expect((await visitor.get('/started')).body).to.equal('2');
    });

    it('a socket that was upgraded reads the session by hand', async () => {
      const site = await expressSite(express, (server) =>
        server.get('/', (request, response) => {
          request.session().put('name', 'Ada');
          response.send('fine');
        }),
      );
      site.server.on('upgrade', async (request, socket) => {
        const name = await Session.run(request, (store) => store.get('name'), { readOnly: true }).catch(
          (error: { code: string }) => error.code,
        );
        socket.end(
          `HTTP/1.1 101 Switching Protocols\r\nUpgrade: chat\r\nConnection: Upgrade\r\n\r\n<${name}>`,
        );
      });
      const visitor = site.visitor();
      await visitor.get('/');
      const upgrade = async (cookie: string) => {
        const socket = connect(site.port, '127.0.0.1');
        socket.write(
          `GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: chat\r\nCookie: ${cookie}\r\n\r\n`,
        );
        let text = '';
        socket.on('data', (chunk) => {
          text += chunk;
        });
        await once(socket, 'close');
        return /<.*>/.exec(text)?.[0];
      };
      expect(await upgrade(visitor.cookie as string)).to.equal('<Ada>');
      expect(await upgrade('')).to.equal('<E_SESSION_UNKNOWN_ID>');
    });

    it('an error after the answer was given: the session is saved, and Express cuts the connection if it is not out', async () => {
      const site = await expressSite(express, (server) => {
        server.set('env', 'test');
        server.get('/', (request, response) => {
          request.session().put('name', 'Ada');
          response.json({ fine: true });
          throw new Error('too late');
        });
        server.get(
          '/name',
          (request, response) => void response.send(request.session().get('name', 'nobody')),
        );
      });
      const visitor = site.visitor();
      await visitor.get('/name');
      site.mood.writeDelay = 30;
      const cut = await visitor.get('/').catch((error: { code: string }) => error.code);
      expect(cut).to.equal('ECONNRESET');
      expect((await visitor.get('/name')).body).to.equal('Ada');
    });
  });
}
