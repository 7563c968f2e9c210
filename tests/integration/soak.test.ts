import { memcachedStore } from '../soak/memcached-store.ts';
import { clusterStore, redisStore } from '../soak/redis-store.ts';
import { soak } from '../soak/soak.ts';

describe('under load, with one fault after the other', () => {
  it('redis: loses nothing that was told as saved while it keeps its data, and nobody is stuck', async function () {
    this.timeout(120_000);
    const { store, stop } = await redisStore(1.2);
    try {
      await soak(store, { rounds: store.faults.length, seconds: 3, workers: 2 });
    } finally {
      await stop();
    }
  });

  it('a redis cluster: no crash and nobody stuck when masters die', async function () {
    this.timeout(120_000);
    const { store, stop } = await clusterStore(3);
    try {
      await soak(store, { rounds: store.faults.length, seconds: 6, workers: 2 });
    } finally {
      await stop();
    }
  });

  it('memcached: loses nothing that was told as saved while it keeps its data, and nobody is stuck', async function () {
    this.timeout(120_000);
    const { store, stop } = await memcachedStore(1.2);
    try {
      await soak(store, { rounds: store.faults.length, seconds: 3, workers: 2 });
    } finally {
      await stop();
    }
  });
});
