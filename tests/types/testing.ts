import { type Application, observe, Session, type Store } from 'blitz-session';
import { fakeSession, faultyHandler, type TestResponse, testClient } from 'blitz-session/testing';

declare module 'blitz-session' {
  interface SessionData {
    kit_user: { name: string };
  }
}

/** Never called: the compiler reads it. */
export async function kit(app: Application): Promise<void> {
  const fake: Store = fakeSession({ kit_user: { name: 'Ada' }, other: 1 }).assertHas('other', 1);
  const name: string = fakeSession().run((session) => session.get('kit_user.name', ''));
  const client = testClient(app, { followRedirects: true }).withSession({ kit_user: { name: 'Ada' } });
  client.actingAs({ name: 'Ada' }, 'kit_user').actingAs(5).from('/').withHeaders({ a: 'b' });
  const page: TestResponse = await client.post('/', { a: 1, b: 'c', d: true });
  page.assertOk().assertSessionHas('kit_user').assertSessionHas('kit_user', { name: 'Ada' });
  testClient('http://localhost');
  testClient((_request, response) => response.end(), { app });
  const faulty = faultyHandler();
  faulty.fail('read', new Error('down'), 1);
  Session.extend('kit_faulty', faulty.handler);
  const stop: () => void = observe('blitz-session:store', ({ operation, milliseconds }) => {
    void [operation.trim(), milliseconds.toFixed()];
  });
  void [fake, name, stop];

  // @ts-expect-error a name is text
  fakeSession({ kit_user: { name: 5 } });
  // @ts-expect-error a name is text
  client.withSession({ 'kit_user.name': 5 });
  // @ts-expect-error no such target
  testClient(5);
  // @ts-expect-error no such operation
  faulty.fail('reed');
  // @ts-expect-error no such channel
  observe('blitz-session:stor', () => {});
  // @ts-expect-error no such field
  observe('blitz-session:store', ({ id }) => id);
  // @ts-expect-error no such assertion
  page.assertSessionHaz('x');
}
