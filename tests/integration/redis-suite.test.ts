import { RedisHandler } from 'blitz-session';
import { handlerSuite } from 'blitz-session/testing';
import { after, before, describe, it } from 'mocha';
import { RedisCluster, RedisSentinels, RedisServer } from '../fixtures/servers/redis.ts';

const runner = { describe, it, before, after };
const given = process.env['BLITZ_TEST_REDIS'];

let server: RedisServer | undefined;
let cluster: RedisCluster | undefined;
let sentinels: RedisSentinels | undefined;

before(async function () {
  this.timeout(60_000);
  [server, cluster, sentinels] = await Promise.all([
    RedisServer.start(),
    RedisCluster.start(),
    RedisSentinels.start(),
  ]);
});

after(async () => {
  await Promise.all([server?.stop(), cluster?.stop(), sentinels?.stop()]);
});

const subjects: Record<string, () => string> = {
  redis: () => server?.address ?? '',
  'redis, with a prefix': () => `${server?.address}?prefix=app%3A&database=3`,
  'redis cluster': () => cluster?.address ?? '',
  'redis behind sentinels': () => sentinels?.address ?? '',
  ...(given === undefined ? {} : { 'redis of BLITZ_TEST_REDIS': () => given }),
};

for (const [name, savePath] of Object.entries(subjects)) {
  handlerSuite(runner, { name, handler: RedisHandler, savePath, locks: true });
}
