import { after, before } from 'mocha';
import { processSuite } from '../fixtures/process-suite.ts';
import { MemcachedServer } from '../fixtures/servers/memcached.ts';

let servers: readonly MemcachedServer[] = [];

before(async () => {
  servers = await Promise.all([MemcachedServer.start(), MemcachedServer.start(), MemcachedServer.start()]);
});

after(async () => {
  for (const server of servers) await server.stop();
});

processSuite({
  name: 'memcached',
  options: () => ({ handler: 'memcached', savePath: servers[0]?.address ?? '' }),
  freedAtOnce: false,
  lockTtl: 2,
  kills: 12,
});

processSuite({
  name: 'three memcached',
  options: () => ({ handler: 'memcached', savePath: servers.map(({ address }) => address).join(',') }),
  freedAtOnce: false,
  lockTtl: 2,
  kills: 4,
});
