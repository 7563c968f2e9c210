import { abort, BaseHandler, Controller, Cookie, HttpError, session } from 'blitz-session';
import { expect } from 'chai';
import { complaints, moodyHandler, sleep, until } from '../fixtures/http.ts';
import { type Answer, closeSites, openSite } from '../fixtures/kernel-site.ts';

/** What every failure has in common: nothing of what the action prepared, nobody's id. */
function expectNothingPrepared(answer: Answer): void {
  expect(answer.cookies).to.be.empty;
  expect(answer.headers.get('x-own')).to.equal(null);
  expect(answer.headers.get('cache-control')).to.equal('private, no-store');
  expect(answer.body).to.not.contain('prepared');
}

describe('kernel: a session that cannot be saved', () => {
  afterEach(closeSites);

  for (const how of ['throws', 'refuses', 'is slow'] as const) {
    it(`write ${how}: 503 without any Set-Cookie, what was prepared is dropped`, async () => {
      const { mood, records, handler } = moodyHandler();
      const site = await openSite(
        (route) => {
          route.get('/', (_request, response) => {
            session().increment('n');
            Cookie.queue('queued', 'yes');
            return response.withCookie('own', 'yes').withHeader('X-Own', 'yes').html('prepared');
          });
          route.get('/n', () => String(session('n', 0)));
        },
        { session: { handler, operation_timeout: 0.1 } },
      );
      const browser = site.browser();
      const fine = await browser.get('/');
      expect(fine.cookies).to.have.length(3);
      if (how === 'is slow') mood.writeDelay = 250;
      else mood.write = how;
      const heard = await complaints(async () => {
        const answer = await browser.get('/');
        expect(answer.status).to.equal(503);
        expect(answer.headers.get('retry-after')).to.match(/^\d+$/);
        expectNothingPrepared(answer);
      });
      expect(heard).to.deep.equal([]);
      mood.write = 'works';
      mood.writeDelay = 0;
      expect((await browser.get('/n')).status).to.equal(200);
      expect(site.log.text).to.not.contain(browser.id);
      for (const key of records.keys()) expect(site.log.text).to.not.contain(key);
    });
  }

  it('the first visit of somebody: no session, no cookie', async () => {
    const { mood, records, handler } = moodyHandler();
    mood.write = 'throws';
    const site = await openSite((route) => route.get('/', () => 'prepared'), { session: { handler } });
    const browser = site.browser();
    const answer = await browser.get('/');
    expect(answer.status).to.equal(503);
    expectNothingPrepared(answer);
    expect(records.size).to.equal(0);
  });

  it('a value that cannot be kept is 500, names the key in the log, and stores nothing', async () => {
    const site = await openSite((route) => {
      route.get('/', () => {
        const list: unknown[] = [];
        session({ basket: list });
        list.push(() => 'secret value');
        return 'prepared';
      });
    });
    const answer = await site.get('/');
    expect(answer.status).to.equal(500);
    expectNothingPrepared(answer);
    expect(answer.body).to.not.contain('basket');
    expect(site.log.text).to.contain('basket').and.not.contain('secret value');
  });

  it('when the action fails too, both are in the log, and the answer is that of the store', async () => {
    const { mood, handler } = moodyHandler();
    mood.write = 'throws';
    const site = await openSite(
      (route) =>
        route.get('/', () => {
          throw new Error('boom');
        }),
      { session: { handler } },
    );
    expect((await site.get('/')).status).to.equal(503);
    expect(site.log.causes.map(String)).to.deep.equal(['Error: boom', 'Error: the disk is full']);
  });

  it('an AJAX caller gets JSON', async () => {
    const { mood, handler } = moodyHandler();
    mood.write = 'throws';
    const site = await openSite((route) => route.get('/', () => 'prepared'), { session: { handler } });
    const answer = await site.get('/', { headers: { accept: 'application/json' } });
    expect(answer.status).to.equal(503);
    expect(answer.headers.get('content-type')).to.equal('application/json; charset=utf-8');
    expect(JSON.parse(answer.body).error.status).to.equal(503);
    expectNothingPrepared(answer);
  });
});

describe('kernel: a session that cannot be opened', () => {
  afterEach(closeSites);

  it('a store that is down, slow or lying: 503 with Retry-After, the action does not run', async () => {
    let runs = 0;
    let read: () => unknown = () => '';
    class BadHandler extends BaseHandler {
      read() {
        return read() as string;
      }
      write() {}
      destroy() {}
    }
    const site = await openSite(
      (route) =>
        route.get('/', () => {
          runs++;
          return 'prepared';
        }),
      { session: { handler: BadHandler, operation_timeout: 0.1 } },
    );
    const browser = site.browser();
    browser.jar.set('blitz_session', 'f'.repeat(32));
    const failures: (() => unknown)[] = [
      () => {
        throw new Error('down');
      },
      () => Promise.reject(new Error('down')),
      () => false,
      () => new Promise((resolve) => setTimeout(() => resolve(''), 300)),
    ];
    for (const failure of failures) {
      read = failure;
      const began = performance.now();
      const answer = await browser.get('/');
      expect(answer.status).to.equal(503);
      expect(answer.headers.get('retry-after')).to.match(/^[1-9]\d*$/);
      expectNothingPrepared(answer);
      expect(performance.now() - began).to.be.below(1500);
    }
    expect(runs).to.equal(0);
    read = () => '';
    expect((await browser.get('/')).status).to.equal(200);
    expect(site.log.text).to.not.contain('f'.repeat(32));
  });

  it('waiting longer than lock_wait: 503 with Retry-After, the action does not run', async () => {
    let runs = 0;
    const site = await openSite(
      (route) => {
        route.get('/slow', async () => {
          runs++;
          await sleep(400);
          return 'fine';
        });
        route.get('/', () => {
          runs++;
          return 'prepared';
        });
      },
      { session: { lock_wait: 0.1 } },
    );
    const browser = site.browser();
    await browser.get('/');
    const slow = browser.twin().get('/slow');
    await until(() => runs === 2);
    const answer = await browser.get('/');
    expect(answer.status).to.equal(503);
    expect(answer.headers.get('retry-after')).to.match(/^[1-9]\d*$/);
    expectNothingPrepared(answer);
    expect((await slow).body).to.equal('fine');
    expect(runs).to.equal(2);
    expect(site.log.text).to.contain('E_SESSION_LOCK_TIMEOUT');
  });

  it('too many waiters: 503 at once', async () => {
    let runs = 0;
    let free = () => {};
    const site = await openSite(
      (route) => {
        route.get('/slow', () => {
          runs++;
          return new Promise<void>((resolve) => {
            free = resolve;
          });
        });
        route.get('/', () => 'fine');
      },
      { session: { lock_max_waiters: 2 } },
    );
    const browser = site.browser();
    await browser.get('/');
    const slow = browser.get('/slow');
    await until(() => runs === 1);
    const statuses: number[] = [];
    const rest = Array.from({ length: 4 }, async () => {
      statuses.push((await browser.twin().get('/')).status);
    });
    await until(() => statuses.length === 2, 'two refusals');
    expect(statuses).to.deep.equal([503, 503]);
    free();
    await Promise.all([slow, ...rest]);
    expect(statuses).to.deep.equal([503, 503, 200, 200]);
  });
});

describe('kernel: an action that throws', () => {
  afterEach(closeSites);

  class Failing extends Controller {
    constructor() {
      super();
      if (this.request.has('early')) throw new Error('very secret words');
    }
    show() {
      this.request.session().put('before', 'saved');
      throw new Error('very secret words', { cause: new Error('inner secret words') });
    }
  }

  it('production: 500 without the message or any source; the session is saved all the same', async () => {
    const site = await openSite((route) => {
      route.get('/sync', () => {
        session({ before: 'saved' });
        Cookie.queue('queued', 'yes');
        throw new Error('very secret words');
      });
      route.get('/async', async (_request, response) => {
        session({ before: 'saved' });
        response.withHeader('X-Own', 'yes');
        await sleep(1);
        throw new Error('very secret words');
      });
      route.get('/controller', [Failing, 'show']);
      route
        .get('/middleware', () => 'prepared')
        .middleware(() => {
          session({ before: 'saved' });
          throw new Error('very secret words');
        });
      route
        .get('/after', () => session({ before: 'saved' }))
        .middleware(async (_request, next) => {
          await next();
          throw new Error('very secret words');
        });
      route.get('/before', () => session('before', 'lost'));
    });
    for (const path of ['/sync', '/async', '/controller', '/middleware', '/after']) {
      const browser = site.browser();
      const answer = await browser.get(path);
      expect(answer.status, path).to.equal(500);
      expect(answer.headers.get('content-type')).to.equal('text/html; charset=utf-8');
      expect(answer.headers.get('cache-control')).to.equal('private, no-store');
      expect(answer.body).to.not.match(/secret|\.ts|at |Error:/);
      expect(answer.body).to.not.contain('prepared');
      expect((await browser.get('/before')).body, path).to.equal('saved');
    }
    expect((await site.get('/controller?early=1')).status).to.equal(500);
    expect(site.log.errors).to.have.length(6);
    expect(site.log.errors[0]).to.contain('GET /sync').and.contain('very secret words');
  });

  it('the log names the route, never the address, ids or data', async () => {
    const site = await openSite((route) => {
      route.get('/users/{id}', () => {
        session({ card: '4242-4242' });
        throw new Error('broken');
      });
      route.get('/fail-at-save', () => {
        session({ card: '4242-4242' });
        session({ cycle: cycle() });
      });
    });
    const browser = site.browser();
    await browser.get('/users/ada@example.org?token=hunter2');
    await browser.get('/users/ada@example.org?token=hunter2');
    await browser.get('/fail-at-save');
    expect(browser.id).to.have.length(32);
    for (const secret of ['ada@', 'hunter2', '4242', browser.id])
      expect(site.log.text).to.not.contain(secret);
    expect(site.log.errors[0]).to.contain('GET /users/{id}');
  });

  for (const env of ['production', 'development'] as const) {
    it(`${env}: whatever is thrown is answered, and the session's lock is free`, async () => {
      const things: Record<string, () => unknown> = {
        undefined: () => undefined,
        null: () => null,
        text: () => 'text',
        symbol: () => Symbol('x'),
        bare: () => Object.create(null),
        stack: () => Object.assign(new Error('x'), { stack: [1, 2] }),
        message: () => Object.assign(new Error('x'), { message: { toString: null } }),
        cause: () => new Error('x', { cause: Object.create(null) }),
        path: () => Object.assign(new Error('x'), { stack: 'Error: x\n    at file:///a%2Fb.ts:1:1' }),
        // A remote service's status is not ours.
        status: () => Object.assign(new Error('x'), { status: 404, statusCode: 404 }),
        tooLow: () => new HttpError(100),
        tooHigh: () => new HttpError(700),
        badHeader: () => new HttpError(403, 'x', { 'X-Bad': 'a\nb' }),
      };
      const site = await openSite(
        (route) => {
          route.get('/throw/{name}', (name) => {
            session({ [name]: true });
            throw things[name]?.();
          });
          route.get('/kept/{name}', (name) => String(session(name, false)));
        },
        { app: { env }, session: { lock_wait: 0.5 } },
      );
      for (const accept of ['text/html', 'application/json']) {
        for (const name of Object.keys(things)) {
          const browser = site.browser();
          const answer = await browser.get(`/throw/${name}`, { headers: { accept } });
          expect(answer.status, name).to.equal(500);
          expect(answer.headers.get('content-type'), name).to.match(new RegExp(`^${accept}`));
          expect(answer.cookies, name).to.have.length(1);
          expect((await browser.get(`/kept/${name}`)).body, name).to.equal('true');
        }
      }
    });
  }

  it('JSON for who expects it, with a reason in development only', async () => {
    for (const env of ['production', 'development'] as const) {
      const site = await openSite(
        (route) => {
          route.get('/', () => {
            throw new TypeError('very secret words');
          });
          route.get('/abort', () => abort(409, 'Somebody was faster.'));
        },
        { app: { env } },
      );
      const asks: Record<string, string>[] = [
        { accept: 'application/json' },
        { accept: 'application/problem+json' },
        { 'x-requested-with': 'XMLHttpRequest', accept: '*/*' },
      ];
      for (const headers of asks) {
        const answer = await site.get('/', { headers });
        expect(answer.headers.get('content-type')).to.equal('application/json; charset=utf-8');
        const { error } = JSON.parse(answer.body);
        expect(error.status).to.equal(500);
        expect(error.message).to.be.a('string').and.not.contain('secret');
        if (env === 'production') expect(answer.body).to.not.match(/secret|TypeError|\.ts/);
        else expect(error).to.include({ exception: 'TypeError', reason: 'very secret words' });
        const { error: conflict } = JSON.parse((await site.get('/abort', { headers })).body);
        expect(conflict).to.deep.equal({ status: 409, message: 'Somebody was faster.' });
      }
    }
  });

  function cycle(): unknown {
    const list: unknown[] = [];
    list.push(list);
    return list;
  }
});
