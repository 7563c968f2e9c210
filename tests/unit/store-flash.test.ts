import type { Store } from 'blitz-session';
import { traceHandler } from 'blitz-session/testing';
import { expect } from 'chai';
import { bootStore, closeStore, refusedAtOnce, Visitor } from '../fixtures/store-app.js';

/** Four requests of one visitor after `first`; what each finds under `key`. */
async function lives(key: string, first: (store: Store) => void): Promise<unknown[]> {
  const visitor = new Visitor();
  const seen: unknown[] = [];
  await visitor.request((store) => {
    first(store);
    seen.push(store.get(key));
  });
  for (let i = 0; i < 3; i++) {
    await visitor.request((store) => {
      seen.push(store.get(key));
    });
  }
  return seen;
}

const GONE = undefined;

describe('Store: flash values', () => {
  before(() => bootStore());
  after(closeStore);

  describe('flash', () => {
    it('keeps for this request and the next one', async () => {
      expect(await lives('status', (store) => store.flash('status', 'saved'))).to.deep.equal([
        'saved',
        'saved',
        GONE,
        GONE,
      ]);
      expect(await lives('status', (store) => store.setFlashdata('status', 'saved'))).to.deep.equal([
        'saved',
        'saved',
        GONE,
        GONE,
      ]);
    });

    it('takes an object', async () => {
      for (const call of ['flash', 'setFlashdata', 'now'] as const) {
        const visitor = new Visitor();
        await visitor.request((store) => {
          store[call]({ a: 1, 'b.c': 2 });
          expect(store.getFlashdata()).to.deep.equal({ a: 1, 'b.c': 2 });
        });
      }
    });

    it('keeps null and dotted keys like any other', async () => {
      expect(await lives('nothing', (store) => store.flash('nothing', null))).to.deep.equal([
        null,
        null,
        GONE,
        GONE,
      ]);
      expect(await lives('form.status', (store) => store.flash('form.status', 1))).to.deep.equal([
        1,
        1,
        GONE,
        GONE,
      ]);
      expect(await lives('form.status', (store) => store.flash({ 'form.status': null }))).to.deep.equal([
        null,
        null,
        GONE,
        GONE,
      ]);
      expect(await lives('0', (store) => store.flash('0', 'zero'))).to.deep.equal([
        'zero',
        'zero',
        GONE,
        GONE,
      ]);
      expect(await lives('list', (store) => store.flash('list', ['a', 'b']))).to.deep.equal([
        ['a', 'b'],
        ['a', 'b'],
        GONE,
        GONE,
      ]);
    });

    it('of a dotted key leaves its neighbours', async () => {
      const visitor = new Visitor();
      await visitor.request((store) => {
        store.put('form', { name: 'contact', rows: ['a', 'b', 'c'] });
        store.flash('form.status', 'sent');
        store.flash('form.rows.0', 'flashed');
        store.flash('form.rows.1', 'flashed');
      });
      await visitor.request(() => {});
      await visitor.request((store) => {
        expect(store.all()).to.deep.equal({ form: { name: 'contact', rows: ['c'] } });
      });
    });

    it('is not in all() but in get, has, exists', async () => {
      const visitor = new Visitor();
      const look = (store: Store) => {
        expect(store.get('status')).to.equal('saved');
        expect(store.has('status')).to.equal(true);
        expect(store.exists('status')).to.equal(true);
        expect(store.all()).to.deep.equal({});
      };
      await visitor.request((store) => {
        store.flash('status', 'saved');
        look(store);
      });
      await visitor.request(look);
    });

    it('again, in the next request, begins anew', async () => {
      const visitor = new Visitor();
      await visitor.request((store) => store.flash('status', 1));
      await visitor.request((store) => store.flash('status', 2));
      await visitor.request((store) => expect(store.get('status')).to.equal(2));
      await visitor.request((store) => expect(store.exists('status')).to.equal(false));
    });

    it('makes an ordinary or temporary value a flash value', async () => {
      expect(
        await lives('status', (store) => {
          store.put('status', 'old');
          store.flash('status', 'new');
        }),
      ).to.deep.equal(['new', 'new', GONE, GONE]);
      expect(
        await lives('status', (store) => {
          store.temp('status', 'old');
          store.flash('status', 'new');
          expect(store.getTempKeys()).to.deep.equal([]);
        }),
      ).to.deep.equal(['new', 'new', GONE, GONE]);
    });
  });

  it('now: this request only', async () => {
    expect(await lives('notice', (store) => store.now('notice', 'x'))).to.deep.equal(['x', GONE, GONE, GONE]);
    expect(await lives('a.b', (store) => store.now('a.b', null))).to.deep.equal([null, GONE, GONE, GONE]);
  });

  describe('reflash, keep', () => {
    it('reflash keeps every flash value for one more request', async () => {
      const visitor = new Visitor();
      await visitor.request((store) => store.flash({ a: 1, 'b.c': null }));
      await visitor.request((store) => store.reflash());
      await visitor.request((store) => expect(store.getFlashdata()).to.deep.equal({ a: 1, 'b.c': null }));
      await visitor.request((store) => expect(store.getFlashKeys()).to.deep.equal([]));
    });

    for (const call of ['keep', 'keepFlashdata'] as const) {
      it(`${call} keeps what is named`, async () => {
        const visitor = new Visitor();
        await visitor.request((store) => store.flash({ a: 1, b: 2, 'c.d': 3, e: 4 }));
        await visitor.request((store) => {
          store[call]('a');
          store[call](['c.d', 'e']);
        });
        await visitor.request((store) => {
          expect(store.getFlashdata()).to.deep.equal({ a: 1, 'c.d': 3, e: 4 });
          expect(store.exists('b')).to.equal(false);
        });
        await visitor.request((store) => expect(store.getFlashdata()).to.deep.equal({}));
      });

      it(`${call} ignores keys that are not flash`, async () => {
        const visitor = new Visitor();
        await visitor.request((store) => {
          store.flash('a', 1);
          store.put('ordinary', 2);
          store.temp('temporary', 3);
        });
        await visitor.request((store) => {
          store[call](['unknown', 'ordinary', 'temporary', 'a']);
          expect(store.getFlashKeys()).to.deep.equal(['a']);
          expect(store.getTempKeys()).to.deep.equal(['temporary']);
        });
        await visitor.request((store) => expect(store.get('a')).to.equal(1));
        await visitor.request((store) => {
          expect(store.exists(['ordinary', 'temporary'])).to.equal(true);
          expect(store.missing('a')).to.equal(true);
        });
      });
    }

    it('keeps a value of this request, which now() set, for the next one', async () => {
      expect(
        await lives('notice', (store) => {
          store.now('notice', 'x');
          store.keep('notice');
        }),
      ).to.deep.equal(['x', 'x', GONE, GONE]);
    });
  });

  describe('reading', () => {
    it('getFlashdata, flashed: one value, or all by their keys', async () => {
      const visitor = new Visitor();
      const look = (store: Store) => {
        for (const call of ['getFlashdata', 'flashed'] as const) {
          expect(store[call]('a')).to.equal(1);
          expect(store[call]('b.c')).to.equal(null);
          expect(store[call]('unknown')).to.equal(undefined);
          expect(store[call]('ordinary'), 'it is no flash value').to.equal(undefined);
          expect(store[call]('temporary')).to.equal(undefined);
          expect(store[call]()).to.deep.equal({ a: 1, 'b.c': null });
        }
        expect(store.flashed('a', 'default')).to.equal(1);
        expect(store.flashed('b.c', 'default')).to.equal(null);
        expect(store.flashed('unknown', 'default')).to.equal('default');
        expect(store.flashed('unknown', () => 'computed')).to.equal('computed');
        expect(store.flashed('ordinary', 'default')).to.equal('default');
        expect(store.getFlashKeys()).to.have.members(['a', 'b.c']);
      };
      await visitor.request((store) => {
        store.put('ordinary', 1);
        store.temp('temporary', 1);
        store.flash({ a: 1, 'b.c': null });
        look(store);
      });
      await visitor.request(look);
    });

    it('pullFlash gets and removes, value and mark', async () => {
      const visitor = new Visitor();
      await visitor.request((store) => {
        store.flash({ a: 1, 'b.c': 2 });
        store.put('ordinary', 3);
      });
      await visitor.request((store) => {
        expect(store.pullFlash('a')).to.equal(1);
        expect(store.pullFlash('b.c', 'default')).to.equal(2);
        expect(store.pullFlash('a', 'default')).to.equal('default');
        expect(store.pullFlash('a', () => 'computed')).to.equal('computed');
        expect(store.pullFlash('ordinary')).to.equal(undefined);
        expect(store.exists('a') || store.exists('b.c')).to.equal(false);
        expect(store.get('ordinary')).to.equal(3);
        expect(store.getFlashKeys()).to.deep.equal([]);
      });
    });

    it('changes nothing in the store', async () => {
      const trace = traceHandler('full');
      await bootStore({ handler: trace.handler, touch_interval: 0, time_to_update: 0 });
      const read = (store: Store) => {
        store.getFlashdata();
        store.getFlashdata('a');
        store.flashed('a');
        store.flashed();
        store.getFlashKeys();
        store.getOldInput();
        store.getOldInput('a', 1);
        store.hasOldInput();
        store.hasOldInput('a');
        store.getTempdata();
        store.getTempdata('code');
        store.getTempKeys();
        store.all();
      };
      const visitor = new Visitor();
      await visitor.request((store) => store.put('a', 1));
      const stored = [...trace.records.values()].map((text) => text.replace(/^@\d+\|/, ''));
      trace.clear();
      await visitor.request(read);
      expect(trace.calls).to.include('updateTimestamp').and.not.to.include('write');

      await visitor.request((store) => store.temp('code', [1]));
      trace.clear();
      await visitor.request(read);
      expect(trace.calls).to.include('updateTimestamp').and.not.to.include('write');

      await visitor.request((store) => store.removeTempdata('code'));
      const now = [...trace.records.values()].map((text) => text.replace(/^@\d+\|/, ''));
      expect(now, 'and nothing is left behind').to.deep.equal(stored);
      await bootStore();
    });
  });

  describe('marking', () => {
    it('markAsFlashdata makes values flash values', async () => {
      const visitor = new Visitor();
      await visitor.request((store) => {
        store.put({ a: 1, b: { c: 2, d: 3 }, e: 4, nothing: null });
        expect(store.markAsFlashdata('a')).to.equal(true);
        expect(store.markAsFlashdata(['b.c', 'nothing'])).to.equal(true);
        expect(store.getFlashKeys()).to.have.members(['a', 'b.c', 'nothing']);
        expect(store.all()).to.deep.equal({ b: { d: 3 }, e: 4 });
      });
      await visitor.request((store) =>
        expect(store.getFlashdata()).to.deep.equal({ a: 1, 'b.c': 2, nothing: null }),
      );
      await visitor.request((store) => expect(store.all()).to.deep.equal({ b: { d: 3 }, e: 4 }));
    });

    it('markAsFlashdata says false, and marks nothing, when a key is absent', async () => {
      const visitor = new Visitor();
      await visitor.request((store) => {
        store.put('a', 1);
        expect(store.markAsFlashdata('unknown')).to.equal(false);
        expect(store.markAsFlashdata(['a', 'unknown'])).to.equal(false);
        expect(store.getFlashKeys()).to.deep.equal([]);
      });
    });

    it('unmarkFlashdata makes them ordinary, and touches no others', async () => {
      const visitor = new Visitor();
      await visitor.request((store) => {
        store.flash({ a: 1, 'b.c': 2, d: 3, e: 4 });
        store.temp('code', 5);
        store.unmarkFlashdata('a');
        store.unmarkFlashdata(['b.c', 'code', 'unknown']);
        expect(store.getFlashKeys()).to.have.members(['d', 'e']);
        expect(store.getTempKeys()).to.deep.equal(['code']);
      });
      await visitor.request((store) => store.unmarkFlashdata('d'));
      await visitor.request((store) => {
        expect(store.all()).to.deep.equal({ a: 1, b: { c: 2 }, d: 3 });
      });
    });
  });

  describe('forms', () => {
    it('flashInput, getOldInput, hasOldInput', async () => {
      const visitor = new Visitor();
      await visitor.request((store) => {
        expect(store.hasOldInput()).to.equal(false);
        expect(store.getOldInput()).to.deep.equal({});
        store.flashInput({ name: 'Ada', empty: '', none: null, address: { town: 'Yaoundé' } });
      });
      await visitor.request((store) => {
        expect(store.hasOldInput()).to.equal(true);
        expect(store.hasOldInput('name')).to.equal(true);
        expect(store.hasOldInput('address.town')).to.equal(true);
        expect(store.hasOldInput('none')).to.equal(false);
        expect(store.hasOldInput('unknown')).to.equal(false);
        expect(store.getOldInput('name')).to.equal('Ada');
        expect(store.getOldInput('empty', 'default')).to.equal('');
        expect(store.getOldInput('none', 'default')).to.equal(null);
        expect(store.getOldInput('address.town')).to.equal('Yaoundé');
        expect(store.getOldInput('unknown')).to.equal(undefined);
        expect(store.getOldInput('unknown', 'default')).to.equal('default');
        expect(store.getOldInput('unknown', () => 'computed')).to.equal('computed');
        expect(store.getOldInput()).to.deep.equal({
          name: 'Ada',
          empty: '',
          none: null,
          address: { town: 'Yaoundé' },
        });
        expect(store.all()).to.deep.equal({});
      });
      await visitor.request((store) => {
        expect(store.hasOldInput()).to.equal(false);
        expect(store.getOldInput('name', 'default')).to.equal('default');
      });
    });

    it('flashErrors keeps the errors of each form', async () => {
      const visitor = new Visitor();
      await visitor.request((store) => {
        store.flashErrors({ email: ['invalid'] });
        store.flashErrors(['wrong password'], 'login');
        store.flashErrors('closed', 'search');
      });
      await visitor.request((store) => {
        expect(store.get('errors')).to.deep.equal({
          default: { email: ['invalid'] },
          login: ['wrong password'],
          search: ['closed'],
        });
        expect(store.get('errors.login')).to.deep.equal(['wrong password']);
        expect(store.getFlashKeys()).to.deep.equal(['errors']);
      });
      await visitor.request((store) => expect(store.exists('errors')).to.equal(false));
    });
  });

  it('a read-only request sees flash values, and neither ages nor deletes them', async () => {
    const visitor = new Visitor();
    await visitor.request((store) => {
      store.flash('status', 'saved');
      store.temp('code', 1);
    });
    for (let i = 0; i < 3; i++) {
      await visitor.request(
        (store) => {
          expect(store.flashed('status')).to.equal('saved');
          expect(store.getTempdata('code')).to.equal(1);
          for (const change of [
            () => store.reflash(),
            () => store.pullFlash('status'),
            () => store.flash('x', 1),
          ]) {
            refusedAtOnce(change, 'E_SESSION_READ_ONLY');
          }
        },
        { readOnly: true },
      );
    }
    await visitor.request((store) => expect(store.get('status')).to.equal('saved'));
    await visitor.request((store) => expect(store.exists('status')).to.equal(false));
  });

  it('close() and start() within one request do not age flash values', async () => {
    const visitor = new Visitor();
    await visitor.request(async (store) => {
      store.flash('status', 'saved');
      for (let i = 0; i < 3; i++) {
        await store.close();
        await store.start();
        expect(store.flashed('status')).to.equal('saved');
      }
    });
    await visitor.request(async (store) => {
      await store.close();
      await store.start();
      expect(store.flashed('status')).to.equal('saved');
    });
    await visitor.request((store) => expect(store.exists('status')).to.equal(false));
  });

  it('live through regenerate, not through invalidate, except those flashed after', async () => {
    const visitor = new Visitor();
    await visitor.request(async (store) => {
      store.flash('welcome', 'hello');
      await store.regenerate();
      expect(store.flashed('welcome')).to.equal('hello');
    });
    await visitor.request(async (store) => {
      expect(store.flashed('welcome')).to.equal('hello');
      store.flash('before', 1);
      await store.invalidate();
      expect(store.getFlashdata()).to.deep.equal({});
      store.flash('farewell', 'bye');
    });
    await visitor.request((store) => expect(store.getFlashdata()).to.deep.equal({ farewell: 'bye' }));
    await visitor.request((store) => expect(store.getFlashdata()).to.deep.equal({}));
  });
});
