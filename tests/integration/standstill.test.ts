import { BaseHandler, Session, type SessionOptions } from 'blitz-session';
import { expect } from 'chai';
import Memcached from 'memcached';
import { bootRedis, closeApps, create, increment } from '../fixtures/redis-app.ts';
import { MemcachedServer } from '../fixtures/servers/memcached.ts';
import { RedisServer } from '../fixtures/servers/redis.ts';
import { bootSql, closeSqlApps, SQL_SERVERS } from '../fixtures/sql-app.ts';

const PATIENCE = { operation_timeout: 0.8 };

/** Nothing else of this process happens meanwhile, as in a paused container. */
function standStill(): void {
  const end = performance.now() + 1000;
  while (performance.now() < end);
}

const turn = () => new Promise((resolve) => setImmediate(resolve));

/** The server has answered long before anybody can look: it must not be blamed, whatever was under way. */
async function expectPatience(): Promise<void> {
  const id = await create();
  let n = 0;
  for (let turns = 0; turns <= 4; turns += 2) {
    const works = Promise.all([
      increment(id),
      create(),
      Session.run(id, (session) => session.get('n'), { readOnly: true }),
    ]);
    for (let waited = 0; waited < turns; waited++) await turn();
    standStill();
    const [incremented] = await works;
    expect(incremented).to.equal(++n);
  }
}

describe('a process that stands still for longer than operation_timeout', function () {
  this.timeout(30_000);
  const stops: (() => unknown)[] = [];
  const boot = (savePath: string | object, options: SessionOptions = {}) =>
    bootRedis(savePath, { ...PATIENCE, ...options });

  afterEach(async () => {
    await closeApps();
    await closeSqlApps();
    for (const stop of stops.splice(0)) await stop();
  });

  async function started<S extends { stop(): Promise<void> }>(starting: Promise<S>): Promise<S> {
    const server = await starting;
    stops.push(() => server.stop());
    return server;
  }

  it('blames no Redis', async () => {
    await boot((await started(RedisServer.start())).address);
    await expectPatience();
  });

  it('blames no Redis that it connects to', async () => {
    const server = await started(RedisServer.start());
    server.process.pause();
    const booting = boot(server.address);
    await new Promise((resolve) => setTimeout(resolve, 200));
    server.process.resume();
    standStill();
    await booting;
  });

  it('blames no memcached', async () => {
    await boot((await started(MemcachedServer.start())).address, { handler: 'memcached' });
    await expectPatience();
  });

  it('blames no memcached behind a client of the application', async () => {
    const client = new Memcached((await started(MemcachedServer.start())).address);
    stops.push(() => client.end());
    await boot(client, { handler: 'memcached' });
    await expectPatience();
  });

  it('blames no handler of the application', async () => {
    const shelf = new Map<string, string>();
    const answered = <T>(answer: T) => new Promise<T>((resolve) => setImmediate(resolve, answer));
    class OwnHandler extends BaseHandler {
      read(id: string) {
        return answered(shelf.get(id) ?? '');
      }
      write(id: string, data: string) {
        return answered(void shelf.set(id, data));
      }
      destroy(id: string) {
        return answered(void shelf.delete(id));
      }
    }
    await boot('', { handler: OwnHandler });
    await expectPatience();
  });

  for (const [name, start] of SQL_SERVERS) {
    it(`blames no ${name}`, async () => {
      const server = await started(start());
      await server.createTable();
      await bootSql(server.group, PATIENCE);
      await expectPatience();
    });
  }
});
