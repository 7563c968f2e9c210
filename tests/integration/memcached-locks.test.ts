import { Application, isBlitzError, Session, type SessionOptions } from 'blitz-session';
import { expect } from 'chai';
import { handlerOptions, keyOf, opened } from '../fixtures/memcached-store.ts';
import { Worker } from '../fixtures/processes.ts';
import { MemcachedServer } from '../fixtures/servers/memcached.ts';

let n = 0;
const freshId = () => String(++n).padStart(64, '0');
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

describe('the locks of memcached', () => {
  let server: MemcachedServer;
  let id: string;

  before(async () => {
    server = await MemcachedServer.start();
  });
  after(() => server.stop());
  beforeEach(async () => {
    id = freshId();
    await (await opened(options())).create(id, 'one');
  });

  const options = (changed = {}) => handlerOptions({ savePath: server.address, ...changed });
  const holder = async (changed = {}) => {
    const handler = await opened(options(changed));
    expect(await handler.read(id)).to.equal('one');
    return handler;
  };
  const stored = async () => (await opened(options())).peek(id);
  const lost = async (work: unknown) => {
    const error = await Promise.resolve(work).catch((cause: unknown) => cause);
    expect(isBlitzError(error, 'E_SESSION_LOCK_LOST'), String(error)).to.equal(true);
  };
  const evict = (key: string) => server.command(`delete ${key}`);
  const lockKey = () => `${keyOf(id)}:lock`;

  it('leave nothing behind: not after a request, not for an id that is not there', async () => {
    const first = await holder();
    await first.commit(id, 'two', false);
    const second = await opened(options());
    await second.read(id);
    await second.close();
    expect(await (await opened(options())).read('f'.repeat(64))).to.equal('');
    await (await opened(options())).peek('f'.repeat(64));
    const keys = await server.keys();
    expect(keys.filter((key) => key.includes(id) || key.includes('f'.repeat(64)))).to.deep.equal([keyOf(id)]);
  });

  it('are freed by commit, touch, destroy, quarantine and close', async () => {
    const ends = [
      (handler: Awaited<ReturnType<typeof holder>>) => handler.commit(id, 'one', false),
      (handler: Awaited<ReturnType<typeof holder>>) => handler.commit(id, null, false),
      (handler: Awaited<ReturnType<typeof holder>>) => handler.close(),
      (handler: Awaited<ReturnType<typeof holder>>) => handler.destroy(id),
    ];
    for (const end of ends) {
      const handler = await holder();
      expect(await server.command(`get ${lockKey()}`)).to.contain('VALUE');
      await end(handler);
      await stored();
      expect(await server.command(`get ${lockKey()}`)).to.equal('END');
    }
    await (await opened(options())).create(id, 'one');
    await (await holder()).quarantine(id, 'one');
    expect(await server.command(`get ${lockKey()}`)).to.equal('END');
    expect(await server.command(`get ${keyOf(id)}`)).to.equal('END');
  });

  it('touching renews the date and nothing else', async () => {
    const began = Date.now();
    await (await holder({ clock: { ...options().clock, now: () => Date.now() + 60_000 } })).commit(
      id,
      null,
      false,
    );
    const reader = await opened(options());
    expect(await reader.peek(id)).to.equal('one');
    expect(reader.lastActivity).to.be.at.least(began + 60_000);
  });

  describe('that were evicted', () => {
    it('let a second holder in; the first of the two to write wins, the other writes nothing', async () => {
      for (const order of [
        [0, 1],
        [1, 0],
      ]) {
        id = freshId();
        await (await opened(options())).create(id, 'one');
        const first = await holder();
        await evict(lockKey());
        const both = [first, await holder()];
        const [winner, loser] = order.map((at) => both[at] as typeof first) as [typeof first, typeof first];
        await winner.commit(id, 'winner', false);
        await lost(loser.commit(id, 'loser', false));
        await loser.close();
        expect(await stored()).to.equal('winner');
      }
    });

    it('fail the first holder when the second had to wait, before the second has written', async () => {
      const first = await holder();
      const second = await opened(options());
      const reading = second.read(id);
      await pause(30);
      await evict(lockKey());
      expect(await reading).to.equal('one');
      await lost(first.commit(id, 'first', false));
      await first.close();
      expect(await server.command(`get ${lockKey()}`)).to.contain('VALUE');
      await second.commit(id, 'second', false);
      expect(await stored()).to.equal('second');
    });

    it('are noticed by the renewal', async () => {
      const first = await holder();
      expect(await first.renew(id)).to.equal(true);
      await evict(lockKey());
      expect(await first.renew(id)).to.equal(false);
      await lost(first.write(id, 'first'));
      await first.close();
      expect(await stored()).to.equal('one');
    });

    it('are not freed for somebody else', async () => {
      const first = await holder();
      await evict(lockKey());
      const second = await holder();
      await first.close();
      await stored();
      expect(await server.command(`get ${lockKey()}`)).to.contain('VALUE');
      await second.commit(id, 'second', false);
    });

    it('do not let a destroyed session come back', async () => {
      const first = await holder();
      await evict(lockKey());
      await (await holder()).destroy(id);
      await lost(first.commit(id, 'late', false));
      await lost((await opened(options())).commit(id, 'late', false));
      expect(await stored()).to.equal('');
    });

    it('do not let a holder destroy what another has written', async () => {
      const first = await holder();
      await evict(lockKey());
      await (await holder()).commit(id, 'second', false);
      await lost(first.destroy(id));
      expect(await stored()).to.equal('second');
    });

    it('are noticed by who hands over', async () => {
      const first = await holder();
      await evict(lockKey());
      await first.commit(id, 'two', true);
      const next = await opened(options());
      next.adopt(first.handOver());
      await lost(next.commit(id, 'three', false));
      expect(await stored()).to.equal('two');
    });
  });

  for (const [what, act] of Object.entries({
    writing: (handler: Awaited<ReturnType<typeof holder>>) => handler.commit(id, 'late', false),
    'writing and keeping the lock': (handler: Awaited<ReturnType<typeof holder>>) =>
      handler.commit(id, 'late', true),
    touching: (handler: Awaited<ReturnType<typeof holder>>) => handler.commit(id, null, false),
    'PHP’s write': (handler: Awaited<ReturnType<typeof holder>>) => handler.write(id, 'late'),
    'PHP’s updateTimestamp': (handler: Awaited<ReturnType<typeof holder>>) => handler.updateTimestamp(id),
  })) {
    it(`an evicted record is not brought back by ${what}`, async () => {
      const first = await holder();
      await evict(keyOf(id));
      await lost(act(first));
      await first.close();
      expect(await stored()).to.equal('');
      expect(await server.command(`get ${lockKey()}`)).to.equal('END');
    });
  }

  it('writes several times under one lock, as PHP does', async () => {
    const handler = await holder();
    for (const text of ['two', 'three', 'four']) await handler.write(id, text);
    await handler.updateTimestamp(id);
    await handler.close();
    expect(await stored()).to.equal('four');
  });

  describe('whose lease ends', () => {
    it('fail the holder that did not renew them, though nobody else came', async () => {
      const first = await holder({ lockTtl: 2 });
      await pause(2200);
      await lost(first.commit(id, 'late', false));
      await first.close();
      expect(await stored()).to.equal('one');
    });

    it('stay, while they are renewed, and free the session within lock_ttl after that', async () => {
      const first = await holder({ lockTtl: 2 });
      for (let turn = 0; turn < 6; turn++) {
        await pause(600);
        expect(await first.renew(id)).to.equal(true);
      }
      await first.commit(id, 'two', true);
      const began = Date.now();
      const second = await opened(options({ lockTtl: 2 }));
      expect(await second.read(id)).to.equal('two');
      expect(Date.now() - began).to.be.within(800, 2300);
      await second.close();
    });

    it('are renewed beside a commit without being left behind', async () => {
      for (let turn = 0; turn < 20; turn++) {
        id = freshId();
        await (await opened(options())).create(id, 'one');
        const first = await holder();
        const renewing = first.renew(id);
        await (turn % 2 === 0 ? first.commit(id, 'two', false) : first.destroy(id));
        await renewing;
        expect(await server.command(`get ${lockKey()}`), `turn ${turn}`).to.equal('END');
      }
    });
  });

  describe('of a process that is stopped past its lease', () => {
    let config: SessionOptions & { savePath: string };
    let app: Application;

    before(async () => {
      config = { handler: 'memcached', savePath: server.address, lock_ttl: 2, gc_probability: 0 };
      app = await Application.boot({ root: process.cwd(), config: { session: config } });
    });
    after(() => app.close());

    for (const somebodyElse of ['writes', 'waits and writes', 'never comes'] as const) {
      it(`does not write when it goes on, and somebody else ${somebodyElse}`, async () => {
        const sid = await Session.run(undefined, (session) => {
          session.put('n', 0);
          return session.id;
        });
        const worker = await Worker.start(config);
        await worker.ask('hold', { id: sid }, 'holding');
        worker.child.kill('SIGSTOP');
        if (somebodyElse === 'waits and writes') await Session.run(sid, (session) => session.increment('n'));
        await pause(2500);
        if (somebodyElse === 'writes') await Session.run(sid, (session) => session.increment('n'));
        const ended = worker.message('done').catch((error: Error) => error.message);
        worker.child.kill('SIGCONT');
        worker.child.send({ command: 'let go' });
        expect(await ended).to.contain('E_SESSION_LOCK_LOST');
        await Session.run(sid, (session) => {
          expect(session.all()).to.deep.equal({ n: somebodyElse === 'never comes' ? 0 : 1 });
        });
        await worker.kill();
      });
    }
  });
});
