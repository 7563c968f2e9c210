import type { RequestListener } from 'node:http';
import { Application, type Clock, type ConfigOverrides, session } from 'blitz-session';
import { type ExpressSessionOptions, expressSession } from 'blitz-session/express-session';
import { ManualClock } from 'blitz-session/testing';
import { expect } from 'chai';
import { EXPRESS, type Express, express5 } from '../fixtures/express.ts';
import { csurf, flash, LocalStrategy, type LooseRequest, Passport } from '../fixtures/express-packages.ts';
import { complaints, listen, moodyHandler, Site, sleep } from '../fixtures/http.ts';

interface Options {
  readonly session?: ConfigOverrides['session'];
  readonly cookie?: ConfigOverrides['cookie'];
  readonly clock?: Clock;
  readonly express?: typeof express5;
  readonly options?: ExpressSessionOptions<LooseRequest>;
}

const { mood, handler, records } = moodyHandler();
const sites: Site[] = [];

async function siteOf(routes: (server: Express) => void, given: Options = {}): Promise<Site> {
  const { session = {}, cookie = {}, clock, express = express5, options } = given;
  const app = await Application.boot({
    root: '/nowhere/app',
    config: { session: { handler, gc_probability: 0, ...session }, cookie },
    log: { warn() {}, error() {} },
    ...(clock === undefined ? {} : { clock }),
  });
  const server = express();
  server.set('env', 'test');
  server.use(expressSession(app, options));
  server.use(express.urlencoded({ extended: false }));
  routes(server);
  const site = new Site(app, await listen(server as RequestListener), []);
  sites.push(site);
  return site;
}

/** A route, typed as JavaScript sees it. */
function on(
  server: Express,
  path: string,
  work: (request: LooseRequest) => unknown,
  method: 'get' | 'post' = 'get',
): void {
  server[method](path, (request, response, next) => {
    Promise.resolve()
      .then(() => work(request as LooseRequest))
      .then((answer) => response.json(answer ?? null), next);
  });
}

/** A method of the object with a callback, as a promise. */
function called(target: LooseRequest, method: 'save' | 'regenerate' | 'destroy' | 'reload'): Promise<void> {
  return new Promise((resolve, reject) => {
    target['session'][method]((error?: unknown) => (error ? reject(error) : resolve()));
  });
}

const lifeOf = (cookie = '') => Number(/Max-Age=(\d+)/.exec(cookie)?.[1] ?? 0);

describe('expressSession: req.session', () => {
  afterEach(async () => {
    for (const site of sites.splice(0)) await site.close();
    Object.assign(mood, { write: 'works', destroy: 'works' });
    records.clear();
  });

  it('own properties are the data, the same that session() gives', async () => {
    const site = await siteOf((server) => {
      on(server, '/', ({ session: own }) => {
        own.n = (own.n ?? 0) + 1;
        own.list ??= [];
        own.list.push(own.n);
        session().flash('hint', 'kept for one');
        delete own.nothing;
        return [
          Object.keys(own),
          'n' in own,
          'x' in own,
          own.hint,
          session('n'),
          { ...own }.list,
          own.toString === undefined,
        ];
      });
      on(server, '/seen', ({ session: own }) => JSON.parse(JSON.stringify(own)));
    });
    const visitor = site.visitor();
    await visitor.get('/');
    const [keys, ...rest] = JSON.parse((await visitor.get('/')).body);
    expect(keys).to.have.members(['cookie', 'n', 'list', 'hint']);
    expect(rest).to.deep.equal([true, false, 'kept for one', 2, [1, 2], false]);
    const seen = JSON.parse((await visitor.get('/seen')).body);
    expect([seen.n, seen.list, seen.cookie.originalMaxAge]).to.deep.equal([2, [1, 2], 7_200_000]);
  });

  it('req.sessionID and req.session.id are the id, and cannot be chosen (genid)', async () => {
    const site = await siteOf((server) =>
      on(server, '/', (request) => [request['sessionID'], request['session'].id]),
    );
    const visitor = site.visitor();
    const ids = JSON.parse((await visitor.get('/')).body);
    expect(ids).to.deep.equal([visitor.id, visitor.id]);
    expect(visitor.id).to.match(/^[0-9a-f]{32}$/);
  });

  it('a value that could not come back is refused, not changed in silence', async () => {
    const site = await siteOf((server) => {
      on(server, '/', ({ session: own }) => {
        own.when = new Date(1000);
        class User {}
        expect(() => {
          own.user = new User();
        })
          .to.throw()
          .with.property('code', 'E_SESSION_VALUE');
        return 1;
      });
      on(server, '/when', ({ session: own }) => own.when instanceof Date);
    });
    const visitor = site.visitor();
    await visitor.get('/');
    expect((await visitor.get('/when')).body).to.equal('true');
  });

  it('save: the store has it when the callback comes, and the request goes on', async () => {
    const site = await siteOf((server) => {
      on(server, '/', async (request) => {
        request['session'].n = 1;
        await called(request, 'save');
        const stored = [...records.values()].join();
        request['session'].n = 2;
        return stored.includes('"n":1');
      });
      on(server, '/n', ({ session: own }) => own.n);
      on(server, '/plain', ({ session: own }) => {
        own.save();
        own.n = 3;
        return 1;
      });
    });
    const visitor = site.visitor();
    expect((await visitor.get('/')).body).to.equal('true');
    expect((await visitor.get('/n')).body).to.equal('2');
    await visitor.get('/plain');
    expect((await visitor.get('/n')).body).to.equal('3');
  });

  it('save, regenerate, destroy: their failures come to the callback', async () => {
    const site = await siteOf((server) => {
      for (const method of ['save', 'regenerate', 'destroy'] as const) {
        on(server, `/${method}`, async (request) => {
          request['session'].n = Math.random();
          return called(request, method).catch((error) => error.code);
        });
      }
    });
    for (const method of ['save', 'regenerate', 'destroy']) {
      const visitor = site.visitor();
      await visitor.get('/save');
      Object.assign(mood, method === 'save' ? { write: 'throws' } : { destroy: 'throws' });
      const reply = await visitor.get(`/${method}`);
      expect(reply.body, method).to.equal('"E_SESSION_BACKEND"');
      Object.assign(mood, { write: 'works', destroy: 'works' });
    }
  });

  it('regenerate: a new id and an empty session at once; the old object keeps what it had; the old id is dead', async () => {
    const site = await siteOf((server) => {
      on(server, '/', ({ session: own }) => {
        own.n = 1;
        return 1;
      });
      on(server, '/login', async (request) => {
        const before = request['session'];
        const id = request['sessionID'];
        await called(request, 'regenerate');
        before.n = 9;
        request['session'].user = 'ada';
        return [
          before.n,
          request['session'].n ?? null,
          id !== request['sessionID'],
          before !== request['session'],
        ];
      });
      on(server, '/seen', ({ session: own }) => [own.n ?? null, own.user ?? null]);
    });
    const visitor = site.visitor();
    await visitor.get('/');
    const planted = visitor.cookie as string;
    expect(JSON.parse((await visitor.get('/login')).body)).to.deep.equal([1, null, true, true]);
    expect(JSON.parse((await visitor.get('/seen')).body)).to.deep.equal([null, 'ada']);
    const thief = site.visitor();
    thief.cookie = planted;
    expect(JSON.parse((await thief.get('/seen')).body)).to.deep.equal([null, null]);
  });

  it('destroy: req.session is undefined, the record is gone, the cookie is taken back', async () => {
    const site = await siteOf((server) => {
      on(server, '/', ({ session: own }) => {
        own.n = 1;
        return 1;
      });
      on(server, '/logout', async (request) => {
        await called(request, 'destroy');
        return request['session'] === undefined;
      });
    });
    const visitor = site.visitor();
    await visitor.get('/');
    const reply = await visitor.get('/logout');
    expect(reply.body).to.equal('true');
    expect(reply.cookies[0]).to.match(/^blitz_session=deleted;/);
    expect(records.size).to.equal(0);
  });

  it('reload: the changes of this request are forgotten', async () => {
    const site = await siteOf((server) => {
      on(server, '/', async (request) => {
        request['session'].n = (request['session'].n ?? 0) + 1;
        if (request['session'].n > 1) await called(request, 'reload');
        return request['session'].n;
      });
    });
    const visitor = site.visitor();
    expect((await visitor.get('/')).body).to.equal('1');
    expect((await visitor.get('/')).body).to.equal('1');
  });

  for (const unset of ['keep', 'destroy'] as const) {
    it(`unset: '${unset}'`, async () => {
      const site = await siteOf(
        (server) => {
          on(server, '/', ({ session: own }) => {
            own.n = (own.n ?? 0) + 1;
            return own.n;
          });
          on(server, '/delete', (request) => {
            request['session'].n = 50;
            delete (request as { session?: unknown }).session;
            return request['session'] ?? null;
          });
          on(server, '/null', (request) => {
            request['session'].n = 50;
            request['session'] = null;
            return request['session'] ?? null;
          });
        },
        { options: { unset } },
      );
      const visitor = site.visitor();
      for (const path of ['/null', '/delete']) {
        await visitor.get('/');
        const { body } = await visitor.get('/');
        expect((await visitor.get(path)).body, path).to.equal('null');
        const kept = unset === 'keep' ? Number(body) + 1 : 1;
        expect((await visitor.get('/')).body, path).to.equal(String(kept));
      }
    });
  }

  it('resave: what was not changed is not written; saveUninitialized: as save_uninitialized', async () => {
    const routes = (server: Express) => {
      on(server, '/', ({ session: own }) => own.n ?? null);
      on(server, '/n', ({ session: own }) => {
        own.n = 1;
        return 1;
      });
    };
    const shy = await siteOf(routes, { session: { save_uninitialized: false } });
    const visitor = shy.visitor();
    mood.writes = 0;
    expect((await visitor.get('/')).cookies).to.deep.equal([]);
    expect(mood.writes).to.equal(0);
    expect((await visitor.get('/n')).cookies).to.have.length(1);
    expect(mood.writes).to.equal(1);
    expect((await visitor.get('/')).cookies).to.deep.equal([]);
    expect(mood.writes).to.equal(1);
    const eager = await siteOf(routes);
    expect((await eager.get('/')).cookies).to.have.length(1);
  });

  it('rolling: the cookie is sent again with every write and touch', async () => {
    const clock = new ManualClock();
    const site = await siteOf((server) => on(server, '/', ({ session: own }) => own.n ?? null), { clock });
    const visitor = site.visitor();
    await visitor.get('/');
    expect((await visitor.get('/')).cookies).to.have.length(0);
    clock.advance(61);
    expect(lifeOf((await visitor.get('/')).cookies[0])).to.equal(7200);
  });

  it('cookie.maxAge: one session has a life of its own, in the cookie and on the server', async () => {
    const clock = new ManualClock();
    const site = await siteOf(
      (server) => {
        on(server, '/short', ({ session: own }) => {
          own.n = 1;
          own.cookie.maxAge = 60_000;
          return [own.cookie.originalMaxAge, own.cookie.maxAge];
        });
        on(server, '/browser', ({ session: own }) => {
          own.n = 1;
          own.cookie.expires = false;
          return [own.cookie.originalMaxAge, own.cookie.expires];
        });
        on(server, '/long', ({ session: own }) => {
          own.n = 1;
          own.cookie.maxAge = 86_400_000;
          return 1;
        });
        on(server, '/until', ({ session: own }) => {
          own.cookie.expires = new Date(clock.now() + 90_000);
          return own.cookie.maxAge;
        });
        on(server, '/n', ({ session: own }) => own.n ?? null);
        on(server, '/touch', ({ session: own }) => own.touch().cookie.maxAge);
      },
      { clock },
    );
    const visitor = site.visitor();
    const short = await visitor.get('/short');
    expect([short.body, lifeOf(short.cookies[0])]).to.deep.equal(['[60000,60000]', 60]);
    clock.advance(50);
    const later = await visitor.get('/n');
    expect([later.body, lifeOf(later.cookies[0])]).to.deep.equal(['1', 60]);
    clock.advance(50);
    expect((await visitor.get('/touch')).body).to.equal('60000');
    expect(lifeOf((await visitor.get('/until')).cookies[0])).to.equal(90);
    clock.advance(91);
    expect((await visitor.get('/n')).body).to.equal('null');
    // Longer than `expiration`: the cookie alone.
    expect(lifeOf((await visitor.get('/long')).cookies[0])).to.equal(86_400);
    clock.advance(7000);
    expect((await visitor.get('/n')).body).to.equal('1');
    clock.advance(7300);
    expect((await visitor.get('/n')).body).to.equal('null');
    const browser = await site.visitor().get('/browser');
    expect(browser.body).to.equal('[null,null]');
    expect(browser.cookies[0]).to.not.match(/expires|max-age/i);
  });

  it('cookie: what is not about its life shows the configuration', async () => {
    const site = await siteOf((server) => on(server, '/', ({ session: own }) => own.cookie), {
      cookie: { path: '/shop', samesite: 'Strict' },
    });
    const reply = await site.get('/');
    expect(JSON.parse(reply.body)).to.include({
      path: '/shop',
      httpOnly: true,
      secure: false,
      sameSite: 'strict',
    });
    expect(reply.cookies[0]).to.contain('; path=/shop').and.contain('SameSite=Strict');
  });

  it("proxy and secure: 'trust proxy' of Express, and cookie.secure", async () => {
    const site = await siteOf(
      (server) => {
        server.set('trust proxy', true);
        on(server, '/', () => 1);
      },
      { cookie: { secure: 'auto' } },
    );
    const ask = async (proto: string) =>
      (await site.get('/', { headers: { 'x-forwarded-proto': proto } })).cookies[0];
    expect(await ask('https')).to.match(/; secure/i);
    expect(await ask('http')).to.not.match(/; secure/i);
  });

  it('skip: req.session is undefined; readOnly: a change throws', async () => {
    const site = await siteOf(
      (server) => {
        on(server, '/skip', (request) => request['session'] === undefined);
        on(server, '/read', ({ session: own }) => {
          expect(() => {
            own.n = 1;
          })
            .to.throw()
            .with.property('code', 'E_SESSION_READ_ONLY');
          return own.n ?? null;
        });
      },
      { options: { skip: ({ path }) => path === '/skip', readOnly: ({ path }) => path === '/read' } },
    );
    expect((await site.get('/skip')).body).to.equal('true');
    expect((await site.get('/read')).body).to.equal('null');
  });

  it('fifty requests at once lose nothing', async () => {
    const site = await siteOf((server) =>
      on(server, '/', async ({ session: own }) => {
        const { n = 0 } = own;
        await sleep(2);
        own.n = n + 1;
        return own.n;
      }),
    );
    const visitor = site.visitor();
    await visitor.get('/');
    await Promise.all(Array.from({ length: 50 }, () => visitor.get('/')));
    expect((await visitor.get('/')).body).to.equal('52');
  });
});

for (const [name, express] of EXPRESS) {
  describe(`${name}: packages that were written for express-session`, () => {
    afterEach(async () => {
      for (const site of sites.splice(0)) await site.close();
    });

    it('passport, passport-local and connect-flash: a login, its messages, a logout', async () => {
      const passport = new Passport();
      passport.use(
        new LocalStrategy((user, password, done) => {
          if (password === 'secret') done(null, { name: user });
          else done(null, false, { message: `no, ${user}` });
        }),
      );
      passport.serializeUser((user, done) => done(null, user.name));
      passport.deserializeUser((id, done) => done(null, { name: id }));
      const site = await siteOf(
        (server) => {
          server.use(flash());
          server.use(passport.session());
          server.post(
            '/login',
            (request, _response, next) => {
              (request as LooseRequest)['session'].basket = 3;
              next();
            },
            passport.authenticate('local', {
              successRedirect: '/',
              failureRedirect: '/login',
              failureFlash: true,
              successFlash: 'welcome',
              keepSessionInfo: true,
            }),
          );
          on(server, '/login', (request) => request['flash']('error'));
          on(server, '/', (request) => [
            (request['user'] as { name: string } | undefined)?.name ?? null,
            request['flash']('success'),
            request['session'].basket ?? null,
          ]);
          server.get('/logout', (request, response, next) => {
            (request as LooseRequest)['logout']((error: unknown) =>
              error ? next(error) : response.redirect('/'),
            );
          });
        },
        { express },
      );
      const heard = await complaints(async () => {
        const visitor = site.visitor();
        const login = (password: string) =>
          visitor.get('/login', {
            method: 'POST',
            headers: { 'content-type': 'application/x-www-form-urlencoded' },
            body: `username=ada&password=${password}`,
          });
        expect((await login('wrong')).headers.location).to.equal('/login');
        expect((await visitor.get('/login')).body).to.equal('["no, ada"]');
        expect((await visitor.get('/login')).body).to.equal('[]');
        const before = visitor.cookie as string;
        expect((await login('secret')).headers.location).to.equal('/');
        expect(visitor.cookie).to.not.equal(before);
        expect(JSON.parse((await visitor.get('/')).body)).to.deep.equal(['ada', ['welcome'], 3]);
        expect(JSON.parse((await visitor.get('/')).body)).to.deep.equal(['ada', [], 3]);
        const planted = site.visitor();
        planted.cookie = before;
        expect(JSON.parse((await planted.get('/')).body)[0]).to.equal(null);
        const entered = visitor.cookie as string;
        expect((await visitor.get('/logout')).headers.location).to.equal('/');
        expect(JSON.parse((await visitor.get('/')).body)).to.deep.equal([null, [], null]);
        planted.cookie = entered;
        expect(JSON.parse((await planted.get('/')).body)[0]).to.equal(null);
      });
      // connect-flash calls what Node gives up.
      expect(heard.filter((each) => !/util\.isArray/.test(String(each)))).to.deep.equal([]);
    });

    it('csurf: a form with its token passes, one without does not', async () => {
      const site = await siteOf(
        (server) => {
          server.use(csurf());
          on(server, '/form', (request) => request['csrfToken']());
          on(server, '/form', () => 'sent', 'post');
        },
        { express },
      );
      const visitor = site.visitor();
      const token = JSON.parse((await visitor.get('/form')).body);
      const send = (given: string) =>
        visitor.get('/form', { method: 'POST', headers: { 'csrf-token': given } });
      expect((await send(token)).body).to.equal('"sent"');
      expect((await send('wrong')).status).to.equal(403);
    });
  });
}
