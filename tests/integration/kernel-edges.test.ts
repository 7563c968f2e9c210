import { rm, symlink, writeFile } from 'node:fs/promises';
import { response, session } from 'blitz-session';
import { expect } from 'chai';
import { ask, exchange, moodyHandler, sleep } from '../fixtures/http.ts';
import { closeSites, openSite, writeApplication } from '../fixtures/kernel-site.ts';

describe('kernel: what goes out beside the body', () => {
  afterEach(closeSites);

  it('every Set-Cookie: the own header, the queued ones, and that of the session', async () => {
    const site = await openSite((route) => {
      const shared = ['list=1', 'list2=2'];
      route.get('/', (_request, response) =>
        response.withHeader('Set-Cookie', shared).withCookie('own', 'x').text('a'),
      );
    });
    for (let turn = 0; turn < 3; turn++) {
      const names = (await site.get('/')).cookies.map((line) => line.split('=')[0]);
      expect(names).to.deep.equal(['list', 'list2', 'own', 'blitz_session']);
    }
  });

  it('Cache-Control keeps an answer with our cookie private, unless the application set its own', async () => {
    const site = await openSite((route) => {
      route.get('/', () => 'a');
      route.get('/own', () => response('a').withHeader('Cache-Control', 'no-cache'));
      route.get('/read', () => 'a').readOnly();
    });
    const browser = site.browser();
    expect((await browser.get('/')).headers.get('cache-control')).to.equal('private, no-store');
    expect((await site.get('/own')).headers.get('cache-control')).to.equal('no-cache');
    expect((await browser.get('/read')).headers.get('cache-control')).to.equal(null);
  });

  it('requests pipelined on one connection are answered in their order', async () => {
    const site = await openSite((route) => {
      route.get('/', () => 'hello');
      route.get('/step/{n}', async (n) => {
        await sleep(n === '1' ? 30 : 1);
        return `<${n}:${session().increment('n')}>`;
      });
    });
    const browser = site.browser();
    await browser.get('/');
    const asks = ['1', '2', '3'].map(
      (n) =>
        `GET /step/${n} HTTP/1.1\r\nHost: x\r\nCookie: ${browser.cookie}\r\n${n === '3' ? 'Connection: close\r\n' : ''}\r\n`,
    );
    const text = await exchange(site.port, asks.join(''));
    expect(text.match(/<\d:\d>/g)).to.deep.equal(['<1:1>', '<2:2>', '<3:3>']);
  });
});

describe('kernel: limits of a session', () => {
  afterEach(closeSites);

  it('one that stays open longer than lock_max is closed: changes are 503, reading is fine', async () => {
    const site = await openSite(
      (route) => {
        route.get('/', () => session({ n: 0 }));
        route.get('/write', async () => {
          await sleep(500);
          session({ n: 1 });
          return 'written';
        });
        route.get('/early', async () => {
          session({ n: 1 });
          await sleep(500);
          return 'written';
        });
        route.get('/read', async () => {
          await sleep(500);
          return String(session('n'));
        });
      },
      { session: { lock_ttl: 0.2, lock_max: 0.2 } },
    );
    const browser = site.browser();
    await browser.get('/');
    for (const path of ['/write', '/early']) {
      const answer = await browser.get(path);
      expect(answer.status, path).to.be.oneOf([500, 503]);
      expect(answer.cookies).to.be.empty;
    }
    expect((await browser.get('/read')).body).to.equal('0');
  });

  it('matchIP goes by the address behind a trusted proxy', async () => {
    const site = await openSite(
      (route) => route.get('/', (request) => `${request.ip()} ${session().increment('n')}`),
      {
        session: { matchIP: true },
        app: { trust_proxy: 1 },
      },
    );
    const browser = site.browser();
    const from = (ip: string) => ({ headers: { 'x-forwarded-for': ip } });
    expect((await browser.get('/', from('198.51.100.1'))).body).to.equal('198.51.100.1 1');
    expect((await browser.get('/', from('198.51.100.1'))).body).to.equal('198.51.100.1 2');
    const thief = browser.twin();
    expect((await thief.get('/', from('198.51.100.2'))).body).to.equal('198.51.100.2 1');
    expect(thief.id).to.not.equal(browser.id);
  });

  it('a session of two hours is gone afterwards, and one that is used goes on', async () => {
    const site = await openSite((route) => route.get('/', () => String(session().increment('n'))));
    const browser = site.browser();
    await browser.get('/');
    for (let hour = 0; hour < 3; hour++) {
      site.clock.advance(3600);
      await browser.get('/');
    }
    expect((await browser.get('/')).body).to.equal('5');
    site.clock.advance(7201);
    expect((await browser.get('/')).body).to.equal('1');
  });
});

describe('kernel: when what stands around fails', () => {
  afterEach(closeSites);

  it('a store that is down does not matter where no session is needed', async () => {
    const { mood, handler } = moodyHandler();
    class DownHandler extends handler {
      override async read(id: string): Promise<string> {
        if (mood.readDelay > 0) throw new Error('down');
        return super.read(id);
      }
    }
    const site = await openSite((route) => route.get('/', () => 'hello').withoutSession(), {
      session: { handler: DownHandler },
      files: { 'app/Views/errors/404.eta': 'own 404', 'public/a.txt': 'a file' },
    });
    mood.readDelay = 1;
    const browser = site.browser();
    browser.jar.set('blitz_session', 'f'.repeat(32));
    expect((await browser.get('/')).body).to.equal('hello');
    expect((await browser.get('/a.txt')).body).to.equal('a file');
    const lost = await browser.get('/nowhere');
    expect([lost.status, lost.body]).to.deep.equal([404, 'own 404']);
  });

  it('a log that throws does not change the answer', async () => {
    const log = {
      warn() {
        throw new Error('the log is full');
      },
      error() {
        throw new Error('the log is full');
      },
    };
    const site = await openSite(
      (route) =>
        route.get('/', () => {
          session({ a: 1 });
          throw new Error('boom');
        }),
      { log },
    );
    const answer = await site.get('/');
    expect([answer.status, answer.cookies.length]).to.deep.equal([500, 1]);
  });

  it('abort() of another copy of the package is understood', async () => {
    const site = await openSite((route) => {
      route.get('/', () => {
        const fields = {
          name: 'HttpError',
          status: 410,
          shown: 'Gone for good.',
          headers: { 'X-Copy': 'two' },
        };
        throw Object.assign(new Error('Gone'), fields);
      });
    });
    const answer = await site.get('/');
    expect([answer.status, answer.headers.get('x-copy')]).to.deep.equal([410, 'two']);
    expect(answer.body).to.contain('Gone for good.');
    expect(site.log.text).to.equal('');
  });

  it('a middleware of every route that writes the session makes no failure of a wrong address', async () => {
    const site = await openSite((route) => {
      route.use(
        (_request, next) => {
          response().withHeader('X-Site', 'yes');
          return next();
        },
        (_request, next) => {
          session().increment('visits');
          return next();
        },
      );
      route.get('/', () => String(session('visits')));
    });
    const browser = site.browser();
    for (const path of ['/nowhere', '/%']) {
      const answer = await browser.get(path);
      expect(answer.status).to.be.oneOf([400, 404]);
      expect(answer.headers.get('x-site')).to.equal('yes');
    }
    expect((await browser.get('/')).body).to.equal('1');
    expect((await browser.get('/nowhere')).status).to.equal(404);
    expect((await browser.get('/')).body).to.equal('2');
    expect(site.log.text).to.equal('');
  });

  it('what middlewares of every route set stands on refusals and errors too', async () => {
    const site = await openSite((route) => {
      route.use((_request, next) => {
        response().withHeader('X-Site', 'yes');
        return next();
      });
      route.get('/', () => 'hello');
      route.post('/form', () => 'sent');
      route.get('/boom', () => {
        throw new Error('boom');
      });
    });
    const browser = site.browser();
    const statuses: number[] = [];
    for (const answer of [
      await browser.get('/'),
      await browser.get('/nowhere'),
      await browser.post('/'),
      await browser.post('/form'),
      await browser.get('/boom'),
      await browser.get('/form', {
        method: 'POST',
        body: '{',
        headers: { 'content-type': 'application/json' },
      }),
    ]) {
      statuses.push(answer.status);
      expect(answer.headers.get('x-site'), String(answer.status)).to.equal('yes');
    }
    expect(statuses).to.deep.equal([200, 404, 405, 419, 500, 400]);
  });
});

describe('kernel: public files', () => {
  afterEach(closeSites);

  it('are sent without a session, with their type, and a validator for the next time', async () => {
    const site = await openSite((route) => route.get('/taken.txt', () => 'the route'), {
      files: {
        'public/style.css': 'body {}',
        'public/deep/er/page.html': '<p>deep</p>',
        'public/taken.txt': 'the file',
        'public/with blank é.txt': 'odd',
        'public/.env': 'SECRET=1',
        'public/.git/config': 'secret',
        'public/.well-known/security.txt': 'contact',
      },
    });
    const browser = site.browser();
    browser.jar.set('blitz_session', 'f'.repeat(32));
    const css = await browser.get('/style.css');
    expect([css.status, css.body, css.cookies]).to.deep.equal([200, 'body {}', []]);
    expect(css.headers.get('content-type')).to.match(/^text\/css/);
    const again = await ask(site.port, '/style.css', {
      headers: { 'if-none-match': css.headers.get('etag') ?? '' },
    });
    expect([again.status, again.body]).to.deep.equal([304, '']);
    const head = await ask(site.port, '/style.css', { method: 'HEAD' });
    expect([head.status, head.headers['content-length'], head.body]).to.deep.equal([200, '7', '']);
    expect((await browser.get('/deep/er/page.html')).body).to.equal('<p>deep</p>');
    expect((await browser.get('/with%20blank%20%C3%A9.txt')).body).to.equal('odd');
    expect((await browser.get('/.well-known/security.txt')).body).to.equal('contact');
    expect((await browser.get('/taken.txt')).body).to.equal('the route');
    for (const path of ['/.env', '/.git/config', '/deep', '/deep/', '/style.css/', '/STYLE.css']) {
      expect((await browser.get(path)).status, path).to.equal(404);
    }
    expect((await browser.post('/style.css')).status).to.be.oneOf([404, 405]);
  });

  it('never what a link leads to; a file that is gone is 404', async () => {
    const root = await writeApplication({ 'secret.txt': 'secret', 'public/here.txt': 'here' });
    await symlink(`${root}/secret.txt`, `${root}/public/link.txt`);
    const site = await openSite(() => {}, { root });
    expect((await site.get('/link.txt')).status).to.equal(404);
    expect((await site.get('/here.txt')).body).to.equal('here');
    await rm(`${root}/public/here.txt`);
    const gone = await site.get('/here.txt');
    expect([gone.status, gone.body.slice(0, 15)]).to.deep.equal([404, '<!doctype html>']);
    await writeFile(`${root}/public/here.txt`, 'back');
    expect((await site.get('/here.txt')).body).to.equal('back');
  });
});
