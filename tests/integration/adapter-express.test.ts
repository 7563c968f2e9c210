import { once } from 'node:events';
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { session } from 'blitz-session';
import { type Next, type SessionMessage, startSession } from 'blitz-session/express';
import { type AdapterSetting, adapterSuite, type RunningServer } from 'blitz-session/testing';
import connect from 'connect';
import { after, before, describe, it } from 'mocha';
import { nameIn } from '../fixtures/adapter-body.ts';
import { EXPRESS, type Request } from '../fixtures/express.ts';

async function serve(listener: RequestListener): Promise<RunningServer> {
  const server = createServer(listener).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    close: () => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(resolve));
    },
  };
}

/** The body by the parsers of the Web, which Node has. */
function field(request: IncomingMessage): Promise<string> {
  const headers = { 'content-type': request.headers['content-type'] ?? '' };
  return nameIn(new Response(Readable.toWeb(request) as ReadableStream<Uint8Array>, { headers }));
}

for (const [name, express] of EXPRESS) {
  adapterSuite(
    { describe, it, before, after },
    {
      name,
      start({ app, actions, parts, proxied, options }) {
        const server = express();
        // Or the default error handler prints.
        server.set('env', 'test').set('trust proxy', proxied);
        server.use(
          startSession(
            app,
            options((request: Request) => request.path),
          ),
        );
        for (const [path, action] of Object.entries(actions)) {
          server.get(path, (_request, response, next) => {
            // Express 4 leaves promises to whoever made them.
            Promise.resolve()
              .then(action)
              .then((text) => response.send(text), next);
          });
        }
        server.get(['/own', '/bare/own'], (request, response) => {
          response.send(String(request.session().increment('own')));
        });
        server.post('/form', async (request, response) => {
          const name = await field(request);
          session().put('name', name);
          response.send(name);
        });
        server.get('/redirect', (_request, response) => {
          session().put('name', 'redirected');
          response.redirect('/readonly/see');
        });
        server.get('/stream', (_request, response) => {
          session().increment('count');
          Readable.from(parts()).pipe(response);
        });
        for (const [path, status] of [
          ['/empty', 204],
          ['/unchanged', 304],
        ] as const) {
          server.get(path, (_request, response) => {
            session().increment('count');
            response.status(status).end();
          });
        }
        server.get('/headers', (_request, response) => {
          session().increment('count');
          response.cookie('a', '1').cookie('b', '2');
          response.set({ 'X-Own': 'fine', 'Cache-Control': 'private, max-age=5' }).send('fine');
        });
        server.get('/raw', (_request, response) => {
          session().increment('count');
          response.writeHead(201, { 'X-Own': 'fine', 'Set-Cookie': ['a=1', 'b=2'] }).end('fine');
        });
        return serve(server);
      },
    },
  );
}

type Route = (request: SessionMessage, response: ServerResponse) => unknown;

const own: Route = (request, response) => response.end(String(request.session().increment('own')));

const routes = ({ parts }: AdapterSetting): Record<string, Route> => ({
  '/own': own,
  '/bare/own': own,
  '/form': async (request, response) => {
    const name = await field(request);
    session().put('name', name);
    response.end(name);
  },
  '/redirect': (_request, response) => {
    session().put('name', 'redirected');
    response.writeHead(302, { location: '/readonly/see' }).end();
  },
  '/stream': (_request, response) => {
    session().increment('count');
    Readable.from(parts()).pipe(response);
  },
  '/empty': (_request, response) => {
    session().increment('count');
    response.writeHead(204).end();
  },
  '/unchanged': (_request, response) => {
    session().increment('count');
    response.writeHead(304).end();
  },
  '/headers': (_request, response) => {
    session().increment('count');
    response.setHeader('X-Own', 'fine').setHeader('Cache-Control', 'private, max-age=5');
    response.setHeader('Set-Cookie', ['a=1', 'b=2']).end('fine');
  },
  '/raw': (_request, response) => {
    session().increment('count');
    response.writeHead(201, { 'X-Own': 'fine', 'Set-Cookie': ['a=1', 'b=2'] }).end('fine');
  },
});

adapterSuite(
  { describe, it, before, after },
  {
    name: 'connect',
    start(setting) {
      const table = routes(setting);
      const server = connect();
      server.use(
        startSession(
          setting.app,
          setting.options((request: IncomingMessage) => request.url),
        ),
      );
      server.use((request, response, next: Next) => {
        const action = setting.actions[request.url ?? ''];
        const route = table[request.url ?? ''];
        if (action !== undefined) {
          Promise.resolve()
            .then(action)
            .then((text) => response.end(text), next);
        } else if (route === undefined) next();
        else route(request as SessionMessage, response);
      });
      // The default one prints.
      server.use((error: { status?: number }, _request: unknown, response: ServerResponse, _next: Next) => {
        response.statusCode = error.status ?? 500;
        response.end('failed');
      });
      return serve(server);
    },
  },
);
