// The programs that check-package.mjs runs against the installed package, as a user could have written them.

export const javascript = `
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { Application, Session, service } from 'blitz-session';
import { withSession } from 'blitz-session/node';
import 'blitz-session/globals';

const app = await Application.boot({ config: { session: { handler: 'array' } } });
const server = createServer(
  withSession(app, (request, response) => {
    session().increment('n');
    assert.equal(Session.get('n'), request.session().get('n'));
    assert.equal(service('session').get('n'), session('n'));
    response.end(String(session('n')));
  }),
);
await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
const url = 'http://127.0.0.1:' + server.address().port + '/';

const first = await fetch(url);
assert.equal(await first.text(), '1');
const cookie = first.headers.getSetCookie()[0].split(';')[0];
assert.match(cookie, /^blitz_session=[0-9a-f]{32}$/);
for (const expected of ['2', '3']) {
  const next = await fetch(url, { headers: { cookie } });
  assert.equal(await next.text(), expected);
}
assert.equal(await (await fetch(url)).text(), '1');

await new Promise((resolve) => server.close(resolve).closeAllConnections());
await app.close();
`;

export const kernelMissing = `
import assert from 'node:assert/strict';
import { Application, Route } from 'blitz-session';

const app = await Application.boot({ config: { session: { handler: 'array' } } });
Route.get('/', () => 'Bonjour');
await assert.rejects(app.inject('/'), (error) => {
  assert.equal(error.code, 'E_PACKAGE_MISSING');
  assert.match(error.message, /npm install fastify/);
  return true;
});
await app.close();
`;

export const config = `
import { defineSession } from 'blitz-session';

enum Minutes {
  Life = 45,
}

export default defineSession({ handler: 'file', expiration: (Minutes.Life as number) * 60 });
`;

export const configured = `
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { Application, config, Session } from 'blitz-session';

const app = await Application.boot();
assert.equal(config('session.expiration'), 2700);
const id = await Session.run(undefined, (session) => {
  session.put('user', { name: 'Zoé' });
  return session.id;
});
const name = await Session.run(id, (session) => session.get('user.name'));
assert.equal(name, 'Zoé');
assert.ok(existsSync('storage/framework/session'));
await app.close();
`;

export const tsconfig = JSON.stringify({
  compilerOptions: {
    target: 'es2023',
    lib: ['es2023'],
    types: ['node'],
    module: 'nodenext',
    strict: true,
    exactOptionalPropertyTypes: true,
    noUncheckedIndexedAccess: true,
    skipLibCheck: false,
    rootDir: '.',
    outDir: 'built',
  },
  include: ['*.ts'],
});

/** Types that need none of Express's. */
export const middlewares = `
import type { IncomingMessage, ServerResponse } from 'node:http';
import { Application, ArrayHandler, type Store } from 'blitz-session';
import { type SessionMessage, startSession } from 'blitz-session/express';
import { type ExpressSessionMessage, expressSession, fromExpressStore } from 'blitz-session/express-session';

export async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const app = await Application.boot({ config: { session: { handler: ArrayHandler } } });
  startSession(app, { readOnly: ({ method }) => method === 'GET' })(request, response, () => {
    const store: Store = (request as SessionMessage).session();
    response.end(store.get<string>('name'));
  });
  expressSession(app, { unset: 'destroy' })(request, response, () => {
    (request as ExpressSessionMessage).session.cookie.maxAge = 60_000;
  });
  fromExpressStore({ get: (_id, done) => done(null), set: () => {}, destroy: () => {} });
}
`;

export const typescript = `
import assert from 'node:assert/strict';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Application, BaseHandler, defineSession, Session, service, session, Services } from 'blitz-session';
import { withSession } from 'blitz-session/node';

declare module 'blitz-session' {
  interface SessionData {
    n: number;
    user: { name: string };
  }
  interface SessionHandlers {
    sample: true;
  }
}

const records = new Map<string, string>();
class SampleHandler extends BaseHandler {
  read(id: string): string {
    return records.get(id) ?? '';
  }
  write(id: string, data: string): void {
    records.set(id, data);
  }
  destroy(id: string): void {
    records.delete(id);
  }
}
Session.extend('sample', SampleHandler);

// @ts-expect-error no such handler
defineSession({ handler: 'smaple' });

function neverCalled(): void {
  // @ts-expect-error no such method
  session().incremnt('n');
  // @ts-expect-error no such method
  Session.putt('n', 1);
  // @ts-expect-error no such method
  Services.session().flsh('n', 1);
  // @ts-expect-error no such service method
  service('session').gett('n');
  // @ts-expect-error a number, by SessionData
  const wrong: string | undefined = session('n');
  // @ts-expect-error no such field, by SessionData
  session('user')?.age;
  void wrong;
}
void neverCalled;

const app = await Application.boot({ config: { session: defineSession({ handler: 'sample' }) } });
const server = createServer(
  withSession(app, (request, response: ServerResponse): void => {
    const plain: IncomingMessage = request;
    assert.ok(plain.headers);
    const before: number = session('n', 0);
    session().put('n', before + 1);
    session({ user: { name: 'Zoé' } });
    const name: string | undefined = session('user')?.name;
    response.end(name + ' ' + request.session().get('n'));
  }),
);
await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
const url = 'http://127.0.0.1:' + (server.address() as AddressInfo).port + '/';
const first = await fetch(url);
assert.equal(await first.text(), 'Zoé 1');
const cookie = String(first.headers.getSetCookie()[0]).split(';')[0] as string;
assert.equal(await (await fetch(url, { headers: { cookie } })).text(), 'Zoé 2');
assert.equal(records.size, 1);
await new Promise((resolve) => server.close(resolve).closeAllConnections());
await app.close();
`;
