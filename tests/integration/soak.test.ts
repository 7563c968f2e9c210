import { memcachedStore } from '../soak/memcached-store.ts';
import { clusterStore, redisStore } from '../soak/redis-store.ts';
import { soak } from '../soak/soak.ts';

/** How many times as long each round takes; tests/soak/run.ts is for hours. */
const TIMES = Number(process.env['SOAK'] ?? 1);
/** Faults of 0.7 s outlast an operation. */
const QUICK = { operation_timeout: 0.5 };

describe('under load, with one fault after the other', function () {
  this.timeout(120_000 * TIMES);

  it('redis: loses nothing that was told as saved while it keeps its data, and nobody is stuck', async () => {
    const { store, stop } = await redisStore(0.7 * TIMES);
    const options = { ...QUICK, lock_ttl: 1, ...store.options };
    try {
      await soak({ ...store, options }, { rounds: store.faults.length, seconds: 1.8 * TIMES, workers: 2 });
    } finally {
      await stop();
    }
  });

  it('a redis cluster: no crash and nobody stuck when masters die', async () => {
    const { store, stop } = await clusterStore(3 * TIMES);
    try {
      await soak(store, { rounds: store.faults.length, seconds: 6 * TIMES, workers: 2 });
    } finally {
      await stop();
    }
  });

  it('memcached: loses nothing that was told as saved while it keeps its data, and nobody is stuck', async () => {
    const { store, stop } = await memcachedStore(0.7 * TIMES);
    const options = { ...QUICK, ...store.options };
    try {
      await soak({ ...store, options }, { rounds: store.faults.length, seconds: 1.8 * TIMES, workers: 2 });
    } finally {
      await stop();
    }
  });
});
