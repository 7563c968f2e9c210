import { BaseHandler, Session } from 'blitz-session';
import { expect } from 'chai';
import Memcached from 'memcached';
import { bootRedis, closeApps, create, increment } from '../fixtures/redis-app.ts';
import { MemcachedServer } from '../fixtures/servers/memcached.ts';
import { RedisServer } from '../fixtures/servers/redis.ts';
import { bootSql, closeSqlApps, SQL_SERVERS } from '../fixtures/sql-app.ts';

const PATIENCE = { operation_timeout: 0.8 };

/** Nothing else of this process happens meanwhile, as in a paused container. */
function standStill(milliseconds: number): void {
  const end = performance.now() + milliseconds;
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
    standStill(1000);
    const [incremented] = await works;
    expect(incremented).to.equal(++n);
  }
}

describe('a process that stands still for longer than operation_timeout', function () {
  this.timeout(30_000);

  describe('with redis', () => {
    let server: RedisServer;
    before(async () => {
      server = await RedisServer.start();
    });
    afterEach(closeApps);
    after(() => server.stop());

    it('blames no server', async () => {
      await bootRedis(server.address, PATIENCE);
      await expectPatience();
    });

    it('boots all the same', async () => {
      const booting = bootRedis(server.address, PATIENCE);
      await turn();
      standStill(1000);
      await booting;
    });
  });

  describe('with memcached', () => {
    let server: MemcachedServer;
    before(async () => {
      server = await MemcachedServer.start();
    });
    afterEach(closeApps);
    after(() => server.stop());

    it('blames no server', async () => {
      await bootRedis(server.address, { handler: 'memcached', ...PATIENCE });
      await expectPatience();
    });

    it('blames no server behind a client of the application either', async () => {
      const client = new Memcached(server.address);
      await bootRedis(client, { handler: 'memcached', ...PATIENCE });
      await expectPatience();
      client.end();
    });
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
    await bootRedis('', { handler: OwnHandler, ...PATIENCE });
    await expectPatience();
    await closeApps();
  });

  for (const [name, start] of SQL_SERVERS) {
    it(`blames no server: ${name}`, async () => {
      const server = await start();
      try {
        await server.createTable();
        await bootSql(server.group, PATIENCE);
        await expectPatience();
      } finally {
        await closeSqlApps();
        await server.stop();
      }
    });
  }
});
