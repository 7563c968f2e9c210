import type { Store } from 'blitz-session';
import { ManualClock } from 'blitz-session/testing';
import { expect } from 'chai';
import { bootStore, closeStore, Visitor } from '../fixtures/store-app.js';

/** A moment within a second, so that whole seconds and moments are not the same. */
const START = 1_700_000_000_250;

describe('Store: temporary values', () => {
  let clock: ManualClock;
  beforeEach(async () => {
    clock = new ManualClock(START);
    await bootStore({}, { clock });
  });
  after(closeStore);

  /** Whether `key` is there `seconds` after `first`, for each of them, in requests of one visitor. */
  async function thereAfter(
    key: string,
    moments: number[],
    first: (store: Store) => void,
  ): Promise<boolean[]> {
    const visitor = new Visitor();
    await visitor.request(first);
    const there: boolean[] = [];
    let passed = 0;
    for (const moment of moments) {
      await clock.advance(moment - passed);
      passed = moment;
      await visitor.request((store) => {
        there.push(store.exists(key));
      });
    }
    return there;
  }

  describe('temp', () => {
    for (const call of ['temp', 'setTempdata'] as const) {
      it(`${call} deletes a value after its own delay, to the second`, async () => {
        expect(
          await thereAfter('code', [0, 9, 10, 11], (store) => store[call]('code', 'x', 10)),
        ).to.deep.equal([true, true, true, false]);
      });

      it(`${call}: 0 or absent means 300`, async () => {
        const moments = [299, 301];
        expect(await thereAfter('code', moments, (store) => store[call]('code', 'x'))).to.deep.equal([
          true,
          false,
        ]);
        expect(await thereAfter('code', moments, (store) => store[call]('code', 'x', 0))).to.deep.equal([
          true,
          false,
        ]);
        expect(await thereAfter('a', moments, (store) => store[call]({ a: 1 }))).to.deep.equal([true, false]);
        expect(await thereAfter('a', moments, (store) => store[call]({ a: 1 }, null))).to.deep.equal([
          true,
          false,
        ]);
        expect(await thereAfter('a', moments, (store) => store[call]({ a: 1 }, null, 0))).to.deep.equal([
          true,
          false,
        ]);
      });

      it(`${call}: an integer value is a value, never a delay`, async () => {
        expect(await thereAfter('n', [59, 61], (store) => store[call]({ n: 5 }, null, 60))).to.deep.equal([
          true,
          false,
        ]);
        expect(await thereAfter('n', [299, 301], (store) => store[call]('n', 5))).to.deep.equal([
          true,
          false,
        ]);
        const visitor = new Visitor();
        await visitor.request((store) => store[call]({ n: 5, 'm.n': 1_700_000_000 }, null, 60));
        await visitor.request((store) => {
          expect(store.getTempdata()).to.deep.equal({ n: 5, 'm.n': 1_700_000_000 });
        });
      });

      it(`${call} keeps null and dotted keys like any other`, async () => {
        expect(await thereAfter('n', [9, 11], (store) => store[call]('n', null, 10))).to.deep.equal([
          true,
          false,
        ]);
        expect(await thereAfter('a.b', [9, 11], (store) => store[call]('a.b', 1, 10))).to.deep.equal([
          true,
          false,
        ]);
      });
    }

    it('keeps a value longer than others ask for theirs', async () => {
      const visitor = new Visitor();
      await visitor.request((store) => {
        store.temp('short', 1, 10);
        store.temp({ long: 2, 'user.code': 3 }, null, 100);
        store.put('user.name', 'Ada');
      });
      await clock.advance(50);
      await visitor.request((store) =>
        expect(store.getTempdata()).to.deep.equal({ long: 2, 'user.code': 3 }),
      );
      await clock.advance(51);
      await visitor.request((store) => {
        expect(store.getTempdata()).to.deep.equal({});
        expect(store.all()).to.deep.equal({ user: { name: 'Ada' } });
      });
    });

    it('again gives a new delay; put makes the value ordinary', async () => {
      expect(
        await thereAfter('code', [30, 61], (store) => {
          store.temp('code', 1, 10);
          store.temp('code', 2, 60);
        }),
      ).to.deep.equal([true, false]);
      expect(
        await thereAfter('code', [301, 3000], (store) => {
          store.temp('code', 1, 10);
          store.put('code', 2);
          expect(store.getTempKeys()).to.deep.equal([]);
        }),
      ).to.deep.equal([true, true]);
    });

    it('lives whatever the session does: renewed, closed, started again', async () => {
      const visitor = new Visitor();
      await visitor.request(async (store) => {
        store.temp('code', 1, 10);
        await store.regenerate();
        await store.close();
        await store.start();
      });
      await clock.advance(9);
      await visitor.request((store) => expect(store.getTempdata('code')).to.equal(1));
      await clock.advance(2);
      await visitor.request((store) => expect(store.getTempdata('code')).to.equal(undefined));
    });
  });

  it('delays are judged when the session is opened; a value present then stays for the request', async () => {
    const visitor = new Visitor();
    await visitor.request((store) => store.temp('code', 1, 10));
    await clock.advance(9);
    await visitor.request(async (store) => {
      await clock.advance(100);
      expect(store.get('code')).to.equal(1);
      expect(store.getTempdata()).to.deep.equal({ code: 1 });
      expect(store.getTempKeys()).to.deep.equal(['code']);
      await store.close();
      expect(store.get('code')).to.equal(1);
      await store.start();
      expect(store.get('code'), 'it is still the same request').to.equal(1);
    });
    await visitor.request((store) => {
      expect(store.exists('code')).to.equal(false);
      expect(store.getTempKeys()).to.deep.equal([]);
    });
  });

  it('getTempdata: one value, or all by their keys', async () => {
    const visitor = new Visitor();
    const look = (store: Store) => {
      expect(store.getTempdata('code')).to.equal(1234);
      expect(store.getTempdata('a.b')).to.equal(null);
      expect(store.getTempdata('ordinary')).to.equal(undefined);
      expect(store.getTempdata('status')).to.equal(undefined);
      expect(store.getTempdata('unknown')).to.equal(undefined);
      expect(store.getTempdata()).to.deep.equal({ code: 1234, 'a.b': null });
      expect(store.getTempKeys()).to.have.members(['code', 'a.b']);
      expect(store.get('code')).to.equal(1234);
      expect(store.all()).to.deep.equal({ ordinary: 1, a: {} });
    };
    await visitor.request((store) => {
      store.put('ordinary', 1);
      store.flash('status', 'saved');
      store.temp({ code: 1234, 'a.b': null });
      look(store);
    });
    await visitor.request(look);
  });

  it('remove leaves the marker until the next request', async () => {
    const visitor = new Visitor();
    await visitor.request((store) => {
      store.temp({ code: 1, 'a.b': 2 }, null, 100);
      store.remove(['code', 'a.b']);
      expect(store.exists('code') || store.exists('a.b')).to.equal(false);
      expect(store.getTempKeys()).to.have.members(['code', 'a.b']);
      expect(store.getTempdata()).to.deep.equal({});
    });
    await visitor.request((store) => {
      expect(store.getTempKeys()).to.deep.equal([]);
      store.put('code', 'ordinary');
    });
    await clock.advance(200);
    await visitor.request((store) => expect(store.get('code')).to.equal('ordinary'));
  });

  it('removeTempdata leaves nothing', async () => {
    const visitor = new Visitor();
    await visitor.request((store) => {
      store.temp({ code: 1, 'a.b': 2, more: 3, kept: 4 });
      store.put('ordinary', 5);
      store.flash('status', 6);
      store.removeTempdata('code');
      store.removeTempdata(['a.b', 'more', 'ordinary', 'status', 'unknown']);
      expect(store.getTempKeys()).to.deep.equal(['kept']);
      expect(store.exists('code') || store.exists('a.b') || store.exists('more')).to.equal(false);
      expect(store.get('ordinary')).to.equal(5);
      expect(store.get('status')).to.equal(6);
      store.remove('kept');
      store.removeTempdata('kept');
      expect(store.getTempKeys(), 'also the marker of a value that is gone').to.deep.equal([]);
    });
  });

  it('markAsTempdata gives values a delay', async () => {
    const visitor = new Visitor();
    await visitor.request((store) => {
      store.put({ a: 1, b: { c: 2, d: 3 }, e: 4, f: 5, g: 6, h: null });
      expect(store.markAsTempdata('a', 10)).to.equal(true);
      expect(store.markAsTempdata(['b.c', 'h'], 20)).to.equal(true);
      expect(store.markAsTempdata('e')).to.equal(true);
      expect(store.markAsTempdata({ f: 30, g: 0 })).to.equal(true);
      expect(store.getTempKeys()).to.have.members(['a', 'b.c', 'h', 'e', 'f', 'g']);
      expect(store.all()).to.deep.equal({ b: { d: 3 } });
    });
    const left = async () => {
      let keys: string[] = [];
      await visitor.request((store) => {
        keys = store.getTempKeys();
      });
      return keys;
    };
    await clock.advance(11);
    expect(await left()).to.have.members(['b.c', 'h', 'e', 'f', 'g']);
    await clock.advance(10);
    expect(await left()).to.have.members(['e', 'f', 'g']);
    await clock.advance(10);
    expect(await left(), '0 means 300').to.have.members(['e', 'g']);
    await clock.advance(270);
    expect(await left()).to.deep.equal([]);
    await visitor.request((store) => expect(store.all()).to.deep.equal({ b: { d: 3 } }));
  });

  it('markAsTempdata says false, and marks nothing, when a key is absent', async () => {
    await new Visitor().request((store) => {
      store.put('a', 1);
      expect(store.markAsTempdata(['a', 'unknown'], 10)).to.equal(false);
      expect(store.markAsTempdata({ a: 10, 'a.b': 10 })).to.equal(false);
      expect(store.getTempKeys()).to.deep.equal([]);
    });
  });

  it('unmarkTempdata makes values ordinary, and touches no others', async () => {
    const visitor = new Visitor();
    await visitor.request((store) => {
      store.temp({ a: 1, 'b.c': 2, d: 3 }, null, 10);
      store.flash('status', 'saved');
      store.unmarkTempdata('a');
      store.unmarkTempdata(['b.c', 'status', 'unknown']);
      expect(store.getTempKeys()).to.deep.equal(['d']);
      expect(store.getFlashKeys()).to.deep.equal(['status']);
    });
    await clock.advance(11);
    await visitor.request(() => {});
    await visitor.request((store) => expect(store.all()).to.deep.equal({ a: 1, b: { c: 2 } }));
  });
});
