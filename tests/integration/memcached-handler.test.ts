import { MemcachedHandler } from 'blitz-session';
import { handlerSuite } from 'blitz-session/testing';
import Memcached from 'memcached';
import { after, before, describe, it } from 'mocha';
import { MemcachedServer } from '../fixtures/servers/memcached.ts';

const runner = { describe, it, before, after };
const servers: MemcachedServer[] = [];

async function started(): Promise<MemcachedServer> {
  const server = await MemcachedServer.start();
  servers.push(server);
  return server;
}

after(async () => {
  for (const server of servers) await server.stop();
});

handlerSuite(runner, {
  name: 'memcached',
  handler: MemcachedHandler,
  savePath: async () => (await started()).address,
  locks: true,
});

handlerSuite(runner, {
  name: 'memcached (three servers)',
  handler: MemcachedHandler,
  savePath: async () =>
    (await Promise.all([started(), started(), started()])).map(({ address }) => address).join(','),
  locks: true,
});

const given: Memcached[] = [];
after(() => {
  for (const client of given) client.end();
});

handlerSuite(runner, {
  name: 'memcached (a client of the package)',
  handler: MemcachedHandler,
  savePath: async () => {
    const client = new Memcached((await started()).address);
    given.push(client);
    return client;
  },
  locks: true,
});
