import { session } from 'blitz-session';
import type { SessionListener } from 'blitz-session/node';
import { expect } from 'chai';
import { afterEach, describe, it } from 'mocha';
import {
  ask,
  closeSites,
  complaints,
  moodyHandler,
  type Reply,
  serve,
  sleep,
  until,
} from '../fixtures/http.js';

const plainFailure = (reply: Reply, status: number) => {
  expect(reply.status).to.equal(status);
  expect(reply.headers['content-type']).to.equal('text/plain; charset=utf-8');
  expect(reply.headers['cache-control']).to.equal('private, no-store');
  expect(Number(reply.headers['content-length'])).to.equal(reply.bytes.length);
  expect(reply.headers['x-own'], "the handler's headers").to.equal(undefined);
  expect(reply.body, "the handler's body").to.not.contain('fine');
  if (status === 503) expect(Number(reply.headers['retry-after'])).to.be.at.least(1);
  else expect(reply.headers['retry-after']).to.equal(undefined);
};

describe('node adapter: a handler that fails', () => {
  afterEach(closeSites);

  const faults: Record<string, SessionListener> = {
    'throws at once': () => {
      throw new Error('boom');
    },
    'rejects before its first await': async () => {
      throw new Error('boom');
    },
    'rejects after an await': async () => {
      await sleep(5);
      throw new Error('boom');
    },
    'rejects with nothing': () => Promise.reject(),
    'throws a text': () => {
      throw 'boom';
    },
    'throws null': () => {
      throw null;
    },
    'rejects with a thenable of its own': () => ({
      // biome-ignore lint/suspicious/noThenProperty: some promises are not Node's
      then: (_good: unknown, bad: (error: Error) => void) => setTimeout(() => bad(new Error('boom')), 1),
    }),
    'had only set headers': (_request, response) => {
      response.statusCode = 201;
      response.setHeader('X-Own', 'fine').setHeader('Content-Length', 4000).setHeader('Connection', 'close');
      throw new Error('boom');
    },
    'had only called writeHead': (_request, response) => {
      response.writeHead(200, 'Fine', { 'X-Own': 'fine', 'Content-Length': 4000, Date: 'x' });
      throw new Error('boom');
    },
    'had begun to write': (_request, response) => {
      response.setHeader('X-Own', 'fine');
      response.write('fine');
      throw new Error('boom');
    },
  };
  for (const [what, fault] of Object.entries(faults)) {
    it(`${what}: 500, and what it changed before is saved`, async () => {
      const site = await serve((request, response) => {
        if (request.url === '/see') return response.end(String(session('n')));
        session().increment('n');
        return fault(request, response);
      });
      const visitor = site.visitor();
      const heard = await complaints(async () => {
        for (let round = 0; round < 2; round++) {
          const reply = await visitor.get('/');
          plainFailure(reply, 500);
          expect(reply.cookies).to.have.length(1);
          expect(reply.body).to.not.contain('boom');
        }
      });
      expect(heard).to.deep.equal([]);
      expect(site.errors).to.have.length(2);
      expect((await visitor.get('/see')).body, 'the lock is free').to.equal('2');
    });
  }

  it('HEAD is answered too, and the connection goes on', async () => {
    const site = await serve(() => {
      throw new Error('boom');
    });
    const reply = await ask(site.port, '/', { method: 'HEAD' });
    expect([reply.status, reply.body]).to.deep.equal([500, '']);
  });

  it('after its answer was ended: the answer arrives, the error is logged', async () => {
    for (const wait of [0, 30]) {
      const site = await serve(async (_request, response) => {
        session().put('a', 1);
        response.setHeader('X-Own', 'kept').end('{"ok":true}');
        if (wait > 0) await sleep(wait);
        throw new Error('afterwards');
      });
      const heard = await complaints(async () => {
        const reply = await site.get('/');
        expect([reply.status, reply.body, reply.headers['x-own']]).to.deep.equal([
          200,
          '{"ok":true}',
          'kept',
        ]);
        expect(reply.cookies).to.have.length(1);
        await until(() => site.errors.length === 1, 'the log');
      });
      expect(heard).to.deep.equal([]);
      expect(String(site.errors[0])).to.contain('afterwards');
    }
  });

  it('in the middle of a body that has left: the connection is cut, the session is saved', async () => {
    const site = await serve(async (request, response) => {
      if (request.url === '/see') return response.end(String(session('a')));
      session().put('a', 1);
      if (request.url === '/') return response.end();
      response.write('part');
      await sleep(30);
      throw new Error('midway');
    });
    const visitor = site.visitor();
    await visitor.get('/');
    const outcome = await visitor.get('/cut').then(
      () => 'whole',
      (error) => error.code ?? error.message,
    );
    expect(outcome).to.be.oneOf(['ECONNRESET', 'aborted']);
    expect((await visitor.get('/see')).body).to.equal('1');
  });

  it('what goes on writing after the failure was answered does no harm', async () => {
    const codes: unknown[] = [];
    const site = await serve((_request, response) => {
      setTimeout(() => {
        response.write('late', (error) => codes.push((error as { code?: string })?.code));
        response.end('later');
      }, 0);
      setTimeout(() => response.end('latest'), 20);
      throw new Error('boom');
    });
    const heard = await complaints(async () => {
      plainFailure(await site.get('/'), 500);
      await sleep(40);
    });
    expect(heard).to.deep.equal([]);
    expect(codes).to.have.length(1);
  });

  it('with skip, failures are answered as well', async () => {
    const site = await serve(
      async (request, response) => {
        if (request.url === '/begun') response.write('x');
        if (request.url === '/ended') response.end('whole');
        throw new Error('boom');
      },
      { options: { skip: true } },
    );
    const heard = await complaints(async () => {
      plainFailure(await site.get('/'), 500);
      expect((await site.get('/ended')).body).to.equal('whole');
      await site.get('/begun').then(
        () => expect.fail('whole'),
        () => {},
      );
    });
    expect(heard).to.deep.equal([]);
  });

  it('an option that throws is answered with 500', async () => {
    const options = {
      skip: () => {
        throw new Error('bad option');
      },
    };
    const site = await serve((_request, response) => response.end(), { options });
    plainFailure(await site.get('/'), 500);
  });
});

describe('node adapter: a save that fails', () => {
  afterEach(closeSites);

  const answers: Record<string, SessionListener> = {
    'a lone end': (_request, response) => response.setHeader('X-Own', 'fine').end('fine'),
    'a redirect': (_request, response) => response.writeHead(302, { Location: '/', 'X-Own': 'fine' }).end(),
    'a stream': (_request, response) => {
      response.writeHead(200, { 'X-Own': 'fine', 'Content-Length': 8, 'Set-Cookie': 'fine=1' });
      response.write('fine');
      setTimeout(() => response.end('fine'), 20);
    },
    '204': (_request, response) => response.writeHead(204).end(),
    'chunks by hand': (_request, response) =>
      response.writeHead(200, { 'Transfer-Encoding': 'chunked', Trailer: 'X-Own' }).end('fine'),
  };
  const moods = { throws: {}, refuses: {}, hangs: { operation_timeout: 0.05, lock_ttl: 0.1 } };
  for (const [write, options] of Object.entries(moods)) {
    for (const [what, listener] of Object.entries(answers)) {
      it(`write ${write}, ${what}: 503 without a cookie, nothing of the handler's`, async () => {
        const { mood, handler } = moodyHandler();
        const site = await serve(
          (request, response) => {
            session().increment('n');
            return listener(request, response);
          },
          { session: { handler, ...options } },
        );
        const visitor = site.visitor();
        await visitor.get('/');
        mood.write = write as 'throws';
        const heard = await complaints(async () => {
          for (const who of [visitor, site.visitor()]) {
            const reply = await who.get('/');
            plainFailure(reply, 503);
            expect(reply.cookies).to.be.empty;
            expect(reply.headers.location).to.equal(undefined);
          }
        });
        expect(heard).to.deep.equal([]);
        mood.write = 'works';
        expect((await visitor.get('/')).status, 'it recovers').to.be.below(400);
      });
    }
  }

  it('the next page sees what a redirect promised, however slow the store', async () => {
    const { mood, handler } = moodyHandler();
    mood.writeDelay = 300;
    const site = await serve(
      (request, response) => {
        if (request.url === '/login') {
          session().put('user', 'Ada');
          response.writeHead(303, { Location: '/home' }).end();
        } else response.end(String(session('user')));
      },
      { session: { handler } },
    );
    const visitor = site.visitor();
    const began = performance.now();
    await visitor.get('/login');
    expect(performance.now() - began).to.be.at.least(290);
    expect((await visitor.get('/home')).body).to.equal('Ada');
  });

  for (const chain of ['then', 'finally'] as const) {
    it(`a failed destroy().${chain}(…) that nobody looks at becomes the answer, and no unhandled rejection`, async () => {
      const { mood, handler } = moodyHandler();
      const site = await serve(
        (request, response) => {
          session().increment('n');
          if (request.url !== '/bad') return response.end('fine');
          const leave = () => response.writeHead(303, { Location: '/' });
          if (chain === 'then') session().destroy().then(leave);
          else session().destroy().finally(leave);
          return undefined;
        },
        { session: { handler } },
      );
      const visitor = site.visitor();
      await visitor.get('/');
      mood.destroy = 'throws';
      const heard = await complaints(async () => {
        plainFailure(await visitor.get('/bad'), 503);
      });
      expect(heard).to.deep.equal([]);
    });
  }

  it('whatever is thrown, also what cannot be made a text, or with a log that fails', async () => {
    const site = await serve(() => {
      throw Object.create(null);
    });
    plainFailure(await site.get('/'), 500);
    site.app.services.set('log', {
      warn() {},
      error() {
        throw new Error('of the log');
      },
    });
    plainFailure(await site.get('/'), 500);
  });

  for (const call of ['close', 'destroy'] as const) {
    it(`an unawaited ${call}() that fails becomes the answer, and no unhandled rejection`, async () => {
      const { mood, handler } = moodyHandler();
      const site = await serve(
        (request, response) => {
          session().increment('n');
          if (request.url === '/bad') session()[call]();
          response.setHeader('X-Own', 'fine').end('fine');
        },
        { session: { handler } },
      );
      const visitor = site.visitor();
      await visitor.get('/');
      mood.write = 'throws';
      mood.destroy = 'throws';
      const heard = await complaints(async () => {
        const reply = await visitor.get('/bad');
        plainFailure(reply, 503);
        expect(reply.cookies).to.be.empty;
      });
      expect(heard).to.deep.equal([]);
      mood.write = 'works';
      mood.destroy = 'works';
      expect((await visitor.get('/')).status).to.equal(200);
    });
  }

  it("an awaited failure is the handler's to treat", async () => {
    const { mood, handler } = moodyHandler();
    const site = await serve(
      async (_request, response) => {
        const outcome = await session()
          .close()
          .then(
            () => 'saved',
            (error) => error.code,
          );
        response.end(outcome);
      },
      { session: { handler } },
    );
    mood.write = 'throws';
    const reply = await site.get('/');
    expect([reply.status, reply.body, reply.cookies.length]).to.deep.equal([200, 'E_SESSION_BACKEND', 0]);
  });

  it('a value that cannot be kept is answered with 500', async () => {
    const site = await serve((_request, response) => {
      const list: unknown[] = [];
      session().put('list', list);
      list.push(() => {});
      response.end('fine');
    });
    const reply = await site.get('/');
    plainFailure(reply, 500);
    expect(reply.cookies).to.be.empty;
  });

  it('when handler and save both fail, both are logged', async () => {
    const { mood, handler } = moodyHandler();
    mood.write = 'throws';
    const site = await serve(
      () => {
        throw new Error('boom');
      },
      { session: { handler } },
    );
    plainFailure(await site.get('/'), 503);
    expect(site.errors.map(String)).to.deep.equal(['Error: boom', 'Error: the disk is full']);
  });
});

describe('node adapter: a session that cannot be had', () => {
  afterEach(closeSites);

  it('waiting too long is 503 with Retry-After; the handler does not run', async () => {
    let runs = 0;
    const site = await serve(
      async (request, response) => {
        runs++;
        if (request.url === '/slow') await sleep(400);
        response.end('fine');
      },
      { session: { lock_wait: 0.1 } },
    );
    const visitor = site.visitor();
    await visitor.get('/');
    const slow = visitor.get('/slow');
    await until(() => runs === 2);
    const reply = await visitor.get('/');
    plainFailure(reply, 503);
    expect(reply.cookies).to.be.empty;
    expect((await slow).body).to.equal('fine');
    expect(runs).to.equal(2);
    expect((site.errors[0] as { code: string }).code).to.equal('E_SESSION_LOCK_TIMEOUT');
  });

  it('too many waiters is 503 at once', async () => {
    let runs = 0;
    const site = await serve(
      async (request, response) => {
        runs++;
        if (request.url === '/slow') await sleep(150);
        response.end('fine');
      },
      { session: { lock_max_waiters: 2 } },
    );
    const visitor = site.visitor();
    await visitor.get('/');
    const slow = visitor.get('/slow');
    await until(() => runs === 2);
    const rest = await Promise.all([visitor.get('/'), visitor.get('/'), visitor.get('/'), visitor.get('/')]);
    expect(rest.map(({ status }) => status).sort()).to.deep.equal([200, 200, 503, 503]);
    for (const reply of rest) if (reply.status === 503) plainFailure(reply, 503);
    await slow;
  });

  it('a store that does not answer is 503 within operation_timeout', async () => {
    const { mood, handler } = moodyHandler();
    const site = await serve((_request, response) => response.end('fine'), {
      session: { handler, operation_timeout: 0.1 },
    });
    const visitor = site.visitor();
    await visitor.get('/');
    mood.readDelay = 2000;
    const began = performance.now();
    plainFailure(await visitor.get('/'), 503);
    expect(performance.now() - began).to.be.below(1950);
    mood.readDelay = 0;
    expect((await visitor.get('/')).body).to.equal('fine');
  });
});
