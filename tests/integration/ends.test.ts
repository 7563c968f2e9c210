import {
  Application,
  BaseHandler,
  type HandlerOptions,
  Session,
  type SessionOptions,
  type Store,
} from 'blitz-session';
import { ShiftedClock } from 'blitz-session/testing';
import { expect } from 'chai';

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
const codeOf = (work: PromiseLike<unknown>) =>
  work.then(
    () => undefined,
    (error: { code: string }) => error.code,
  );

describe('ends that meet each other', () => {
  const shelf = new Map<string, string>();
  let app: Application;
  let clock: ShiftedClock;
  let opened = 0;
  /** What goes wrong, by the name of the method; each takes one call. */
  let faults: Partial<Record<'construct' | 'write' | 'createSid', unknown>> = {};
  let pointerDelay = 0;

  class ShelfHandler extends BaseHandler {
    constructor(options: HandlerOptions) {
      super(options);
      this.#trip('construct');
    }
    #trip(method: keyof typeof faults): void {
      const fault = faults[method];
      delete faults[method];
      if (fault !== undefined) throw fault;
    }
    override open(): void {
      opened++;
    }
    override close(): void {
      opened--;
    }
    async read(id: string) {
      await pause(1);
      return shelf.get(id) ?? '';
    }
    async write(id: string, data: string) {
      await pause(data.includes('>blitz:') ? pointerDelay : 1);
      this.#trip('write');
      shelf.set(id, data);
    }
    destroy(id: string) {
      shelf.delete(id);
    }
  }

  class NamingHandler extends ShelfHandler {
    createSid(): string {
      if (faults.createSid !== undefined) {
        delete faults.createSid;
        throw new Error('no name today');
      }
      return Array.from({ length: 32 }, () => Math.floor(Math.random() * 16).toString(16)).join('');
    }
  }

  async function begin(options: SessionOptions = {}): Promise<string> {
    shelf.clear();
    faults = {};
    pointerDelay = 1;
    opened = 0;
    clock = new ShiftedClock();
    const session = { handler: ShelfHandler, gc_probability: 0, lock_wait: 1, ...options };
    app = await Application.boot({ clock, log: { warn: () => {}, error: () => {} }, config: { session } });
    return Session.run(undefined, (store) => {
      store.put('user', 'Ada');
      return store.id;
    });
  }

  afterEach(async () => {
    await app.close();
    expect(opened, 'handlers left open').to.equal(0);
  });

  const gone = async (id: string) =>
    expect(await codeOf(Session.run(id, () => {}))).to.equal('E_SESSION_UNKNOWN_ID');

  for (const wait of [false, true]) {
    it(`a start() that is under way when destroy() comes does not come to life (${wait ? 'waiting' : 'at once'})`, async () => {
      const id = await begin();
      await Session.run(id, async (store) => {
        await store.close();
        void store.start();
        if (wait) await Promise.resolve();
        await store.destroy();
        expect(store.isStarted()).to.equal(false);
        expect(store.get('user')).to.equal(undefined);
      });
      await gone(id);
      expect(shelf.size).to.equal(0);
    });
  }

  for (const [title, chain] of [
    ['then', (done: Promise<void>) => void done.then(() => 1)],
    ['then then', (done: Promise<void>) => void done.then(() => 1).then(() => 2)],
    ['finally', (done: Promise<void>) => void done.finally(() => {})],
  ] as const) {
    it(`a close().${title} that fails unseen fails Session.run`, async () => {
      const id = await begin();
      const run = Session.run(id, (store) => {
        store.put('n', 1);
        faults.write = new Error('no room');
        chain(store.close());
      });
      expect(await codeOf(run)).to.equal('E_SESSION_BACKEND');
    });
  }

  it('a handler that cannot name a renewed session leaves the lock free and the session as it was', async () => {
    const id = await begin({ handler: NamingHandler, time_to_update: 10 });
    clock.advance(11);
    const manager = app.service('sessionManager');
    const session = await manager.open({ id, carriesCookie: true });
    faults.createSid = true;
    expect(await codeOf(manager.finish(session))).to.equal('E_SESSION_BACKEND');
    expect(await Session.run(id, (store) => store.get('user'))).to.equal('Ada');
  });

  it('a handler that cannot be made once is a typed error, and the session goes on', async () => {
    const id = await begin();
    faults.construct = new Error('not connected');
    expect(await codeOf(Session.run(id, () => {}))).to.equal('E_SESSION_BACKEND');
    const manager = app.service('sessionManager');
    faults.construct = new Error('not connected');
    expect(await codeOf(manager.open({ id }))).to.equal('E_SESSION_BACKEND');
    expect(await Session.run(id, (store) => store.get('user'))).to.equal('Ada');
  });

  it('a pointer that is written too late does not lead to nothing', async () => {
    const id = await begin({ time_to_update: 10, operation_timeout: 0.1 });
    clock.advance(11);
    pointerDelay = 250;
    const manager = app.service('sessionManager');
    expect(await codeOf(manager.finish(await manager.open({ id, carriesCookie: true })))).to.equal(
      'E_SESSION_BACKEND',
    );
    await pause(300);
    expect(await Session.run(id, (store) => store.get('user'))).to.equal('Ada');
  });

  it('destroy() after the lock was lost is a success, also when a renewal was asked before', async () => {
    for (const renew of [false, true]) {
      const id = await begin({ lock_max: 0.05, lock_ttl: 0.05 });
      await Session.run(id, async (store) => {
        store.get('user');
        if (renew) await store.regenerate();
        await pause(80);
        await store.destroy();
      });
      await gone(id);
      if (!renew) await app.close();
    }
  });

  it('nothing comes to life after the end of Session.run', async () => {
    const id = await begin();
    let kept: Store | undefined;
    await Session.run(id, (store) => {
      kept = store;
    });
    expect(await codeOf(kept?.start() as Promise<void>)).to.equal('E_SESSION_CLOSED');
    await Session.run(id, (store) => store.put('n', 1));
  });

  it('after a renewal that failed the session can be opened again, and still gets its new id', async () => {
    const id = await begin();
    const renewed = await Session.run(id, async (store) => {
      await store.regenerate();
      faults.write = new Error('no room');
      expect(await codeOf(store.close())).to.equal('E_SESSION_BACKEND');
      await store.start();
      store.put('n', 1);
      return store.id;
    });
    expect(renewed).to.not.equal(id);
    await gone(id);
    expect(await Session.run(renewed, (store) => store.all())).to.deep.equal({ user: 'Ada', n: 1 });
  });

  it('close() and destroy() without await leave no cookie', async () => {
    const id = await begin();
    const manager = app.service('sessionManager');
    const session = await manager.open({ id });
    session.store.put('n', 1);
    void session.store.close();
    void session.store.destroy();
    await manager.finish(session);
    expect(session.cookieDue).to.equal('delete');
    expect(shelf.size).to.equal(0);
  });

  it('destroy() inside a session that holds the lock is refused at once', async () => {
    const id = await begin();
    await Session.run(id, async (outer) => {
      await outer.close();
      const inner = Session.run(id, () => outer.destroy());
      expect(await codeOf(inner)).to.equal('E_SESSION_NESTED');
    });
  });
});
