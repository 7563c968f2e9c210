import {
  Application,
  BaseHandler,
  type EventManager,
  Services,
  Session,
  type SessionOptions,
} from 'blitz-session';
import { ManualClock } from 'blitz-session/testing';
import { expect } from 'chai';

type Open = { readonly end: () => void; readonly outcome: Promise<string> };

/** What sessions have in common in one process: the timer of their locks, their places in line, the keys of their ids. */
describe('many sessions in one process', () => {
  let app: Application | undefined;
  let clock: ManualClock;

  afterEach(async () => {
    await app?.close();
    app = undefined;
  });

  async function begin(options: SessionOptions): Promise<void> {
    clock = new ManualClock();
    app = await Application.boot({
      root: '/nowhere/app',
      clock,
      log: { warn: () => {}, error: () => {} },
      config: { session: { handler: 'array', gc_probability: 0, ...options } },
    });
  }

  async function newSession(value: unknown = 1): Promise<string> {
    return Session.run(undefined, (store) => {
      store.put('value', value);
      return store.id;
    });
  }

  /** Opens a session, changes it, and keeps it open until `end`. */
  async function open(id: string): Promise<Open> {
    let end = () => {};
    const held = new Promise<void>((resolve) => {
      end = resolve;
    });
    let opened = () => {};
    const isOpen = new Promise<void>((resolve) => {
      opened = resolve;
    });
    const outcome = Session.run(id, async (store) => {
      store.increment('visits');
      opened();
      await held;
    }).then(
      () => 'saved',
      (error: { code?: string }) => String(error.code),
    );
    await isOpen;
    return { end, outcome };
  }

  for (const handler of ['array', 'a lease'] as const) {
    describe(`held with ${handler}`, () => {
      const renewed: string[] = [];

      class Leased extends BaseHandler {
        static readonly records = new Map<string, string>();
        readonly locks = true;

        read(id: string): string {
          return Leased.records.get(id) ?? '';
        }
        write(id: string, data: string): void {
          Leased.records.set(id, data);
        }
        destroy(id: string): void {
          Leased.records.delete(id);
        }
        renew(id: string): boolean {
          renewed.push(id);
          return true;
        }
      }

      beforeEach(async () => {
        renewed.length = 0;
        await begin({
          handler: handler === 'array' ? 'array' : Leased,
          lock_max: 10,
          lock_ttl: 9,
          lock_wait: 1,
        });
      });

      it('each loses its lock at its own lock_max, whoever came and went before', async () => {
        const ids = await Promise.all([newSession(), newSession(), newSession()]);
        const [early, kept, late] = ids as [string, string, string];
        const first = await open(early);
        await clock.advance(6);
        const second = await open(kept);
        await clock.advance(5);
        // 11 seconds: only the first is over.
        first.end();
        expect(await first.outcome).to.equal('E_SESSION_LOCK_LOST');
        second.end();
        expect(await second.outcome).to.equal('saved');
        const third = await open(late);
        await clock.advance(9);
        const fourth = await open(early);
        third.end();
        expect(await third.outcome).to.equal('saved');
        await clock.advance(9.9);
        const fifth = await open(kept);
        await clock.advance(0.2);
        fourth.end();
        expect(await fourth.outcome).to.equal('E_SESSION_LOCK_LOST');
        fifth.end();
        expect(await fifth.outcome).to.equal('saved');
      });

      it('do not have a timer each', async () => {
        const before = clock.pending;
        const sessions = await Promise.all(Array.from({ length: 20 }, async () => open(await newSession())));
        // One for new sessions, one for leases.
        expect(clock.pending - before).to.be.at.most(2);
        for (const { end } of sessions) end();
        for (const { outcome } of sessions) expect(await outcome).to.equal('saved');
      });

      if (handler === 'array') return;

      it('have their leases renewed every third of lock_ttl, as long as they are open', async () => {
        const [one, two] = await Promise.all([newSession(), newSession()]);
        const first = await open(one);
        await clock.advance(1);
        const second = await open(two);
        await clock.advance(2.5);
        expect(new Set(renewed).size).to.equal(1);
        await clock.advance(1);
        expect(new Set(renewed).size).to.equal(2);
        first.end();
        expect(await first.outcome).to.equal('saved');
        renewed.length = 0;
        await clock.advance(4);
        expect(new Set(renewed).size).to.equal(1);
        second.end();
        expect(await second.outcome).to.equal('saved');
        renewed.length = 0;
        await clock.advance(20);
        expect(renewed).to.deep.equal([]);
      });
    });
  }

  it('are told apart, however many came by', async () => {
    await begin({});
    const count = 2500;
    const ids: string[] = [];
    for (let at = 0; at < count; at++) ids.push(await newSession(at));
    expect(new Set(ids).size).to.equal(count);
    for (const at of [0, 1, 1023, 1024, 2047, 2048, 2499, 0]) {
      expect(await Session.run(ids[at] as string, (store) => store.get('value'))).to.equal(at);
    }
  });

  it('keep their turns while thousands of others come and go', async () => {
    await begin({ lock_wait: 30 });
    const busy = await newSession();
    const holder = await open(busy);
    const order: string[] = [];
    const second = Session.run(busy, (store) => {
      order.push(`second sees ${store.get('visits')}`);
      store.increment('visits');
    });
    const third = Session.run(busy, (store) => void order.push(`third sees ${store.get('visits')}`));
    for (let at = 0; at < 1500; at++) await newSession(at);
    expect(order).to.deep.equal([]);
    holder.end();
    expect(await holder.outcome).to.equal('saved');
    await Promise.all([second, third]);
    expect(order).to.deep.equal(['second sees 1', 'third sees 2']);
  });

  it('tell a listener that came after the boot, and no more once it is gone', async () => {
    await begin({});
    const events = Services.get<EventManager>('event');
    const heard: string[] = [];
    const listener = () => void heard.push('closed');
    await newSession();
    events.on('session:closed', listener);
    await newSession();
    events.off('session:closed', listener);
    await newSession();
    events.on('*', (event) => void heard.push(event.name), 50);
    await newSession();
    events.clearListeners('*');
    await newSession();
    expect(heard.filter((name) => name === 'closed')).to.have.length(1);
    expect(heard).to.include.members(['session:started', 'session:created', 'session:closed']);
    const told = heard.length;
    await newSession();
    expect(heard).to.have.length(told);
  });
});
