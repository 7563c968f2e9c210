import { Session, type SessionData, type Store, session } from 'blitz-session';

// What an application writes once. The prefix keeps it out of the way of other tests.
declare module 'blitz-session' {
  interface SessionData {
    type_test_user: { name: string; roles: string[] };
    type_test_visits: number;
  }
}

type User = SessionData['type_test_user'];

/** Compiles when both types are the same. */
function same<A>(
  _value: A,
): <B>(..._: (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? [] : [never]) => void {
  return () => {};
}

/** Never called: the compiler reads it. */
export function reading(store: Store): void {
  same(session('type_test_user'))<User | undefined>();
  same(session('type_test_user', { name: '', roles: [] }))<User>();
  same(session('type_test_user', () => ({ name: '', roles: [] })))<User>();
  same(session('type_test_visits', 0))<number>();
  same(store.get('type_test_user'))<User | undefined>();
  same(store.get('type_test_visits', 0))<number>();
  same(store.pull('type_test_user'))<User | undefined>();
  same(Session.get('type_test_user'))<User | undefined>();
  same(Session.get('type_test_visits', () => 0))<number>();

  // Keys that are not named are unknown, or what one says.
  same(session('type_test_other'))<unknown>();
  same(session<string>('type_test_other'))<string | undefined>();
  same(store.get('type_test_other'))<unknown>();
  same(store.get<number>('type_test_user.roles.length'))<number | undefined>();
  same(store.get<string>('type_test_other', 'x'))<string>();
  same(Session.get<Date>('type_test_other'))<Date | undefined>();
  same(store.get())<Record<string, unknown>>();

  // @ts-expect-error the user may be absent
  session('type_test_user').name;
  // @ts-expect-error no such field
  session('type_test_user')?.nome;
  // @ts-expect-error unknown until one says what it is
  session('type_test_other').name;
  // @ts-expect-error a number is no text
  session('type_test_visits')?.trim();
}

export function writing(store: Store): void {
  store.put('type_test_user', { name: 'Ada', roles: [] });
  store.put({ type_test_visits: 1, type_test_other: 'x' });
  store.set('type_test_visits', 1);
  store.put('type_test_other', new Date());
  store.set(['type_test_other']);
  session({ type_test_user: { name: 'Ada', roles: [] }, type_test_other: 1 });
  Session.put('type_test_visits', 1);
  Session.replace({ type_test_visits: 1 });

  // @ts-expect-error a user is an object
  store.put('type_test_user', 5);
  // @ts-expect-error the roles are missing
  store.put('type_test_user', { name: 'Ada' });
  // @ts-expect-error not a number
  store.put('type_test_visits', '1');
  // @ts-expect-error not a number
  store.put({ type_test_visits: '1' });
  // @ts-expect-error not a number
  store.set('type_test_visits', '1');
  // @ts-expect-error not a number
  session({ type_test_visits: '1' });
  // @ts-expect-error not a number
  Session.put('type_test_visits', '1');
  // @ts-expect-error not a number
  Session.replace({ type_test_visits: '1' });
  // @ts-expect-error a value belongs to it
  store.put('type_test_visits');
}

export function passing(store: Store): void {
  store.flash('type_test_visits', 1);
  store.temp('type_test_user', { name: 'Ada', roles: [] }, 60);
  Session.now('type_test_visits', 2);

  // @ts-expect-error visits are a number
  store.flash('type_test_visits', 'one');
  // @ts-expect-error a user is an object
  store.temp('type_test_user', 'Ada', 60);
  // @ts-expect-error visits are a number
  Session.now('type_test_visits', 'two');
}
