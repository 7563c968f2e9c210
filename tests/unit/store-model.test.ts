import { deepStrictEqual } from 'node:assert';
import type { Store } from 'blitz-session';
import { ManualClock } from 'blitz-session/testing';
import fc from 'fast-check';
import { bootStore, closeStore, refusedAtOnce, Visitor } from '../fixtures/store-app.js';

const KEYS = ['a', 'b', 'c', 'user.name', 'user.age', '__proto__.x'] as const;
type Key = (typeof KEYS)[number];
type Mark = 'new' | 'old' | number;

/** What a session has to do, over a plain Map: values by key, marks by key, and the parents that dotted keys have made. */
class Model {
  readonly values = new Map<string, unknown>();
  readonly marks = new Map<string, Mark>();
  readonly parents = new Set<string>();
  #now: () => number;

  constructor(now: () => number) {
    this.#now = now;
  }

  put(key: string, value: unknown): void {
    this.values.set(key, value);
    this.marks.delete(key);
    if (key.includes('.')) this.parents.add(key.split('.')[0] as string);
  }

  mark(key: string, mark: Mark): void {
    this.marks.set(key, mark);
  }

  until(seconds: number): number {
    return this.#now() + (seconds || 300);
  }

  forget(key: string): void {
    this.values.delete(key);
    this.marks.delete(key);
  }

  empty(): void {
    this.values.clear();
    this.marks.clear();
    this.parents.clear();
  }

  /** A request opens the session. */
  age(): void {
    for (const [key, mark] of [...this.marks]) {
      if (mark === 'old' || (typeof mark === 'number' && mark < this.#now())) this.forget(key);
      else if (!this.values.has(key)) this.marks.delete(key);
      else if (mark === 'new') this.marks.set(key, 'old');
    }
  }

  keys(kind: 'flash' | 'temp'): string[] {
    return [...this.marks].flatMap(([key, mark]) =>
      (typeof mark === 'string') === (kind === 'flash') ? [key] : [],
    );
  }

  marked(kind: 'flash' | 'temp'): [string, unknown][] {
    return this.keys(kind).flatMap((key) => (this.values.has(key) ? [[key, this.values.get(key)]] : []));
  }

  /** `all()`, flat: dotted keys as they are, and the parents that are left empty. */
  all(): [string, unknown][] {
    const own = [...this.values].filter(([key]) => !this.marks.has(key));
    const empty = [...this.parents].filter((parent) => !own.some(([key]) => key.startsWith(`${parent}.`)));
    return [...own, ...empty.map((parent): [string, unknown] => [parent, {}])];
  }
}

const sorted = (pairs: [string, unknown][]) => pairs.sort(([a], [b]) => (a < b ? -1 : 1));

/** The same shape out of the store's `all()`. */
function flat(all: object): [string, unknown][] {
  const parents = new Set(KEYS.filter((key) => key.includes('.')).map((key) => key.split('.')[0]));
  return Object.entries(all).flatMap(([key, value]): [string, unknown][] => {
    if (!parents.has(key) || Object.keys(value).length === 0) return [[key, value]];
    return Object.entries(value).map(([inner, each]) => [`${key}.${inner}`, each]);
  });
}

function agree(store: Store, model: Model): void {
  for (const key of KEYS) {
    const there = model.values.has(key);
    const value = model.values.get(key);
    const mark = model.marks.get(key);
    deepStrictEqual(store.get(key, 'absent'), there ? value : 'absent', `get ${key}`);
    deepStrictEqual(store.exists(key), there, `exists ${key}`);
    deepStrictEqual(store.missing(key), !there, `missing ${key}`);
    deepStrictEqual(store.has(key), there && value !== null && value !== undefined, `has ${key}`);
    deepStrictEqual(store.flashed(key), typeof mark === 'string' ? value : undefined, `flashed ${key}`);
    deepStrictEqual(
      store.getTempdata(key),
      typeof mark === 'number' ? value : undefined,
      `getTempdata ${key}`,
    );
  }
  deepStrictEqual(store.getFlashKeys().sort(), model.keys('flash').sort(), 'getFlashKeys');
  deepStrictEqual(store.getTempKeys().sort(), model.keys('temp').sort(), 'getTempKeys');
  deepStrictEqual(
    sorted(Object.entries(store.getFlashdata())),
    sorted(model.marked('flash')),
    'getFlashdata',
  );
  deepStrictEqual(sorted(Object.entries(store.getTempdata())), sorted(model.marked('temp')), 'getTempdata');
  deepStrictEqual(sorted(flat(store.all())), sorted(model.all()), 'all');
  const some = KEYS.slice(0, 4);
  deepStrictEqual(
    sorted(flat(store.only(some))),
    sorted(model.all().filter(([key]) => some.includes(key as Key))),
    'only',
  );
  deepStrictEqual(
    store.exists([...KEYS]),
    KEYS.every((key) => model.values.has(key)),
  );
  deepStrictEqual(
    store.has([...KEYS]),
    KEYS.every((key) => store.has(key)),
  );
  deepStrictEqual(
    store.hasAny([...KEYS]),
    KEYS.some((key) => store.has(key)),
  );
}

/** One call, in the store and in the model. */
interface Call {
  readonly name: string;
  run(store: Store, model: Model): void | Promise<void>;
}

const key = fc.constantFrom(...KEYS);
const keys = fc.uniqueArray(key, { maxLength: 4 });
// Among them the times that pass between requests, for the second in which a delay ends.
const seconds = fc.constantFrom(0, 1, 5, 20, 25, 60);
const value = fc.oneof(
  fc.integer({ min: -9, max: 9 }),
  fc.constantFrom<unknown>('', 'text', '12', null, true, -0, Number.NaN, 7n, undefined),
  fc.array(fc.integer(), { maxLength: 3 }),
  fc
    .constantFrom<() => unknown>(
      () => new Date(5),
      () => new Map([['k', [1]]]),
      () => new Set([1, 'x']),
      () => new Uint8Array([1, 255]),
      () => ({ deep: { list: [undefined] } }),
    )
    .map((make) => make()),
);

const call = <T>(
  name: string,
  values: fc.Arbitrary<T>,
  run: (store: Store, model: Model, given: T) => void | Promise<void>,
) =>
  values.map(
    (given): Call => ({
      name: `${name}(${fc.stringify(given)})`,
      // Values are copied, so that store and model never share one that is changed in place.
      run: (store, model) => run(store, model, structuredClone(given)),
    }),
  );

const copy = <T>(given: T): T => structuredClone(given);
const nothing = fc.constant(undefined);
const pairs = fc.uniqueArray(fc.tuple(key, value), { selector: ([name]) => name, maxLength: 3 });

const numberOf = (found: unknown): number | undefined => {
  if (found === null || found === undefined) return 0;
  if (typeof found === 'number') return found;
  return found === '12' ? 12 : undefined;
};

const calls: fc.Arbitrary<Call>[] = [
  call('put', fc.tuple(key, value), (store, model, [k, v]) => {
    store.put(k, copy(v));
    model.put(k, v);
  }),
  call('put({…})', pairs, (store, model, given) => {
    store.put(Object.fromEntries(copy(given)));
    for (const [k, v] of given) model.put(k, v);
  }),
  call('set([…])', keys, (store, model, given) => {
    store.set(given);
    for (const k of given) model.put(k, null);
  }),
  call('flash', fc.tuple(key, value), (store, model, [k, v]) => {
    // An absent value means true, as in Laravel.
    store.flash(k, copy(v));
    model.put(k, v === undefined ? true : v);
    model.mark(k, 'new');
  }),
  call('flash({…})', pairs, (store, model, given) => {
    store.flash(Object.fromEntries(copy(given)));
    for (const [k, v] of given) model.put(k, v);
    for (const [k] of given) model.mark(k, 'new');
  }),
  call('now', fc.tuple(key, value), (store, model, [k, v]) => {
    store.now(k, copy(v));
    model.put(k, v);
    model.mark(k, 'old');
  }),
  call('temp', fc.tuple(key, value, seconds), (store, model, [k, v, delay]) => {
    store.temp(k, copy(v), delay);
    model.put(k, v);
    model.mark(k, model.until(delay));
  }),
  call('temp({…})', fc.tuple(pairs, seconds), (store, model, [given, delay]) => {
    store.temp(Object.fromEntries(copy(given)), null, delay);
    for (const [k, v] of given) {
      model.put(k, v);
      model.mark(k, model.until(delay));
    }
  }),
  call('remove', keys, (store, model, given) => {
    store.remove(given);
    for (const k of given) model.values.delete(k);
  }),
  call('pull', key, (store, model, k) => {
    deepStrictEqual(store.pull(k, 'absent'), model.values.has(k) ? model.values.get(k) : 'absent');
    model.values.delete(k);
  }),
  call('push', fc.tuple(key, value), (store, model, [k, v]) => {
    const found = model.values.get(k);
    if (Array.isArray(found)) found.push(v);
    else if (found === null || found === undefined) model.put(k, [v]);
    else return void refusedAtOnce(() => store.push(k, v), 'E_SESSION_TYPE');
    store.push(k, copy(v));
  }),
  call('change in place', key, (store, model, k) => {
    const found = model.values.get(k);
    if (!Array.isArray(found)) return;
    found.unshift('first');
    store.get<unknown[]>(k)?.unshift('first');
  }),
  call('increment', fc.tuple(key, fc.integer({ min: -5, max: 5 })), (store, model, [k, by]) => {
    const number = numberOf(model.values.get(k));
    if (number === undefined) return void refusedAtOnce(() => store.increment(k, by), 'E_SESSION_TYPE');
    deepStrictEqual(by < 0 ? store.decrement(k, -by) : store.increment(k, by), number + by);
    if (model.values.has(k)) model.values.set(k, number + by);
    else model.put(k, number + by);
  }),
  call('remember', fc.tuple(key, value), async (store, model, [k, v]) => {
    const found = model.values.get(k);
    const missing = found === null || found === undefined;
    deepStrictEqual(await store.remember(k, async () => copy(v)), missing ? v : found);
    if (missing) model.put(k, v);
  }),
  call('replace', pairs, (store, model, given) => {
    store.replace(Object.fromEntries(copy(given)));
    model.empty();
    for (const [k, v] of given) model.put(k, v);
  }),
  call('flush', keys, (store, model, kept) => {
    store.flush(kept);
    const values = kept.flatMap((k) => (model.values.has(k) ? [[k, model.values.get(k)] as const] : []));
    const marks = values.flatMap(([k]) =>
      model.marks.has(k) ? [[k, model.marks.get(k) as Mark] as const] : [],
    );
    model.empty();
    for (const [k, v] of values) model.put(k, v);
    for (const [k, mark] of marks) model.mark(k, mark);
  }),
  call('reflash', nothing, (store, model) => {
    store.reflash();
    for (const k of model.keys('flash')) model.mark(k, 'new');
  }),
  call('keep', keys, (store, model, given) => {
    store.keep(given);
    for (const k of model.keys('flash')) if (given.includes(k as Key)) model.mark(k, 'new');
  }),
  call('pullFlash', key, (store, model, k) => {
    const flash = typeof model.marks.get(k) === 'string';
    const expected = flash && model.values.has(k) ? model.values.get(k) : 'absent';
    deepStrictEqual(store.pullFlash(k, 'absent'), expected);
    if (flash) model.forget(k);
  }),
  call('markAsFlashdata', keys, (store, model, given) => {
    const there = given.every((k) => model.values.has(k));
    deepStrictEqual(store.markAsFlashdata(given), there);
    if (there) for (const k of given) model.mark(k, 'new');
  }),
  call('unmarkFlashdata', keys, (store, model, given) => {
    store.unmarkFlashdata(given);
    for (const k of given) if (typeof model.marks.get(k) === 'string') model.marks.delete(k);
  }),
  call('markAsTempdata', fc.tuple(keys, seconds), (store, model, [given, delay]) => {
    const there = given.every((k) => model.values.has(k));
    deepStrictEqual(store.markAsTempdata(given, delay), there);
    if (there) for (const k of given) model.mark(k, model.until(delay));
  }),
  call('unmarkTempdata', keys, (store, model, given) => {
    store.unmarkTempdata(given);
    for (const k of given) if (typeof model.marks.get(k) === 'number') model.marks.delete(k);
  }),
  call('removeTempdata', keys, (store, model, given) => {
    store.removeTempdata(given);
    for (const k of given) if (typeof model.marks.get(k) === 'number') model.forget(k);
  }),
  call('close, start', nothing, async (store) => {
    await store.close();
    await store.start();
  }),
  call('regenerate', nothing, (store) => store.regenerate()),
  call('invalidate', nothing, async (store, model) => {
    await store.invalidate();
    model.empty();
  }),
];

interface Visit {
  readonly later: number;
  readonly calls: readonly Call[];
}

const visit: fc.Arbitrary<Visit> = fc.record({
  later: fc.constantFrom(0, 0, 0, 5, 20, 60),
  calls: fc.array(fc.oneof(...calls), { maxLength: 8 }),
});

describe('Store: against a model', () => {
  const clock = new ManualClock(1_700_000_000_500);
  before(() => bootStore({}, { clock }));
  after(closeStore);

  it('agrees with it after every call of every request', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(visit, { minLength: 1, maxLength: 6 }), async (visits) => {
        const model = new Model(() => Math.floor(clock.now() / 1000));
        const visitor = new Visitor();
        for (const { later, calls } of visits) {
          await clock.advance(later);
          await visitor.request(async (store) => {
            model.age();
            agree(store, model);
            for (const { name, run } of calls) {
              try {
                await run(store, model);
                agree(store, model);
              } catch (error) {
                throw new Error(`after ${name}`, { cause: error });
              }
            }
          });
        }
      }),
      { numRuns: 200 },
    );
  });
});
