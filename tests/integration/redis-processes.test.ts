import { after, before } from 'mocha';
import { processSuite } from '../fixtures/process-suite.ts';
import { RedisCluster, RedisServer } from '../fixtures/servers/redis.ts';

let server: RedisServer | undefined;
let cluster: RedisCluster | undefined;

before(async function () {
  this.timeout(60_000);
  [server, cluster] = await Promise.all([RedisServer.start(), RedisCluster.start()]);
});

after(async () => {
  await Promise.all([server?.stop(), cluster?.stop()]);
});

const subjects = { Redis: () => server?.address ?? '', 'a Redis cluster': () => cluster?.address ?? '' };

for (const [name, address] of Object.entries(subjects)) {
  processSuite({
    name,
    options: () => ({ handler: 'redis', savePath: address() }),
    freedAtOnce: false,
    kills: 12,
  });
}
