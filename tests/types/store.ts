import { Session, type Store, session } from 'blitz-session';
import { withSession } from 'blitz-session/node';
import 'blitz-session/globals';

declare module 'blitz-session' {
  interface StoreMacros {
    typeTestTwice(key: string): number;
  }
}

/** Never called: the compiler reads it. */
export async function store(given: Store): Promise<void> {
  const values: string[] = [
    given.get<string>('key', 'default'),
    given.get('key', () => 'computed'),
    given.id,
    given.token(),
    given.regenerateToken(),
    ...given.getFlashKeys(),
    ...given.getTempKeys(),
  ];
  const numbers: number[] = [given.increment('n'), given.decrement('n', 2), given.typeTestTwice('n')];
  const truths: boolean[] = [
    given.has('a'),
    given.exists(['a']),
    given.hasAny(['a', 'b']),
    given.isStarted(),
  ];
  const made: number = given.remember('made', () => 1);
  const later: Promise<number> = given.remember('made', async () => 1);
  const ends: Promise<void>[] = [
    given.close(),
    given.start(),
    given.destroy(),
    given.invalidate(),
    given.regenerate(true),
  ];
  given.temp('code', 1, 60);
  given.temp({ code: 1 }, null, 60);
  given.markAsTempdata({ a: 10 });
  given.flashErrors({ email: ['invalid'] }, 'login');
  void [values, numbers, truths, made, later, ends];

  // @ts-expect-error no such method
  given.gett('key');
  // @ts-expect-error the id is not assigned
  given.id = 'x';
  // @ts-expect-error keys are text
  given.get(5);
  // @ts-expect-error keys are text
  given.has([1]);
  // @ts-expect-error an amount is a number
  given.increment('n', '2');
  // @ts-expect-error a delay is a number
  given.temp('code', 1, '60');
  // @ts-expect-error with an object the delay comes third
  given.temp({ code: 1 }, 60);
  // @ts-expect-error flashInput takes the fields
  given.flashInput('name');
  // @ts-expect-error no such macro
  given.typeTestThrice('n');
  // @ts-expect-error the internals are not for others
  given.session;
}

/** The façade: every method of the Store, statically, and two of its own. */
export async function statics(): Promise<void> {
  const id: string = Session.id;
  const token: string = Session.token();
  const twice: number = Session.typeTestTwice('n');
  const result: number = await Session.run(undefined, async (given) => given.increment('n'));
  await Session.run(`blitz_session=${id}`, () => {}, { readOnly: true, ip: '192.0.2.1' });
  await Session.run(new Request('http://localhost/'), () => {});
  void [token, twice, result];

  // @ts-expect-error no such method
  Session.gett('key');
  // @ts-expect-error no such method
  Session.putt('key', 1);
  // @ts-expect-error a target is text, a request, or undefined
  await Session.run(5, () => {});
  // @ts-expect-error the work is needed
  await Session.run(undefined);
  // @ts-expect-error no such option
  await Session.run(undefined, () => {}, { readonly: true });
  // @ts-expect-error a class is needed
  Session.extend('type_test', {});
}

export function helpers(): void {
  session().put('key', 1);
  globalThis.session().put('key', 1);
  const answered: Store = globalThis.service('session');
  void answered;

  // @ts-expect-error no such method
  session().gett('key');
  // @ts-expect-error no such method
  globalThis.session().gett('key');
  // @ts-expect-error a key, an object, or nothing
  session(5);
}

export function adapters(app: Parameters<typeof withSession>[0]): void {
  withSession(app, (request, response) => response.end(request.session().token()));
  withSession(app, () => {}, { readOnly: (request) => request.method === 'GET', skip: false });

  // @ts-expect-error no such method
  withSession(app, (request) => request.session().gett('key'));
  // @ts-expect-error no such option
  withSession(app, () => {}, { readonly: true });
}
