import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { session } from 'blitz-session';
import { type SessionMessage, withSession } from 'blitz-session/node';
import { type AdapterSetting, adapterSuite } from 'blitz-session/testing';
import { after, before, describe, it } from 'mocha';

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

/** The body by the parsers of the Web, which Node has. */
async function field(request: IncomingMessage): Promise<string> {
  const headers = { 'content-type': request.headers['content-type'] ?? '' };
  const body = new Response(Readable.toWeb(request) as ReadableStream<Uint8Array>, { headers });
  if (headers['content-type'] === 'application/json') return ((await body.json()) as { name: string }).name;
  return String((await body.formData()).get('name'));
}

adapterSuite(
  { describe, it, before, after },
  {
    name: 'node',
    async start(setting) {
      const table = routes(setting);
      const options = setting.options((request: IncomingMessage) => request.url);
      const listener = withSession(
        setting.app,
        async (request, response) => {
          const action = setting.actions[request.url ?? ''];
          if (action !== undefined) return response.end(await action());
          const route = table[request.url ?? ''];
          return route ? route(request, response) : response.writeHead(404).end();
        },
        options,
      );
      const server = createServer(listener).listen(0, '127.0.0.1');
      await once(server, 'listening');
      return {
        port: (server.address() as AddressInfo).port,
        close: () => {
          server.closeAllConnections();
          return new Promise((resolve) => server.close(resolve));
        },
      };
    },
  },
);
