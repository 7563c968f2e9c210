import type { HandlerOptions, HandlerRequest, Interop } from 'blitz-session';
import { expect } from 'chai';
import { bootRedis, closeApps, failureOf } from '../fixtures/redis-app.ts';
import { RedisServer } from '../fixtures/servers/redis.ts';
import { openedShared, sharedClass, sharedOptions } from '../fixtures/shared-handlers.ts';

const ID = '2b87a50d311f1681bc8311e2aaf244d0';
const KEY = `blitz_session:blitz_session:${ID}`;
const PLAIN = { peer: 'php', version: '8.2' } as const;

describe('redis beside a PHP application', () => {
  let server: RedisServer;
  let options: HandlerOptions;

  before(async () => {
    server = await RedisServer.start();
    // Whose end closes the connection that handlers share.
    await bootRedis(server.address);
    options = sharedOptions({ savePath: server.address, lifetime: 7200, lockTtl: 30 });
  });

  after(async () => {
    await closeApps();
    await server.stop();
  });

  beforeEach(() => server.command('FLUSHALL'));

  const opened = (changed: Partial<HandlerOptions> = {}, request?: HandlerRequest) =>
    openedShared('redis', { ...options, ...changed }, request);
  const lost = async (work: PromiseLike<unknown>) =>
    expect((await failureOf(work)).code).to.equal('E_SESSION_LOCK_LOST');
  const php = (data: string, key = KEY) => server.command('SETEX', key, 7200, data);

  const NAMES: [string, Interop, Partial<HandlerOptions>, string, string, HandlerRequest?][] = [
    ['BlitzPHP', { peer: 'blitzphp', version: '1.5.1' }, {}, KEY, `${KEY}:lock`],
    [
      'BlitzPHP with match_ip',
      { peer: 'blitzphp', version: '1.5.1' },
      { matchIP: true },
      `blitz_session:blitz_session:::1:${ID}`,
      `blitz_session:blitz_session:::1:${ID}:lock`,
      { ip: '::1' },
    ],
    [
      'CodeIgniter',
      { peer: 'codeigniter4', version: '4.7.2' },
      { name: 'ci_session' },
      `ci_session:ci_session:${ID}`,
      `ci_session:ci_session:${ID}:lock`,
    ],
    ['PHP', PLAIN, {}, `PHPREDIS_SESSION:${ID}`, `PHPREDIS_SESSION:${ID}_LOCK`],
  ];
  for (const [peer, interop, changed, key, lock, request] of NAMES) {
    it(`${peer}: its names, its bytes, its expiry`, async () => {
      const handler = await opened({ ...changed, interop }, request);
      const bytes = `a|s:4:"\xe9\xff\x00\x7f";`;
      expect(await handler.create(ID, bytes)).to.equal(true);
      expect(await handler.create(ID, bytes)).to.equal(false);
      expect(await server.command('STRLEN', key)).to.equal(bytes.length);
      expect(await server.command('TTL', key)).to.equal(7200);
      await server.command('EXPIRE', key, 50);
      expect(await handler.read(ID)).to.equal(bytes);
      expect(await server.command('TTL', lock)).to.be.within(25, 30);
      // What is open must still be there to be saved.
      expect(await server.command('TTL', key)).to.be.within(295, 301);
      await handler.commit(ID, null, true);
      expect(await server.command('TTL', key)).to.equal(7200);
      await handler.commit(ID, 'b|i:1;', false);
      expect(await server.command('GET', key)).to.equal('b|i:1;');
      expect(await server.command('KEYS', '*')).to.deep.equal([key]);
      expect(await handler.peek(ID)).to.equal('b|i:1;');
      await handler.destroy(ID);
      expect(await server.command('DBSIZE')).to.equal(0);
    });
  }

  it('a prefix of the address takes the place of PHP’s', async () => {
    const savePath = `${server.address}?prefix=APP:`;
    await (await opened({ savePath })).create(ID, 'a|i:1;');
    await (await opened({ savePath, interop: PLAIN })).create('plain', 'a|i:1;');
    expect(((await server.command('KEYS', '*')) as string[]).sort()).to.deep.equal([
      `APP:${ID}`,
      'APP:plain',
    ]);
  });

  it('takes a lock in one command that PHP sees, and waits for PHP’s', async () => {
    await php('a|i:1;');
    const first = await opened();
    const sent = await server.monitored(async () => {
      expect(await first.read(ID)).to.equal('a|i:1;');
    });
    expect(sent.filter(([name]) => name !== 'EVAL').length).to.be.at.most(1);
    expect(await server.command('SET', `${KEY}:lock`, '1795290300', 'NX', 'EX', 300)).to.equal(null);
    expect(await server.command('GET', `${KEY}:lock`)).to.match(/^\d{10}:[0-9a-f]{32}$/);
    await first.close();
    expect(await server.command('SET', `${KEY}:lock`, '1795290300', 'NX', 'EX', 300)).to.equal('OK');
    const second = await opened();
    const reading = second.read(ID);
    await php('a|i:2;');
    await server.command('DEL', `${KEY}:lock`);
    expect(await reading).to.equal('a|i:2;');
    await second.close();
  });

  it('a session that PHP destroyed meanwhile is none', async () => {
    await php('a|i:1;');
    await server.command('SET', `${KEY}:lock`, '1795290300', 'EX', 300);
    const handler = await opened();
    const reading = handler.read(ID);
    await server.command('DEL', KEY, `${KEY}:lock`);
    expect(await reading).to.equal('');
    await handler.close();
    expect(await server.command('DBSIZE')).to.equal(0);
  });

  for (const [what, theft] of Object.entries({
    dropped: () => server.command('DEL', `${KEY}:lock`),
    'replaced by PHP’s': () => server.command('SET', `${KEY}:lock`, '1795290300', 'EX', 300),
  })) {
    it(`writes nothing under a lock that was ${what}`, async () => {
      for (const work of ['commit', 'keep', 'touch', 'destroy', 'quarantine'] as const) {
        await php('a|i:1;');
        const handler = await opened();
        await handler.read(ID);
        await theft();
        await php('a|i:2;');
        const before = await server.command('GET', `${KEY}:lock`);
        expect(await handler.renew(ID)).to.equal(false);
        const works = {
          commit: () => handler.commit(ID, 'a|i:3;', false),
          keep: () => handler.commit(ID, 'a|i:3;', true),
          touch: () => handler.commit(ID, null, false),
          destroy: () => handler.destroy(ID),
          quarantine: () => handler.quarantine(ID),
        };
        await lost(works[work]() as PromiseLike<unknown>);
        await handler.close();
        expect(await server.command('GET', KEY), work).to.equal('a|i:2;');
        expect(await server.command('GET', `${KEY}:lock`), work).to.equal(before);
        await server.command('FLUSHALL');
      }
    });
  }

  it('brings nothing back that went away under the lock', async () => {
    await php('a|i:1;');
    const handler = await opened();
    await handler.read(ID);
    await server.command('DEL', KEY);
    await lost(handler.commit(ID, 'a|i:2;', false) as PromiseLike<unknown>);
    expect(await server.command('DBSIZE')).to.equal(0);
  });

  it('gives the lock to the next request of this process', async () => {
    await php('a|i:1;');
    for (const interop of [options.interop as Interop, PLAIN]) {
      const key = interop === PLAIN ? `PHPREDIS_SESSION:${ID}` : KEY;
      await php('a|i:1;', key);
      const [first, second] = [await opened({ interop }), await opened({ interop })];
      await first.read(ID);
      await first.commit(ID, 'a|i:2;', true);
      second.adopt(first.handOver());
      await first.close();
      await second.commit(ID, 'a|i:3;', false);
      expect(await server.command('GET', key)).to.equal('a|i:3;');
    }
  });

  it('never overwrites what PHP wrote without a lock', async () => {
    const key = `PHPREDIS_SESSION:${ID}`;
    await php('a|i:1;', key);
    const handler = await opened({ interop: PLAIN });
    await handler.read(ID);
    expect(await server.command('GET', `${key}_LOCK`)).to.match(/^.+\|\d+\|[0-9a-f]{32}$/);
    await php('a|i:2;', key);
    await lost(handler.commit(ID, 'a|i:3;', false) as PromiseLike<unknown>);
    expect(await server.command('GET', key)).to.equal('a|i:2;');
    expect(await server.command('EXISTS', `${key}_LOCK`)).to.equal(0);
  });

  it('puts aside what cannot be read', async () => {
    await php('torn');
    const handler = await opened();
    await handler.read(ID);
    await handler.quarantine(ID);
    expect(await server.command('KEYS', '*')).to.deep.equal([`${KEY}:corrupt`]);
  });

  it('never hands a session that is tied to an address over to another', async () => {
    const app = await bootRedis(server.address, { interop: 'php', serialize_handler: 'php', matchIP: true });
    const manager = app.service('sessionManager');
    const [own, other] = ['10.0.0.1', '10.0.0.2'];
    const created = await manager.open({ ip: own });
    created.store.put('secret', 1);
    await manager.finish(created);
    const { id } = created;
    const first = await manager.open({ id, ip: own });
    first.store.put('secret', 2);
    const second = manager.open({ id, ip: other });
    await new Promise((resolve) => setTimeout(resolve, 5));
    await manager.finish(first);
    const stranger = await second;
    expect(stranger.store.get('secret')).to.equal(undefined);
    expect(stranger.id).to.not.equal(id);
    await manager.finish(stranger);
  });

  it('refuses a cluster at boot', async () => {
    const boot = sharedClass('redis').boot?.(sharedOptions({ savePath: 'tcp://a:7000,tcp://b:7000' }));
    expect((await failureOf(boot as PromiseLike<void>)).code).to.equal('E_SESSION_SAVE_PATH');
  });
});
