import { createHash } from 'node:crypto';
import { Session } from 'blitz-session';
import { expect } from 'chai';
import { bootRedis, closeApps, create, everything, increment, untilItWorks } from '../fixtures/redis-app.ts';
import { RedisCluster, RedisSentinels } from '../fixtures/servers/redis.ts';

const keyOf = (id: string) => `blitz_session:blitz_session:${createHash('sha256').update(id).digest('hex')}`;

describe('a redis cluster that loses a node', function () {
  this.timeout(60_000);
  let cluster: RedisCluster;

  beforeEach(async () => {
    cluster = await RedisCluster.start();
    await bootRedis(cluster.address, { operation_timeout: 1, lock_ttl: 2 });
  });

  afterEach(async () => {
    await closeApps();
    await cluster.stop();
  });

  for (const way of ['kill', 'pause'] as const) {
    it(`${way}: the other sessions keep working, its own come back with the replica, nothing crashes`, async () => {
      const ids = await Promise.all(Array.from({ length: 30 }, () => create()));
      // The replicas have it before the master goes; what they have not, a failover may lose.
      await new Promise((resolve) => setTimeout(resolve, 300));
      const victim = await cluster.masterOf(keyOf(ids[0] as string));
      const masters = await Promise.all(ids.map((id) => cluster.masterOf(keyOf(id))));
      const others = ids.filter((_, n) => masters[n] !== victim);
      expect(others.length).to.be.within(1, 29);
      await victim[way]();
      const end = performance.now() + 1500;
      const failures: unknown[] = [];
      let done = 0;
      while (performance.now() < end || done + failures.length <= 20) {
        for (const id of others) {
          await increment(id).then(
            () => done++,
            (error) => failures.push(error),
          );
        }
      }
      expect(failures.map(everything)).to.deep.equal([]);
      expect(done).to.be.above(20);
      const mine = ids.filter((_, n) => masters[n] === victim);
      const codes = new Set<string>();
      await Promise.all(
        mine.map((id) =>
          untilItWorks(() =>
            increment(id).catch((error: { code: string }) => {
              codes.add(error.code);
              throw error;
            }),
          ),
        ),
      );
      expect([...codes].filter((code) => code !== 'E_SESSION_BACKEND')).to.deep.equal([]);
      if (way === 'pause') victim.resume();
    });
  }

  it('follows a slot that moves to another node', async () => {
    const id = await create();
    const key = keyOf(id);
    const from = await cluster.masterOf(key);
    const to = cluster.nodes.slice(0, 3).find((node) => node !== from);
    if (to === undefined) throw new Error('three masters are expected');
    const slot = Number(await cluster.command(from, 'CLUSTER', 'KEYSLOT', key));
    const [source, target] = await Promise.all([
      cluster.command(from, 'CLUSTER', 'MYID'),
      cluster.command(to, 'CLUSTER', 'MYID'),
    ]);
    let stop = false;
    let done = 0;
    const visitor = (async () => {
      for (; !stop; done++) await increment(id);
    })();
    // Counted, not timed: while a slot is half way, scripts of several keys must wait (TRYAGAIN).
    const visits = async (more: number) => {
      for (const enough = done + more; done < enough; )
        await Promise.race([visitor, new Promise((resolve) => setTimeout(resolve, 5))]);
    };
    await visits(5);
    await cluster.command(to, 'CLUSTER', 'SETSLOT', slot, 'IMPORTING', String(source));
    await cluster.command(from, 'CLUSTER', 'SETSLOT', slot, 'MIGRATING', String(target));
    await new Promise((resolve) => setTimeout(resolve, 100));
    for (;;) {
      const keys = (await cluster.command(from, 'CLUSTER', 'GETKEYSINSLOT', slot, 10)) as string[];
      if (keys.length === 0) break;
      await cluster.command(from, 'MIGRATE', '127.0.0.1', to.port, '', 0, 1000, 'KEYS', ...keys);
    }
    for (const node of [to, from])
      await cluster.command(node, 'CLUSTER', 'SETSLOT', slot, 'NODE', String(target));
    await visits(10);
    stop = true;
    await visitor;
    expect(await Session.run(id, (session) => session.get('n'))).to.equal(done);
  });
});

describe('redis behind sentinels that loses its master', function () {
  this.timeout(60_000);

  for (const way of ['kill', 'pause'] as const) {
    it(`${way}: 503 until the replica takes over, then works`, async () => {
      const trio = await RedisSentinels.start();
      try {
        await bootRedis(trio.address, { operation_timeout: 0.5, lock_ttl: 2 });
        const id = await create();
        await increment(id);
        await new Promise((resolve) => setTimeout(resolve, 300));
        await trio.master[way]();
        expect(await untilItWorks(() => increment(id), 20)).to.be.below(10_000);
        expect(await Session.run(id, (session) => session.get('n'))).to.be.within(2, 3);
        if (way === 'pause') trio.master.resume();
        expect(await increment(id)).to.be.within(3, 4);
      } finally {
        await closeApps();
        await trio.stop();
      }
    });
  }
});
