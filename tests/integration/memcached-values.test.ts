import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { gunzipSync } from 'node:zlib';
import { isBlitzError } from 'blitz-session';
import { expect } from 'chai';
import Memcached from 'memcached';
import { handlerOptions, keyOf, opened } from '../fixtures/memcached-store.ts';
import { MemcachedServer } from '../fixtures/servers/memcached.ts';

interface Vector {
  readonly client: string;
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

const idOf = (name: string) => createHash('sha256').update(name).digest('hex');

describe('what memcached stores', () => {
  let server: MemcachedServer;

  before(async () => {
    server = await MemcachedServer.start();
  });
  after(() => server.stop());

  const options = (changed = {}) => handlerOptions({ savePath: server.address, ...changed });

  describe('PHP’s values', () => {
    for (const [n, vector] of VECTORS.entries()) {
      const { client, name, flags } = vector;
      it(`${client.includes('zlib') ? 'zlib' : 'fastlz'} ${n}: ${name}, flags ${flags}`, async () => {
        const id = idOf(`${n} ${name}`);
        const raw = Buffer.from(vector.raw, 'base64');
        await put(server.port, keyOf(id), flags, raw);
        const reader = await opened(options({ encoding: 'latin1' }));
        if (vector.value_type !== 'string') {
          const error = await reader.peek(id).catch((cause: unknown) => cause);
          expect(error).to.be.instanceOf(Error);
          return;
        }
        const expected = vector.value_gz
          ? gunzipSync(Buffer.from(vector.value_gz, 'base64'))
          : Buffer.from(vector.value ?? '', 'base64');
        expect(await reader.peek(id)).to.equal(expected.toString('latin1'));
        await reader.close();
      });
    }

    it('damaged ones are put aside, and what is not a string too', async () => {
      const warned: string[] = [];
      const values: [number, Buffer][] = [
        [80, Buffer.from([255, 255, 255, 127, 0, 1])],
        [80, Buffer.from([10, 0, 0, 0, 0xe0, 255, 255])],
        [80, Buffer.from([1])],
        [48, Buffer.from([5, 0, 0, 0, 1, 2, 3])],
        [4, Buffer.from('a:0:{}')],
        [1, Buffer.from('1')],
      ];
      for (const [n, [flags, raw]] of values.entries()) {
        const id = idOf(`damaged ${n}`);
        await put(server.port, keyOf(id), flags, raw);
        const reader = await opened(options({ warn: (code: string) => void warned.push(code) }));
        expect(await reader.read(id), `value ${n}`).to.equal('');
        await reader.close();
        const keys = await server.keys();
        expect(keys)
          .to.include(`${keyOf(id)}:corrupt`)
          .and.not.include(keyOf(id));
        expect(keys).to.not.include(`${keyOf(id)}:lock`);
      }
      expect(warned).to.deep.equal(values.map(() => 'E_SESSION_CORRUPT'));
    });

    it('never makes memory of a length that is only claimed', async () => {
      // Every cut and every changed byte of a real block ends in an error or in a string, never in a crash.
      const { raw } = VECTORS.find(({ name, flags }) => name === 'mixed' && flags === 80) as Vector;
      const bytes = Buffer.from(raw, 'base64');
      const reader = await opened(options({ encoding: 'latin1' }));
      const id = idOf('fuzz');
      for (let at = 0; at < bytes.length; at += 7) {
        for (const broken of [
          bytes.subarray(0, at),
          Buffer.from(bytes).fill(bytes[at]! ^ 0x5a, at, at + 1),
        ]) {
          await put(server.port, keyOf(id), 80, broken);
          await reader.peek(id).catch(() => '');
        }
      }
    });
  });

  it('writes flags 0, the date of the last activity and the payload', async () => {
    const id = idOf('flags');
    const writer = await opened(
      options({ clock: { ...handlerOptions().clock, now: () => 1_700_000_000_123 } }),
    );
    expect(await writer.create(id, '{"é":1}')).to.equal(true);
    expect(await server.command(`get ${keyOf(id)}`)).to.equal(
      `VALUE ${keyOf(id)} 0 22\r\n1700000000123|{"${Buffer.from('é').toString('latin1')}":1}\r\nEND`,
    );
  });

  it('keeps bytes under the byte formats', async () => {
    const id = idOf('bytes');
    const every = Array.from({ length: 256 }, (_, code) => String.fromCharCode(code)).join('');
    const writer = await opened(options({ encoding: 'latin1' }));
    await writer.create(id, every);
    expect(await writer.read(id)).to.equal(every);
    await writer.commit(id, `${every}${every}`, false);
    expect(await writer.peek(id)).to.equal(`${every}${every}`);
    expect(Buffer.from(await server.command(`get ${keyOf(id)}`), 'latin1')).to.have.length.above(512);
  });

  for (const [what, lifetime] of Object.entries({
    'thirty days': 2_592_000,
    'a year': 31_536_000,
    'a century': 3.2e9,
  })) {
    it(`keeps a session of ${what}`, async () => {
      const id = idOf(what);
      const writer = await opened(options({ lifetime }));
      await writer.create(id, 'kept');
      expect(await writer.read(id)).to.equal('kept');
      await writer.commit(id, 'still kept', false);
      expect(await writer.peek(id)).to.equal('still kept');
      const left = Number(/ t(-?\d+)/.exec(await server.command(`mg ${keyOf(id)} t`))?.[1]);
      const possible = Math.min(lifetime + 301, 2 ** 31 - 1 - Date.now() / 1000);
      // The server looks at the clock once a second, and later when the machine is busy.
      expect(left).to.be.within(possible - 10, possible + 10);
    });
  }

  it('keeps a record for as long as a session may stay open beyond its life', async () => {
    const id = idOf('open');
    await (await opened(options({ lifetime: 10, lockMax: 40 }))).create(id, 'data');
    const left = Number(/ t(-?\d+)/.exec(await server.command(`mg ${keyOf(id)} t`))?.[1]);
    expect(left).to.be.within(41, 61);
  });

  it('takes keys of 250 bytes', async () => {
    const prefix = 'p'.repeat(250 - 64 - ':corrupt'.length);
    const long = options({ savePath: `${server.address}?prefix=${prefix}` });
    const id = idOf('long');
    const writer = await opened(long);
    expect(await writer.create(id, 'data')).to.equal(true);
    expect(await writer.read(id)).to.equal('data');
    await writer.quarantine(id, 'data');
    expect(await server.keys()).to.include(`${prefix}${id}:corrupt`);
    expect(await writer.read(id)).to.equal('');
  });

  describe('the item limit', () => {
    it('is a clear error before anything is written, and the lock is freed', async () => {
      const id = idOf('large');
      const writer = await opened(options());
      await writer.create(id, 'small');
      await writer.read(id);
      const stored = await server.command('stats');
      const large = writer.commit(id, 'x'.repeat(1024 * 1024), false);
      const error = await Promise.resolve(large).catch((cause: unknown) => cause);
      expect(isBlitzError(error, 'E_SESSION_TOO_LARGE'), String(error)).to.equal(true);
      expect((error as { status: number }).status).to.equal(500);
      const count = (text: string) => /cmd_set (\d+)/.exec(text)?.[1];
      expect(count(await server.command('stats'))).to.equal(count(stored));
      await writer.close();
      const next = await opened(options());
      expect(await next.read(id)).to.equal('small');
      await next.close();
    });

    it('is the server’s own, asked for at connecting', async () => {
      const wide = await MemcachedServer.start({ args: ['-I', '3m'] });
      const id = idOf('wide');
      const data = 'x'.repeat(2_500_000);
      const writer = await opened(options({ savePath: wide.address }));
      await writer.create(id, 'small');
      expect(await writer.read(id)).to.equal('small');
      await writer.commit(id, data, false);
      expect(await writer.peek(id)).to.equal(data);
      await wide.stop();
    });

    it('is the same error with a client of the package', async () => {
      const theirs = new Memcached(server.address);
      const id = idOf('large, package');
      const writer = await opened(options({ savePath: '', client: theirs }));
      await writer.create(id, 'small');
      await writer.read(id);
      const large = Promise.resolve(writer.commit(id, 'x'.repeat(1024 * 1024), false));
      const error = await large.catch((cause: unknown) => cause);
      expect(isBlitzError(error, 'E_SESSION_TOO_LARGE'), String(error)).to.equal(true);
      expect(await (await opened(options())).read(id)).to.equal('small');
      theirs.end();
    });

    it('is met to the byte, one way or the other', async () => {
      const id = idOf('edge');
      const writer = await opened(options());
      await writer.create(id, '0');
      for (let bytes = 1_048_000; bytes < 1_048_577; bytes += 24) {
        await writer.read(id);
        const text = 'y'.repeat(bytes);
        try {
          await writer.commit(id, text, false);
          expect(await writer.peek(id)).to.equal(text);
        } catch (error) {
          expect(isBlitzError(error, 'E_SESSION_TOO_LARGE'), String(error)).to.equal(true);
        }
        await writer.close();
      }
    });
  });

  describe('several servers', () => {
    const servers: MemcachedServer[] = [];
    before(async () => {
      for (let n = 0; n < 3; n++) servers.push(await MemcachedServer.start());
    });
    after(async () => {
      for (const each of servers) await each.stop();
    });

    for (const weights of [
      [1, 1, 1],
      [3, 1, 2],
      [1, 10, 1],
    ]) {
      it(`have each key where the package memcached looks for it, weights ${weights.join(':')}`, async () => {
        const prefix = `w${weights.join('')}:`;
        const addresses = servers.map(({ address }, n) => `${address}:${weights[n]}`);
        const writer = await opened(options({ savePath: `${addresses.join(',')}?prefix=${prefix}` }));
        const ids = Array.from({ length: 1500 }, (_, n) => idOf(`${prefix}${n}`));
        for (const id of ids) await writer.create(id, id);
        const theirs = new Memcached(
          Object.fromEntries(servers.map(({ address }, n) => [address, weights[n]])) as never,
        );
        const read = (key: string) =>
          new Promise<unknown>((resolve, reject) => {
            theirs.get(key, (error, data) => (error ? reject(error) : resolve(data)));
          });
        for (const id of ids) expect(String(await read(prefix + id)).split('|')[1]).to.equal(id);
        theirs.end();
        const count = () =>
          Promise.all(
            servers.map(async (each) => (await each.keys()).filter((key) => key.startsWith(prefix)).length),
          );
        let counts = await count();
        for (let tries = 0; tries < 20 && sumOf(counts) < 1500; tries++) counts = await count();
        expect(sumOf(counts)).to.equal(1500);
        const heaviest = weights.indexOf(Math.max(...weights));
        if (new Set(weights).size > 1) expect(Math.max(...counts)).to.equal(counts[heaviest]);
      });
    }

    it('have a lock beside its record, for both clients', async () => {
      const addresses = servers.map(({ address }) => address);
      const theirs = new Memcached(addresses);
      const own = options({ savePath: addresses.join(',') });
      const given = options({ savePath: '', client: theirs });
      for (let n = 0; n < 30; n++) {
        const id = idOf(`beside ${n}`);
        const holder = await opened(n % 2 === 0 ? own : given);
        await holder.create(id, 'data');
        await holder.read(id);
        const list = () =>
          Promise.all(
            servers.map(async (each) => (await each.keys()).filter((key) => key.includes(id)).length),
          );
        let places = await list();
        // The server's crawler passes over what is in use in that moment.
        for (let tries = 0; tries < 20 && Math.max(...places) < 2; tries++) places = await list();
        expect(places.sort()).to.deep.equal([0, 0, 2]);
        const other = await opened(n % 2 === 0 ? given : own, { deadline: Date.now() + 10 });
        const error = await Promise.resolve(other.read(id)).catch((cause: unknown) => cause);
        expect(isBlitzError(error, 'E_SESSION_LOCK_TIMEOUT'), String(error)).to.equal(true);
        await holder.commit(id, 'more', false);
        expect(await other.peek(id)).to.equal('more');
      }
      theirs.end();
    });
  });
});

function sumOf(numbers: readonly number[]): number {
  return numbers.reduce((sum, each) => sum + each, 0);
}

/** Stores raw bytes with flags, as another client does. */
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
