import { pbkdf2 } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { Application, BaseHandler, Session, type SessionOptions, type Store } from 'blitz-session';
import { expect } from 'chai';
import { temporaryFolder } from '../fixtures/processes.ts';

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
const codeOf = (work: PromiseLike<unknown>) =>
  work.then(
    () => undefined,
    (error: { code: string }) => error.code,
  );

describe('an operation that was given up', () => {
  let folder: string;
  let app: Application;

  async function begin(session: SessionOptions): Promise<void> {
    folder = await temporaryFolder();
    const log = { warn: () => {}, error: () => {} };
    app = await Application.boot({
      root: folder,
      log,
      config: { session: { gc_probability: 0, ...session } },
    });
  }

  const create = (values: Record<string, unknown>) =>
    Session.run(undefined, (session) => {
      session.put(values);
      return session.id;
    });

  afterEach(async () => {
    await app.close();
    await rm(folder, { recursive: true, force: true });
  });

  it('never writes into the file of somebody else, however long the thread pool was busy', async () => {
    await begin({ handler: 'file', operation_timeout: 0.05, lock_wait: 5 });
    const alice = await create({ who: 'Alice' });
    const others = await Promise.all(Array.from({ length: 20 }, (_, n) => create({ who: `visitor ${n}` })));
    let busy = 8;
    for (let n = busy; n > 0; n--) pbkdf2('x', 'y', 300_000, 64, 'sha512', () => busy--);
    const large = 'A'.repeat(200_000);
    expect(await codeOf(Session.run(alice, (session) => session.put('secret', large)))).to.equal(
      'E_SESSION_BACKEND',
    );
    // Their files get the descriptors that became free, and are open when the thread pool comes to the write.
    await Promise.all(
      others.map((id) =>
        Session.run(id, async () => {
          while (busy > 0) await pause(5);
          await pause(50);
        }),
      ),
    );
    for (const [n, id] of others.entries()) {
      expect(await Session.run(id, (session) => session.all())).to.deep.equal({
        who: `visitor ${n}`,
      });
    }
    const values = await Session.run(alice, (session: Store) => session.all());
    expect(values['who']).to.equal('Alice');
  });

  it('never brings back what was destroyed after it', async () => {
    const shelf = new Map<string, string>();
    let gate: Promise<void> | undefined;
    class SlowHandler extends BaseHandler {
      read(id: string) {
        return shelf.get(id) ?? '';
      }
      async write(id: string, data: string) {
        const wait = gate;
        gate = undefined;
        await wait;
        shelf.set(id, data);
      }
      destroy(id: string) {
        shelf.delete(id);
      }
    }
    await begin({ handler: SlowHandler, operation_timeout: 0.1 });
    const id = await create({ user: 'Zoé' });
    let open = () => {};
    gate = new Promise((resolve) => {
      open = resolve;
    });
    expect(await codeOf(Session.run(id, (session) => session.put('seen', 1)))).to.equal('E_SESSION_BACKEND');
    setTimeout(open, 300);
    await Session.run(id, (session) => session.destroy());
    await pause(400);
    expect(await codeOf(Session.run(id, () => {}))).to.equal('E_SESSION_UNKNOWN_ID');
    expect(shelf.size).to.equal(0);
  });

  it('is not waited for longer than lock_ttl when it never ends', async () => {
    const shelf = new Map<string, string>();
    let silent = false;
    class SilentHandler extends BaseHandler {
      read(id: string) {
        return shelf.get(id) ?? '';
      }
      write(id: string, data: string) {
        if (silent) return new Promise<void>(() => {});
        shelf.set(id, data);
      }
      destroy(id: string) {
        shelf.delete(id);
      }
    }
    await begin({ handler: SilentHandler, operation_timeout: 0.05, lock_ttl: 0.2 });
    const id = await create({ n: 1 });
    silent = true;
    expect(await codeOf(Session.run(id, (session) => session.increment('n')))).to.equal('E_SESSION_BACKEND');
    silent = false;
    const began = performance.now();
    expect(await Session.run(id, (session) => session.increment('n'))).to.equal(2);
    expect(performance.now() - began).to.be.within(50, 1000);
  });
});

describe('closing an application', () => {
  it('fails a request that outlives the patience, if it changed something, and opens nothing any more', async () => {
    const folder = await temporaryFolder();
    const config = { session: { handler: 'file' as const, savePath: folder } };
    const app = await Application.boot({ root: folder, config });
    const manager = app.service('sessionManager');
    const fresh = await manager.open({});
    fresh.store.put('paid', false);
    await manager.finish(fresh);
    const [changing, reading] = [await manager.open({ id: fresh.id }), await manager.open({})];
    const waiting = manager.open({ id: fresh.id });
    changing.store.put('paid', true);
    await manager.close(0.05);
    expect(await codeOf(waiting)).to.equal('E_APP_CLOSED');
    expect(await codeOf(manager.finish(changing))).to.equal('E_SESSION_LOCK_LOST');
    expect(await codeOf(manager.finish(reading))).to.equal(undefined);
    expect(reading.cookieDue).to.equal('none');
    await app.close();
    const next = await Application.boot({ root: folder, config });
    expect(await Session.run(fresh.id, (session) => session.get('paid'))).to.equal(false);
    await next.close();
    await rm(folder, { recursive: true });
  });
});
