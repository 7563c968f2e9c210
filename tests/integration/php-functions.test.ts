import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import type { ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BlitzError, Session, session } from 'blitz-session';
import type { SessionMessage } from 'blitz-session/node';
import * as php from 'blitz-session/php';
import { $_SESSION, type SaveHandler } from 'blitz-session/php';
import { expect } from 'chai';
import { pageNamed, table } from '../fixtures/docs.ts';
import {
  closeSites,
  complaints,
  moodyHandler,
  type Reply,
  type ServeOptions,
  type Site,
  serve,
  sleep,
} from '../fixtures/http.ts';

type Page = (request: SessionMessage, response: ServerResponse) => unknown;

/** A server whose pages open their sessions themselves, answering each page's result as JSON. */
function site(pages: Record<string, Page>, options: ServeOptions = {}): Promise<Site> {
  return serve(
    async (request, response) => {
      const answer = await pages[request.url ?? '']?.(request, response);
      if (!response.writableEnded) response.end(JSON.stringify(answer ?? null));
    },
    { ...options, options: { start: false, ...options.options } },
  );
}

const told = (reply: Reply): unknown => JSON.parse(reply.body);

/** A handler over a map that notes its calls. */
function mapHandler(records = new Map<string, string>()) {
  const calls: string[] = [];
  const handler: SaveHandler = {
    open: () => void calls.push('open'),
    close: () => void calls.push('close'),
    read(id) {
      calls.push('read');
      return records.get(id) ?? '';
    },
    write(id, data) {
      calls.push('write');
      records.set(id, data);
    },
    destroy(id) {
      calls.push('destroy');
      records.delete(id);
    },
    gc: () => 0,
  };
  return { handler, calls, records };
}

function phpCookie(reply: Reply): string {
  return reply.cookies.find((each) => each.startsWith('PHPSESSID='))?.split(';')[0] ?? '';
}

describe('blitz-session/php over the configured handler', () => {
  afterEach(closeSites);

  it('session_start() opens the session of the application, with its cookie and its guarantees', async () => {
    const { visitor } = await visiting({
      '/': async () => {
        const before = php.session_status();
        await php.session_start();
        $_SESSION['visits'] = ($_SESSION['visits'] ?? 0) + 1;
        return [before, php.session_status(), session('visits'), php.session_id() === session().id];
      },
    });
    const first = await visitor.get('/');
    expect(told(first)).to.deep.equal([1, 2, 1, true]);
    expect(first.cookies[0]).to.match(
      /^blitz_session=[0-9a-f]{32}; expires=[^;]+ GMT; Max-Age=7200; path=\/; HttpOnly; SameSite=Lax$/,
    );
    expect(first.headers).to.include({ pragma: 'no-cache', expires: 'Thu, 19 Nov 1981 08:52:00 GMT' });
    expect(told(await visitor.get('/'))).to.deep.equal([1, 2, 2, true]);
  });

  it('opens nothing where nothing is asked for', async () => {
    const { visitor } = await visiting({ '/': () => ({ ...$_SESSION }) });
    const reply = await visitor.get('/');
    expect(told(reply)).to.deep.equal({});
    expect(reply.cookies).to.deep.equal([]);
  });

  it('request.session() and session() throw E_SESSION_NO_REQUEST until session_start()', async () => {
    const { visitor } = await visiting({
      '/': async (request) => {
        const codes = [() => session('a'), () => request.session()].map((read) => {
          try {
            read();
            return 'none';
          } catch (error) {
            return (error as BlitzError).code;
          }
        });
        await php.session_start();
        return [...codes, request.session().id === session().id];
      },
    });
    expect(told(await visitor.get('/'))).to.deep.equal([
      'E_SESSION_NO_REQUEST',
      'E_SESSION_NO_REQUEST',
      true,
    ]);
  });

  it('name and cookie can be set before the start', async () => {
    const { visitor } = await visiting({
      '/': async () => {
        php.session_name('shop');
        php.session_set_cookie_params({ lifetime: 0, path: '/app', samesite: 'Strict' });
        php.session_cache_limiter('');
        await php.session_start();
        $_SESSION['n'] = ($_SESSION['n'] ?? 0) + 1;
        return $_SESSION['n'];
      },
    });
    const first = await visitor.get('/');
    expect(first.cookies).to.have.length(1);
    expect(first.cookies[0]).to.match(/^shop=[0-9a-f]{32}; path=\/app; HttpOnly; SameSite=Strict$/);
    expect(first.headers.pragma).to.equal(undefined);
    const cookie = first.cookies[0]?.split(';')[0] ?? '';
    expect(told(await visitor.get('/', { headers: { cookie } }))).to.equal(2);
  });

  it('abort forgets, reset goes back, write_close and start go on', async () => {
    const { visitor } = await visiting({
      '/set': async () => {
        await php.session_start();
        $_SESSION['a'] = 1;
      },
      '/abort': async () => {
        await php.session_start();
        $_SESSION['a'] = 2;
        return [await php.session_abort(), php.session_status(), $_SESSION['a']];
      },
      '/reset': async () => {
        await php.session_start();
        $_SESSION['a'] = 3;
        return [await php.session_reset(), php.session_status(), $_SESSION['a']];
      },
      '/again': async () => {
        await php.session_start();
        $_SESSION['b'] = 1;
        await php.session_write_close();
        await php.session_start();
        $_SESSION['b'] += 1;
        return [$_SESSION['a'], $_SESSION['b']];
      },
    });
    await visitor.get('/set');
    expect(told(await visitor.get('/abort'))).to.deep.equal([true, 1, 1]);
    expect(told(await visitor.get('/reset'))).to.deep.equal([true, 2, 1]);
    expect(told(await visitor.get('/again'))).to.deep.equal([1, 2]);
  });

  it('read_and_close reads without a lock, and nothing is kept', async () => {
    const { visitor } = await visiting({
      '/set': async () => {
        await php.session_start();
        $_SESSION['a'] = 1;
      },
      '/read': async () => {
        await php.session_start({ read_and_close: true });
        return [php.session_status(), $_SESSION['a'], await php.session_write_close()];
      },
    });
    await visitor.get('/set');
    const reply = await visitor.get('/read');
    expect(told(reply)).to.deep.equal([1, 1, false]);
    expect(reply.cookies).to.deep.equal([]);
  });

  it('destroy takes the session and its cookie away; regenerate gives another id', async () => {
    const { visitor } = await visiting({
      '/set': async () => {
        await php.session_start();
        $_SESSION['a'] = 1;
        return php.session_id();
      },
      '/renew': async () => {
        await php.session_start();
        return [await php.session_regenerate_id(true), php.session_id(), $_SESSION['a']];
      },
      '/end': async () => {
        await php.session_start();
        return [await php.session_destroy(), php.session_status(), { ...$_SESSION }];
      },
    });
    const old = told(await visitor.get('/set'));
    const [done, renewed, a] = told(await visitor.get('/renew')) as [boolean, string, number];
    expect([done, a]).to.deep.equal([true, 1]);
    expect(renewed)
      .to.match(/^[0-9a-f]{32}$/)
      .and.not.equal(old);
    expect(visitor.id).to.equal(renewed);
    const ended = await visitor.get('/end');
    expect(told(ended)).to.deep.equal([true, 1, {}]);
    expect(ended.cookies[0]).to.match(
      /^blitz_session=deleted; expires=Thu, 01 Jan 1970 00:00:01 GMT; Max-Age=0/,
    );
  });

  it('encode, decode, create_id, gc, module_name', async () => {
    const { visitor } = await visiting({
      '/': async () => {
        await php.session_start();
        $_SESSION['a'] = 1;
        const text = php.session_encode() as string;
        php.session_unset();
        const decoded = await php.session_decode(text);
        const id = (await php.session_create_id('p-')) as string;
        return [
          decoded,
          $_SESSION['a'],
          /^p-[0-9a-f]{32}$/.test(id),
          await php.session_gc(),
          php.session_module_name(),
        ];
      },
    });
    expect(told(await visitor.get('/'))).to.deep.equal([true, 1, true, 0, 'array']);
  });

  it('a session that the adapter opened is active, and seen by both', async () => {
    const { visitor } = await visiting(
      {
        '/': async () => {
          session().put('a', { list: [1] });
          $_SESSION['a'].list.push(2);
          $_SESSION['b'] = 'x';
          const again = await php.session_start();
          const refused = php.session_set_save_handler(mapHandler().handler);
          return [
            php.session_status(),
            again,
            refused,
            session('b'),
            php.session_name(),
            Object.keys($_SESSION),
          ];
        },
        '/read': async () => {
          const close = await php.session_write_close();
          return [session('a'), close, php.session_status()];
        },
      },
      { options: { start: true } },
    );
    const [status, again, refused, b, name, keys] = told(await visitor.get('/')) as unknown[];
    expect([status, again, refused, b, name]).to.deep.equal([2, true, false, 'x', 'blitz_session']);
    expect(keys).to.include.members(['a', 'b', '_token']);
    expect(told(await visitor.get('/read'))).to.deep.equal([{ list: [1, 2] }, true, 1]);
  });

  it('a failure that nobody awaited is the error response, whoever opened the session', async () => {
    for (const start of [true, false]) {
      const { handler, mood } = moodyHandler();
      const { visitor, app } = await visiting(
        {
          '/': async () => {
            await php.session_start();
            $_SESSION['a'] = 1;
            mood.write = 'throws';
            void php.session_write_close();
            return 'saved';
          },
        },
        { session: { handler }, options: { start } },
      );
      const heard = await complaints(async () => {
        const reply = await visitor.get('/');
        expect(reply.status).to.equal(503);
        expect(reply.cookies).to.deep.equal([]);
      });
      expect(heard).to.deep.equal([]);
      const began = performance.now();
      await app.close();
      expect(performance.now() - began, 'nothing is left open').to.be.lessThan(1000);
    }
  });

  it('works inside Session.run, and outside of requests says so', async () => {
    const { app } = await visiting({});
    await Session.run(undefined, () => {
      $_SESSION['a'] = 1;
      expect(session('a')).to.equal(1);
      expect(php.session_status()).to.equal(php.PHP_SESSION_ACTIVE);
    });
    expect(app.service('session')).to.be.an('object');
    expect(php.session_status()).to.equal(php.PHP_SESSION_NONE);
    expect(php.session_id()).to.equal('');
    expect(() => $_SESSION['a'])
      .to.throw(BlitzError)
      .with.property('code', 'E_SESSION_NO_REQUEST');
    const failure = await php.session_start().catch((error: unknown) => error);
    expect(failure).to.be.instanceOf(BlitzError).with.property('code', 'E_SESSION_NO_REQUEST');
  });
});

describe('blitz-session/php over a save handler', () => {
  let folder: string;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'blitz-sess-'));
  });

  afterEach(async () => {
    await closeSites();
    await rm(folder, { recursive: true, force: true });
  });

  it('a classic synchronous file handler works as it is', async () => {
    let path = '';
    const start = async () => {
      php.session_save_path(folder);
      php.session_set_save_handler(
        (savePath: string) => {
          path = savePath;
          if (!existsSync(path)) mkdirSync(path, 0o777);
          return true;
        },
        () => true,
        (id: string) => (existsSync(`${path}/sess_${id}`) ? readFileSync(`${path}/sess_${id}`, 'utf8') : ''),
        (id: string, data: string) => {
          writeFileSync(`${path}/sess_${id}`, data);
          return true;
        },
        (id: string) => {
          rmSync(`${path}/sess_${id}`, { force: true });
          return true;
        },
        (maxLifetime: number) => {
          let count = 0;
          for (const file of readdirSync(path)) {
            if (statSync(`${path}/${file}`).mtimeMs + maxLifetime * 1000 >= Date.now()) continue;
            rmSync(`${path}/${file}`);
            count++;
          }
          return count;
        },
      );
      return php.session_start();
    };
    const { visitor } = await visiting({
      '/': async () => {
        await start();
        $_SESSION['name'] = 'Zoé';
        $_SESSION['n'] = ($_SESSION['n'] ?? 0) + 1;
        return [$_SESSION['n'], $_SESSION['name'], session('name'), await php.session_gc()];
      },
      '/end': async () => {
        await start();
        return [await php.session_destroy(), $_SESSION['name']];
      },
    });
    const first = await visitor.get('/');
    const cookie = phpCookie(first);
    const headers = { cookie };
    expect(told(first)).to.deep.equal([1, 'Zoé', 'Zoé', 0]);
    expect(first.cookies).to.deep.equal([`${cookie}; path=/`]);
    expect(readdirSync(folder)).to.deep.equal([cookie.replace('PHPSESSID=', 'sess_')]);
    const second = await visitor.get('/', { headers });
    expect(told(second)).to.deep.equal([2, 'Zoé', 'Zoé', 0]);
    expect(second.cookies).to.deep.equal([]);
    expect(told(await visitor.get('/end', { headers }))).to.deep.equal([true, 'Zoé']);
    expect(readdirSync(folder)).to.deep.equal([]);
  });

  it('bytes may come back as a Buffer, callbacks may take their time', async () => {
    const records = new Map<string, Buffer>();
    const { visitor } = await visiting({
      '/': async () => {
        php.session_set_save_handler({
          open: async () => true,
          close: () => sleep(1).then(() => true),
          read: async (id: string) => records.get(id) ?? Buffer.alloc(0),
          write: async (id: string, data: string) => {
            await sleep(5);
            records.set(id, Buffer.from(data, 'latin1'));
          },
          destroy: async () => true,
          gc: async () => 0,
        });
        await php.session_start();
        $_SESSION['é'] = `${$_SESSION['é'] ?? ''}ü`;
        return $_SESSION['é'];
      },
    });
    const first = await visitor.get('/');
    expect(records.size, 'written before the response left').to.equal(1);
    expect(told(await visitor.get('/', { headers: { cookie: phpCookie(first) } }))).to.equal('üü');
  });

  it('a class and a factory give each request its own, an object serves all', async () => {
    let made = 0;
    class Own {
      readonly number: number = ++made;
      opened = 0;
      open(): void {
        this.opened++;
      }
      close(): void {}
      read(): string {
        return `n|i:${this.number};o|i:${this.opened};`;
      }
      write(): void {}
      destroy(): void {}
      gc(): void {}
    }
    const shared = new Own();
    const page = (set: () => boolean) => async () => {
      set();
      await php.session_start();
      return [$_SESSION['n'], $_SESSION['o']];
    };
    const { visitor } = await visiting({
      '/class': page(() => php.session_set_save_handler(Own)),
      '/factory': page(() => php.session_set_save_handler(() => new Own(), true)),
      '/object': page(() => php.session_set_save_handler(shared)),
    });
    const seen = [];
    for (const path of ['/class', '/class', '/factory', '/object', '/object']) {
      seen.push(told(await visitor.get(path)));
    }
    expect(seen).to.deep.equal([
      [2, 1],
      [3, 1],
      [4, 1],
      [1, 1],
      [1, 2],
    ]);
  });

  it('parallel requests of one id take their turn, and none of their writes is lost', async () => {
    const { handler, records } = mapHandler();
    const slow: SaveHandler = {
      ...handler,
      async read(id) {
        await sleep(2);
        return records.get(id) ?? '';
      },
    };
    records.set('shared', 'n|i:0;');
    const { visitor } = await visiting({
      '/': async () => {
        php.session_set_save_handler(slow);
        await php.session_start();
        const { n } = $_SESSION;
        await sleep(1);
        $_SESSION['n'] = n + 1;
      },
    });
    const headers = { cookie: 'PHPSESSID=shared' };
    await Promise.all(Array.from({ length: 20 }, () => visitor.get('/', { headers })));
    expect(records.get('shared')).to.equal('n|i:20;');
  });

  it('what was not awaited is done before the response leaves', async () => {
    const { handler, calls } = mapHandler();
    const { visitor } = await visiting({
      '/': async () => {
        php.session_set_save_handler(handler);
        await php.session_start();
        $_SESSION['a'] = 1;
        void php.session_regenerate_id(true);
        void php.session_write_close();
      },
    });
    const heard = await complaints(() => visitor.get('/'));
    expect(heard).to.deep.equal([]);
    expect(calls).to.deep.equal(['open', 'read', 'destroy', 'close', 'open', 'read', 'write', 'close']);
  });

  it('a save that fails at the end gives an error response without a cookie', async () => {
    for (const write of [() => false, () => Promise.reject(new Error('the disk is full'))]) {
      const { handler, calls } = mapHandler();
      const { visitor, errors } = await visiting({
        '/': async () => {
          php.session_set_save_handler({ ...handler, write });
          await php.session_start();
          return 'saved';
        },
      });
      const reply = await visitor.get('/');
      expect(reply.status).to.be.within(500, 503);
      expect(reply.body).to.not.include('saved');
      expect(reply.cookies).to.deep.equal([]);
      expect(calls.at(-1)).to.equal('close');
      expect(errors).to.have.length(1);
    }
  });

  it('an exception of the page still writes and closes', async () => {
    const { handler, calls, records } = mapHandler();
    const { visitor } = await visiting({
      '/': async () => {
        php.session_set_save_handler(handler);
        await php.session_start();
        $_SESSION['a'] = 1;
        throw new Error('of the page');
      },
    });
    expect((await visitor.get('/')).status).to.equal(500);
    expect(calls).to.deep.equal(['open', 'read', 'write', 'close']);
    expect([...records.values()]).to.deep.equal(['a|i:1;']);
  });

  it('a callback that never answers is given up after operation_timeout', async () => {
    const { handler, calls } = mapHandler();
    const { visitor } = await visiting(
      {
        '/': async () => {
          php.session_set_save_handler({ ...handler, open: () => new Promise<boolean>(() => {}) });
          await php.session_start();
        },
      },
      { session: { operation_timeout: 1 } },
    );
    expect((await visitor.get('/')).status).to.equal(503);
    expect(calls).to.deep.equal(['close']);
  });

  it('after lock_max the turn is over, and a change that comes too late is not saved', async () => {
    const { handler, calls, records } = mapHandler();
    records.set('shared', 'n|i:0;');
    const { visitor } = await visiting(
      {
        '/': async () => {
          php.session_set_save_handler(handler);
          await php.session_start();
          await sleep(1200);
          $_SESSION['n'] = 9;
        },
      },
      { session: { lock_max: 1, lock_ttl: 1 } },
    );
    const reply = await visitor.get('/', { headers: { cookie: 'PHPSESSID=shared' } });
    expect(reply.status).to.equal(503);
    expect(calls).to.deep.equal(['open', 'read', 'close']);
    expect(records.get('shared')).to.equal('n|i:0;');
  });

  it('create_sid may call session_create_id(), other functions are refused inside callbacks', async () => {
    const { handler } = mapHandler();
    let inner: unknown;
    const { visitor } = await visiting({
      '/': async () => {
        php.session_set_save_handler({
          ...handler,
          create_sid: async () => (await php.session_create_id('mine-')) as string,
          read: async () => {
            inner = await php.session_write_close();
            return '';
          },
        });
        return [await php.session_start(), /^mine-[0-9a-f]{32}$/.test(php.session_id())];
      },
    });
    expect(told(await visitor.get('/'))).to.deep.equal([true, true]);
    expect(inner).to.equal(false);
  });

  it('the Store works on the same values, flash messages among them', async () => {
    const { handler } = mapHandler();
    const { visitor } = await visiting({
      '/': async () => {
        php.session_set_save_handler(handler);
        await php.session_start();
        const seen = [session('note', 'none'), $_SESSION['note'] ?? 'none'];
        if (seen[0] === 'none') session().flash('note', 'hello');
        return seen;
      },
    });
    const headers = { cookie: 'PHPSESSID=flashing' };
    const seen = [];
    for (let each = 0; each < 3; each++) seen.push(told(await visitor.get('/', { headers })));
    expect(seen).to.deep.equal([
      ['none', 'none'],
      ['hello', 'hello'],
      ['none', 'none'],
    ]);
  });

  it('close, destroy, regenerate and start of the Store drive the save handler', async () => {
    const { handler, calls } = mapHandler();
    const { visitor } = await visiting({
      '/': async () => {
        php.session_set_save_handler(handler);
        await php.session_start();
        session().put('a', 1);
        await session().regenerate(true);
        await session().close();
        expect(() => session().put('a', 2))
          .to.throw(BlitzError)
          .with.property('code', 'E_SESSION_CLOSED');
        await session().start();
        await session().destroy();
      },
    });
    expect((await visitor.get('/')).status).to.equal(200);
    expect(calls.join(' ')).to.equal('open read destroy close open read write close open read destroy close');
  });

  it('SessionHandler is the configured handler, for a subclass to build on', async () => {
    class Reversed extends php.SessionHandler {
      override async read(id: string): Promise<string | false> {
        const data = await super.read(id);
        return data === false ? false : [...data].reverse().join('');
      }
      override write(id: string, data: string): Promise<boolean> {
        return super.write(id, [...data].reverse().join(''));
      }
    }
    const handler = new Reversed();
    const { visitor } = await visiting(
      {
        '/': async () => {
          php.session_set_save_handler(handler);
          await php.session_start();
          const { n = 0 } = $_SESSION;
          await sleep(2);
          $_SESSION['n'] = n + 1;
          return $_SESSION['n'];
        },
        '/reset': async () => {
          php.session_set_save_handler(handler);
          await php.session_start();
          return [await php.session_reset(), $_SESSION['n']];
        },
        '/end': async () => {
          php.session_set_save_handler(handler);
          await php.session_start();
          return php.session_destroy();
        },
      },
      { session: { handler: 'file', savePath: join(folder, 'own') } },
    );
    const headers = { cookie: phpCookie(await visitor.get('/')) };
    await Promise.all(Array.from({ length: 5 }, () => visitor.get('/', { headers })));
    expect(told(await visitor.get('/reset', { headers }))).to.deep.equal([true, 6]);
    expect(told(await visitor.get('/end', { headers }))).to.equal(true);
    expect(told(await visitor.get('/', { headers }))).to.equal(1);
    const misused = await handler.read('x').catch((error: unknown) => error);
    expect(misused).to.be.instanceOf(TypeError);
  });

  it('set outside of requests it is the default of the process, and can be taken back', async () => {
    const { handler, calls } = mapHandler();
    const { visitor } = await visiting({
      '/': async () => [php.session_module_name(), await php.session_start(), php.session_name()],
      '/own': async () => [
        php.session_module_name('array'),
        php.session_module_name(),
        await php.session_start(),
        php.session_name(),
      ],
    });
    expect(php.session_set_save_handler(handler)).to.equal(true);
    try {
      expect(php.session_module_name()).to.equal('user');
      expect(told(await visitor.get('/'))).to.deep.equal(['user', true, 'PHPSESSID']);
      expect(calls).to.deep.equal(['open', 'read', 'write', 'close']);
      expect(told(await visitor.get('/own'))).to.deep.equal(['user', 'array', true, 'blitz_session']);
      expect(calls).to.have.length(4);
    } finally {
      php.session_module_name('array');
    }
    expect(told(await visitor.get('/'))).to.deep.equal(['array', true, 'blitz_session']);
  });

  it('the option readOnly of the adapter reads and closes', async () => {
    const { handler, calls } = mapHandler();
    const { visitor } = await visiting(
      {
        '/': async () => {
          php.session_set_save_handler(handler);
          return [await php.session_start(), php.session_status()];
        },
      },
      { options: { readOnly: true } },
    );
    expect(told(await visitor.get('/'))).to.deep.equal([true, 1]);
    expect(calls).to.deep.equal(['open', 'read', 'close']);
  });

  it('refuses what is no handler', () => {
    const set = php.session_set_save_handler as (...args: unknown[]) => boolean;
    const fn = () => true;
    for (const args of [
      [],
      [{}],
      [null],
      ['x'],
      [fn, fn, fn],
      [class {}],
      [fn, fn, fn, fn, fn, 1],
      Array(10).fill(fn),
    ]) {
      expect(() => set(...args)).to.throw(TypeError, /session_set_save_handler/);
    }
  });
});

describe('blitz-session/php: the page that describes it', () => {
  const { text } = pageNamed('fonctions-php.md');

  it('names everything that can be imported, and nothing else', () => {
    const named = new Set(
      text.match(
        /\b(?:session_[a-z_]+\b(?=\()|PHP_SESSION_[A-Z]+|ini_[gs]et)|\$_SESSION|\bSessionHandler\b/g,
      ),
    );
    named.delete('session_set_save_handler');
    const exported = Object.keys(php).filter((name) => name !== 'session_set_save_handler');
    expect([...named, 'PHP_SESSION_DISABLED'].sort()).to.deep.equal(exported.sort());
  });

  it('gives the settings and their defaults as they are', () => {
    for (const [names = '', defaults = ''] of table(pageNamed('fonctions-php.md'), 'Les réglages')) {
      const values = [...defaults.matchAll(/`([^`]*)`/g)].map(([, value]) => value?.replace("''", ''));
      [...names.matchAll(/`([^`]*)`/g)].forEach(([, name = ''], at) => {
        expect(php.ini_get(name), name).to.equal(values[at]);
      });
    }
  });
});

async function visiting(pages: Record<string, Page>, options: ServeOptions = {}) {
  const made = await site(pages, options);
  return { visitor: made.visitor(), app: made.app, errors: made.errors };
}
