import { AsyncLocalStorage } from 'node:async_hooks';
import { once } from 'node:events';
import { Agent } from 'node:http';
import { session } from 'blitz-session';
import { ManualClock, ShiftedClock } from 'blitz-session/testing';
import { expect } from 'chai';
import { afterEach, describe, it } from 'mocha';
import {
  closeSites,
  complaints,
  dial,
  exchange,
  moodyHandler,
  type Site,
  serve,
  sleep,
  until,
  type Visitor,
} from '../fixtures/http.js';

const request = (path: string, headers = '') => `GET ${path} HTTP/1.1\r\nHost: x\r\n${headers}\r\n`;
const bodies = (text: string) => text.match(/<[^>]*>/g) ?? [];
const reach = () => {
  try {
    return String(session('name') ?? 'empty');
  } catch (error) {
    return (error as { code: string }).code;
  }
};

describe('node adapter: one connection, many requests', () => {
  afterEach(closeSites);

  const options = { skip: (asked: { url?: string | undefined }) => asked.url?.startsWith('/skip') ?? false };
  const named = async (asked: { url?: string | undefined }, response: { end(text: string): unknown }) => {
    if (asked.url?.startsWith('/put/')) session().put('name', asked.url.slice(5));
    const first = reach();
    await sleep(2);
    await Promise.resolve();
    response.end(`<${first} ${reach()}>`);
  };
  const none = '<E_SESSION_NO_REQUEST E_SESSION_NO_REQUEST>';

  it('keep-alive: a skipped request after another sees no session', async () => {
    const site = await serve(named, { options });
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    for (let round = 0; round < 3; round++) {
      expect((await site.visitor(agent).get('/put/Ada')).body).to.equal('<Ada Ada>');
      expect((await site.visitor(agent).get('/skip')).body).to.equal(none);
      expect((await site.visitor(agent).get('/')).body).to.equal('<empty empty>');
    }
    agent.destroy();
  });

  it('pipelined: each has its own session, answers come in order, skipped ones see none', async () => {
    const site = await serve(named, { options });
    const paths = ['/put/Ada', '/skip/1', '/', '/put/Bob', '/skip/2', '/put/Eve', '/'];
    const text = paths.map((path, at) =>
      request(path, at === paths.length - 1 ? 'Connection: close\r\n' : ''),
    );
    const heard = await complaints(async () => {
      const answer = await exchange(site.port, text.join(''));
      expect(bodies(answer)).to.deep.equal([
        '<Ada Ada>',
        none,
        '<empty empty>',
        '<Bob Bob>',
        none,
        '<Eve Eve>',
        '<empty empty>',
      ]);
      expect(answer.match(/Set-Cookie/g)).to.have.length(5);
    });
    expect(heard).to.deep.equal([]);
  });

  it('pipelined behind a slow answer, while the later ones are already held', async () => {
    const seen: string[] = [];
    const site = await serve(async (asked, response) => {
      response.on('prefinish', () => seen.push(`prefinish ${asked.url}`));
      response.on('finish', () => seen.push(`finish ${asked.url}`));
      if (asked.url === '/1') await sleep(60);
      response.end(`<${asked.url}>`);
    });
    const answer = await exchange(
      site.port,
      request('/1') + request('/2') + request('/3', 'Connection: close\r\n'),
    );
    expect(bodies(answer)).to.deep.equal(['</1>', '</2>', '</3>']);
    expect(seen.filter((each) => each.startsWith('finish'))).to.deep.equal([
      'finish /1',
      'finish /2',
      'finish /3',
    ]);
    expect(new Set(seen).size, 'each event once').to.equal(seen.length);
  });

  it("the application's own AsyncLocalStorage reaches the listener's callbacks, and nothing leaks out", async () => {
    const own = new AsyncLocalStorage<string>();
    const seen: unknown[] = [];
    const site = await serve(
      (asked, response) =>
        own.run(asked.url ?? '', () => {
          response.on('finish', () => seen.push(own.getStore() ?? 'none'));
          response.write('x', () => seen.push(own.getStore() ?? 'none'));
          response.end();
        }),
      {},
    );
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    await site.visitor(agent).get('/a');
    await site.visitor(agent).get('/b');
    agent.destroy();
    expect(reach()).to.equal('E_SESSION_NO_REQUEST');
    expect(seen.every((each) => each === '/a' || each === '/b' || each === 'none')).to.equal(true);
  });

  it('two visitors at once never see each other', async () => {
    const site = await serve(async (asked, response) => {
      const name = asked.url?.slice(1);
      session().put('name', name);
      for (let step = 0; step < 5; step++) {
        await sleep(Math.random() * 3);
        if (session('name') !== name || asked.session().get('name') !== name) throw new Error('mixed up');
      }
      response.end(String(session('name')));
    });
    const visitors = Array.from({ length: 20 }, () => site.visitor());
    for (let round = 0; round < 3; round++) {
      const replies = await Promise.all(visitors.map((visitor, n) => visitor.get(`/v${n}`)));
      replies.forEach((reply, n) => {
        expect(reply.body).to.equal(`v${n}`);
      });
    }
    expect(new Set(visitors.map(({ id }) => id)).size).to.equal(20);
  });

  it('50 parallel requests that read, wait and add one keep 50', async () => {
    for (const handler of ['array', moodyHandler().handler] as const) {
      const site = await serve(
        async (_request, response) => {
          const n = session<number>('n') ?? 0;
          await sleep(5);
          session().put('n', n + 1);
          response.end(String(n + 1));
        },
        { session: { handler } },
      );
      const visitor = site.visitor();
      await visitor.get('/');
      await Promise.all(Array.from({ length: 50 }, () => visitor.get('/')));
      expect((await visitor.get('/')).body).to.equal('52');
    }
  });

  it('1 000 requests, parallel and over kept connections, without a warning', async () => {
    const site = await serve((_request, response) => {
      session().increment('n');
      response.end('x');
    });
    const heard = await complaints(async () => {
      const agent = new Agent({ keepAlive: true, maxSockets: 8 });
      const visitor = site.visitor(agent);
      await visitor.get('/');
      for (let round = 0; round < 10; round++) {
        await Promise.all([
          ...Array.from({ length: 50 }, () => site.visitor(agent).get('/')),
          ...Array.from({ length: 50 }, () => visitor.get('/')),
        ]);
      }
      agent.destroy();
    });
    expect(heard).to.deep.equal([]);
  });

  it('40 requests pipelined on one connection, without a warning', async () => {
    const site = await serve(named, { options });
    const heard = await complaints(async () => {
      const text = request('/put/x').repeat(39) + request('/', 'Connection: close\r\n');
      expect(bodies(await exchange(site.port, text))).to.have.length(40);
    });
    expect(heard).to.deep.equal([]);
  });
});

describe('node adapter: a client that leaves', () => {
  afterEach(closeSites);

  const leave = async (site: Site, visitor: Visitor, path: string, when: () => boolean) => {
    const { socket } = await dial(site.port);
    socket.write(request(path, `Cookie: ${visitor.cookie}\r\n`));
    await until(when, 'the moment to leave');
    socket.destroy();
    await once(socket, 'close');
  };

  it('while its request is queued: the handler does not run, the next in line does', async () => {
    const ran: unknown[] = [];
    let free = () => {};
    const site = await serve(async (asked, response) => {
      ran.push(asked.url);
      if (asked.url === '/slow') {
        await new Promise<void>((resolve) => {
          free = resolve;
        });
      }
      response.end('done');
    });
    const visitor = site.visitor();
    await visitor.get('/');
    const slow = visitor.get('/slow');
    await until(() => ran.length === 2);
    let asked = 0;
    site.server.on('request', () => asked++);
    await leave(site, visitor, '/gone', () => asked === 1);
    const next = visitor.get('/next');
    await sleep(20);
    free();
    expect((await slow).body).to.equal('done');
    expect((await next).body).to.equal('done');
    expect(ran).to.deep.equal(['/', '/slow', '/next']);
    expect(site.errors).to.deep.equal([]);
  });

  it('while its handler runs: what is changed is saved, the lock is freed when the handler ends', async () => {
    let running = false;
    const site = await serve(async (asked, response) => {
      if (asked.url === '/slow') {
        running = true;
        await sleep(60);
        session().put('late', 'saved');
        return;
      }
      response.end(String(session('late')));
    });
    const visitor = site.visitor();
    await visitor.get('/');
    await leave(site, visitor, '/slow', () => running);
    const began = performance.now();
    expect((await visitor.get('/')).body).to.equal('saved');
    expect(performance.now() - began).to.be.below(1000);
    expect(site.errors).to.deep.equal([]);
  });

  it('while its handler runs, which then answers or throws', async () => {
    for (const ending of ['answers', 'throws', 'begins and throws'] as const) {
      let running = false;
      const site = await serve(async (asked, response) => {
        if (asked.url !== '/slow') return response.end(String(session('late')));
        running = true;
        await sleep(40);
        session().put('late', 'saved');
        if (ending !== 'throws') response.write('for nobody');
        if (ending !== 'answers') throw new Error('boom');
        return response.end();
      });
      const visitor = site.visitor();
      await visitor.get('/');
      const heard = await complaints(async () => {
        await leave(site, visitor, '/slow', () => running);
        expect((await visitor.get('/')).body).to.equal('saved');
      });
      expect(heard).to.deep.equal([]);
      expect(site.errors).to.have.length(ending === 'answers' ? 0 : 1);
    }
  });

  it('while the response is held: the session is saved, callbacks learn it', async () => {
    const { mood, handler } = moodyHandler();
    const codes: unknown[] = [];
    const site = await serve(
      (asked, response) => {
        if (asked.url === '/see') return response.end(String(session('n')));
        session().increment('n');
        response.write('x', (error) => codes.push((error as { code?: string } | null)?.code));
        return response.end(() => codes.push('end'));
      },
      { session: { handler } },
    );
    const visitor = site.visitor();
    await visitor.get('/');
    codes.length = 0;
    mood.writeDelay = 80;
    const { writes } = mood;
    const heard = await complaints(() => leave(site, visitor, '/', () => mood.writes > writes));
    expect((await visitor.get('/see')).body).to.equal('2');
    expect(heard).to.deep.equal([]);
    expect(codes[0]).to.equal('ERR_STREAM_DESTROYED');
  });

  it('and a handler that never answers: the lock is freed after lock_ttl, what was changed is saved', async () => {
    const clock = new ManualClock();
    let running = 0;
    const site = await serve(
      (asked, response) => {
        if (asked.url === '/see') return response.end(String(session('n')));
        session().increment('n');
        running++;
        return asked.url === '/' ? response.end() : undefined;
      },
      { clock, session: { lock_ttl: 10, lock_wait: 60 } },
    );
    const visitor = site.visitor();
    await visitor.get('/');
    await leave(site, visitor, '/never', () => running === 2);
    await sleep(20);
    let seen: string | undefined;
    const see = visitor.get('/see').then(({ body }) => {
      seen = body;
    });
    await clock.advance(9);
    await sleep(20);
    expect(seen).to.equal(undefined);
    await clock.advance(2);
    await see;
    expect(seen).to.equal('2');
  });

  it('after the promise of a handler that never answered: the lock is freed at once', async () => {
    let running = 0;
    const site = await serve(async (asked, response) => {
      if (asked.url === '/see') return response.end(String(session('n')));
      session().increment('n');
      running++;
      return asked.url === '/' ? response.end() : undefined;
    });
    const visitor = site.visitor();
    await visitor.get('/');
    await leave(site, visitor, '/never', () => running === 2);
    const began = performance.now();
    expect((await visitor.get('/see')).body).to.equal('2');
    expect(performance.now() - began).to.be.below(1000);
  });

  it('a handler that never answers a client that stays closes after lock_max', async () => {
    const clock = new ManualClock();
    let running = 0;
    const site = await serve(
      (asked, response) => {
        if (asked.url !== '/never') response.end('fine');
        running++;
      },
      { clock, session: { lock_max: 20, lock_ttl: 5, lock_wait: 60 } },
    );
    const visitor = site.visitor();
    await visitor.get('/');
    const { socket } = await dial(site.port);
    socket.write(request('/never', `Cookie: ${visitor.cookie}\r\n`));
    await until(() => running === 2);
    const next = visitor.get('/next');
    await sleep(20);
    await clock.advance(21);
    expect((await next).body).to.equal('fine');
    socket.destroy();
  });

  it('has no new cookie made for it', async () => {
    const clock = new ShiftedClock();
    let running = false;
    const site = await serve(
      async (asked, response) => {
        if (asked.url === '/slow') {
          running = true;
          await sleep(30);
        }
        response.end(session().id);
      },
      { clock, session: { time_to_update: 300 } },
    );
    const visitor = site.visitor();
    await visitor.get('/');
    const { id } = visitor;
    clock.advance(301);
    await leave(site, visitor, '/slow', () => running);
    await sleep(50);
    const reply = await visitor.get('/');
    expect(reply.body, 'not renewed for nobody').to.equal(id);
    expect(visitor.id, 'renewed now').to.not.equal(id);
  });

  it('closing the application waits for what is in flight', async () => {
    const site = await serve(async (_request, response) => {
      await sleep(80);
      session().put('a', 1);
      response.end('whole');
    });
    const reply = site.get('/');
    await sleep(30);
    site.server.close();
    const closed = site.app.close();
    expect((await reply).body).to.equal('whole');
    await closed;
  });
});
