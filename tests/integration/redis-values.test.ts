import { type HandlerOptions, RedisHandler } from 'blitz-session';
import { expect } from 'chai';
import { handlerOptions } from '../fixtures/memcached-store.ts';
import { bootRedis, closeApps } from '../fixtures/redis-app.ts';
import { RedisServer } from '../fixtures/servers/redis.ts';

/** Every byte there is, NUL and what is no UTF-8 among them: the PHP formats keep one character a byte. */
const BYTES = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte)).toString('latin1');

describe('what redis keeps of bytes', () => {
  let server: RedisServer;
  let options: HandlerOptions;

  before(async () => {
    server = await RedisServer.start();
    options = handlerOptions({ savePath: server.address, encoding: 'latin1' });
    // Whose end closes the connection that handlers share.
    await bootRedis(server.address);
    await RedisHandler.boot(options);
  });

  after(async () => {
    await closeApps();
    await server.stop();
  });

  const opened = async () => {
    const handler = new RedisHandler(options);
    await handler.open(options.savePath, options.name);
    return handler;
  };

  it('gives back each of the 256, created and written, and stores one byte for each', async () => {
    const id = 'a'.repeat(64);
    expect(await (await opened()).create(id, BYTES)).to.equal(true);
    const writer = await opened();
    expect(await writer.read(id)).to.equal(BYTES);
    await writer.commit(id, BYTES + BYTES, false);
    const reader = await opened();
    expect(await reader.peek(id)).to.equal(BYTES + BYTES);
    const header = 24;
    expect(await server.command('STRLEN', `blitz_session:${options.name}:${id}`)).to.equal(header + 512);
  });
});
