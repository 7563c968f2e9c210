import { rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  Application,
  BaseHandler,
  type HandlerOptions,
  Session,
  type SessionOptions,
  session,
} from 'blitz-session';
import { withSession } from 'blitz-session/node';
import { ShiftedClock } from 'blitz-session/testing';
import { expect } from 'chai';
import { temporaryFolder } from '../fixtures/processes.ts';

interface Visit {
  readonly status: number;
  readonly body: string;
  readonly setCookie: string | undefined;
}

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

describe('the life cycle', () => {
  let folder: string;
  let app: Application;
  let server: Server;
  let clock: ShiftedClock;
  let warnings: string[];

  async function begin(options: SessionOptions = {}): Promise<void> {
    clock = new ShiftedClock();
    warnings = [];
    const log = { warn: (message: string) => void warnings.push(message), error: () => {} };
    const config = { session: { handler: 'file' as const, savePath: folder, gc_probability: 0, ...options } };
    app = await Application.boot({ root: folder, clock, log, config });
    server = createServer(
      withSession(app, async (request, response) => {
        const url = new URL(request.url ?? '/', 'http://localhost');
        const ms = Number(url.searchParams.get('ms') ?? 0);
        switch (url.pathname) {
          case '/login':
            session().put('user', 'Ada');
            await session().regenerate();
            break;
          case '/put':
            await pause(ms);
            session().put('late', true);
            break;
          case '/read':
            session('user');
            await pause(ms);
            break;
          case '/out':
            await session().destroy();
            break;
          case '/count':
            session().increment('n');
            await pause(ms);
            break;
        }
        response.end(JSON.stringify({ id: session().id, ...session().all() }));
      }),
    );
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  }

  async function visit(path: string, cookie?: string, ajax = false): Promise<Visit> {
    const { port } = server.address() as AddressInfo;
    const headers: Record<string, string> = {};
    if (cookie !== undefined) headers['cookie'] = cookie;
    if (ajax) headers['x-requested-with'] = 'XMLHttpRequest';
    const response = await fetch(`http://127.0.0.1:${port}${path}`, { headers });
    const setCookie = response.headers.get('set-cookie')?.split(';')[0];
    return { status: response.status, body: await response.text(), setCookie };
  }

  const data = (answer: Visit) =>
    JSON.parse(answer.body) as { id: string; user?: string; n?: number; late?: boolean };

  async function logIn(): Promise<string> {
    const { setCookie } = await visit('/login');
    return setCookie as string;
  }

  beforeEach(async () => {
    folder = await temporaryFolder();
  });

  afterEach(async () => {
    server.closeAllConnections();
    server.close();
    await app.close();
    await rm(folder, { recursive: true });
  });

  describe('signing out beside a request in flight', () => {
    for (const other of ['put', 'read'] as const) {
      for (const first of ['the other request', 'the sign-out'] as const) {
        it(`leaves the old cookie anonymous: the other ${other === 'put' ? 'writes' : 'reads'}, ${first} began first`, async () => {
          await begin();
          const cookie = await logIn();
          expect(data(await visit('/', cookie)).user).to.equal('Ada');
          const paths = [`/${other}?ms=100`, '/out'];
          if (first === 'the sign-out') paths.reverse();
          const running: Promise<Visit>[] = [];
          for (const path of paths) {
            running.push(visit(path, cookie));
            await pause(30);
          }
          for (const answer of await Promise.all(running)) expect(answer.status).to.equal(200);
          const after = await visit('/', cookie);
          expect(data(after).user).to.equal(undefined);
          expect(after.setCookie).to.not.equal(cookie);
        });
      }
    }
  });

  describe('automatic renewal', () => {
    it('keeps one session for 20 parallel requests; after the grace the old id gets an empty one', async () => {
      await begin({ time_to_update: 300, grace: 60, lock_max_waiters: 100 });
      const cookie = await logIn();
      clock.advance(301);
      const answers = await Promise.all(Array.from({ length: 20 }, () => visit('/count?ms=2', cookie)));
      const cookies = new Set(answers.map((answer) => answer.setCookie));
      expect(answers.map((answer) => data(answer).n).sort((a, b) => Number(a) - Number(b))).to.deep.equal(
        Array.from({ length: 20 }, (_, i) => i + 1),
      );
      expect(cookies.size).to.equal(1);
      const [renewed] = [...cookies];
      expect(renewed).to.be.a('string').and.not.equal(cookie);
      expect(data(await visit('/', cookie)).n).to.equal(20);
      expect(data(await visit('/', renewed)).user).to.equal('Ada');
      clock.advance(61);
      expect(warnings).to.deep.equal([]);
      expect(data(await visit('/', cookie)).user).to.equal(undefined);
      expect(warnings).to.have.length(1);
      expect(data(await visit('/', renewed)).n).to.equal(20);
    });

    it('happens neither for AJAX requests, nor in Session.run, nor read-only', async () => {
      await begin({ time_to_update: 300 });
      const cookie = await logIn();
      const id = cookie.split('=')[1] as string;
      clock.advance(301);
      expect(data(await visit('/count', cookie, true)).id).to.equal(id);
      await Session.run(cookie, (store) => store.put('by hand', 1));
      await Session.run(cookie, (store) => expect(store.id).to.equal(id), { readOnly: true });
      const renewed = await visit('/', cookie);
      expect(renewed.setCookie).to.be.a('string').and.not.equal(cookie);
    });

    it('keeps the token, so that open forms go on working; regenerate() replaces it', async () => {
      await begin({ time_to_update: 300 });
      const cookie = await logIn();
      const token = await Session.run(cookie, (store) => store.token());
      clock.advance(301);
      const { setCookie } = await visit('/', cookie);
      expect(await Session.run(setCookie, (store) => store.token())).to.equal(token);
      await Session.run(setCookie, async (store) => {
        await store.regenerate();
        expect(store.token()).to.not.equal(token);
      });
    });

    it('leaves no way from the old id with regenerate_destroy', async () => {
      await begin({ time_to_update: 300, regenerate_destroy: true });
      const cookie = await logIn();
      clock.advance(301);
      const { setCookie } = await visit('/', cookie);
      const old = await visit('/count', cookie);
      expect(data(old).user).to.equal(undefined);
      expect(old.setCookie).to.equal(undefined);
      expect(data(await visit('/', setCookie)).user).to.equal('Ada');
    });

    it('removes the pointer too when the session reached through it is destroyed', async () => {
      await begin({ time_to_update: 300 });
      const cookie = await logIn();
      clock.advance(301);
      const { setCookie } = await visit('/', cookie);
      await visit('/out', cookie);
      for (const each of [cookie, setCookie]) expect(data(await visit('/', each)).user).to.equal(undefined);
      expect(warnings).to.deep.equal([]);
    });
  });

  describe('regenerate()', () => {
    it('cuts a planted id off: for the grace it runs on an empty store without a cookie, then anew', async () => {
      await begin({ grace: 60 });
      const planted = (await visit('/count')).setCookie as string;
      const { setCookie } = await visit('/login', planted);
      expect(setCookie).to.be.a('string').and.not.equal(planted);
      const within = await visit('/count', planted);
      expect(data(within)).to.include({ n: 1 }).and.not.have.property('user');
      expect(within.setCookie).to.equal(undefined);
      expect(data(await visit('/count', planted)).n).to.equal(1);
      expect(data(await visit('/', setCookie))).to.include({ user: 'Ada', n: 1 });
      clock.advance(61);
      const after = await visit('/', planted);
      expect(after.setCookie).to.be.a('string').and.not.equal(planted);
      expect(warnings).to.have.length(1);
    });
  });

  describe('expiry', () => {
    it('is judged by the record: after `expiration` without activity the id gets an empty session', async () => {
      await begin({ expiration: 1000, time_to_update: 0 });
      const cookie = await logIn();
      clock.advance(990);
      expect(data(await visit('/', cookie)).user).to.equal('Ada');
      clock.advance(990);
      expect(data(await visit('/', cookie)).user).to.equal('Ada');
      clock.advance(1001);
      expect(data(await visit('/', cookie)).user).to.equal(undefined);
    });

    it('comes after absolute_expiration whatever the activity', async () => {
      await begin({ expiration: 1000, absolute_expiration: 2000 });
      const cookie = await logIn();
      let current = cookie;
      for (let step = 0; step < 4; step++) {
        clock.advance(480);
        const answer = await visit('/', current);
        expect(data(answer).user).to.equal('Ada');
        current = answer.setCookie ?? current;
      }
      clock.advance(480);
      expect(data(await visit('/', current)).user).to.equal(undefined);
    });
  });

  describe('a handler that hangs', () => {
    it('loses the lock after lock_max; what it changed then fails, and its neighbours go on', async () => {
      await begin({ lock_max: 0.2 });
      const cookie = await logIn();
      const hanging = visit('/count?ms=1500', cookie);
      await pause(30);
      const began = performance.now();
      expect((await visit('/put', cookie)).status).to.equal(200);
      expect(performance.now() - began).to.be.below(1400);
      expect((await hanging).status).to.equal(503);
      expect(data(await visit('/', cookie)))
        .to.include({ late: true })
        .and.not.have.property('n');
    });

    it('answers as usual when it had changed nothing', async () => {
      await begin({ lock_max: 0.1 });
      const cookie = await logIn();
      const answer = await visit('/read?ms=300', cookie);
      expect(answer.status).to.equal(200);
      expect(data(answer).user).to.equal('Ada');
    });
  });

  describe('new visitors', () => {
    it('get a session of their own, saved and sent', async () => {
      await begin();
      const [one, two] = await Promise.all([visit('/count'), visit('/count')]);
      expect(one.setCookie).to.be.a('string').and.not.equal(two.setCookie);
      expect(data(await visit('/count', one.setCookie)).n).to.equal(2);
    });

    it('leave nothing behind without save_uninitialized, until something is stored', async () => {
      await begin({ save_uninitialized: false });
      expect((await visit('/')).setCookie).to.equal(undefined);
      const { setCookie } = await visit('/count');
      expect(setCookie).to.be.a('string');
      expect(data(await visit('/count', setCookie)).n).to.equal(2);
    });
  });

  it('lets requests in flight end before the application closes, and opens no more', async () => {
    await begin();
    const cookie = await logIn();
    const slow = visit('/count?ms=1500', cookie);
    await pause(250);
    await app.close();
    expect((await slow).status).to.equal(200);
    expect((await visit('/', cookie)).status).to.equal(503);
    app = await Application.boot({
      root: folder,
      config: { session: { handler: 'file', savePath: folder } },
    });
    expect(await Session.run(cookie, (store) => store.get('n'))).to.equal(1);
  });

  it('asks nothing of the store for a new visitor but one write', async () => {
    const calls: string[] = [];
    class CountingHandler extends BaseHandler {
      readonly locks = true;
      readonly lastActivity: number | undefined = undefined;
      static kept: HandlerOptions | undefined;
      override open(): void {
        CountingHandler.kept = this.options;
      }
      read(): string {
        calls.push('read');
        return '';
      }
      write(): void {
        calls.push('write');
      }
      create(): boolean {
        calls.push('create');
        return true;
      }
      destroy(): void {
        calls.push('destroy');
      }
    }
    await begin({ handler: CountingHandler });
    await visit('/count');
    expect(calls).to.deep.equal(['create']);
  });
});
