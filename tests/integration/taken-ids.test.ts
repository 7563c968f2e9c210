import { Application, ArrayHandler, type BlitzError, type HandlerClass, Session } from 'blitz-session';
import { expect } from 'chai';
import { QuietLog } from '../fixtures/store-app.ts';

/** A store in which the first `taken` ids that are asked for belong to somebody already. */
function handlerWhereTaken(taken: number): { handler: HandlerClass; asked: string[] } {
  const asked: string[] = [];
  class Crowded extends ArrayHandler {
    override create(id: string, data: string): boolean {
      asked.push(id);
      return asked.length > taken && super.create(id, data);
    }
  }
  return { handler: Crowded, asked };
}

describe('an id that is taken already', () => {
  let app: Application;

  const boot = async (handler: HandlerClass) => {
    app = await Application.boot({
      root: '/nowhere/app',
      log: new QuietLog(),
      config: { session: { handler, gc_probability: 0 } },
    });
  };

  afterEach(() => app.close());

  it('is left to its owner: another one is drawn, and the session is found under that', async () => {
    const { handler, asked } = handlerWhereTaken(3);
    await boot(handler);
    let opened: { readonly id: string } | undefined;
    let first = '';
    await Session.run(undefined, (session) => {
      opened = session;
      first = session.id;
      session.put('name', 'Ada');
    });
    const id = opened?.id ?? '';
    expect(new Set(asked).size).to.equal(4);
    expect(id)
      .to.match(/^[0-9a-f]{32}$/)
      .and.not.equal(first);
    expect(await Session.run(id, (session) => session.get('name'))).to.equal('Ada');
  });

  it('is the store’s fault when it is always so', async () => {
    const { handler, asked } = handlerWhereTaken(100);
    await boot(handler);
    const failure = await Session.run(undefined, (session) => session.put('name', 'Ada')).then(
      () => undefined,
      (error: BlitzError) => error,
    );
    expect(failure?.code).to.equal('E_SESSION_BACKEND');
    expect(asked).to.have.length(4);
  });
});
