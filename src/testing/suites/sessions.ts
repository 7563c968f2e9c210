import { deepEqual, equal, notEqual, rejects } from 'node:assert/strict';
import { runSession } from '../../container/run-session.js';
import type { Store } from '../../session/store.js';
import type { SuiteRunner } from '../suite.js';
import { type Bench, type HandlerUnderTest, isCode, prepare } from './bench.js';

/** That the guarantees hold for sessions kept in a handler. */
export function sessionSuite(runner: SuiteRunner, subject: HandlerUnderTest): void {
  const { describe, it, before, after } = runner;
  describe(`${subject.name} handler: sessions kept in it`, () => {
    let bench: Bench;
    before(async () => {
      bench = await prepare(subject);
    });
    after(() => bench.app.close());

    const create = (values: Record<string, unknown> = {}) =>
      runSession(undefined, (session) => {
        session.put(values);
        return session.id;
      });
    const peek = (id: string, key: string) =>
      runSession(id, (session) => session.get(key), { readOnly: true });

    it('come back with their values and types', async () => {
      const values = {
        name: 'Élodie',
        list: [1, { a: null }],
        date: new Date(0),
        set: new Set([1n]),
        bytes: new Uint8Array([0, 255]),
      };
      const id = await create(values);
      await runSession(id, (session) => deepEqual(session.all(), values));
    });

    it('lose no write of thirty at once', async () => {
      const id = await create({ n: 0 });
      await Promise.all(
        Array.from({ length: 30 }, () =>
          runSession(id, async (session) => {
            const seen = session.get<number>('n', 0);
            await new Promise((resolve) => setTimeout(resolve, 1));
            session.put('n', seen + 1);
          }),
        ),
      );
      equal(await peek(id, 'n'), 30);
    });

    it('stay gone when they are destroyed beside a request in flight', async () => {
      const id = await create({ user: 'Ada' });
      const [entered, letGo] = [signal(), signal()];
      const slow = runSession(id, async (session: Store) => {
        entered.give();
        await letGo.given;
        session.put('late', true);
      });
      await entered.given;
      const out = runSession(id, (session) => session.destroy());
      letGo.give();
      await Promise.all([slow, out]);
      await rejects(
        runSession(id, () => {}),
        isCode('E_SESSION_UNKNOWN_ID'),
      );
    });

    it('lead nowhere under an id that was renewed by hand', async () => {
      const id = await create({ user: 'Ada' });
      const renewed = await runSession(id, async (session) => {
        await session.regenerate();
        return session.id;
      });
      notEqual(renewed, id);
      equal(await peek(renewed, 'user'), 'Ada');
      await rejects(
        runSession(id, () => {}),
        isCode('E_SESSION_UNKNOWN_ID'),
      );
    });

    it('end when they were not used for their lifetime, and live when they were', async () => {
      const [idle, used] = [await create({ a: 1 }), await create({ a: 1 })];
      bench.clock.advance(600);
      await runSession(used, (session) => session.put('a', 2));
      bench.clock.advance(700);
      equal(await peek(used, 'a'), 2);
      await rejects(
        runSession(idle, () => {}),
        isCode('E_SESSION_UNKNOWN_ID'),
      );
    });

    it('can be closed, changed by somebody else, and opened again', async () => {
      const id = await create({ n: 1 });
      await runSession(id, async (session) => {
        await session.close();
        await runSession(id, (other) => other.increment('n'));
        equal(session.get('n'), 1);
        await session.start();
        equal(session.increment('n'), 3);
      });
      equal(await peek(id, 'n'), 3);
    });

    it('survive the collector while they are used', async () => {
      const id = await create({ a: 1 });
      await bench.app.service('sessionManager').collect();
      equal(await peek(id, 'a'), 1);
    });
  });
}

function signal(): { readonly given: Promise<void>; give(): void } {
  let give: () => void = () => {};
  const given = new Promise<void>((resolve) => {
    give = resolve;
  });
  return { given, give: () => give() };
}
