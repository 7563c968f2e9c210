import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { gunzipSync } from 'node:zlib';
import type { HandlerOptions, HandlerRequest, Interop } from 'blitz-session';
import { expect } from 'chai';
import { failureOf } from '../fixtures/redis-app.ts';
import { MemcachedServer } from '../fixtures/servers/memcached.ts';
import { openedShared, sharedClass, sharedOptions } from '../fixtures/shared-handlers.ts';

interface Vector {
  readonly name: string;
  readonly flags: number;
  readonly raw: string;
  readonly value_type: string;
  readonly value?: string;
  readonly value_gz?: string;
}

const VECTORS = JSON.parse(
  readFileSync(new URL('../fixtures/memcached-php-values.json', import.meta.url), 'utf8'),
) as readonly Vector[];

const ID = '2b87a50d311f1681bc8311e2aaf244d0';
const KEY = `blitz_session:blitz_session:${ID}`;
const LOCK = `${KEY}:lock`;
const PLAIN = { peer: 'php', version: '8.2' } as const;

describe('memcached beside a PHP application', () => {
  let server: MemcachedServer;
  let options: HandlerOptions;

  before(async () => {
    server = await MemcachedServer.start();
    options = sharedOptions({ savePath: server.address, lifetime: 7200, lockTtl: 30 });
  });
  after(() => server.stop());
  beforeEach(() => server.command('flush_all'));

  const opened = (changed: Partial<HandlerOptions> = {}, request?: HandlerRequest) =>
    openedShared('memcached', { ...options, ...changed }, request);
  const set = (key: string, text: string, flags = 0, seconds = 7200) =>
    server.command(`set ${key} ${flags} ${seconds} ${text.length}`, text);
  const get = async (key: string) => (await server.command(`get ${key}`)).split('\r\n').slice(0, -1);
  const lifeOf = async (key: string) => Number(/ t(-?\d+)/.exec(await server.command(`mg ${key} t`))?.[1]);
  const lost = async (work: unknown) =>
    expect((await failureOf(work as PromiseLike<unknown>)).code).to.equal('E_SESSION_LOCK_LOST');

  const NAMES: [string, Interop, Partial<HandlerOptions>, string, string, HandlerRequest?][] = [
    ['BlitzPHP', { peer: 'blitzphp', version: '1.5.1' }, {}, KEY, LOCK],
    [
      'BlitzPHP 1.4',
      { peer: 'blitzphp', version: '1.4.2' },
      {},
      `blitz_session:blitz_session${ID}`,
      `blitz_session:blitz_session${ID}:lock`,
    ],
    [
      'BlitzPHP with match_ip',
      { peer: 'blitzphp', version: '1.5.1' },
      { matchIP: true },
      `blitz_session:blitz_session:10.0.0.7:${ID}`,
      `blitz_session:blitz_session:10.0.0.7:${ID}:lock`,
      { ip: '10.0.0.7' },
    ],
    [
      'CodeIgniter',
      { peer: 'codeigniter4', version: '4.7.2' },
      { name: 'ci_session' },
      `ci_session:ci_session:${ID}`,
      `ci_session:ci_session:${ID}:lock`,
    ],
    ['PHP', PLAIN, {}, `memc.sess.key.${ID}`, `memc.sess.key.lock.${ID}`],
  ];
  for (const [peer, interop, changed, key, lock, request] of NAMES) {
    it(`${peer}: its names, its bytes, its expiry`, async () => {
      const handler = await opened({ ...changed, interop }, request);
      const bytes = `a|s:4:"\xe9\xff\x00\x7f";`;
      expect(await handler.create(ID, bytes)).to.equal(true);
      expect(await handler.create(ID, bytes)).to.equal(false);
      expect(await get(key)).to.deep.equal([`VALUE ${key} 0 ${bytes.length}`, bytes]);
      await server.command(`touch ${key} 50`);
      expect(await handler.read(ID)).to.equal(bytes);
      expect(await lifeOf(key)).to.be.within(7190, 7210);
      const [head, value] = await get(lock);
      expect(head).to.equal(`VALUE ${lock} 1 19`);
      expect(BigInt(value ?? '') < 2n ** 63n && /^\d{19}$/.test(value ?? '')).to.equal(true);
      expect(await lifeOf(lock)).to.be.within(20, 40);
      await handler.commit(ID, null, true);
      await handler.commit(ID, 'b|i:1;', false);
      expect(await get(key)).to.deep.equal([`VALUE ${key} 0 6`, 'b|i:1;']);
      expect(await get(lock)).to.deep.equal([]);
      expect(await handler.peek(ID)).to.equal('b|i:1;');
      await handler.destroy(ID);
      expect(await server.keys()).to.deep.equal([]);
    });
  }

  it('reads each value of PHP, and refuses what is no string', async () => {
    const reader = await opened();
    for (const { name, flags, raw, value_type, value = '', value_gz } of VECTORS) {
      await put(server.port, KEY, flags, Buffer.from(raw, 'base64'));
      const answer = reader.peek(ID);
      if (value_type !== 'string') {
        expect(await answer.catch((cause: unknown) => cause), name).to.be.instanceOf(Error);
        continue;
      }
      const bytes = value_gz ? gunzipSync(Buffer.from(value_gz, 'base64')) : Buffer.from(value, 'base64');
      expect(await answer, name).to.equal(bytes.toString('latin1'));
    }
  });

  it('reads what carries flags of the application’s own', async () => {
    const reader = await opened();
    for (const flags of [256, 65_536]) {
      await set(KEY, 'a|i:1;', flags);
      expect(await reader.peek(ID)).to.equal('a|i:1;');
    }
  });

  it('leaves a session alone that is compressed in a way it does not know', async () => {
    await set(KEY, 'zstandard', 144);
    const handler = await opened();
    expect((await failureOf(handler.read(ID) as PromiseLike<string>)).code).to.equal('E_SESSION_BACKEND');
    await handler.close();
    expect(await get(KEY)).to.deep.equal([`VALUE ${KEY} 144 9`, 'zstandard']);
    const next = await opened();
    await set(KEY, 'a|i:1;');
    expect(await next.read(ID)).to.equal('a|i:1;');
    await next.close();
  });

  it('puts aside what is no session', async () => {
    await set(KEY, 'a:0:{}', 4);
    const handler = await opened();
    expect(await handler.read(ID)).to.equal('');
    await handler.close();
    expect(await server.keys()).to.deep.equal([`${KEY}:corrupt`]);
  });

  it('keeps a session of more than thirty days', async () => {
    const handler = await opened({ lifetime: 31_536_000 });
    await handler.create(ID, 'a|i:1;');
    expect(await lifeOf(KEY)).to.be.within(31_535_990, 31_536_010);
    await handler.read(ID);
    await handler.commit(ID, null, false);
    expect(await lifeOf(KEY)).to.be.within(31_535_990, 31_536_010);
  });

  it('waits for PHP’s lock, also for a record that PHP has not written yet', async () => {
    await set(LOCK, '1795290300', 1);
    const handler = await opened();
    const reading = handler.read(ID);
    await new Promise((resolve) => setTimeout(resolve, 20));
    await set(KEY, 'a|i:1;');
    await server.command(`delete ${LOCK}`);
    expect(await reading).to.equal('a|i:1;');
    // What was waited for carries a mark that only this side sees.
    expect(await get(KEY)).to.deep.equal([`VALUE ${KEY} 0 6`, 'a|i:1;']);
    await handler.close();
  });

  for (const [what, theft] of Object.entries({
    dropped: () => server.command(`delete ${LOCK}`),
    'replaced by PHP’s': () => set(LOCK, '1795290300', 1),
  })) {
    it(`writes nothing under a lock that was ${what}`, async () => {
      for (const work of ['commit', 'keep', 'destroy', 'quarantine'] as const) {
        await set(KEY, 'a|i:1;');
        const handler = await opened();
        await handler.read(ID);
        await theft();
        const before = await get(LOCK);
        const works = {
          commit: () => handler.commit(ID, 'a|i:3;', false),
          keep: () => handler.commit(ID, 'a|i:3;', true),
          destroy: () => handler.destroy(ID),
          quarantine: () => handler.quarantine(ID, 'a|i:1;'),
        };
        await lost(works[work]());
        await handler.close();
        expect(await get(KEY), work).to.deep.equal([`VALUE ${KEY} 0 6`, 'a|i:1;']);
        expect(await get(LOCK), work).to.deep.equal(before);
        await server.command('flush_all');
      }
    });
  }

  it('neither overwrites nor brings back what changed under the lock', async () => {
    await set(KEY, 'a|i:1;');
    const handler = await opened();
    await handler.read(ID);
    await set(KEY, 'a|i:2;');
    await lost(handler.commit(ID, 'a|i:3;', false));
    expect(await get(KEY)).to.deep.equal([`VALUE ${KEY} 0 6`, 'a|i:2;']);
    await handler.read(ID);
    await server.command(`delete ${KEY}`);
    await lost(handler.commit(ID, 'a|i:3;', false));
    expect(await server.keys()).to.deep.equal([]);
  });

  it('has nothing under an id that is longer than a key', async () => {
    const handler = await opened({ interop: PLAIN });
    const id = 'a'.repeat(256);
    expect(await handler.read(id)).to.equal('');
    expect(await handler.peek(id)).to.equal('');
    await handler.close();
  });

  it('refuses at boot what it cannot share', async () => {
    const refusals: Partial<HandlerOptions>[] = [
      { client: {} },
      { savePath: 'a:11211:2,b:11211:1' },
      { savePath: `${server.address}?distribution=random` },
    ];
    for (const changed of refusals) {
      const boot = async () => sharedClass('memcached').boot?.({ ...options, ...changed });
      expect((await failureOf(boot())).code).to.equal('E_SESSION_SAVE_PATH');
    }
  });
});

function put(port: number, key: string, flags: number, bytes: Buffer): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('error', reject);
    socket.once('data', (answer) => {
      socket.destroy();
      if (String(answer) === 'STORED\r\n') resolve();
      else reject(new Error(String(answer)));
    });
    socket.write(
      Buffer.concat([Buffer.from(`set ${key} ${flags} 0 ${bytes.length}\r\n`), bytes, Buffer.from('\r\n')]),
    );
  });
}
