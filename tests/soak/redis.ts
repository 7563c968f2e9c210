// The long form of redis-soak.test.ts: node --import tsx tests/soak/redis.ts [--minutes 30] [--every 20] [--cluster]
import { parseArgs } from 'node:util';
import { clusterStore, redisStore } from './redis-store.ts';
import { soak } from './soak.ts';

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '30' },
    every: { type: 'string', default: '20' },
    cluster: { type: 'boolean', default: false },
  },
});
const seconds = Number(values.every);
const started = await (values.cluster ? clusterStore : redisStore)(3);
try {
  const rounds = Math.ceil((Number(values.minutes) * 60) / seconds);
  await soak(started.store, { rounds, seconds, workers: 3, log: (line) => console.log(line) });
  console.log('nothing was lost, nobody is stuck');
} finally {
  await started.stop();
}
