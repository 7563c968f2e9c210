import { setImmediate } from 'node:timers/promises';
import { ArrayHandler, Session, type Store } from 'blitz-session';
import { ShiftedClock, traceHandler } from 'blitz-session/testing';
import { expect } from 'chai';
import {
  bootStore,
  closeStore,
  cookieOf,
  refusal,
  refusedAtOnce,
  serve,
  Visitor,
} from '../fixtures/store-app.js';

/** Every call that changes something, in a store whose `key` is a number and whose `list` is a list. */
const CHANGES: Record<string, (store: Store) => unknown> = {
  put: (store) => store.put('a', 1),
  'put({…})': (store) => store.put({ a: 1 }),
  set: (store) => store.set(['a']),
  push: (store) => store.push('list', 1),
  'push (new)': (store) => store.push('absent', 1),
  pull: (store) => store.pull('key'),
  increment: (store) => store.increment('key'),
  decrement: (store) => store.decrement('absent'),
  remember: (store) => store.remember('absent', () => 1),
  replace: (store) => store.replace({ a: 1 }),
  flush: (store) => store.flush(),
  remove: (store) => store.remove('key'),
  flash: (store) => store.flash('a', 1),
  now: (store) => store.now('a', 1),
  reflash: (store) => store.reflash(),
  keep: (store) => store.keep('a'),
  pullFlash: (store) => store.pullFlash('a'),
  setFlashdata: (store) => store.setFlashdata('a', 1),
  keepFlashdata: (store) => store.keepFlashdata('a'),
  markAsFlashdata: (store) => store.markAsFlashdata('key'),
  unmarkFlashdata: (store) => store.unmarkFlashdata('a'),
  flashInput: (store) => store.flashInput({ a: 1 }),
  flashErrors: (store) => store.flashErrors('no'),
  temp: (store) => store.temp('a', 1),
  setTempdata: (store) => store.setTempdata('a', 1),
  removeTempdata: (store) => store.removeTempdata('a'),
  markAsTempdata: (store) => store.markAsTempdata('key', 10),
  unmarkTempdata: (store) => store.unmarkTempdata('a'),
  regenerateToken: (store) => store.regenerateToken(),
  setPreviousUrl: (store) => store.setPreviousUrl('/'),
  passwordConfirmed: (store) => store.passwordConfirmed(),
  regenerate: (store) => store.regenerate(),
  invalidate: (store) => store.invalidate(),
};

async function refusesChanges(store: Store, code: 'E_SESSION_CLOSED' | 'E_SESSION_READ_ONLY'): Promise<void> {
  for (const [name, change] of Object.entries(CHANGES)) {
    const error = await refusal(() => change(store), code);
    expect(error.message, name).to.include(String(error.details['call']));
  }
}

const hexadecimal = /^[0-9a-f]{32}$/;

describe('Store: the life of a session', () => {
  const unhandled: unknown[] = [];
  const note = (reason: unknown) => void unhandled.push(reason);
  let clock: ShiftedClock;

  before(() => void process.on('unhandledRejection', note));
  beforeEach(async () => {
    clock = new ShiftedClock();
    await bootStore({}, { clock });
  });
  afterEach(async () => {
    await setImmediate();
    expect(unhandled.splice(0), 'unhandled rejections').to.deep.equal([]);
  });
  after(async () => {
    process.off('unhandledRejection', note);
    await closeStore();
  });

  describe('an ordinary request', () => {
    it('starts, is written and freed by itself', async () => {
      const visitor = new Visitor();
      await visitor.request((store) => {
        expect(store.isStarted()).to.equal(true);
        expect(store.id).to.match(hexadecimal);
        store.put('a', 1);
      });
      const { id } = visitor;
      await visitor.request((store) => {
        expect(store.get('a')).to.equal(1);
        expect(store.id).to.equal(id);
      });
    });

    it('is also saved when user code throws, at once or later', async () => {
      const visitor = new Visitor();
      await visitor.request(() => {});
      for (const [i, fail] of [
        () => {
          throw new Error('handler');
        },
        async () => {
          await setImmediate();
          throw new Error('handler');
        },
      ].entries()) {
        const failed = visitor.request((store) => {
          store.put('i', i);
          return fail();
        });
        await failed.then(
          () => expect.fail('the error must come through'),
          (error: Error) => expect(error.message).to.equal('handler'),
        );
        await visitor.request((store) => expect(store.get('i')).to.equal(i));
      }
    });

    it('after its end the store reads, and refuses changes', async () => {
      let kept!: Store;
      await Session.run(undefined, (store) => {
        kept = store;
        store.put({ key: 1, list: [] });
      });
      expect(kept.get('key')).to.equal(1);
      expect(kept.isStarted()).to.equal(false);
      await refusesChanges(kept, 'E_SESSION_CLOSED');
    });
  });

  describe('close', () => {
    it('writes and frees the lock at once; afterwards reading works', async () => {
      const visitor = new Visitor();
      await visitor.request(() => {});
      await visitor.request(async (store) => {
        store.put({ key: 1, list: ['x'] });
        const { id } = store;
        await store.close();
        expect(store.isStarted()).to.equal(false);
        expect(store.id).to.equal(id);
        await Session.run(id, (other) => expect(other.get('key')).to.equal(1));
        expect(store.get('key')).to.equal(1);
        expect(store.all()).to.deep.equal({ key: 1, list: ['x'] });
        expect(store.token()).to.have.length(40);
        expect(store.remember('key', () => 2)).to.equal(1);
      });
    });

    it('afterwards every change throws E_SESSION_CLOSED, and changes nothing', async () => {
      const visitor = new Visitor();
      await visitor.request((store) => store.put({ key: 1, list: ['x'] }));
      await visitor.request(async (store) => {
        const token = store.token();
        await store.close();
        await refusesChanges(store, 'E_SESSION_CLOSED');
        expect(store.all()).to.deep.equal({ key: 1, list: ['x'] });
        expect(store.getFlashKeys().concat(store.getTempKeys())).to.deep.equal([]);
        expect(store.token()).to.equal(token);
      });
      await visitor.request((store) => expect(store.all()).to.deep.equal({ key: 1, list: ['x'] }));
    });

    it('takes effect in memory at the call', async () => {
      await Session.run(undefined, (store) => {
        void store.close();
        expect(store.isStarted()).to.equal(false);
        refusedAtOnce(() => store.put('a', 1), 'E_SESSION_CLOSED');
      });
    });

    it('a second time does nothing more', async () => {
      const visitor = new Visitor();
      await visitor.request(async (store) => {
        store.put('a', 1);
        await store.close();
        await store.close();
      });
      await visitor.request((store) => expect(store.get('a')).to.equal(1));
    });

    it('of a new session makes it known to others', async () => {
      await Session.run(undefined, async (store) => {
        store.put('a', 1);
        await store.close();
        await Session.run(store.id, (other) => expect(other.get('a')).to.equal(1));
      });
    });
  });

  describe('start', () => {
    it('locks and reads again after close', async () => {
      const visitor = new Visitor();
      await visitor.request((store) => store.put('n', 1));
      await visitor.request(async (store) => {
        await store.close();
        await Session.run(store.id, (other) => other.increment('n'));
        expect(store.get('n'), 'as it was').to.equal(1);
        await store.start();
        expect(store.isStarted()).to.equal(true);
        expect(store.get('n'), 'as it is').to.equal(2);
        store.increment('n');
        await refusal(() => Session.run(store.id, () => {}), 'E_SESSION_NESTED');
      });
      await visitor.request((store) => expect(store.get('n')).to.equal(3));
    });

    it('does nothing while the session is open', async () => {
      const visitor = new Visitor();
      await visitor.request(async (store) => {
        store.put('a', 1);
        const { id } = store;
        await store.start();
        expect([store.get('a'), store.id]).to.deep.equal([1, id]);
      });
      await visitor.request(async (store) => {
        store.put('b', 2);
        await store.start();
        expect(store.get('b')).to.equal(2);
      });
      await visitor.request((store) => expect(store.all()).to.deep.equal({ a: 1, b: 2 }));
    });

    it('waits for the request that has the session meanwhile', async () => {
      const visitor = new Visitor();
      await visitor.request((store) => store.put('n', 1));
      await visitor.request(async (store) => {
        await store.close();
        let entered!: () => void;
        const inside = new Promise<void>((resolve) => {
          entered = resolve;
        });
        const other = Session.run(store.id, async (neighbour) => {
          entered();
          for (let i = 0; i < 5; i++) await setImmediate();
          neighbour.put('n', 10);
        });
        await inside;
        await store.start();
        expect(store.get('n')).to.equal(10);
        await other;
      });
    });
  });

  describe('destroy', () => {
    it('deletes data, flash and temporary values; afterwards reads find an empty session', async () => {
      const visitor = new Visitor();
      await visitor.request((store) => {
        store.put({ key: 1, list: [] });
        store.flash('status', 'saved');
        store.temp('code', 1);
      });
      const { id } = visitor;
      await visitor.request(async (store) => {
        store.put('more', 2);
        await store.destroy();
        expect(store.all()).to.deep.equal({});
        expect(store.getFlashdata()).to.deep.equal({});
        expect(store.getTempdata()).to.deep.equal({});
        expect(store.get('key', 'default')).to.equal('default');
        expect(store.exists('status') || store.exists('code')).to.equal(false);
        expect(store.isStarted()).to.equal(false);
      });
      await refusal(() => Session.run(id, () => {}), 'E_SESSION_UNKNOWN_ID');
    });

    it('afterwards changes throw E_SESSION_CLOSED', async () => {
      await Session.run(undefined, async (store) => {
        store.put({ key: 1, list: [] });
        await store.destroy();
        await refusesChanges(store, 'E_SESSION_CLOSED');
        refusedAtOnce(() => store.token(), 'E_SESSION_CLOSED');
        expect(store.all()).to.deep.equal({});
      });
    });

    it('takes effect in memory at the call, and in the store when nobody awaits it', async () => {
      const visitor = new Visitor();
      await visitor.request((store) => store.put('a', 1));
      await visitor.request((store) => {
        void store.destroy();
        expect(store.exists('a')).to.equal(false);
        refusedAtOnce(() => store.put('a', 2), 'E_SESSION_CLOSED');
      });
      await refusal(() => visitor.request(() => {}), 'E_SESSION_UNKNOWN_ID');
    });

    it('of a new session leaves nothing in the store', async () => {
      const trace = traceHandler();
      await bootStore({ handler: trace.handler });
      await Session.run(undefined, async (store) => {
        store.put('a', 1);
        await store.destroy();
      });
      expect([...trace.records]).to.deep.equal([]);
    });

    it('after close deletes what was written', async () => {
      const visitor = new Visitor();
      await visitor.request(async (store) => {
        store.put('a', 1);
        await store.close();
        await store.destroy();
        expect(store.exists('a')).to.equal(false);
      });
      await refusal(() => visitor.request(() => {}), 'E_SESSION_UNKNOWN_ID');
    });

    const UNDER_WAY: Record<string, (store: Store) => unknown> = {
      'close, destroy': (store) => [store.close(), store.destroy()],
      'start, close, destroy': (store) => [store.start(), store.close(), store.destroy()],
      'regenerate, destroy': (store) => [store.regenerate(), store.destroy()],
      'regenerate, close, destroy': (store) => [store.regenerate(), store.close(), store.destroy()],
      'invalidate, close, destroy': (store) => [store.invalidate(), store.close(), store.destroy()],
      'close, start, destroy': (store) => [store.close(), store.start(), store.destroy()],
    };
    for (const [name, way] of Object.entries(UNDER_WAY)) {
      it(`deletes also what is still under way, none of it awaited: ${name}`, async () => {
        const visitor = new Visitor();
        const ids = new Set<string>();
        await visitor.request((store) => {
          ids.add(store.id);
          store.put('secret', 1);
        });
        await visitor.request((store) => {
          way(store);
          ids.add(store.id);
        });
        for (const id of ids) {
          const left = await Session.run(id, (store) => store.get('secret')).catch(() => undefined);
          expect(left).to.equal(undefined);
        }
      });
    }

    it('twice does nothing more; start() after it begins a new session', async () => {
      const visitor = new Visitor();
      await visitor.request((store) => store.put('a', 1));
      const { id } = visitor;
      await visitor.request(async (store) => {
        await store.destroy();
        await store.destroy();
        await store.start();
        expect(store.isStarted()).to.equal(true);
        expect(store.id).to.match(hexadecimal).and.not.equal(id);
        expect(store.all()).to.deep.equal({});
        store.put('b', 2);
      });
      await visitor.request((store) => expect(store.all()).to.deep.equal({ b: 2 }));
      await refusal(() => Session.run(id, () => {}), 'E_SESSION_UNKNOWN_ID');
    });

    it('expires the cookie', async () => {
      const app = await bootStore();
      const server = await serve(app, async (request, response) => {
        if (request.url === '/out') await request.session().destroy();
        else request.session().put('a', 1);
        response.end();
      });
      try {
        const cookie = cookieOf(await fetch(server.url)) ?? '';
        const out = await fetch(`${server.url}out`, { headers: { cookie } });
        const [header = ''] = out.headers.getSetCookie();
        expect(header)
          .to.match(/^blitz_session=/)
          .and.to.match(/max-age=0/i);
        expect(Date.parse(/expires=([^;]+)/i.exec(header)?.[1] ?? '')).to.be.lessThan(Date.now());
        await refusal(() => Session.run(cookie, () => {}), 'E_SESSION_UNKNOWN_ID');
      } finally {
        await server.close();
      }
    });
  });

  describe('invalidate', () => {
    it('destroys and goes on with a new empty session', async () => {
      const visitor = new Visitor();
      await visitor.request((store) => {
        store.put('a', 1);
        store.flash('status', 'saved');
        store.temp('code', 1);
      });
      const { id } = visitor;
      await visitor.request(async (store) => {
        const token = store.token();
        await store.invalidate();
        expect(store.isStarted()).to.equal(true);
        expect(store.id).to.match(hexadecimal).and.not.equal(id);
        expect(store.token()).to.have.length(40).and.not.equal(token);
        expect(store.all()).to.deep.equal({});
        expect(store.getFlashdata()).to.deep.equal({});
        expect(store.getTempdata()).to.deep.equal({});
        store.flash('farewell', 'bye');
        store.put('b', 2);
      });
      await refusal(() => Session.run(id, () => {}), 'E_SESSION_UNKNOWN_ID');
      expect(visitor.id).not.to.equal(id);
      await visitor.request((store) => {
        expect(store.all()).to.deep.equal({ b: 2 });
        expect(store.get('farewell')).to.equal('bye');
      });
    });

    it('takes effect in memory at the call, and in the store when nobody awaits it', async () => {
      const visitor = new Visitor();
      await visitor.request((store) => store.put('a', 1));
      const { id } = visitor;
      await visitor.request((store) => {
        void store.invalidate();
        expect(store.exists('a')).to.equal(false);
        expect(store.id).not.to.equal(id);
        store.put('b', 2);
      });
      await refusal(() => Session.run(id, () => {}), 'E_SESSION_UNKNOWN_ID');
      await visitor.request((store) => expect(store.all()).to.deep.equal({ b: 2 }));
    });

    it('after regenerate leaves neither id', async () => {
      const visitor = new Visitor();
      await visitor.request((store) => store.put('a', 1));
      const { id } = visitor;
      let renewed = '';
      await visitor.request(async (store) => {
        await store.regenerate();
        renewed = store.id;
        await store.invalidate();
      });
      expect(new Set([id, renewed, visitor.id]).size).to.equal(3);
      await refusal(() => Session.run(id, () => {}), 'E_SESSION_UNKNOWN_ID');
      await refusal(() => Session.run(renewed, () => {}), 'E_SESSION_UNKNOWN_ID');
      await visitor.request((store) => expect(store.all()).to.deep.equal({}));
    });
  });

  describe('regenerate', () => {
    for (const destroy of [undefined, false, true]) {
      it(`regenerate(${destroy ?? ''}) gives the same data a new id and token`, async () => {
        const visitor = new Visitor();
        await visitor.request((store) => {
          store.put({ user: { id: 1 } });
          store.flash('status', 'saved');
          store.temp('code', 7);
        });
        const { id } = visitor;
        await visitor.request(async (store) => {
          const token = store.token();
          await (destroy === undefined ? store.regenerate() : store.regenerate(destroy));
          expect(store.id).to.match(hexadecimal).and.not.equal(id);
          expect(store.token()).to.have.length(40).and.not.equal(token);
          expect(store.get('user')).to.deep.equal({ id: 1 });
          expect(store.flashed('status')).to.equal('saved');
          expect(store.getTempdata('code')).to.equal(7);
          store.put('more', 1);
        });
        await refusal(() => Session.run(id, () => {}), 'E_SESSION_UNKNOWN_ID');
        await visitor.request((store) => {
          expect(store.id).not.to.equal(id);
          expect(store.all()).to.deep.equal({ user: { id: 1 }, more: 1 });
          expect(store.getTempdata('code')).to.equal(7);
        });
      });
    }

    it('takes effect in memory at the call, and in the store when nobody awaits it', async () => {
      const visitor = new Visitor();
      await visitor.request((store) => store.put('a', 1));
      const { id } = visitor;
      await visitor.request((store) => {
        const token = store.token();
        void store.regenerate();
        expect(store.id).to.match(hexadecimal).and.not.equal(id);
        expect(store.token()).not.to.equal(token);
        store.put('b', 2);
      });
      await refusal(() => Session.run(id, () => {}), 'E_SESSION_UNKNOWN_ID');
      await visitor.request((store) => expect(store.all()).to.deep.equal({ a: 1, b: 2 }));
    });

    it('of a new session, and several times', async () => {
      const visitor = new Visitor();
      const ids = new Set<string>();
      await visitor.request(async (store) => {
        store.put('n', 0);
        for (let i = 0; i < 3; i++) {
          ids.add(store.id);
          await store.regenerate();
        }
      });
      for (let i = 0; i < 3; i++) {
        await visitor.request(async (store) => {
          ids.add(store.id);
          store.increment('n');
          await store.regenerate();
          ids.add(store.id);
          await store.close();
          await store.start();
          await store.regenerate();
        });
      }
      ids.delete(visitor.id as string);
      expect(ids.size).to.equal(3 + 2 * 3);
      for (const id of ids) await refusal(() => Session.run(id, () => {}), 'E_SESSION_UNKNOWN_ID');
      await visitor.request((store) => expect(store.all()).to.deep.equal({ n: 3 }));
    });

    it('then destroy leaves neither id', async () => {
      const visitor = new Visitor();
      await visitor.request((store) => store.put('a', 1));
      const { id } = visitor;
      await visitor.request(async (store) => {
        await store.regenerate();
        await store.destroy();
      });
      await refusal(() => Session.run(id, () => {}), 'E_SESSION_UNKNOWN_ID');
      await refusal(() => visitor.request(() => {}), 'E_SESSION_UNKNOWN_ID');
    });
  });

  describe('operations that nobody awaits', () => {
    /** Whose store takes its time, and notes what it did. */
    const done: string[] = [];
    class SlowHandler extends ArrayHandler {
      override async commit(id: string, data: string | null, keep: boolean): Promise<void> {
        for (let i = 0; i < 5; i++) await setImmediate();
        super.commit(id, data, keep);
        done.push('commit');
      }
      override async destroy(id: string): Promise<void> {
        for (let i = 0; i < 5; i++) await setImmediate();
        super.destroy(id);
        done.push('destroy');
      }
    }

    it('are finished before the end', async () => {
      await bootStore({ handler: SlowHandler });
      const visitor = new Visitor();
      await visitor.request((store) => store.put('a', 1));
      done.length = 0;
      await visitor.request((store) => {
        store.put('a', 2);
        void store.close();
        expect(done).to.deep.equal([]);
      });
      expect(done).to.deep.equal(['commit']);
      await visitor.request((store) => {
        expect(store.get('a')).to.equal(2);
        void store.destroy();
        expect(done).to.deep.equal(['commit']);
      });
      expect(done).to.deep.equal(['commit', 'destroy']);
    });

    it('happen in the order of the calls', async () => {
      await bootStore({ handler: SlowHandler });
      const visitor = new Visitor();
      await visitor.request((store) => store.put('a', 1));
      done.length = 0;
      const { id } = visitor;
      await visitor.request(async (store) => {
        store.put('a', 2);
        void store.close();
        const started = store.start();
        expect(store.isStarted(), 'not before it has the lock').to.equal(false);
        await started;
        expect(store.get('a')).to.equal(2);
        void store.regenerate();
        void store.close();
      });
      expect(visitor.id).not.to.equal(id);
      await refusal(() => Session.run(id, () => {}), 'E_SESSION_UNKNOWN_ID');
      await visitor.request((store) => expect(store.get('a')).to.equal(2));
    });

    it('are finished before the response leaves', async () => {
      const app = await bootStore({ handler: SlowHandler });
      const server = await serve(app, (request, response) => {
        request.session().increment('n');
        void request.session().close();
        response.end(String(request.session().get('n')));
      });
      try {
        const first = await fetch(server.url);
        const cookie = cookieOf(first) ?? '';
        done.length = 0;
        await fetch(server.url, { headers: { cookie } });
        expect(done).to.deep.equal(['commit']);
        await Session.run(cookie, (store) => expect(store.get('n')).to.equal(2));
      } finally {
        await server.close();
      }
    });

    for (const how of ['throw', 'false'] as const) {
      it(`a failure (${how}) that nobody awaited surfaces at the end`, async () => {
        const trace = traceHandler('full');
        await bootStore({ handler: trace.handler });
        const visitor = new Visitor();
        await visitor.request((store) => store.put('a', 1));
        trace.fail('write', how);
        const saving = await refusal(
          () =>
            visitor.request(async (store) => {
              store.put('a', 2);
              void store.close();
              for (let i = 0; i < 3; i++) await setImmediate();
            }),
          'E_SESSION_BACKEND',
        );
        expect(saving.details).to.include({ operation: 'write' });
        trace.clear();
        trace.fail('destroy', how);
        for (const call of ['destroy', 'invalidate'] as const) {
          const removing = await refusal(
            () =>
              Session.run(visitor.id, (store) => {
                void store[call]();
              }),
            'E_SESSION_BACKEND',
          );
          expect(removing.details).to.include({ operation: 'destroy' });
        }
        trace.clear();
        await visitor.request((store) => expect(store.get('a'), 'nothing is lost').to.equal(1));
      });
    }

    it('the first of several failures surfaces, and the lock is freed', async () => {
      const trace = traceHandler();
      await bootStore({ handler: trace.handler });
      const visitor = new Visitor();
      await visitor.request((store) => store.put('a', 1));
      trace.fail('write', 'throw');
      trace.fail('destroy', 'throw');
      const error = await refusal(
        () =>
          visitor.request((store) => {
            store.put('a', 2);
            void store.close();
            void store.destroy();
          }),
        'E_SESSION_BACKEND',
      );
      expect(error.details).to.include({ operation: 'write' });
      trace.clear();
      await visitor.request((store) => expect(store.get('a')).to.equal(1));
    });

    it('it surfaces as the error response', async () => {
      const trace = traceHandler();
      const app = await bootStore({ handler: trace.handler });
      const server = await serve(app, (request, response) => {
        request.session().put('a', 1);
        void request.session().close();
        response.end('saved');
      });
      try {
        trace.fail('write', 'throw');
        const response = await fetch(server.url);
        expect(response.status).to.equal(503);
        expect(response.headers.getSetCookie()).to.deep.equal([]);
        expect(await response.text()).not.to.include('saved');
      } finally {
        await server.close();
      }
    });

    it('a value that cannot be kept, written by an unawaited close, surfaces too', async () => {
      const visitor = new Visitor();
      await visitor.request((store) => store.put('list', [1]));
      const error = await refusal(
        () =>
          visitor.request((store) => {
            store.get<unknown[]>('list')!.push(() => {});
            void store.close();
          }),
        'E_SESSION_VALUE',
      );
      expect(error.details).to.include({ key: 'list.1' });
      await visitor.request((store) => expect(store.get('list')).to.deep.equal([1]));
    });

    it('a failure that was awaited and caught does not surface', async () => {
      const trace = traceHandler();
      await bootStore({ handler: trace.handler });
      const visitor = new Visitor();
      await visitor.request((store) => store.put('a', 1));
      const caught: unknown[] = [];
      const ways: ((store: Store) => Promise<void>)[] = [
        async (store) => {
          try {
            await store.close();
          } catch (error) {
            caught.push(error);
          }
        },
        async (store) => {
          await store.close().catch((error) => caught.push(error));
        },
        async (store) => {
          store.close().then(undefined, (error) => caught.push(error));
        },
        async (store) => {
          const [outcome] = await Promise.allSettled([store.close()]);
          if (outcome?.status === 'rejected') caught.push(outcome.reason);
        },
      ];
      for (const [i, way] of ways.entries()) {
        trace.fail('write', 'throw');
        await visitor.request((store) => {
          store.put('i', i);
          return way(store);
        });
        trace.clear();
        expect(caught.splice(0), String(i)).to.have.length(1);
        await visitor.request((store) => expect(store.exists('i')).to.equal(false));
      }
    });

    it('an awaited failure that nobody caught comes through', async () => {
      const trace = traceHandler();
      await bootStore({ handler: trace.handler });
      const visitor = new Visitor();
      await visitor.request((store) => store.put('a', 1));
      trace.fail('write', 'throw');
      await refusal(
        () =>
          visitor.request(async (store) => {
            store.put('a', 2);
            await store.close();
          }),
        'E_SESSION_BACKEND',
      );
      await refusal(
        () =>
          visitor.request((store) => {
            store.put('a', 2);
            return store.close();
          }),
        'E_SESSION_BACKEND',
      );
    });
  });

  describe('token', () => {
    it('is 40 random characters, made at start', async () => {
      const trace = traceHandler();
      await bootStore({ handler: trace.handler });
      const visitor = new Visitor();
      const seen = new Set<string>();
      for (let i = 0; i < 20; i++) {
        await Session.run(undefined, (store) => {
          expect(store.token()).to.match(/^[A-Za-z0-9]{40}$/);
          expect(store.token()).to.equal(store.token());
          seen.add(store.token());
        });
      }
      expect(seen.size).to.equal(20);
      trace.records.clear();
      await visitor.request(() => {});
      const [record = ''] = [...trace.records.values()];
      expect(record, 'before anybody asked').to.match(/"_token":"[A-Za-z0-9]{40}"/);
      await visitor.request((store) => expect(record).to.include(store.token()));
    });

    it('is made at first use when save_uninitialized is false', async () => {
      const trace = traceHandler();
      await bootStore({ handler: trace.handler, save_uninitialized: false });
      const visitor = new Visitor();
      await Session.run(undefined, (store) => {
        store.getFlashdata();
        store.all();
      });
      expect(trace.records.size, 'nothing was stored').to.equal(0);
      await visitor.request((store) => store.put('a', 1));
      expect([...trace.records.values()].join()).not.to.include('_token');
      let token = '';
      await visitor.request((store) => {
        token = store.token();
        expect(token).to.match(/^[A-Za-z0-9]{40}$/);
      });
      await visitor.request((store) => expect(store.token()).to.equal(token));
      await Session.run(undefined, (store) => expect(store.token()).to.have.length(40));
      expect(trace.records.size, 'a token is something stored').to.equal(2);
    });

    it('is renewed by regenerateToken and by regenerate()', async () => {
      const visitor = new Visitor();
      const tokens: string[] = [];
      await visitor.request(async (store) => {
        tokens.push(store.token(), store.regenerateToken());
        expect(store.token()).to.equal(tokens[1]);
        await store.regenerate();
        tokens.push(store.token());
      });
      await visitor.request((store) => expect(store.token()).to.equal(tokens[2]));
      expect(new Set(tokens).size).to.equal(3);
      for (const token of tokens) expect(token).to.match(/^[A-Za-z0-9]{40}$/);
    });

    it('is not renewed by the automatic renewal', async () => {
      const app = await bootStore({ time_to_update: 300 }, { clock });
      const server = await serve(app, (request, response) => response.end(request.session().token()));
      try {
        const first = await fetch(server.url);
        const token = await first.text();
        const before = cookieOf(first) ?? '';
        clock.advance(301);
        const second = await fetch(server.url, { headers: { cookie: before } });
        const after = cookieOf(second) ?? '';
        expect(await second.text()).to.equal(token);
        expect(after)
          .to.match(/^blitz_session=[0-9a-f]{32}$/)
          .and.not.equal(before);
        const third = await fetch(server.url, { headers: { cookie: after } });
        expect(await third.text()).to.equal(token);
      } finally {
        await server.close();
      }
    });
  });

  describe('previous address, password, state', () => {
    it('previousUrl, setPreviousUrl, hasPreviousUri', async () => {
      const visitor = new Visitor();
      await visitor.request((store) => {
        expect(store.hasPreviousUri()).to.equal(false);
        expect(store.previousUrl()).to.equal(undefined);
        store.setPreviousUrl('/shop?page=2');
      });
      await visitor.request((store) => {
        expect(store.hasPreviousUri()).to.equal(true);
        expect(store.previousUrl()).to.equal('/shop?page=2');
        expect(store.get('_previous.url'), 'where BlitzPHP keeps it').to.equal('/shop?page=2');
      });
    });

    it('passwordConfirmed notes the second', async () => {
      const visitor = new Visitor();
      const now = Math.floor(Date.now() / 1000);
      await visitor.request((store) => store.passwordConfirmed());
      await visitor.request((store) => {
        expect(store.get<number>('auth.password_confirmed_at')).to.be.within(now, now + 5);
      });
    });

    it('isStarted: whether it can be changed', async () => {
      const visitor = new Visitor();
      const states: boolean[] = [];
      await visitor.request(async (store) => {
        states.push(store.isStarted());
        await store.close();
        states.push(store.isStarted());
        await store.start();
        states.push(store.isStarted());
        await store.invalidate();
        states.push(store.isStarted());
        await store.destroy();
        states.push(store.isStarted());
      });
      expect(states).to.deep.equal([true, false, true, true, false]);
    });

    it('id cannot be assigned', () =>
      Session.run(undefined, (store) => {
        const { id } = store;
        expect(() => Object.assign(store, { id: 'x' })).to.throw(TypeError);
        expect(store.id).to.equal(id);
      }));
  });

  describe('read-only', () => {
    it('reads, and refuses every change', async () => {
      const visitor = new Visitor();
      await visitor.request((store) => store.put({ key: 1, list: ['x'] }));
      await visitor.request(
        async (store) => {
          expect(store.isStarted()).to.equal(false);
          expect(store.id).to.equal(visitor.id);
          expect(store.all()).to.deep.equal({ key: 1, list: ['x'] });
          expect(store.token()).to.have.length(40);
          await refusesChanges(store, 'E_SESSION_READ_ONLY');
          await refusal(() => store.destroy(), 'E_SESSION_READ_ONLY');
          await refusal(() => store.start(), 'E_SESSION_READ_ONLY');
          expect(store.all()).to.deep.equal({ key: 1, list: ['x'] });
          await store.close();
          expect(store.get('key')).to.equal(1);
        },
        { readOnly: true },
      );
    });

    it('writes nothing, and token() where none exists is refused', async () => {
      const trace = traceHandler('full');
      await bootStore({ handler: trace.handler, save_uninitialized: false, touch_interval: 0 });
      const visitor = new Visitor();
      await visitor.request((store) => store.put('list', [1]));
      trace.clear();
      await visitor.request(
        (store) => {
          refusedAtOnce(() => store.token(), 'E_SESSION_READ_ONLY');
          store.get<number[]>('list')!.push(2);
        },
        { readOnly: true },
      );
      expect(trace.calls).not.to.include.members(['write']);
      expect(trace.calls).not.to.include.members(['updateTimestamp']);
      await visitor.request((store) => expect(store.get('list')).to.deep.equal([1]));
    });

    it('sees the last committed state while another request changes it', async () => {
      const visitor = new Visitor();
      await visitor.request((store) => store.put('n', 1));
      await visitor.request(async (store) => {
        store.put('n', 2);
        await Session.run(store.id, (reader) => expect(reader.get('n')).to.equal(1), { readOnly: true });
      });
    });
  });
});
