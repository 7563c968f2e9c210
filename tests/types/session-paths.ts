import { Session, type SessionValue, type Store, session } from 'blitz-session';

interface Tree {
  label: string;
  next?: Tree;
  branches: Tree[];
}

interface Address {
  city: string;
  country?: string;
}

type Payment = { kind: 'card'; digits: number } | { kind: 'transfer'; bank: string };

// What an application writes once. The prefix keeps it out of the way of other tests.
declare module 'blitz-session' {
  interface SessionData {
    path_user: {
      name: string;
      nickname?: string;
      address?: Address | null;
      created: Date;
      roles: Set<string>;
      pin: number | null;
    };
    path_items: { price: number; tags: string[] }[];
    path_pair: [string, { at: number }];
    path_stock: Record<string, { left: number }>;
    path_years: Record<number, string>;
    path_payment: Payment;
    path_tree: Tree;
    path_raw: unknown;
    // biome-ignore lint/suspicious/noExplicitAny: what an application may have
    path_any: any;
    path_theme?: 'light' | 'dark';
    'path_dotted.key': boolean;
  }
}

/** Compiles when both types are the same. */
function same<A>(
  _value: A,
): <B>(..._: (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? [] : [never]) => void {
  return () => {};
}

/** Never called: the compiler reads it. */
export function reading(store: Store, index: number, key: string): void {
  same(session('path_user.name'))<string | undefined>();
  same(store.get('path_user.name'))<string | undefined>();
  same(Session.get('path_user.name'))<string | undefined>();
  same(globalThis.session('path_user.name'))<string | undefined>();
  same(store.get('path_user.nickname'))<string | undefined>();
  same(store.get('path_user.address'))<Address | null | undefined>();
  same(store.get('path_user.address.city'))<string | undefined>();
  same(store.get('path_user.created'))<Date | undefined>();
  same(store.get('path_user.pin'))<number | null | undefined>();
  same(store.pull('path_user.name'))<string | undefined>();
  same(store.flashed('path_user.name'))<string | undefined>();
  same(store.getFlashdata('path_user.name'))<string | undefined>();
  same(store.getTempdata('path_user.name'))<string | undefined>();
  same(store.pullFlash('path_user.name'))<string | undefined>();

  // Lists, tuples, records, unions.
  same(store.get('path_items'))<{ price: number; tags: string[] }[] | undefined>();
  same(store.get('path_items.0.price'))<number | undefined>();
  same(store.get(`path_items.${index}.price`))<number | undefined>();
  same(store.get('path_items.12.tags.0'))<string | undefined>();
  same(store.get('path_pair.0'))<string | undefined>();
  same(store.get('path_pair.1.at'))<number | undefined>();
  same(store.get('path_stock.tea.left'))<number | undefined>();
  same(store.get('path_years.2024'))<string | undefined>();
  same(store.get('path_payment.kind'))<'card' | 'transfer' | undefined>();
  same(store.get('path_payment.digits'))<number | undefined>();
  same(store.get('path_dotted.key'))<boolean | undefined>();
  same(store.get('path_tree.next.next.branches.0.next.label'))<string | undefined>();

  // A default takes the absence away.
  same(session('path_user.name', 'x'))<string>();
  same(store.get('path_user.name', 'x'))<string>();
  same(store.get('path_user.name', () => 'x'))<string>();
  same(store.get('path_user.nickname', 'x'))<string>();
  same(store.get('path_user.pin', 0))<number | null>();
  same(store.get('path_theme', 'light'))<'light' | 'dark'>();
  same(store.get('path_items', []))<{ price: number; tags: string[] }[]>();
  same(store.get('path_items.0.price', 0))<number>();
  same(store.pull('path_user.name', 'x'))<string>();
  same(store.flashed('path_user.name', 'x'))<string>();
  same(Session.get('path_user.name', 'x'))<string>();
  // One of another kind is told as well.
  same(store.get('path_user.name', null))<string | null>();
  same(session('path_user.name', false))<string | boolean>();

  // What the description does not lead to is unknown, or what one says.
  same(store.get('path_user.nmae'))<unknown>();
  same(store.get('path_user.name.length'))<unknown>();
  same(store.get('path_user.created.getTime'))<unknown>();
  same(store.get('path_user.roles.size'))<unknown>();
  same(store.get('path_items.length'))<unknown>();
  same(store.get('path_items.first.price'))<unknown>();
  same(store.get('path_pair.2'))<unknown>();
  same(store.get('path_raw.deep'))<unknown>();
  same(store.get('path_other.deep'))<unknown>();
  same(store.get(key))<unknown>();
  same(store.get('path_tree.next.next.next.next.next.next.next.label'))<unknown>();
  same(store.get<string>('path_user.nmae'))<string | undefined>();
  same(store.get<Date>('path_user.name'))<Date | undefined>();
  same(store.get('path_other.deep', 5))<number>();
  same(store.get<'a' | 'b'>('path_other', 'a'))<'a' | 'b'>();
  same(store.get('path_any.whatever'))<ReturnType<typeof JSON.parse>>();

  same<SessionValue<'path_user.name'>>('')<string>();
  same<SessionValue<'path_other'> | 1>(1)<unknown>();

  // @ts-expect-error may be absent
  session('path_user.name').trim();
  // @ts-expect-error a price is a number
  store.get('path_items.0.price')?.trim();
  // @ts-expect-error no such field
  store.get('path_user.address')?.town;
  // @ts-expect-error unknown until one says what it is
  store.get('path_user.nmae').trim();
  // @ts-expect-error nobody was there, perhaps
  store.get('path_user.name', null).trim();
}

export function writing(store: Store, index: number, key: string, others: Record<string, unknown>): void {
  store.put('path_user.name', 'Ada');
  store.put('path_user.address', null);
  store.put('path_user.address.city', 'Douala');
  store.put(`path_items.${index}.price`, 5);
  store.put({ 'path_user.name': 'Ada', path_theme: 'dark', other: 1 });
  store.put(others);
  store.put(key, new Date());
  store.set('path_pair.1.at', 1);
  store.set(['path_user.nickname']);
  store.replace({ 'path_user.name': 'Ada' });
  store.replace(others);
  store.put('path_user.nmae', 5);
  session({ 'path_user.name': 'Ada' });
  session(others);
  store.flash('path_user.name', 'Ada');
  store.flash({ 'path_user.name': 'Ada' });
  store.flash('path_notice');
  store.now(others);
  store.temp('path_user.pin', 1234, 60);
  store.temp({ 'path_user.pin': 1234 }, null, 60);
  Session.put('path_user.name', 'Ada');

  // @ts-expect-error a name is text
  store.put('path_user.name', 5);
  // @ts-expect-error a price is a number
  store.put(`path_items.${index}.price`, '5');
  // @ts-expect-error a name is text
  store.put({ 'path_user.name': 5 });
  // @ts-expect-error a theme is one of two
  store.put({ path_theme: 'blue' });
  // @ts-expect-error a name is text
  store.set('path_user.name', null);
  // @ts-expect-error a name is text
  store.replace({ 'path_user.name': 5 });
  // @ts-expect-error a name is text
  session({ 'path_user.name': 5 });
  // @ts-expect-error a name is text
  store.flash('path_user.name', 5);
  // @ts-expect-error a name is text
  store.flash({ 'path_user.name': 5 });
  // @ts-expect-error a pin is a number
  store.temp('path_user.pin', '1234', 60);
  // @ts-expect-error a pin is a number
  store.temp({ 'path_user.pin': '1234' }, null, 60);
  // @ts-expect-error a name is text
  Session.put('path_user.name', 5);
  // @ts-expect-error what is not there is removed, not stored as undefined
  store.put('path_user.nickname', undefined);
}

export async function counting(store: Store, key: string): Promise<void> {
  same(store.increment('path_user.pin'))<number>();
  store.decrement('path_items.0.price', 2);
  store.increment('path_stock.tea.left');
  store.increment('path_other');
  store.increment('path_raw');
  store.increment(key);
  Session.increment('path_items.0.price');
  store.push('path_items', { price: 1, tags: [] });
  store.push('path_items.0.tags', 'new');
  store.push('path_other', 5);
  store.push('path_raw', 5);
  store.push(key, 5);
  same(store.remember('path_user.name', () => 'Ada'))<string>();
  same(store.remember('path_user.pin', () => 1))<number>();
  same(await store.remember('path_user.name', async () => 'Ada'))<string>();
  same(store.remember('path_other', () => 1))<number>();
  same(store.remember<number>('path_other', () => 1))<number>();
  const truths: boolean[] = [
    store.has('path_user.name'),
    store.exists(['path_user.name', key]),
    store.missing('path_other'),
    store.hasAny(['path_theme', 'path_other']),
  ];
  store.only(['path_theme', 'path_user.name']);
  store.remove('path_user.name');
  void truths;

  // @ts-expect-error a name does not count
  store.increment('path_user.name');
  // @ts-expect-error a name does not count
  store.decrement('path_user.name');
  // @ts-expect-error an item has a price
  store.push('path_items', { tags: [] });
  // @ts-expect-error tags are text
  store.push('path_items.0.tags', 5);
  // @ts-expect-error a name is no list
  store.push('path_user.name', 'x');
  // @ts-expect-error a name does not count
  Session.increment('path_user.name');
  // @ts-expect-error keys are text
  store.has(5);
}
