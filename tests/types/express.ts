import type { IncomingMessage } from 'node:http';
import type { Application, Store } from 'blitz-session';
import { type SessionMessage, startSession } from 'blitz-session/express';
import {
  type ExpressSession,
  type ExpressSessionMessage,
  expressSession,
  fromExpressStore,
} from 'blitz-session/express-session';
import connect from 'connect';
import express, { type Request, Router } from 'express';

declare const app: Application;

/** Compiles when both types are the same. */
function same<A, B>(
  ..._: (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? [] : [never]
): void {}

const server = express();
server.use(startSession(app));
server.use('/admin', startSession(app, { start: false }));
server.use(
  startSession(app, {
    readOnly: (request) => request.path.startsWith('/menu'),
    skip: (request) => request.hostname === 'images.example.org',
    context: false,
  }),
);
server.get('/', (request, response) => {
  const session = request.session();
  same<typeof session, Store>();
  response.send(String(session.increment('n')));
});
Router().use(startSession<Request>(app, { skip: (request) => request.path === '/' }));

const plain = connect();
plain.use(startSession(app, { readOnly: (request: IncomingMessage) => request.method === 'GET' }));
plain.use((request, response) => {
  response.end(String((request as SessionMessage).session().get('n')));
});

server.use(expressSession(app, { unset: 'destroy', skip: (request: Request) => request.path === '/' }));
declare const request: ExpressSessionMessage;
request.session.anything = { n: 1 };
request.session.cookie.maxAge = 60_000;
request.session.save((error) => void error).regenerate();
same<typeof request.session, ExpressSession>();
// @ts-expect-error: there is no such choice
expressSession(app, { unset: 'forget' });
// @ts-expect-error: sessions are always opened
expressSession(app, { start: false });

fromExpressStore(
  { get: (_id, done) => done(null), set: () => {}, destroy: () => {} },
  { secret: ['a', 'b'] },
);
// @ts-expect-error: the old cookie was signed
fromExpressStore({ get: (_id, done) => done(null), set: () => {}, destroy: () => {} }, { name: 'sid' });
