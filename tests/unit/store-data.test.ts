import { deepStrictEqual } from 'node:assert';
import { Session, type Store, session } from 'blitz-session';
import { traceHandler } from 'blitz-session/testing';
import { expect } from 'chai';
import { bootStore, closeStore, refusal, refusedAtOnce, Visitor } from '../fixtures/store-app.js';

/** Runs `work` in a new session and hands on what it returns. */
const inSession = <T>(work: (store: Store) => T | Promise<T>): Promise<T> => Session.run(undefined, work);

describe('Store: values', () => {
  before(() => bootStore());
  after(closeStore);

  describe('calls from JavaScript that TypeScript would refuse', () => {
    it('are refused, not lost in silence', () =>
      inSession((store) => {
        const loose = store as unknown as Record<string, (...args: unknown[]) => unknown>;
        for (const key of [42, null, undefined, true]) {
          expect(() => loose['put']?.(key, 'x'), String(key))
            .to.throw()
            .with.property('code', 'E_SESSION_TYPE');
        }
        expect(() => loose['increment']?.('n', '1'))
          .to.throw()
          .with.property('code', 'E_SESSION_TYPE');
        expect(() => store.temp('code', 1, Number.NaN))
          .to.throw()
          .with.property('code', 'E_SESSION_TYPE');
        expect(store.all()).to.deep.equal({});
      }));

    it('removes an element named twice once', () =>
      inSession((store) => {
        store.put('list', ['a', 'b', 'c']);
        store.remove(['list.0', 'list.0']);
        expect(store.get('list')).to.deep.equal(['b', 'c']);
      }));
  });

  describe('get, all', () => {
    it('gives the value, or the default where the key is absent', () =>
      inSession((store) => {
        store.put('name', 'Ada');
        expect(store.get('name')).to.equal('Ada');
        expect(store.get('name', 'nobody')).to.equal('Ada');
        expect(store.get('absent')).to.equal(undefined);
        expect(store.get('absent', 'default')).to.equal('default');
        expect(store.get('absent.deeper', 'default')).to.equal('default');
      }));

    it('calls a default that is a function, only when it is needed', () =>
      inSession((store) => {
        let calls = 0;
        const fallback = () => `computed ${++calls}`;
        store.put('there', 'value');
        expect(store.get('there', fallback)).to.equal('value');
        expect(calls).to.equal(0);
        expect(store.get('absent', fallback)).to.equal('computed 1');
        expect(store.exists('absent'), 'a default is not stored').to.equal(false);
      }));

    it('returns a stored null as null, whatever the default', () =>
      inSession((store) => {
        store.put('nothing', null);
        expect(store.get('nothing')).to.equal(null);
        expect(store.get('nothing', 'default')).to.equal(null);
        expect(store.get('nothing', () => 'default')).to.equal(null);
      }));

    it('takes keys that are falsy in PHP for keys', () =>
      inSession((store) => {
        store.put('zero', 0);
        store.put('0', 'at zero');
        store.put('', 'at empty');
        expect(store.get('zero', 7)).to.equal(0);
        expect(store.get('0')).to.equal('at zero');
        expect(store.get('')).to.equal('at empty');
      }));

    it('without a key gives every user value: no flash, temporary, token, internals', () =>
      inSession((store) => {
        store.put({ name: 'Ada', teams: ['a'] });
        store.put('nothing', null);
        store.put('user.name', 'Ada');
        store.flash('status', 'saved');
        store.now('notice', 'now');
        store.temp('code', 1234);
        store.flash('user.message', 'hello');
        store.temp('user.code', 1);
        store.token();
        const expected = { name: 'Ada', teams: ['a'], nothing: null, user: { name: 'Ada' } };
        expect(store.all()).to.deep.equal(expected);
        expect(store.get()).to.deep.equal(expected);
        expect(store.get('user'), 'the store itself keeps them').to.deep.equal({
          name: 'Ada',
          message: 'hello',
          code: 1,
        });
      }));

    it('leaves a flash element out of a list without a hole', () =>
      inSession((store) => {
        store.put('items', ['a', 'b', 'c']);
        store.flash('items.1', 'flashed');
        const { items } = store.all();
        expect(items).to.deep.equal(['a', 'c']);
        store.put('copy', items);
        expect(store.get('items')).to.deep.equal(['a', 'flashed', 'c']);
      }));

    it('gives all() as an object of its own', () =>
      inSession((store) => {
        store.put('name', 'Ada');
        const all = store.all();
        all['name'] = 'Eve';
        all['more'] = 1;
        expect(store.get('name')).to.equal('Ada');
        expect(store.exists('more')).to.equal(false);
      }));
  });

  describe('has, exists, missing, hasAny', () => {
    beforeEach(function () {
      this.store = (work: (store: Store) => void) =>
        inSession((store) => {
          store.put({
            zero: 0,
            no: false,
            text: '',
            list: [],
            nothing: null,
            user: { name: 'Ada', age: null },
          });
          work(store);
        });
    });

    it('has: every key present and not null', function () {
      return this.store((store: Store) => {
        for (const key of ['zero', 'no', 'text', 'list', 'user', 'user.name']) {
          expect(store.has(key), key).to.equal(true);
        }
        for (const key of ['nothing', 'absent', 'user.age', 'user.absent', 'user.name.first']) {
          expect(store.has(key), key).to.equal(false);
        }
        expect(store.has(['zero', 'user.name'])).to.equal(true);
        expect(store.has(['zero', 'nothing'])).to.equal(false);
        expect(store.has(['zero', 'absent'])).to.equal(false);
      });
    });

    it('exists: every key present, null included', function () {
      return this.store((store: Store) => {
        for (const key of ['zero', 'nothing', 'user.age']) expect(store.exists(key), key).to.equal(true);
        for (const key of ['absent', 'user.absent']) expect(store.exists(key), key).to.equal(false);
        expect(store.exists(['zero', 'nothing', 'user.age'])).to.equal(true);
        expect(store.exists(['zero', 'absent'])).to.equal(false);
      });
    });

    it('missing: not exists', function () {
      return this.store((store: Store) => {
        expect(store.missing('absent')).to.equal(true);
        expect(store.missing('user.absent')).to.equal(true);
        expect(store.missing('nothing')).to.equal(false);
        expect(store.missing(['zero', 'absent'])).to.equal(true);
        expect(store.missing(['zero', 'nothing'])).to.equal(false);
      });
    });

    it('hasAny: at least one present and not null', function () {
      return this.store((store: Store) => {
        expect(store.hasAny(['absent', 'user.name'])).to.equal(true);
        expect(store.hasAny(['absent', 'nothing', 'user.age'])).to.equal(false);
        expect(store.hasAny('zero')).to.equal(true);
        expect(store.hasAny([])).to.equal(false);
      });
    });
  });

  describe('put, set', () => {
    it('store one value, or every value of an object', () =>
      inSession((store) => {
        store.put('a', 1);
        store.set('b', 2);
        store.put({ c: 3, 'd.e': 4 });
        store.set({ f: 5 });
        expect(store.all()).to.deep.equal({ a: 1, b: 2, c: 3, d: { e: 4 }, f: 5 });
      }));

    it('set with a list of names stores null under each', () =>
      inSession((store) => {
        store.set(['a', 'b.c']);
        expect(store.all()).to.deep.equal({ a: null, b: { c: null } });
      }));

    it('put on a flash or temporary key makes it ordinary', async () => {
      const visitor = new Visitor();
      await visitor.request((store) => {
        for (const call of ['put', 'set'] as const) {
          store.flash(`${call}.flash`, 1);
          store.now(`${call}.now`, 1);
          store.temp(`${call}.temp`, 1);
          store[call](`${call}.flash`, 2);
          store[call]({ [`${call}.now`]: 2, [`${call}.temp`]: 2 });
        }
        expect(store.getFlashKeys()).to.deep.equal([]);
        expect(store.getTempKeys()).to.deep.equal([]);
      });
      await visitor.request(() => {});
      await visitor.request((store) => {
        expect(store.all()).to.deep.equal({
          put: { flash: 2, now: 2, temp: 2 },
          set: { flash: 2, now: 2, temp: 2 },
        });
      });
    });

    it('put on the parent of a flash value makes all of it ordinary', async () => {
      const visitor = new Visitor();
      await visitor.request((store) => {
        store.flash('form.status', 'saved');
        store.put('form', { status: 'kept' });
      });
      await visitor.request(() => {});
      await visitor.request((store) => expect(store.get('form')).to.deep.equal({ status: 'kept' }));
    });

    it('session({…}) stores', () =>
      inSession((store) => {
        session({ a: 1, 'b.c': 2 });
        expect(store.all()).to.deep.equal({ a: 1, b: { c: 2 } });
      }));
  });

  describe('push', () => {
    it('appends to a list; absent: a new list', () =>
      inSession((store) => {
        store.push('user.teams', 'developers');
        store.push('user.teams', 'testers');
        expect(store.get('user.teams')).to.deep.equal(['developers', 'testers']);
      }));

    it('refuses with a clear error what is not a list, and changes nothing', () =>
      inSession(async (store) => {
        store.put({ name: 'Ada', user: { name: 'Ada' } });
        for (const key of ['name', 'user', 'user.name']) {
          const error = refusedAtOnce(() => store.push(key, 'x'), 'E_SESSION_TYPE');
          expect(error.details).to.include({ call: 'push', key });
          expect(error.message).to.include(key).and.to.include('push');
        }
        expect(store.all()).to.deep.equal({ name: 'Ada', user: { name: 'Ada' } });
      }));

    it('is saved', async () => {
      const visitor = new Visitor();
      await visitor.request((store) => store.push('list', 1));
      await visitor.request((store) => store.push('list', 2));
      await visitor.request((store) => expect(store.get('list')).to.deep.equal([1, 2]));
    });
  });

  describe('pull, remove', () => {
    it('pull gets, then removes', () =>
      inSession((store) => {
        store.put({ name: 'Ada', user: { id: 1, teams: ['a', 'b'] } });
        expect(store.pull('name')).to.equal('Ada');
        expect(store.exists('name')).to.equal(false);
        expect(store.pull('user.id')).to.equal(1);
        expect(store.pull('user.teams.0')).to.equal('a');
        expect(store.all()).to.deep.equal({ user: { teams: ['b'] } });
        expect(store.pull('name')).to.equal(undefined);
        expect(store.pull('name', 'default')).to.equal('default');
        expect(store.pull('name', () => 'computed')).to.equal('computed');
        store.put('nothing', null);
        expect(store.pull('nothing', 'default')).to.equal(null);
      }));

    it('remove deletes one key or several', () =>
      inSession((store) => {
        store.put({ a: 1, b: 2, c: { d: 3, e: 4 } });
        store.remove('a');
        store.remove(['b', 'c.d', 'absent', 'absent.deeper']);
        expect(store.all()).to.deep.equal({ c: { e: 4 } });
      }));

    it('remove deletes each element that was named, whatever the order', () =>
      inSession((store) => {
        const letters = 'abcdefghijkl'.split('');
        store.put({ first: [...letters], second: [...letters] });
        store.remove(['first.0', 'first.1', 'first.10']);
        store.remove(['second.10', 'second.0', 'second.9']);
        expect(store.get('first')).to.deep.equal('cdefghijl'.split(''));
        expect(store.get('second')).to.deep.equal('bcdefghil'.split(''));
        expect(store.except(['first', 'second.0', 'second.1'])).to.deep.equal({
          second: 'defghil'.split(''),
        });
      }));

    it('both are saved', async () => {
      const visitor = new Visitor();
      await visitor.request((store) => store.put({ a: 1, b: { c: 2, d: 3 } }));
      await visitor.request((store) => {
        store.pull('a');
        store.remove('b.c');
      });
      await visitor.request((store) => expect(store.all()).to.deep.equal({ b: { d: 3 } }));
    });
  });

  describe('increment, decrement', () => {
    it('give the new value; absent counts as 0', () =>
      inSession((store) => {
        expect(store.increment('count')).to.equal(1);
        expect(store.increment('count', 4)).to.equal(5);
        expect(store.decrement('count')).to.equal(4);
        expect(store.decrement('count', 1.5)).to.equal(2.5);
        expect(store.decrement('deep.below')).to.equal(-1);
        expect(store.increment('deep.below', 3)).to.equal(2);
        expect(store.all()).to.deep.equal({ count: 2.5, deep: { below: 2 } });
      }));

    it('takes a number written as text, as PHP does', () =>
      inSession((store) => {
        store.put('count', '41');
        expect(store.increment('count')).to.equal(42);
      }));

    it('refuse with a clear error what is not numeric, and change nothing', () =>
      inSession(async (store) => {
        const values = { text: 'many', empty: '', yes: true, list: [1], user: { age: 'old' }, big: 1n };
        store.put(values);
        for (const key of ['text', 'empty', 'yes', 'list', 'user', 'user.age', 'big']) {
          for (const call of ['increment', 'decrement'] as const) {
            const error = refusedAtOnce(() => store[call](key), 'E_SESSION_TYPE');
            expect(error.details).to.include({ call, key });
          }
        }
        expect(store.all()).to.deep.equal(values);
      }));

    it('starts anew, as an ordinary value, where only the mark of a removed value is left', async () => {
      const visitor = new Visitor();
      await visitor.request((store) => {
        store.flash('count', 5);
        store.remove('count');
        expect(store.increment('count')).to.equal(1);
        store.now('list', [1]);
        store.remove('list');
        store.push('list', 2);
      });
      await visitor.request(() => {});
      await visitor.request((store) => expect(store.all()).to.deep.equal({ count: 1, list: [2] }));
    });
  });

  describe('remember', () => {
    it('gets, or computes, stores and returns', () =>
      inSession((store) => {
        let calls = 0;
        const compute = () => ++calls;
        expect(store.remember('made', compute)).to.equal(1);
        expect(store.remember('made', compute)).to.equal(1);
        expect(calls).to.equal(1);
        expect(store.remember('user.made', compute)).to.equal(2);
        expect(store.all()).to.deep.equal({ made: 1, user: { made: 2 } });
      }));

    it('computes asynchronously too', async () => {
      const visitor = new Visitor();
      await visitor.request(async (store) => {
        expect(await store.remember('made', async () => 'later')).to.equal('later');
        expect(await store.remember('made', async () => 'never')).to.equal('later');
      });
      await visitor.request((store) => expect(store.get('made')).to.equal('later'));
    });

    it('waits for anything that can be awaited, such as a query', () =>
      inSession(async (store) => {
        const query: PromiseLike<string> = {
          // biome-ignore lint/suspicious/noThenProperty: what query builders do
          then: (done, failed) => Promise.resolve('row').then(done, failed),
        };
        const answer = store.remember('row', () => query);
        expect(await answer).to.equal('row');
        expect(store.get('row')).to.equal('row');
      }));

    it('keeps what is falsy, and stores nothing when computing fails', () =>
      inSession(async (store) => {
        store.put('zero', 0);
        expect(store.remember('zero', () => 1)).to.equal(0);
        const failing = () => {
          throw new Error('no');
        };
        expect(() => store.remember('made', failing)).to.throw('no');
        await store
          .remember('made', async () => failing())
          .then(
            () => expect.fail('it must reject'),
            (error: Error) => expect(error.message).to.equal('no'),
          );
        expect(store.exists('made')).to.equal(false);
      }));
  });

  describe('only, except', () => {
    const fill = (store: Store) => {
      store.put({ a: 1, user: { name: 'Ada', age: 36, teams: ['x'] }, nothing: null });
      store.flash('status', 'saved');
      store.temp('user.code', 1);
    };

    it('only: the named parts of all()', () =>
      inSession((store) => {
        fill(store);
        expect(store.only(['a', 'nothing', 'absent', 'status'])).to.deep.equal({ a: 1, nothing: null });
        expect(store.only('user')).to.deep.equal({ user: { name: 'Ada', age: 36, teams: ['x'] } });
        expect(store.only(['user.name', 'user.code'])).to.deep.equal({ user: { name: 'Ada' } });
        expect(store.only(['_token', '__blitz_vars', '__blitz_last_regenerate'])).to.deep.equal({});
      }));

    it('except: all() without the named parts', () =>
      inSession((store) => {
        fill(store);
        expect(store.except(['a', 'absent'])).to.deep.equal({
          user: { name: 'Ada', age: 36, teams: ['x'] },
          nothing: null,
        });
        expect(store.except(['user.name', 'user.teams', 'nothing'])).to.deep.equal({
          a: 1,
          user: { age: 36 },
        });
        expect(store.except('user')).to.deep.equal({ a: 1, nothing: null });
      }));

    it('change nothing in the store', () =>
      inSession((store) => {
        fill(store);
        const before = structuredClone(store.all());
        store.only(['user.name']);
        store.except(['user.name', 'user.teams.0', 'a']);
        expect(store.all()).to.deep.equal(before);
      }));

    it('give values whose change in place is saved', async () => {
      const visitor = new Visitor();
      await visitor.request((store) => store.put({ a: { list: [1] }, b: { list: [1], other: 1 }, c: 1 }));
      await visitor.request((store) => {
        (store.only(['a'])['a'] as { list: number[] }).list.push(2);
        (store.except(['c', 'b.other'])['b'] as { list: number[] }).list.push(2);
      });
      await visitor.request((store) => {
        expect(store.all()).to.deep.equal({ a: { list: [1, 2] }, b: { list: [1, 2], other: 1 }, c: 1 });
      });
    });
  });

  describe('replace, flush', () => {
    const fill = (store: Store) => {
      store.put({ a: 1, user: { name: 'Ada', age: 36 } });
      store.flash('status', 'saved');
      store.now('notice', 'now');
      store.temp('code', 1234);
    };

    it('replace empties, then puts', async () => {
      const visitor = new Visitor();
      let token = '';
      await visitor.request((store) => {
        fill(store);
        token = store.token();
        store.replace({ b: 2, 'user.id': 7 });
        expect(store.all()).to.deep.equal({ b: 2, user: { id: 7 } });
        expect(store.exists(['status'])).to.equal(false);
        expect(store.getFlashKeys()).to.deep.equal([]);
        expect(store.getTempKeys()).to.deep.equal([]);
      });
      await visitor.request((store) => {
        expect(store.all()).to.deep.equal({ b: 2, user: { id: 7 } });
        expect(store.token()).to.equal(token);
      });
    });

    it('replace that cannot be done loses nothing', () =>
      inSession((store) => {
        fill(store);
        refusedAtOnce(() => store.replace({ b: 2, bad: () => {} }), 'E_SESSION_VALUE');
        refusedAtOnce(() => store.replace({ b: 'text', 'b.c': 2 }), 'E_SESSION_TYPE');
        expect(store.all()).to.deep.equal({ a: 1, user: { name: 'Ada', age: 36 } });
        expect(store.getFlashdata()).to.deep.equal({ status: 'saved', notice: 'now' });
        expect(store.getTempdata()).to.deep.equal({ code: 1234 });
      }));

    it('flush empties everything the user stored; the token and the internals stay', async () => {
      const trace = traceHandler();
      await bootStore({ handler: trace.handler, absolute_expiration: 9000 });
      const visitor = new Visitor();
      let token = '';
      await visitor.request((store) => {
        fill(store);
        token = store.token();
      });
      await visitor.request((store) => {
        store.flush();
        expect(store.all()).to.deep.equal({});
        expect(store.getFlashdata()).to.deep.equal({});
        expect(store.getTempdata()).to.deep.equal({});
        expect(store.exists('status') || store.exists('code')).to.equal(false);
        expect(store.token()).to.equal(token);
      });
      const [record = ''] = [...trace.records.values()];
      expect(Object.keys(JSON.parse(record.slice(record.indexOf('{'))))).to.have.members([
        '_token',
        '__blitz_last_regenerate',
        '__blitz_created',
      ]);
      await bootStore();
    });

    it('flush(except) keeps what is named, with its mark', async () => {
      const visitor = new Visitor();
      await visitor.request((store) => {
        fill(store);
        store.flush(['user.name', 'status', 'absent', 'code']);
        expect(store.all()).to.deep.equal({ user: { name: 'Ada' } });
        expect(store.getFlashdata()).to.deep.equal({ status: 'saved' });
        expect(store.getTempdata()).to.deep.equal({ code: 1234 });
        store.flush('user');
        expect(store.get()).to.deep.equal({ user: { name: 'Ada' } });
        expect(store.getFlashKeys()).to.deep.equal([]);
      });
      await visitor.request((store) => expect(store.all()).to.deep.equal({ user: { name: 'Ada' } }));
    });
  });

  describe('a change in place', () => {
    it('to a value that was got before the close is saved', async () => {
      const visitor = new Visitor();
      await visitor.request((store) => store.put('cart', { items: ['a'], owner: { name: 'Ada' } }));
      await visitor.request((store) => {
        (store.get('cart') as { items: string[] }).items.push('b');
      });
      await visitor.request((store) => {
        store.get<{ name: string }>('cart.owner')!.name = 'Eve';
      });
      await visitor.request(async (store) => {
        (store.all()['cart'] as { items: string[] }).items.push('c');
        await store.close();
      });
      await visitor.request((store) => {
        expect(store.get('cart')).to.deep.equal({ items: ['a', 'b', 'c'], owner: { name: 'Eve' } });
      });
    });

    it('to a value that was put, got by remember, flash or temp is saved', async () => {
      const visitor = new Visitor();
      await visitor.request((store) => {
        const list = [1];
        store.put('put', list);
        list.push(2);
        store.remember('remember', () => [1]).push(2);
        store.flash('flash', [1]);
        store.temp('temp', [1]);
      });
      await visitor.request((store) => {
        store.flashed<number[]>('flash')!.push(2);
        store.getTempdata<number[]>('temp')!.push(2);
        store.keep('flash');
        expect(store.get('put')).to.deep.equal([1, 2]);
        store.remember<number[]>('remember', () => []).push(3);
      });
      await visitor.request((store) => {
        expect(store.get('flash')).to.deep.equal([1, 2]);
        expect(store.get('temp')).to.deep.equal([1, 2]);
        expect(store.get('remember')).to.deep.equal([1, 2, 3]);
      });
    });

    it('to what cannot come back is refused at the end with the key, and nothing is lost', async () => {
      const visitor = new Visitor();
      await visitor.request((store) => store.put({ cart: { items: ['a'] }, name: 'Ada' }));
      for (const spoil of [() => {}, new (class Cart {})(), Symbol('s')]) {
        const error = await refusal(
          () =>
            visitor.request((store) => {
              store.put('name', 'Eve');
              store.get<{ items: unknown[] }>('cart')!.items.push(spoil);
            }),
          'E_SESSION_VALUE',
        );
        expect(error.details['key']).to.equal('cart.items.1');
      }
      const cycle = await refusal(
        () =>
          visitor.request((store) => {
            const cart = store.get<Record<string, unknown>>('cart')!;
            cart['self'] = cart;
          }),
        'E_SESSION_VALUE',
      );
      expect(cycle.details['key']).to.equal('cart.self');
      await visitor.request((store) => {
        expect(store.all(), 'the record of before, and its lock is free').to.deep.equal({
          cart: { items: ['a'] },
          name: 'Ada',
        });
      });
    });
  });

  describe('what can be kept', () => {
    const VALUES: Record<string, unknown> = {
      plain: { text: 'été', list: [1, 2.5, [null, true]], deep: { a: { b: {} } } },
      date: new Date('2024-02-29T12:34:56.789Z'),
      map: new Map<unknown, unknown>([
        ['a', { n: 1 }],
        [2, new Set(['x'])],
      ]),
      set: new Set([1, 'a', new Date(0)]),
      bigint: 12345678901234567890n,
      negativeBigint: -1n,
      bytes: new Uint8Array([0, 127, 128, 255]),
      nan: Number.NaN,
      infinite: Number.POSITIVE_INFINITY,
      minusInfinite: Number.NEGATIVE_INFINITY,
      minusZero: -0,
      inside: {
        undefined: undefined,
        list: [undefined, -0, Number.NaN, 1n],
        map: new Map([['k', undefined]]),
        date: new Date(1),
      },
      nothing: null,
      empty: '',
      no: false,
    };

    it('comes back equal and with its type', async () => {
      const visitor = new Visitor();
      await visitor.request((store) => store.put(VALUES));
      await visitor.request((store) => deepStrictEqual(store.all(), VALUES));
      await visitor.request((store) => {
        for (const [key, value] of Object.entries(VALUES)) deepStrictEqual(store.get(key), value, key);
        expect(store.get('bytes')).to.be.instanceOf(Uint8Array);
        expect(Object.is(store.get('minusZero'), -0)).to.equal(true);
        expect(Object.hasOwn(store.get<object>('inside')!, 'undefined')).to.equal(true);
      });
    });

    it('an invalid Date comes back as one', async () => {
      const visitor = new Visitor();
      await visitor.request((store) => store.put('date', new Date(Number.NaN)));
      await visitor.request((store) => expect(store.get<Date>('date')!.getTime()).to.be.NaN);
    });

    it('comes back through flash and temp too', async () => {
      const visitor = new Visitor();
      await visitor.request((store) => {
        store.flash({ f: VALUES });
        store.temp({ t: VALUES });
      });
      await visitor.request((store) => {
        deepStrictEqual(store.get('f'), VALUES);
        deepStrictEqual(store.get('t'), VALUES);
      });
    });

    class User {
      name = 'Ada';
    }
    const cycle: Record<string, unknown> = {};
    cycle['self'] = cycle;
    const loop: unknown[] = [];
    loop.push(loop);
    const REFUSED: [string, unknown, string][] = [
      ['a function', () => {}, 'bad'],
      ['a symbol', Symbol('s'), 'bad'],
      ['a class instance', new User(), 'bad'],
      ['a function inside', { a: [{ b: () => {} }] }, 'bad.a.0.b'],
      ['a class instance inside', { user: new User() }, 'bad.user'],
      ['an error', new Error('x'), 'bad'],
      ['a regular expression', /x/, 'bad'],
      ['a promise', Promise.resolve(), 'bad'],
      ['a cycle', cycle, 'bad.self'],
      ['a list in itself', loop, 'bad.0'],
      ['a WeakMap', new WeakMap(), 'bad'],
      ['an extended Map', new (class Dictionary extends Map {})(), 'bad'],
    ];

    for (const [what, value, path] of REFUSED) {
      it(`refuses ${what} at once, naming the key`, () =>
        inSession((store) => {
          store.put('kept', [1]);
          const calls: [string, () => unknown][] = [
            ['put', () => store.put('bad', value)],
            ['put({…})', () => store.put({ kept: 'changed', bad: value })],
            ['set', () => store.set('bad', value)],
            ['flash', () => store.flash('bad', value)],
            ['now', () => store.now('bad', value)],
            ['temp', () => store.temp('bad', value)],
            ['remember', () => store.remember('bad', () => (value instanceof Promise ? /x/ : value))],
            ['replace', () => store.replace({ bad: value })],
            ['session({…})', () => session({ bad: value })],
          ];
          for (const [name, call] of calls) {
            const error = refusedAtOnce(call, 'E_SESSION_VALUE');
            expect(error.details['key'], name).to.equal(path);
            expect(error.message, name).to.include(path);
          }
          const pushed = refusedAtOnce(() => store.push('kept', value), 'E_SESSION_VALUE');
          expect(pushed.details['key']).to.equal(path.replace('bad', 'kept.1'));
          const nested = refusedAtOnce(() => store.put('a.bad', value), 'E_SESSION_VALUE');
          expect(nested.details['key']).to.equal(`a.${path}`);
          expect(store.all()).to.deep.equal({ kept: [1] });
          expect(store.getFlashKeys().concat(store.getTempKeys())).to.deep.equal([]);
        }));
    }

    it('never shows the value in the message', () =>
      inSession((store) => {
        const secret = { password: 'hunter2', call: () => {} };
        const error = refusedAtOnce(() => store.put('bad', secret), 'E_SESSION_VALUE');
        expect(error.message).not.to.include('hunter2');
      }));
  });

  describe('dotted paths', () => {
    it('are walked; an exact top-level key wins', async () => {
      const trace = traceHandler();
      await bootStore({ handler: trace.handler });
      const visitor = new Visitor();
      await visitor.request((store) => store.put('user', { name: 'nested', age: 36 }));
      const [[id, record] = ['', '']] = [...trace.records];
      trace.records.set(id, record.replace('"user"', '"user.name":"exact","user"'));
      await visitor.request((store) => {
        expect(store.get('user.name')).to.equal('exact');
        expect(store.get('user.age')).to.equal(36);
        expect(store.has('user.name')).to.equal(true);
        expect(store.only('user.name')).to.deep.equal({ 'user.name': 'exact' });
        expect(store.except('user.name')).to.deep.equal({ user: { name: 'nested', age: 36 } });
        store.put('user.name', 'changed');
        expect(store.all()).to.deep.equal({ 'user.name': 'changed', user: { name: 'nested', age: 36 } });
        store.flush(['user.name', 'user']);
        expect(store.all()).to.deep.equal({ 'user.name': 'changed', user: { name: 'nested', age: 36 } });
        expect(store.pull('user.name')).to.equal('changed');
        expect(store.get('user.name'), 'now the path is walked').to.equal('nested');
        store.put('user.name', 'walked');
        expect(store.all()).to.deep.equal({ user: { name: 'walked', age: 36 } });
      });
      await bootStore();
    });

    it('make the parents that are missing', () =>
      inSession((store) => {
        store.put('a.b.c', 1);
        store.put('nothing', null);
        store.put('nothing.inside', 1);
        expect(store.all()).to.deep.equal({ a: { b: { c: 1 } }, nothing: { inside: 1 } });
      }));

    it('enter lists by index', () =>
      inSession((store) => {
        store.put('items', ['a', { n: 1 }, 'c']);
        expect(store.get('items.0')).to.equal('a');
        expect(store.get('items.1.n')).to.equal(1);
        expect(store.exists('items.3')).to.equal(false);
        expect(store.exists('items.length')).to.equal(false);
        expect(store.exists('items.push')).to.equal(false);
        expect(store.exists('items.-1')).to.equal(false);
        expect(store.exists('items.01')).to.equal(false);
        store.put('items.0', 'A');
        store.put('items.3', 'd');
        store.put('items.1.n', 2);
        expect(store.get('items')).to.deep.equal(['A', { n: 2 }, 'c', 'd']);
        store.remove('items.1');
        expect(store.get('items')).to.deep.equal(['A', 'c', 'd']);
        for (const key of ['items.9', 'items.length', 'items.x', 'items.9.n', 'items.-1']) {
          refusedAtOnce(() => store.put(key, 0), 'E_SESSION_TYPE');
        }
        expect(store.get('items')).to.deep.equal(['A', 'c', 'd']);
      }));

    it('do not enter text, Map, Date and the like', () =>
      inSession((store) => {
        const values = {
          text: 'abc',
          n: 1,
          map: new Map([['a', 1]]),
          date: new Date(0),
          bytes: new Uint8Array(2),
        };
        store.put(values);
        for (const key of ['text.0', 'text.length', 'n.x', 'map.a', 'map.size', 'date.x', 'bytes.0']) {
          expect(store.get(key), key).to.equal(undefined);
          expect(store.exists(key), key).to.equal(false);
          store.remove(key);
        }
        expect(store.all()).to.deep.equal(values);
      }));

    it('through a scalar parent give E_SESSION_TYPE, and nothing is lost', async () => {
      const visitor = new Visitor();
      const values = {
        name: 'Ada',
        n: 0,
        no: false,
        date: new Date(0),
        map: new Map([['a', 1]]),
        u: { n: 'x' },
      };
      await visitor.request((store) => store.put(values));
      await visitor.request((store) => {
        for (const parent of ['name', 'n', 'no', 'date', 'map', 'u.n']) {
          const calls: [string, (key: string) => unknown][] = [
            ['put', (key) => store.put(key, 1)],
            ['set', (key) => store.set(key, 1)],
            ['push', (key) => store.push(key, 1)],
            ['increment', (key) => store.increment(key)],
            ['decrement', (key) => store.decrement(key)],
            ['remember', (key) => store.remember(key, () => 1)],
            ['flash', (key) => store.flash(key, 1)],
            ['now', (key) => store.now(key, 1)],
            ['temp', (key) => store.temp(key, 1)],
          ];
          for (const [call, run] of calls) {
            for (const below of ['x', 'x.y', '0']) {
              const error = refusedAtOnce(() => run(`${parent}.${below}`), 'E_SESSION_TYPE');
              expect(error.details).to.include({ call, key: parent });
            }
          }
        }
        expect(store.getFlashKeys().concat(store.getTempKeys())).to.deep.equal([]);
        expect(store.all()).to.deep.equal(values);
      });
      await visitor.request((store) => expect(store.all()).to.deep.equal(values));
    });

    it('that cannot be stored take nothing else with them', () =>
      inSession((store) => {
        store.put('name', 'Ada');
        refusedAtOnce(() => store.put({ first: 1, 'name.x': 2 }), 'E_SESSION_TYPE');
        expect(store.get('name')).to.equal('Ada');
      }));

    for (const segment of ['__proto__', 'constructor', 'prototype']) {
      it(`${segment} as a segment never reaches a prototype`, async () => {
        const visitor = new Visitor();
        const clean = () => {
          expect(({} as Record<string, unknown>)['polluted']).to.equal(undefined);
          expect(([] as unknown as Record<string, unknown>)['polluted']).to.equal(undefined);
          expect(Object.getPrototypeOf({})).to.equal(Object.prototype);
        };
        const plain = (value: object) => {
          expect(Object.getPrototypeOf(value)).to.equal(Object.prototype);
          expect('polluted' in value, 'polluted').to.equal(false);
        };
        const keys = [
          segment,
          `${segment}.polluted`,
          `a.${segment}.polluted`,
          `constructor.prototype.polluted`,
        ];
        await visitor.request((store) => {
          for (const key of keys) {
            expect(store.get(key), key).to.equal(undefined);
            expect(store.exists(key), key).to.equal(false);
          }
          store.put(`${segment}.polluted`, 1);
          store.put(`a.${segment}.polluted`, 2);
          store.increment(`a.${segment}.polluted`);
          store.push(`b.${segment}`, 'x');
          store.temp(`c.${segment}.polluted`, 4);
          store.flash(`d.${segment}.polluted`, 5);
          store.put(JSON.parse(`{ "e": { "${segment}": { "polluted": 6 } } }`));
          clean();
          plain(store.all());
        });
        await visitor.request((store) => {
          clean();
          expect(store.get(`${segment}.polluted`)).to.equal(1);
          expect(store.get(`a.${segment}.polluted`)).to.equal(3);
          expect(store.get(`b.${segment}`)).to.deep.equal(['x']);
          expect(store.get(`c.${segment}.polluted`)).to.equal(4);
          expect(store.get(`d.${segment}.polluted`)).to.equal(5);
          expect(store.get(`e.${segment}.polluted`)).to.equal(6);
          for (const part of [
            store.all(),
            store.get<object>('a')!,
            store.only([segment, `a.${segment}`, `${segment}.polluted`]),
            store.except([`a.${segment}.polluted`, 'b']),
            store.except(segment),
            store.getTempdata(),
            store.getFlashdata(),
          ]) {
            plain(part);
          }
          expect(Object.hasOwn(store.all(), segment)).to.equal(true);
          expect(store.pull(`${segment}.polluted`)).to.equal(1);
          store.remove([segment, `a.${segment}`]);
          expect(store.exists(segment)).to.equal(false);
          clean();
          store.flash(segment, { polluted: 7 });
          expect(store.getFlashKeys()).to.include(segment);
          plain(store.getFlashdata());
          plain(store.flashed());
          plain(store.all());
          store.temp(segment, { polluted: 8 });
          plain(store.getTempdata());
          expect(store.getTempdata(segment)).to.deep.equal({ polluted: 8 });
          store.flush([segment]);
          plain(store.all());
          store.replace(JSON.parse(`{ "${segment}": { "polluted": 9 } }`));
          plain(store.all());
          store.flashErrors(['no'], segment);
          plain(store.get<object>('errors')!);
          store.flashInput(JSON.parse(`{ "${segment}": { "polluted": 10 } }`));
          expect(store.getOldInput(`${segment}.polluted`)).to.equal(10);
          clean();
        });
        await visitor.request((store) => {
          expect(store.get(segment)).to.deep.equal({ polluted: 9 });
          plain(store.all());
          plain(store.getOldInput());
          clean();
        });
      });
    }
  });
});
