import { Application, type HandlerClass, Session, type SessionOptions } from 'blitz-session';
import { ShiftedClock, type Trace, traceHandler } from 'blitz-session/testing';
import { expect } from 'chai';

const STAMPED = /^@\d+\|/;

describe('a handler of one’s own sees PHP’s order', () => {
  let app: Application;
  let clock: ShiftedClock;
  let trace: Trace;
  let warnings: string[];

  async function begin(methods: 'basic' | 'full', options: SessionOptions = {}): Promise<void> {
    clock = new ShiftedClock();
    warnings = [];
    trace = traceHandler(methods);
    const log = { warn: (message: string) => void warnings.push(message), error: () => {} };
    const session = {
      handler: trace.handler,
      savePath: 'somewhere',
      gc_probability: 0,
      time_to_update: 0,
      ...options,
    };
    app = await Application.boot({ clock, log, config: { session } });
  }

  const create = () =>
    Session.run(undefined, (session) => {
      session.put('a', 1);
      return session.id;
    });

  async function traced(work: () => Promise<unknown>): Promise<string> {
    trace.clear();
    await work();
    return trace.calls.join(' ');
  }

  afterEach(() => app.close());

  for (const methods of ['basic', 'full'] as const) {
    const validate = methods === 'full' ? 'validateId ' : '';
    const touch = methods === 'full' ? 'updateTimestamp' : 'write';

    describe(methods === 'full' ? 'with validateId and updateTimestamp' : 'with the six methods', () => {
      it('for a new visitor', async () => {
        await begin(methods);
        expect(await traced(create)).to.equal('open read write close');
      });

      it('for a known id that is changed', async () => {
        await begin(methods);
        const id = await create();
        const calls = await traced(() => Session.run(id, (session) => session.put('a', 2)));
        expect(calls.endsWith(`open ${validate}read write close`)).to.equal(true);
      });

      it('for a known id that is unchanged: a touch when one is due, nothing otherwise', async () => {
        await begin(methods, { touch_interval: 60 });
        const id = await create();
        expect(await traced(() => visit(id))).to.equal(`open ${validate}read close`);
        clock.advance(61);
        expect(await traced(() => visit(id))).to.equal(`open ${validate}read ${touch} close`);
      });

      it('for an explicit renewal: the new record, then what is left under the old id', async () => {
        await begin(methods);
        const id = await create();
        await traced(() => visit(id, (session) => session.regenerate()));
        const writes = trace.details.filter(([name]) => name === 'write').map(([, key]) => key);
        expect(new Set(writes).size).to.equal(2);
        expect(trace.calls.filter((name) => name === 'open')).to.have.length(2);
        expect(trace.calls.filter((name) => name === 'close')).to.have.length(2);
        expect(trace.calls.at(-1)).to.equal('close');
      });

      it('for destroy', async () => {
        await begin(methods);
        const id = await create();
        expect(await traced(() => visit(id, (session) => session.destroy()))).to.equal(
          `open ${validate}read destroy close`,
        );
        expect(trace.records.size).to.equal(0);
      });

      it('for a read-only visit', async () => {
        await begin(methods);
        const id = await create();
        expect(await traced(() => Session.run(id, () => {}, { readOnly: true }))).to.match(
          new RegExp(`^(open ${validate}read close ?)+$`),
        );
      });

      it('for the collector, with the lifetime in seconds', async () => {
        await begin(methods, { expiration: 1234 });
        expect(await traced(() => app.service('sessionManager').collect())).to.equal('open gc close');
        expect(trace.details[1]).to.deep.equal(['gc', 1234]);
      });

      it('for a record that cannot be read: destroyed, a new session, a warning', async () => {
        await begin(methods);
        const id = await create();
        const [key] = trace.records.keys();
        trace.records.set(key as string, 'not what we wrote');
        trace.clear();
        const fresh = await app.service('sessionManager').open({ id });
        expect(fresh.id).to.not.equal(id);
        expect(trace.calls.slice(0, methods === 'full' ? 5 : 4).join(' ')).to.equal(
          `open ${validate}read destroy close`,
        );
        await app.service('sessionManager').finish(fresh);
        expect(warnings).to.have.length(1);
        expect(warnings[0]).to.not.contain(id).and.not.contain(key);
      });
    });
  }

  it('gets the storage id: never what the visitor sent', async () => {
    await begin('basic');
    const id = await create();
    const keys = trace.details.flatMap(([name, key]) =>
      name === 'read' || name === 'write' ? [key as string] : [],
    );
    for (const key of keys) expect(key).to.match(/^[0-9a-f]{64}$/);
    expect(JSON.stringify(trace.details)).to.not.contain(id);
  });

  it('gets open(savePath, name)', async () => {
    await begin('basic', { cookie_name: 'ma_session' });
    await create();
    expect(trace.details[0]).to.deep.equal(['open', 'somewhere', 'ma_session']);
  });

  it('has the age of its records kept in front of them, and forgotten ones end', async () => {
    await begin('basic', { expiration: 100, touch_interval: 10 });
    const id = await create();
    for (const data of trace.records.values()) expect(data).to.match(STAMPED);
    clock.advance(60);
    await visit(id);
    clock.advance(60);
    await visit(id);
    clock.advance(101);
    expect(await app.service('sessionManager').find(id)).to.equal(undefined);
  });

  it('is touched by a write now and then, so that one that keeps no time of its own stays alive', async () => {
    await begin('full', { expiration: 1000, touch_interval: 10 });
    const id = await create();
    for (let step = 0; step < 30; step++) {
      clock.advance(90);
      await visit(id);
    }
    expect(await app.service('sessionManager').find(id)).to.equal(id);
  });

  for (const method of ['open', 'read', 'write', 'close'] as const) {
    for (const how of ['false', 'throw'] as const) {
      it(`turns a failing ${method} (${how === 'false' ? 'answers false' : 'throws'}) into E_SESSION_BACKEND, and closes`, async () => {
        await begin('basic');
        const id = await create();
        trace.clear();
        trace.fail(method, how);
        const failure = await open(id).then(
          () => undefined,
          (error: { code: string }) => error,
        );
        expect(failure).to.have.property('code', 'E_SESSION_BACKEND');
        expect(trace.calls.at(-1)).to.equal('close');
        trace.clear();
        await visit(id);
      });
    }
  }

  it('is given up after operation_timeout when it does not answer', async () => {
    class SilentHandler {
      open(): void {}
      close(): void {}
      read(): Promise<string> {
        return new Promise(() => {});
      }
      write(): void {}
      destroy(): void {}
      gc(): number {
        return 0;
      }
    }
    await begin('basic');
    await app.close();
    const handler: HandlerClass = SilentHandler;
    app = await Application.boot({ config: { session: { handler, operation_timeout: 0.05 } } });
    const failure = await Session.run(undefined, () => {}).catch((error: { code: string }) => error);
    expect(failure).to.have.property('code', 'E_SESSION_BACKEND');
  });

  async function open(id: string): Promise<void> {
    const manager = app.service('sessionManager');
    const session = await manager.open({ id });
    session.store.put('b', 2);
    await manager.finish(session);
  }

  async function visit(
    id: string,
    work: (session: import('blitz-session').Store) => unknown = () => {},
  ): Promise<void> {
    const manager = app.service('sessionManager');
    const session = await manager.open({ id });
    expect(session.id).to.equal(id);
    await work(session.store);
    await manager.finish(session);
  }
});
