import { createHmac } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import type { RequestListener } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Application, type ConfigOverrides, Session } from 'blitz-session';
import { startSession } from 'blitz-session/express';
import { type ExpressStore, expressSession, fromExpressStore } from 'blitz-session/express-session';
import { expect } from 'chai';
import { express5 } from '../fixtures/express.ts';
import { fileStore, type LooseRequest, oldSession } from '../fixtures/express-packages.ts';
import { listen, Site, type Visitor } from '../fixtures/http.ts';

const SECRETS = ['new secret', 'old secret'];
const FileStore = fileStore(oldSession);

interface Bench {
  readonly store: ExpressStore;
  close(): Promise<void>;
}

const STORES: Readonly<Record<string, () => Promise<Bench>>> = {
  MemoryStore: async () => ({ store: new oldSession.MemoryStore(), close: async () => {} }),
  'session-file-store': async () => {
    const path = await mkdtemp(join(tmpdir(), 'blitz-express-'));
    const store = new FileStore({ path, retries: 0, reapInterval: -1, logFn() {} }) as ExpressStore;
    return { store, close: () => rm(path, { recursive: true, force: true }) };
  },
};

/** The routes of an application, under express-session and here. */
function routes(server: ReturnType<typeof express5>): void {
  server.get('/count', (request, response) => {
    const own = (request as LooseRequest)['session'];
    own.count = (own.count ?? 0) + 1;
    response.send(String(own.count));
  });
  server.get('/seen', (request, response) => void response.json((request as LooseRequest)['session']));
  server.get('/logout', (request, response) => {
    (request as LooseRequest)['session'].destroy(() => response.send('fine'));
  });
}

for (const [name, open] of Object.entries(STORES)) {
  describe(`fromExpressStore: ${name}`, () => {
    let bench: Bench;
    const sites: Site[] = [];

    beforeEach(async () => {
      bench = await open();
    });
    afterEach(async () => {
      for (const site of sites.splice(0)) await site.close();
      await bench.close();
    });

    async function underExpressSession(cookie: object = { maxAge: 7_200_000 }): Promise<Site> {
      const server = express5();
      server.use(
        oldSession({
          secret: 'old secret',
          resave: false,
          saveUninitialized: false,
          store: bench.store,
          cookie,
        }),
      );
      routes(server);
      const app = { close: async () => {} } as Application;
      const site = new Site(app, await listen(server as RequestListener), []);
      sites.push(site);
      return site;
    }

    async function here(session: ConfigOverrides['session'] = {}, plain = false): Promise<Site> {
      const handler = fromExpressStore(bench.store, { secret: SECRETS });
      const app = await Application.boot({
        root: '/nowhere/app',
        config: { session: { handler, gc_probability: 0, save_uninitialized: false, ...session } },
        log: { warn() {}, error() {} },
      });
      const server = express5();
      server.set('env', 'test');
      server.use(plain ? startSession(app) : expressSession(app));
      if (plain) {
        server.get(
          '/count',
          (request, response) => void response.send(String(request.session().increment('count'))),
        );
      } else routes(server);
      const site = new Site(app, await listen(server as RequestListener), []);
      sites.push(site);
      return site;
    }

    /** A visitor with three visits under express-session, and its cookie there. */
    async function known(site: Site): Promise<string> {
      const first = await site.get('/count');
      const cookie = first.cookies[0]?.split(';')[0] as string;
      await site.get('/count', { headers: { cookie } });
      expect((await site.get('/count', { headers: { cookie } })).body).to.equal('3');
      return cookie;
    }

    function carrying(site: Site, cookie: string): Visitor {
      const visitor = site.visitor();
      visitor.cookie = cookie;
      return visitor;
    }

    const stored = () =>
      new Promise<number>((resolve, reject) => {
        const { length } = bench.store as unknown as {
          length(done: (error: unknown, count: number) => void): void;
        };
        length.call(bench.store, (error, count) => (error ? reject(error) : resolve(count)));
      });

    it('keeps sessions: written, read, renewed, destroyed', async () => {
      const site = await here();
      const visitor = site.visitor();
      await visitor.get('/count');
      expect((await visitor.get('/count')).body).to.equal('2');
      expect(await stored()).to.equal(1);
      const { cookie, count } = JSON.parse((await visitor.get('/seen')).body);
      expect([count, cookie.originalMaxAge]).to.deep.equal([2, 7_200_000]);
      await visitor.get('/logout');
      expect(await stored()).to.equal(0);
    });

    it('requests of this process that read, wait and write lose nothing', async () => {
      const site = await here();
      const visitor = site.visitor();
      await visitor.get('/count');
      await Promise.all(Array.from({ length: 30 }, () => visitor.get('/count')));
      expect((await visitor.get('/count')).body).to.equal('32');
    });

    it('an automatic renewal of the id leaves its pointer in such a store, too', async () => {
      const site = await here({ time_to_update: 1 });
      const visitor = site.visitor();
      await visitor.get('/count');
      const old = visitor.cookie as string;
      await new Promise((resolve) => setTimeout(resolve, 1100));
      expect((await visitor.get('/count')).body).to.equal('2');
      expect(visitor.cookie).to.not.equal(old);
      expect((await carrying(site, old).get('/count')).body).to.equal('3');
    });

    for (const plain of [false, true]) {
      it(`a visitor of express-session keeps the session and gets our cookie (${plain ? 'startSession' : 'expressSession'})`, async () => {
        const old = await known(await underExpressSession());
        const site = await here({}, plain);
        const visitor = carrying(site, old);
        const first = await visitor.get('/count');
        expect([first.body, first.cookies.length]).to.deep.equal(['4', 1]);
        expect(visitor.cookie).to.match(/^blitz_session=[0-9a-f]{32}$/);
        expect((await visitor.get('/count')).body).to.equal('5');
        expect((await carrying(site, `${old}; ${visitor.cookie}`).get('/count')).body).to.equal('6');
        expect(await stored()).to.equal(1);
      });
    }

    it('requests that come at once share the session that they bring', async () => {
      const old = await known(await underExpressSession());
      const site = await here();
      const visitors = Array.from({ length: 5 }, () => carrying(site, old));
      const replies = await Promise.all(visitors.map((each) => each.get('/count')));
      expect(replies.map(({ body }) => Number(body)).sort((a, b) => a - b)).to.deep.equal([4, 5, 6, 7, 8]);
      expect(new Set(visitors.map(({ cookie }) => cookie)).size).to.equal(1);
      expect(await stored()).to.equal(1);
    });

    it('a logout at the first request leaves nothing behind', async () => {
      const old = await known(await underExpressSession());
      const site = await here();
      await carrying(site, old).get('/logout');
      expect(await stored()).to.equal(0);
      expect((await carrying(site, old).get('/count')).body).to.equal('1');
    });

    it('matchIP: what came before had no address, and is not taken over', async () => {
      const old = await known(await underExpressSession());
      const site = await here({ matchIP: true });
      expect((await carrying(site, old).get('/count')).body).to.equal('1');
    });

    it('a cookie with another signature, or none, is a stranger', async () => {
      const old = await known(await underExpressSession());
      const site = await here();
      const id = decodeURIComponent(old).slice('connect.sid=s:'.length).split('.')[0] as string;
      const forged = createHmac('sha256', 'guess').update(id).digest('base64').replace(/=+$/, '');
      for (const value of [`s:${id}.${forged}`, `s:${id}.`, `s:${id}`, id, 's:', '']) {
        const visitor = carrying(site, `connect.sid=${encodeURIComponent(value)}`);
        expect((await visitor.get('/count')).body, value).to.equal('1');
      }
      expect((await carrying(site, old).get('/count')).body).to.equal('4');
    });

    it("a life of its own comes along: until the browser closes, or the cookie's own", async () => {
      for (const [cookie, pattern] of [
        [{}, /^blitz_session=[0-9a-f]{32}; path/],
        [{ maxAge: 600_000 }, /; Max-Age=600;/],
      ] as const) {
        const old = await known(await underExpressSession(cookie));
        const site = await here();
        const reply = await carrying(site, old).get('/count');
        expect([reply.body, reply.cookies.length]).to.deep.equal(['4', 1]);
        expect(reply.cookies[0]).to.match(pattern);
      }
    });
  });
}

describe('fromExpressStore: a store that fails', () => {
  it('is told as any other handler', async () => {
    const failing: ExpressStore = {
      get: (_id, done) => done(new Error('down')),
      set: (_id, _session, done) => done?.(new Error('down')),
      destroy: (_id, done) => done?.(),
    };
    const app = await Application.boot({
      root: '/nowhere/app',
      config: { session: { handler: fromExpressStore(failing) } },
      log: { warn() {}, error() {} },
    });
    const failure = await Session.run(undefined, (store) => store.put('n', 1)).catch((error) => error.code);
    expect(failure).to.equal('E_SESSION_BACKEND');
    await app.close();
  });
});
