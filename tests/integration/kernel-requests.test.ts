import { once } from 'node:events';
import { BaseHandler, session } from 'blitz-session';
import { expect } from 'chai';
import { complaints, dial, moodyHandler, sleep } from '../fixtures/http.ts';
import { closeSites, openSite } from '../fixtures/kernel-site.ts';

describe('kernel: two requests in flight', () => {
  afterEach(closeSites);

  it('never see each other, whatever they await', async () => {
    const site = await openSite((route) => {
      route.get('/mix/{who}', async (who, request) => {
        session({ who });
        const seen = new Set<unknown>();
        for (let turn = 0; turn < 10; turn++) {
          await new Promise((resolve) => setTimeout(resolve, Math.random() * 4));
          await Promise.all([Promise.resolve(), new Promise((resolve) => setImmediate(resolve))]);
          process.nextTick(() => seen.add(session('who')));
          seen.add(session('who')).add(request.session().get('who')).add(request.param('who'));
        }
        return [...seen];
      });
    });
    const names = Array.from({ length: 12 }, (_, n) => `visitor${n}`);
    const answers = await Promise.all(names.map((name) => site.get(`/mix/${name}`)));
    expect(answers.map(({ body }) => JSON.parse(body))).to.deep.equal(names.map((name) => [name]));
  });

  it('of one visitor wait for each other, in their order, on one connection or several', async () => {
    const order: string[] = [];
    const site = await openSite((route) => {
      route.get('/start', () => session({ log: '' }));
      route.get('/step/{n}', async (n) => {
        order.push(`in ${n}`);
        await sleep(10);
        order.push(`out ${n}`);
        return `${session().get<string>('log')}${n}`;
      });
    });
    const browser = site.browser();
    await browser.get('/start');
    await Promise.all(['1', '2', '3'].map((n) => browser.get(`/step/${n}`)));
    expect(order.filter((_, at) => at % 2 === 0).map((step) => step.slice(3))).to.deep.equal(
      order.filter((_, at) => at % 2 === 1).map((step) => step.slice(4)),
    );
  });
});

describe('kernel: the session is opened after the body was read', () => {
  afterEach(closeSites);

  it("a slow upload does not hold the session's lock", async () => {
    const seen: unknown[] = [];
    const site = await openSite((route) => {
      route.get('/n', () => String(session().increment('n')));
      route
        .post('/upload', (request) => {
          seen.push(session('n'), request.input('text'));
          return String(session().increment('n', 10));
        })
        .withoutCsrf();
    });
    const browser = site.browser();
    await browser.get('/n');
    const { socket, received } = await dial(site.port);
    const body = 'text=0123456789';
    socket.write(
      `POST /upload HTTP/1.1\r\nHost: x\r\nCookie: ${browser.cookie}\r\nConnection: close\r\n` +
        `Content-Type: application/x-www-form-urlencoded\r\nContent-Length: ${body.length}\r\n\r\n`,
    );
    for (const letter of body.slice(0, -1)) {
      socket.write(letter);
      await sleep(2);
      const began = performance.now();
      expect((await browser.get('/n')).status).to.equal(200);
      expect(performance.now() - began).to.be.below(500);
    }
    const counted = body.length;
    expect(seen).to.be.empty;
    socket.write(body.slice(-1));
    await once(socket, 'close');
    expect(received()).to.match(/^HTTP\/1\.1 200 /);
    expect(received().endsWith(String(counted + 10))).to.equal(true);
    expect(seen).to.deep.equal([counted, '0123456789']);
  });

  it('an upload that its client gives up opens no session at all', async () => {
    let reads = 0;
    class CountingHandler extends BaseHandler {
      read() {
        reads++;
        return '';
      }
      write() {}
      destroy() {}
    }
    const site = await openSite((route) => route.post('/upload', () => 'never').withoutCsrf(), {
      session: { handler: CountingHandler },
    });
    const { socket } = await dial(site.port);
    socket.write(
      `POST /upload HTTP/1.1\r\nHost: x\r\nCookie: blitz_session=${'a'.repeat(32)}\r\n` +
        'Content-Type: text/plain\r\nContent-Length: 100\r\n\r\nbeginning',
    );
    await sleep(20);
    socket.destroy();
    await sleep(30);
    expect(reads).to.equal(0);
    expect(site.log.text).to.equal('');
  });
});

describe('kernel: operations that nobody awaits', () => {
  afterEach(closeSites);

  it('are finished before the response leaves, in their order', async () => {
    const { mood, records, handler } = moodyHandler();
    mood.writeDelay = 40;
    const site = await openSite(
      (route) => {
        route.get('/login', () => {
          session({ user: 7 });
          void session().regenerate();
          return session().id;
        });
        route.get('/save', () => {
          session({ saved: true });
          void session().close();
          return 'closed';
        });
        route.get('/leave', () => {
          void session().destroy();
          return String(session('user', 'nobody'));
        });
        route.get('/farewell', () => {
          void session().invalidate();
          session().flash('message', 'bye');
          return session().id;
        });
        route.get('/message', () => session('message', 'none'));
      },
      { session: { handler } },
    );
    const browser = site.browser();
    const first = (await browser.get('/login')).body;
    expect(browser.id).to.equal(first);
    expect(records.size).to.equal(1);
    expect((await browser.get('/login')).body)
      .to.equal(browser.id)
      .and.not.equal(first);
    await browser.get('/save');
    expect([...records.values()].join()).to.contain('saved');
    const old = browser.id;
    expect((await browser.get('/farewell')).body)
      .to.equal(browser.id)
      .and.not.equal(old);
    expect((await browser.get('/message')).body).to.equal('bye');
    expect((await browser.get('/leave')).body).to.equal('nobody');
    expect(browser.id).to.equal('');
    expect([...records.values()].join()).to.not.contain('user');
  });

  for (const call of ['close', 'destroy', 'regenerate', 'invalidate'] as const) {
    it(`a ${call}() that fails becomes the error response, and no unhandled rejection`, async () => {
      const { mood, handler } = moodyHandler();
      const site = await openSite(
        (route) => {
          route.get('/', () => session({ n: 1 }));
          route.get('/bad', (_request, response) => {
            session({ n: 2 });
            void session()[call]();
            return response.withHeader('X-Own', 'yes').withCookie('own', 'yes').text('fine');
          });
        },
        { session: { handler } },
      );
      const browser = site.browser();
      await browser.get('/');
      mood.write = 'throws';
      mood.destroy = 'throws';
      const heard = await complaints(async () => {
        const answer = await browser.get('/bad');
        expect(answer.status).to.equal(503);
        expect(answer.cookies).to.be.empty;
        expect(answer.headers.get('x-own')).to.equal(null);
        expect(answer.body).to.not.contain('fine');
      });
      expect(heard).to.deep.equal([]);
      mood.write = 'works';
      mood.destroy = 'works';
      expect((await browser.get('/')).status).to.equal(200);
    });
  }

  it('an action that waits for ever on a chain that failed is answered all the same', async () => {
    const { mood, handler } = moodyHandler();
    const site = await openSite(
      (route) => {
        route.get('/', () => session({ n: 1 }));
        route.get('/bad', () => {
          session({ n: 2 });
          return new Promise(
            (resolve) =>
              void session()
                .close()
                .then(() => resolve('fine')),
          );
        });
      },
      { session: { handler } },
    );
    const browser = site.browser();
    await browser.get('/');
    mood.write = 'throws';
    const heard = await complaints(async () => {
      const answer = await browser.get('/bad', { signal: AbortSignal.timeout(3000) });
      expect(answer.status).to.equal(503);
      expect(answer.cookies).to.be.empty;
    });
    expect(heard).to.deep.equal([]);
    mood.write = 'works';
    expect((await browser.get('/')).status).to.equal(200);
  });

  it("an awaited failure is the action's to treat", async () => {
    const { mood, handler } = moodyHandler();
    const site = await openSite(
      (route) => {
        route.get('/', async () => {
          session({ n: 1 });
          return session()
            .close()
            .then(
              () => 'saved',
              (error) => error.code,
            );
        });
      },
      { session: { handler } },
    );
    mood.write = 'throws';
    const answer = await site.get('/');
    expect([answer.status, answer.body, answer.cookies.length]).to.deep.equal([200, 'E_SESSION_BACKEND', 0]);
  });
});
