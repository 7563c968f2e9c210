import { channel } from 'node:diagnostics_channel';
import {
  Application,
  observe,
  SESSION_CHANNELS,
  Session,
  type SessionChannel,
  type SessionChannels,
} from 'blitz-session';
import { faultyHandler, ShiftedClock } from 'blitz-session/testing';
import { expect } from 'chai';

type Heard = { [Name in SessionChannel]: [name: Name, message: SessionChannels[Name]] }[SessionChannel];

const SECRET = 'what-the-visitor-typed';

describe('diagnostics: the channels', () => {
  const faulty = faultyHandler();
  const clock = new ShiftedClock();
  const handler = faulty.handler.name;
  const heard: Heard[] = [];
  const stops: (() => void)[] = [];
  let app: Application;

  before(async () => {
    app = await Application.boot({
      root: '/nowhere/diagnostics',
      clock,
      log: { warn() {}, error() {} },
      config: { session: { handler: faulty.handler, gc_probability: 0, expiration: 100, lock_wait: 1 } },
    });
    for (const name of SESSION_CHANNELS) {
      stops.push(observe(name, (message) => void heard.push([name, message] as Heard)));
    }
  });
  beforeEach(() => {
    faulty.heal();
    heard.length = 0;
  });
  after(async () => {
    for (const stop of stops) stop();
    await app.close();
    for (const name of SESSION_CHANNELS) expect(channel(name).hasSubscribers, name).to.equal(false);
  });

  function told<Name extends SessionChannel>(name: Name): SessionChannels[Name][] {
    return heard.flatMap(([each, message]) => (each === name ? [message as SessionChannels[Name]] : []));
  }

  const create = () =>
    Session.run(undefined, (session) => {
      session.put('secret', SECRET);
      return session.id;
    });
  const failed = (work: Promise<unknown>) =>
    work.then(
      () => expect.fail('did not fail'),
      () => {},
    );

  it('a new session: what is created is committed too', async () => {
    await create();
    expect(told('blitz-session:created')).to.deep.equal([{ handler }]);
    const [commit, ...more] = told('blitz-session:commit');
    expect(more).to.deep.equal([]);
    expect(commit).to.include({ handler, reason: 'created' });
    expect(commit?.length).to.be.greaterThan(SECRET.length);
    expect(told('blitz-session:lock-wait')).to.deep.equal([]);
  });

  it('a change, a touch, and neither', async () => {
    const id = await create();
    heard.length = 0;
    await Session.run(id, (session) => session.put('n', 1));
    expect(told('blitz-session:commit').map(({ reason }) => reason)).to.deep.equal(['changed']);
    expect(told('blitz-session:lock-wait')).to.have.length(1);
    heard.length = 0;
    await Session.run(id, (session) => session.get('n'));
    expect([...told('blitz-session:commit'), ...told('blitz-session:touch')]).to.deep.equal([]);
    clock.advance(50);
    await Session.run(id, (session) => session.get('n'));
    expect(told('blitz-session:touch')).to.deep.equal([{ handler }]);
    expect(told('blitz-session:commit')).to.deep.equal([]);
  });

  it('every operation of the store, with its time and its failure', async () => {
    const id = await create();
    heard.length = 0;
    faulty.slow('read', 30, 1);
    faulty.fail('write', new Error('full'), 1);
    await failed(Session.run(id, (session) => session.put('n', 1)));
    const operations = told('blitz-session:store');
    expect(operations.map(({ operation }) => operation)).to.include.members([
      'open',
      'read',
      'write',
      'close',
    ]);
    const read = operations.filter(({ operation }) => operation === 'read');
    expect(Math.max(...read.map(({ milliseconds }) => milliseconds))).to.be.within(25, 1000);
    for (const { operation, code } of operations) {
      expect(code, operation).to.equal(operation === 'write' ? 'E_SESSION_BACKEND' : undefined);
    }
    await app.service('sessionManager').collect();
    expect(told('blitz-session:store').at(-2)).to.include({ operation: 'gc', code: undefined });
  });

  it('contention and the wait for a lock', async () => {
    const id = await create();
    heard.length = 0;
    const hold = () =>
      Session.run(id, async (session) => {
        await new Promise((resolve) => setTimeout(resolve, 30));
        session.increment('n');
      });
    await Promise.all([hold(), hold(), hold()]);
    expect(told('blitz-session:contention')).to.deep.equal([
      { handler, waiting: 1 },
      { handler, waiting: 2 },
    ]);
    const waits = told('blitz-session:lock-wait');
    expect(waits.map(({ code }) => code)).to.deep.equal([undefined, undefined, undefined]);
    expect(Math.max(...waits.map(({ milliseconds }) => milliseconds))).to.be.greaterThan(45);
  });

  it('a lock that is not obtained', async () => {
    const id = await create();
    heard.length = 0;
    let letGo = () => {};
    const holder = Session.run(id, () => new Promise<void>((resolve) => (letGo = resolve)));
    await failed(Session.run(id, () => {}));
    letGo();
    await holder;
    expect(told('blitz-session:lock-wait').map(({ code }) => code)).to.deep.equal([
      undefined,
      'E_SESSION_LOCK_TIMEOUT',
    ]);
  });

  it('what could not be saved', async () => {
    const id = await create();
    heard.length = 0;
    faulty.loseLock(1);
    await failed(Session.run(id, (session) => session.put('n', 1)));
    expect(told('blitz-session:refused')).to.deep.equal([{ handler, code: 'E_SESSION_LOCK_LOST' }]);
    expect(told('blitz-session:commit')).to.deep.equal([]);
    heard.length = 0;
    await failed(
      Session.run(id, (session) => {
        session.put('list', []);
        session.get<unknown[]>('list')?.push(() => 1);
      }),
    );
    expect(told('blitz-session:refused').map(({ code }) => code)).to.deep.equal(['E_SESSION_VALUE']);
  });

  it('the end of a session: asked for, expired, corrupt, renewed', async () => {
    const id = await create();
    heard.length = 0;
    await Session.run(id, (session) => session.regenerate());
    expect(told('blitz-session:commit').map(({ reason }) => reason)).to.deep.equal(['regenerated']);
    expect(told('blitz-session:created')).to.deep.equal([]);
    await Session.run(await create(), (session) => session.destroy());
    await Session.run(await create(), (session) => session.invalidate());
    await Session.run(undefined, (session) => session.destroy());
    expect(told('blitz-session:destroyed')).to.deep.equal([
      { handler, reason: 'asked' },
      { handler, reason: 'asked' },
    ]);
    heard.length = 0;
    const manager = app.service('sessionManager');
    const open = async (given: string) => manager.finish(await manager.open({ id: given }));
    const [expired, corrupt] = [await create(), await create()];
    faulty.corrupt(1);
    await open(corrupt);
    clock.advance(101);
    await open(expired);
    expect(told('blitz-session:destroyed').map(({ reason }) => reason)).to.deep.equal(['corrupt', 'expired']);
  });

  it('no message has an id or data in it', async () => {
    const id = await create();
    await Session.run(id, (session) => session.put('secret', `${SECRET} again`));
    await failed(Session.run(id, (session) => session.put('bad', () => SECRET)));
    const manager = app.service('sessionManager');
    const text = JSON.stringify(heard);
    expect(heard).to.not.have.length(0);
    for (const secret of [id, manager.keyOf(id), SECRET]) expect(text).to.not.include(secret);
  });

  it('has the names of the documentation and no others', () => {
    expect(new Set(SESSION_CHANNELS).size).to.equal(8);
    for (const name of SESSION_CHANNELS) expect(name).to.match(/^blitz-session:[a-z-]+$/);
  });
});
