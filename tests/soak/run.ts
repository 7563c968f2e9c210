// The long form of soak.test.ts: node --import tsx tests/soak/run.ts redis|cluster|memcached [--minutes 30] [--every 20]
import { parseArgs } from 'node:util';
import { memcachedStore } from './memcached-store.ts';
import { clusterStore, redisStore } from './redis-store.ts';
import { soak } from './soak.ts';

const STORES = { redis: redisStore, cluster: clusterStore, memcached: memcachedStore };

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    minutes: { type: 'string', default: '30' },
    every: { type: 'string', default: '20' },
  },
});
const start = STORES[positionals[0] as keyof typeof STORES];
if (start === undefined) throw new Error(`which store? ${Object.keys(STORES).join(', ')}`);
const seconds = Number(values.every);
const started = await start(3);
try {
  const rounds = Math.ceil((Number(values.minutes) * 60) / seconds);
  await soak(started.store, { rounds, seconds, workers: 3, log: (line) => console.log(line) });
  console.log('nothing was lost, nobody is stuck');
} finally {
  await started.stop();
}
