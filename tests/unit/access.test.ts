import { AsyncLocalStorage } from 'node:async_hooks';
import { IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import { setImmediate } from 'node:timers/promises';
import {
  Application,
  ArrayHandler,
  BaseHandler,
  Facade,
  facade,
  isBlitzError,
  Services,
  Session,
  Store,
  service,
  session,
  singleService,
} from 'blitz-session';
import 'blitz-session/globals';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type SessionMessage, withSession } from 'blitz-session/node';
import { ManualClock, ShiftedClock } from 'blitz-session/testing';
import { expect } from 'chai';
import {
  bootStore,
  closeStore,
  cookieOf,
  QuietLog,
  refusal,
  refusedAtOnce,
  serve,
  Visitor,
} from '../fixtures/store-app.js';

const UNKNOWN = '0123456789abcdef0123456789abcdef';

/** A new session with `values`, and its id. */
async function stored(values: Record<string, unknown> = {}): Promise<string> {
  return Session.run(undefined, (store) => {
    store.put(values);
    return store.id;
  });
}

describe('Reaching the session', () => {
  beforeEach(() => bootStore());
  after(closeStore);

  describe('four ways', () => {
    it('give the same Store', async () => {
      await Session.run(undefined, (given) => {
        const ways: Store[] = [Services.session(), service('session'), session(), Services.get('session')];
        for (const [i, store] of ways.entries()) {
          expect(store).to.be.instanceOf(Store);
          expect(store.id).to.equal(given.id);
          store.put(`way${i}`, i);
        }
        Session.put('facade', 'x');
        const expected = { way0: 0, way1: 1, way2: 2, way3: 3, facade: 'x' };
        for (const store of [...ways, given]) expect(store.all()).to.deep.equal(expected);
        expect(Session.all()).to.deep.equal(expected);
        expect(new Set(ways).size).to.equal(1);
      });
    });

    it('request.session() too', async () => {
      const app = await bootStore();
      const server = await serve(app, (request, response) => {
        session().put('a', 1);
        request.session().put('b', request.session().id === session().id);
        response.end(JSON.stringify([session().all(), request.session().all()]));
      });
      try {
        const both = [
          { a: 1, b: true },
          { a: 1, b: true },
        ];
        expect(await (await fetch(server.url)).json()).to.deep.equal(both);
      } finally {
        await server.close();
      }
    });

    it('below any depth of awaiting, timers and events', async () => {
      await Session.run(undefined, async (given) => {
        await setImmediate();
        await new Promise<void>((resolve) => setTimeout(resolve, 1));
        queueMicrotask(() => session().put('microtask', 1));
        await (async () => session().put('nested', 1))();
        expect(given.all()).to.deep.equal({ microtask: 1, nested: 1 });
      });
    });
  });

  describe('session(…)', () => {
    it('reads with a key, a default, a function', async () => {
      await Session.run(undefined, () => {
        session().put({ name: 'Ada', nothing: null, user: { id: 1 } });
        expect(session('name')).to.equal('Ada');
        expect(session('user.id')).to.equal(1);
        expect(session('absent')).to.equal(undefined);
        expect(session('absent', 'default')).to.equal('default');
        expect(session('absent', () => 'computed')).to.equal('computed');
        expect(session('nothing', 'default')).to.equal(null);
        expect(session('name', 'default')).to.equal('Ada');
      });
    });

    it('stores with an object', async () => {
      const visitor = new Visitor();
      await visitor.request(() => {
        expect(session({ a: 1, 'b.c': 2 })).to.equal(undefined);
      });
      await visitor.request(() => expect(session().all()).to.deep.equal({ a: 1, b: { c: 2 } }));
    });

    it('what it gives says what it can do, and is not assigned to', async () => {
      await Session.run(undefined, () => {
        expect('put' in session()).to.equal(true);
        expect('nonsense' in session()).to.equal(false);
        expect(() => Object.assign(session(), { key: 1 })).to.throw(TypeError);
        expect(session().all()).to.deep.equal({});
        const { put, get } = session();
        put('a', 1);
        expect(get('a'), 'methods may be taken off').to.equal(1);
      });
    });
  });

  describe('the façade', () => {
    it('exposes every Store method statically', () => {
      const methods = new Set<string>();
      for (let type = Store.prototype; type !== Object.prototype; type = Object.getPrototypeOf(type)) {
        for (const name of Object.getOwnPropertyNames(type)) {
          const { value } = Object.getOwnPropertyDescriptor(type, name) ?? {};
          if (name !== 'constructor' && typeof value === 'function') methods.add(name);
        }
      }
      const named =
        `all get has exists missing hasAny put set push pull increment decrement remember only except replace
        flush remove flash now reflash keep getFlashdata flashed pullFlash setFlashdata keepFlashdata markAsFlashdata
        unmarkFlashdata getFlashKeys flashInput getOldInput hasOldInput flashErrors temp getTempdata removeTempdata
        setTempdata markAsTempdata unmarkTempdata getTempKeys token regenerateToken previousUrl setPreviousUrl
        hasPreviousUri passwordConfirmed isStarted close start destroy invalidate regenerate`.split(/\s+/);
      expect([...methods]).to.include.members(named);
      return Session.run(undefined, (store) => {
        const statics = Session as unknown as Record<string, unknown>;
        for (const name of methods) expect(statics[name], name).to.be.a('function');
        expect(Session.id).to.equal(store.id);
      });
    });

    it('reaches the current Store', async () => {
      const visitor = new Visitor();
      await visitor.request(async () => {
        Session.put({ n: 1 });
        Session.flash('status', 'saved');
        Session.increment('n');
        expect(Session.get('n')).to.equal(2);
        expect(Session.get('absent', 'default')).to.equal('default');
        await Session.close();
        refusedAtOnce(() => Session.put('n', 3), 'E_SESSION_CLOSED');
      });
      await visitor.request(() =>
        expect([Session.get('n'), Session.flashed('status')]).to.deep.equal([2, 'saved']),
      );
    });

    it('a façade of one’s own reaches its service, also after Services.set', async () => {
      class Cart {
        items: string[] = [];
        add(item: string): number {
          return this.items.push(item);
        }
      }
      class CartFacade extends Facade {
        static override accessor(): string {
          return 'cart';
        }
      }
      const CartOf = facade<Cart>()(CartFacade);
      await bootStore({}, { config: { services: { cart: () => new Cart() } } });
      CartOf.add('a');
      expect(CartOf.items).to.deep.equal(['a']);
      expect(CartOf.resolve()).to.equal(service('cart'));
      const other = new Cart();
      Services.set('cart', other);
      CartOf.add('b');
      expect(other.items).to.deep.equal(['b']);
      await closeStore();
      refusedAtOnce(() => CartOf.add('c'), 'E_APP_NOT_BOOTED');
    });
  });

  describe('extend', () => {
    class Registered extends ArrayHandler {}
    class Shelf extends BaseHandler {
      static readonly records = new Map<string, string>();
      read(id: string) {
        return Shelf.records.get(id) ?? '';
      }
      write(id: string, data: string) {
        Shelf.records.set(id, data);
      }
      destroy(id: string) {
        Shelf.records.delete(id);
      }
    }

    it('works before any application, outside a request, with a name or an object', async () => {
      await closeStore();
      Session.extend('access_test_one', Registered);
      Session.extend({ access_test_two: Shelf });
      for (const handler of ['access_test_one', 'access_test_two']) {
        await bootStore({ handler: handler as 'array' });
        const id = await stored({ a: 1 });
        await Session.run(id, (store) => expect(store.get('a')).to.equal(1));
      }
      expect(Shelf.records.size).to.equal(1);
    });

    it('works with an application, and inside a request', async () => {
      const app = await bootStore();
      Session.extend('access_test_later', Registered);
      await Session.run(undefined, () => Session.extend({ access_test_inside: Registered }));
      expect(app.service('handlers').resolve('access_test_later' as 'array')).to.equal(Registered);
      expect(app.service('handlers').resolve('access_test_inside' as 'array')).to.equal(Registered);
    });
  });

  describe('outside a request', () => {
    it('data access throws E_SESSION_NO_REQUEST with a sentence saying what to do', () => {
      const uses: (() => unknown)[] = [
        () => session('key'),
        () => session('key', 'default'),
        () => session({ key: 1 }),
        () => session().get('key'),
        () => session().put('key', 1),
        () => session().id,
        () => Session.get('key'),
        () => Session.put('key', 1),
        () => Services.session().all(),
        () => service('session').flash('key', 1),
        () => Services.session(false).get('key'),
        () => singleService('session').token(),
        () => session().close(),
      ];
      for (const use of uses) {
        const error = refusedAtOnce(use, 'E_SESSION_NO_REQUEST');
        expect(error.message).to.include('Session.run').and.to.include('withSession');
      }
    });

    it('also after the request has ended', async () => {
      await stored();
      refusedAtOnce(() => session('key'), 'E_SESSION_NO_REQUEST');
    });

    it('without an application, too', async () => {
      await closeStore();
      refusedAtOnce(() => session('key'), 'E_SESSION_NO_REQUEST');
      refusedAtOnce(() => session().get('key'), 'E_SESSION_NO_REQUEST');
      refusedAtOnce(() => Session.get('key'), 'E_APP_NOT_BOOTED');
      await refusal(() => Session.run(undefined, () => {}), 'E_APP_NOT_BOOTED');
    });

    it('asking for the session is not yet data access: what is given may be kept', () => {
      expect(Services.session()).to.be.an('object');
      expect(service('session')).to.be.an('object');
      expect(singleService('session')).to.be.an('object');
      expect(session()).to.be.an('object');
    });

    it('what is given may go through a promise', async () => {
      const given = await Promise.resolve(session());
      await Session.run(undefined, () => given.put('a', 1));
    });
  });

  describe('the container', () => {
    it('gives one session a request, however it is asked', async () => {
      await Session.run(undefined, (given) => {
        given.put('a', 1);
        for (const store of [Services.session(false), singleService('session'), Services.single('session')]) {
          expect(store.get('a')).to.equal(1);
          expect(store.id).to.equal(given.id);
          expect(store).to.equal(service('session'));
        }
      });
    });

    it('gives shared services, or ones of their own', async () => {
      let made = 0;
      class Cart {
        readonly n = ++made;
        readonly name: string;
        constructor(name = 'shared') {
          this.name = name;
        }
      }
      await bootStore({}, { config: { services: { cart: (name?: string) => new Cart(name) } } });
      const shared = service<Cart>('cart');
      expect(service('cart')).to.equal(shared);
      expect(Services.get('cart')).to.equal(shared);
      const named = Services as unknown as Record<string, (shared?: boolean) => Cart>;
      expect(named['cart']!()).to.equal(shared);
      expect(named['cart']!(false)).not.to.equal(shared);
      expect(singleService('cart')).not.to.equal(shared);
      expect(service<Cart>('cart', 'own').name).to.equal('own');
      expect(singleService<Cart>('cart', 'own').name).to.equal('own');
      expect(shared.name).to.equal('shared');
      const error = refusedAtOnce(() => service('basket'), 'E_SERVICE_UNKNOWN');
      expect(error.message).to.include('basket').and.to.include('cart');
      expect(Services.has('cart')).to.equal(true);
      expect(Services.has('basket')).to.equal(false);
    });

    it('a session kept in a singleton is that of the request, across two in flight', async () => {
      const kept = await Session.run(undefined, () => ({ session: service('session') }));
      class Greeter {
        readonly #session = Services.session();
        greet(): string {
          return `${this.#session.get('name')} ${this.#session.increment('greeted')}`;
        }
      }
      const greeter = new Greeter();
      const turns: string[] = [];
      const visit = async (name: string) => {
        const id = await stored({ name });
        return Session.run(id, async (store) => {
          for (let i = 0; i < 5; i++) {
            turns.push(name);
            expect(greeter.greet()).to.equal(`${name} ${i + 1}`);
            expect(kept.session.id).to.equal(id);
            expect(kept.session.get('name')).to.equal(name);
            await setImmediate();
            expect(session('name')).to.equal(name);
            kept.session.push('turns', i);
          }
          expect(store.all()).to.deep.equal({ name, greeted: 5, turns: [0, 1, 2, 3, 4] });
        });
      };
      await Promise.all([visit('Ada'), visit('Eve'), visit('Bob')]);
      expect(turns.slice(0, 3), 'they were in flight together').to.have.members(['Ada', 'Eve', 'Bob']);
    });

    it('two HTTP requests in flight, on one connection and on two, never see each other’s Store', async () => {
      const app = await bootStore();
      const kept = session();
      let waiting: (() => void)[] = [];
      const server = await serve(app, async (request, response) => {
        const name = request.url as string;
        kept.put('name', name);
        await new Promise<void>((resolve) => {
          waiting.push(resolve);
          if (waiting.length < 2) return;
          for (const go of waiting) go();
          waiting = [];
        });
        await setImmediate();
        response.end(JSON.stringify([name, kept.get('name'), session('name'), Session.get('name')]));
      });
      try {
        for (let i = 0; i < 3; i++) {
          const answers = await Promise.all(
            ['/a', '/b'].map(async (path) => (await fetch(new URL(path, server.url))).json()),
          );
          expect(answers).to.deep.equal([
            ['/a', '/a', '/a', '/a'],
            ['/b', '/b', '/b', '/b'],
          ]);
        }
      } finally {
        await server.close();
      }
    });

    it('Services.set puts a service in the place of another; reset takes it back', async () => {
      const app = await bootStore();
      const log = app.service('log');
      const other = new QuietLog();
      Services.set('log', other);
      expect(service('log')).to.equal(other);
      expect(Services.log()).to.equal(other);
      expect(app.service('log')).to.equal(other);
      Services.reset('log');
      expect(service('log')).to.equal(log);
      Services.set('log', other);
      Services.set('invented', 1);
      expect(service('invented')).to.equal(1);
      Services.reset();
      expect(service('log')).to.equal(log);
      expect(Services.has('invented')).to.equal(false);
    });

    it('Services.set and reset make anew what depends on the service', async () => {
      const start = 1_000_000_000_000;
      await bootStore({}, { clock: new ManualClock(start) });
      const stamp = async () => {
        let at: unknown;
        await Session.run(undefined, (store) => {
          store.passwordConfirmed();
          at = store.get('auth.password_confirmed_at');
        });
        return at;
      };
      expect(await stamp()).to.equal(start / 1000);
      const manager = service('sessionManager');
      Services.set('clock', new ManualClock(2 * start));
      expect(await stamp()).to.equal((2 * start) / 1000);
      expect(service('sessionManager')).not.to.equal(manager);
      expect(service('sessionCookie').set(UNKNOWN, false)).to.include(
        new Date(2 * start + 7_200_000).toUTCString(),
      );
      Services.reset('clock');
      expect(await stamp()).to.equal(start / 1000);
    });

    it('… also an application’s own services', async () => {
      const clock = new ManualClock(1_000_000_000_000);
      await bootStore(
        {},
        {
          clock,
          config: {
            services: {
              report: () => ({ clock: service('clock') }),
              page: () => ({ report: service('report') }),
            },
          },
        },
      );
      const clockOf = () => service<{ report: { clock: unknown } }>('page').report.clock;
      expect(clockOf()).to.equal(clock);
      const other = new ManualClock(0);
      Services.set('clock', other);
      expect(clockOf()).to.equal(other);
      Services.reset();
      expect(clockOf()).to.equal(clock);
    });

    it('a session set for tests is what all four ways give', async () => {
      const fake = { get: () => 'fake' } as unknown as Store;
      await Session.run(undefined, () => {
        Services.set('session', fake);
        expect(Services.session().get('key')).to.equal('fake');
        expect(service('session').get('key')).to.equal('fake');
        expect(Session.get('key')).to.equal('fake');
        expect(session().get('key')).to.equal('fake');
        expect(session('key')).to.equal('fake');
        Services.reset();
        expect(Session.get('key')).to.equal(undefined);
        expect(session('key')).to.equal(undefined);
      });
    });

    it('of two applications each has its own', async () => {
      const first = await bootStore();
      const second = await Application.boot({
        root: '/nowhere/app',
        log: new QuietLog(),
        config: { session: { handler: 'array', cookie_name: 'second' } },
      });
      const server = await serve(first, async (_request, response) => {
        await setImmediate();
        response.end(service('sessionCookie').name);
      });
      try {
        expect(service('sessionCookie').name, 'outside: the last one booted').to.equal('second');
        expect(await (await fetch(server.url)).text(), 'inside: the request’s own').to.equal('blitz_session');
      } finally {
        await server.close();
        await second.close();
      }
      expect(service('sessionCookie').name).to.equal('blitz_session');
    });
  });

  describe('Session.run', () => {
    it('returns what the work returns, from a synchronous or asynchronous function', async () => {
      expect(await Session.run(undefined, () => 1)).to.equal(1);
      expect(await Session.run(undefined, async () => 2)).to.equal(2);
      expect(await Session.run(undefined, (store) => store === session())).to.be.a('boolean');
    });

    it('takes an id, a Cookie header, a node or Fetch request', async () => {
      const id = await stored({ name: 'Ada' });
      const cookie = `first=1; blitz_session=${id}; last=2`;
      const message = new IncomingMessage(new Socket());
      message.headers.cookie = cookie;
      const targets = [
        id,
        `blitz_session=${id}`,
        cookie,
        message,
        { headers: { cookie } },
        new Request('http://localhost/', { headers: { cookie } }),
        { headers: new Headers({ cookie }) },
      ];
      for (const target of targets) {
        const found = await Session.run(target, (store) => {
          store.increment('visits');
          return [store.id, store.get('name')];
        });
        expect(found).to.deep.equal([id, 'Ada']);
      }
      await Session.run(id, (store) => expect(store.get('visits')).to.equal(targets.length));
    });

    it('finds the cookie by the configured name', async () => {
      await bootStore({ cookie_name: 'Shop' });
      const id = await stored({ a: 1 });
      await Session.run(`shop=${id}`, (store) => expect(store.get('a')).to.equal(1));
      await refusal(() => Session.run(`blitz_session=${id}`, () => {}), 'E_SESSION_UNKNOWN_ID');
    });

    it('undefined opens a new session', async () => {
      const first = await stored();
      const second = await stored();
      expect(first)
        .to.match(/^[0-9a-f]{32}$/)
        .and.not.equal(second);
      await Session.run(first, (store) => expect(store.all()).to.deep.equal({}));
    });

    it('an unknown id throws, and creates nothing', async () => {
      const clock = new ShiftedClock();
      await bootStore({}, { clock });
      const targets = [
        UNKNOWN,
        'nonsense',
        '',
        '../../etc/passwd',
        UNKNOWN.toUpperCase(),
        `blitz_session=${UNKNOWN}`,
        'other=1',
        { headers: {} },
        { headers: { cookie: 'a=b' } },
        new Request('http://localhost/'),
      ];
      for (const target of targets) {
        for (const readOnly of [false, true]) {
          let entered = false;
          await refusal(
            () =>
              Session.run(
                target,
                () => {
                  entered = true;
                },
                { readOnly },
              ),
            'E_SESSION_UNKNOWN_ID',
          );
          expect(entered).to.equal(false);
        }
      }
      await refusal(() => Session.run(UNKNOWN, () => {}), 'E_SESSION_UNKNOWN_ID');
      const id = await stored();
      clock.advance(7300);
      await refusal(() => Session.run(id, () => {}), 'E_SESSION_UNKNOWN_ID');
    });

    it('readOnly takes no lock and writes nothing', async () => {
      const id = await stored({ n: 1 });
      await Session.run(id, async (writer) => {
        writer.put('n', 2);
        const seen = await Session.run(
          id,
          async (store) => {
            refusedAtOnce(() => session().put('n', 3), 'E_SESSION_READ_ONLY');
            refusedAtOnce(() => session({ n: 3 }), 'E_SESSION_READ_ONLY');
            await setImmediate();
            return [store.get('n'), session('n'), session().id];
          },
          { readOnly: true },
        );
        expect(seen).to.deep.equal([1, 1, id]);
        expect(session('n'), 'the outer one again').to.equal(2);
      });
    });

    it('readOnly without a target gives an empty Store, and creates nothing', async () => {
      await Session.run(
        undefined,
        (store) => {
          expect(store.all()).to.deep.equal({});
          refusedAtOnce(() => store.put('a', 1), 'E_SESSION_READ_ONLY');
          refusedAtOnce(() => store.token(), 'E_SESSION_READ_ONLY');
        },
        { readOnly: true },
      );
    });

    it('ip is the visitor’s address, where matchIP is set', async () => {
      await bootStore({ matchIP: true });
      const id = await Session.run(undefined, (store) => store.id, { ip: '192.0.2.1' });
      await Session.run(id, (store) => expect(store.id).to.equal(id), { ip: '192.0.2.1' });
      await refusal(() => Session.run(id, () => {}, { ip: '192.0.2.2' }), 'E_SESSION_UNKNOWN_ID');
      await refusal(() => Session.run(id, () => {}), 'E_SESSION_UNKNOWN_ID');
    });

    it('a session inside another, and the outer one again after it', async () => {
      const [a, b] = [await stored({ name: 'a' }), await stored({ name: 'b' })];
      await Session.run(a, async () => {
        const inner = await Session.run(b, async () => {
          await setImmediate();
          return session('name');
        });
        expect([inner, session('name')]).to.deep.equal(['b', 'a']);
      });
    });

    it('runs on one session wait for each other', async () => {
      const id = await stored({ n: 0 });
      await Promise.all(
        Array.from({ length: 20 }, () =>
          Session.run(id, async (store) => {
            const n = store.get<number>('n') as number;
            await setImmediate();
            store.put('n', n + 1);
          }),
        ),
      );
      await Session.run(id, (store) => expect(store.get('n')).to.equal(20));
    });
  });

  describe('an id that this context already holds', () => {
    it('throws E_SESSION_NESTED at once, and the outer session goes on', async () => {
      const id = await stored({ n: 1 });
      const began = performance.now();
      await Session.run(id, async (store) => {
        for (const target of [id, `blitz_session=${id}`, { headers: { cookie: `blitz_session=${id}` } }]) {
          await refusal(() => Session.run(target, () => {}), 'E_SESSION_NESTED');
        }
        store.increment('n');
      });
      expect(performance.now() - began).to.be.lessThan(1000);
      await Session.run(id, (store) => expect(store.get('n')).to.equal(2));
    });

    it('also in an inner run, and after awaiting', async () => {
      const [a, b] = [await stored(), await stored()];
      await Session.run(a, async () => {
        await setImmediate();
        await Session.run(b, async () => {
          await setImmediate();
          await refusal(() => Session.run(a, () => {}), 'E_SESSION_NESTED');
          await refusal(() => Session.run(b, () => {}), 'E_SESSION_NESTED');
        });
        await Session.run(b, () => {});
      });
    });

    it('also in a request', async () => {
      const app = await bootStore();
      const server = await serve(app, async (request, response) => {
        const outcome = await Session.run(request, () => 'entered').catch((error: unknown) =>
          isBlitzError(error) ? error.code : 'other',
        );
        response.end(outcome);
      });
      try {
        const cookie = cookieOf(await fetch(server.url)) ?? '';
        expect(await (await fetch(server.url, { headers: { cookie } })).text()).to.equal('E_SESSION_NESTED');
      } finally {
        await server.close();
      }
    });

    it('also through an id that was renewed', async () => {
      const clock = new ShiftedClock();
      const app = await bootStore({ time_to_update: 300 }, { clock });
      const server = await serve(app, (request, response) => response.end(request.session().id));
      try {
        const first = await fetch(server.url);
        const old = await first.text();
        clock.advance(301);
        const second = await fetch(server.url, { headers: { cookie: cookieOf(first) ?? '' } });
        const renewed = cookieOf(second)?.split('=')[1] ?? '';
        expect(renewed).not.to.equal(old);
        await Session.run(old, async (store) => {
          expect(store.id).to.equal(renewed);
          await refusal(() => Session.run(old, () => {}), 'E_SESSION_NESTED');
          await refusal(() => Session.run(renewed, () => {}), 'E_SESSION_NESTED');
        });
        await Session.run(renewed, () => refusal(() => Session.run(old, () => {}), 'E_SESSION_NESTED'));
      } finally {
        await server.close();
      }
    });

    it('also where the session is new', async () => {
      await Session.run(undefined, (store) =>
        refusal(() => Session.run(store.id, () => {}), 'E_SESSION_NESTED'),
      );
    });

    it('also under the new id of regenerate()', async () => {
      const id = await stored();
      await Session.run(id, async (store) => {
        await store.regenerate();
        await refusal(() => Session.run(id, () => {}), 'E_SESSION_NESTED');
        await refusal(() => Session.run(store.id, () => {}), 'E_SESSION_NESTED');
      });
    });

    it('not after close(), nor read-only, nor from another context', async () => {
      const id = await stored({ n: 1 });
      const elsewhere = AsyncLocalStorage.snapshot();
      await Session.run(id, async (store) => {
        expect(await Session.run(id, (reader) => reader.get('n'), { readOnly: true })).to.equal(1);
        const other = elsewhere(() => Session.run(id, (neighbour) => neighbour.increment('n')));
        await setImmediate();
        await store.close();
        await Session.run(id, (inner) => inner.increment('n'));
        await other;
      });
      await Session.run(id, (store) => expect(store.get('n')).to.equal(3));
    });
  });

  it('a second start on one request finds the first’s Store', async () => {
    const app = await bootStore();
    const seen: unknown[] = [];
    const inner = withSession(app, (request, response) => {
      seen.push(request.session());
      session().increment('inner');
      response.end(JSON.stringify(session().all()));
    });
    const outer = withSession(app, (request: SessionMessage, response) => {
      seen.push(request.session());
      session().increment('outer');
      inner(request, response);
    });
    const server = createServer(outer);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    try {
      const response = await fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
      expect(await response.json()).to.deep.equal({ outer: 1, inner: 1 });
      expect(response.headers.getSetCookie()).to.have.length(1);
      expect(seen[0]).to.equal(seen[1]);
    } finally {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    }
  });

  describe('Store.macro', () => {
    it('adds a method to every Store, by all ways', async () => {
      Store.macro('accessTestTwice', function (this: Store, key: string) {
        return Number(this.get(key)) * 2;
      });
      await Session.run(undefined, (store) => {
        store.put('n', 21);
        for (const each of [store, session(), Services.session(), Session]) {
          const macros = each as unknown as { accessTestTwice(key: string): number };
          expect(macros.accessTestTwice('n')).to.equal(42);
        }
      });
    });

    it('may be replaced, but not take the name of a method', async () => {
      Store.macro('accessTestValue', () => 1);
      Store.macro('accessTestValue', () => 2);
      for (const name of ['put', 'id', 'get', 'macro', 'toString']) {
        expect(() => Store.macro(name, () => 0), name).to.throw(TypeError);
      }
      await Session.run(undefined, (store) => {
        expect((store as unknown as { accessTestValue(): number }).accessTestValue()).to.equal(2);
        expect('accessTestValue' in session()).to.equal(true);
      });
    });
  });

  describe('blitz-session/globals', () => {
    it('makes the helpers global, and the same', async () => {
      expect(globalThis.session).to.equal(session);
      expect(globalThis.service).to.equal(service);
      expect(globalThis.singleService).to.equal(singleService);
      await Session.run(undefined, (store) => {
        globalThis.session({ a: 1 });
        expect(globalThis.session('a')).to.equal(1);
        expect(globalThis.session().id).to.equal(store.id);
        expect(globalThis.service('session').get('a')).to.equal(1);
        expect(globalThis.config('session.cookie_name')).to.equal('blitz_session');
      });
    });
  });
});
