import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Application, isBlitzError, MemcachedHandler } from 'blitz-session';
import { expect } from 'chai';
import Memcached from 'memcached';
import { handlerOptions, opened } from '../fixtures/memcached-store.ts';
import { FakeMemcached } from '../fixtures/servers/fake-memcached.ts';

const ID = 'a'.repeat(64);

const REFUSED: Readonly<Record<string, string>> = {
  '': 'vide',
  localhost: 'hôte:port',
  'storage/framework/session': 'hôte:port',
  '127.0.0.1:11211 127.0.0.1:11212': 'hôte:port',
  '127.0.0.1:11211,': 'hôte:port',
  '127.0.0.1:0': '65535',
  '127.0.0.1:99999': '65535',
  '127.0.0.1:11211:0': 'poids',
  '::1:11211': 'hôte:port',
  'tcp://127.0.0.1:11211': 'hôte:port',
  'a:1,a:1': 'deux fois',
  'tls://a:1,b:1': 'tls://',
  'a:1?prefix=a b': 'prefix',
  'a:1?prefix=é': 'prefix',
  'a:1?timeout=soon': 'timeout',
  'a:1?ca=/x': 'tls://',
  'tls://a:1?ca=/nowhere/ca.pem': 'ne peut pas être lu',
  'a:1?weight=2': 'paramètre',
  [`a:1?prefix=${'x'.repeat(179)}`]: '250 octets',
};

const ACCEPTED = [
  'a:1',
  'cache-1.example.org:11211:3,cache-2.example.org:11211:1',
  '[::1]:11211,[fe80::1]:11211:2',
  '/run/memcached.sock',
  'unix:///run/memcached.sock:2,a:1',
  'tls://a:1,tls://b:1?timeout=0.5',
  `a:1?prefix=${'x'.repeat(178)}`,
  'a:1?prefix=',
];

describe('savePath of memcached', () => {
  const spoken = process.env['BLITZ_LANG'];
  before(() => {
    process.env['BLITZ_LANG'] = 'fr';
  });
  after(() => {
    if (spoken === undefined) delete process.env['BLITZ_LANG'];
    else process.env['BLITZ_LANG'] = spoken;
  });

  for (const [savePath, reason] of Object.entries(REFUSED)) {
    it(`refuses ${JSON.stringify(savePath.slice(0, 60))} at boot, and shows the right form`, async () => {
      const error = await Application.boot({
        root: process.cwd(),
        config: { session: { handler: 'memcached', savePath } },
      }).then(
        async (app) => {
          await app.close();
          return undefined;
        },
        (refusal: unknown) => refusal,
      );
      expect(isBlitzError(error, 'E_SESSION_SAVE_PATH'), String(error)).to.equal(true);
      expect(String(error)).to.contain(reason).and.to.contain('127.0.0.1:11211');
    });
  }

  for (const savePath of ACCEPTED) {
    it(`accepts ${savePath.slice(0, 60)}`, () => {
      new MemcachedHandler(handlerOptions({ savePath }));
    });
  }

  it('refuses an object that is no client of the package, and one that cannot carry bytes', () => {
    const refusal = (client: object, encoding: 'utf8' | 'latin1') => () =>
      new MemcachedHandler(handlerOptions({ savePath: '', client, encoding }));
    expect(refusal({ get() {} }, 'utf8')).to.throw('paquet memcached');
    const client = new Memcached('127.0.0.1:1');
    expect(refusal(client, 'latin1')).to.throw('octets');
    refusal(client, 'utf8')();
    client.end();
  });

  it('refuses a cookie name with which a key would be too long', async () => {
    expect(() => new MemcachedHandler(handlerOptions({ name: 'x'.repeat(163) }))).to.not.throw();
    expect(() => new MemcachedHandler(handlerOptions({ name: 'x'.repeat(164) }))).to.throw('250');
  });

  describe('reaches', () => {
    const reached = async (
      listen: { host?: string; port?: number; path?: string },
      at: (port: number) => string,
    ) => {
      const fake = await FakeMemcached.start((_line, socket) => void socket.write('END\r\n'), { listen });
      try {
        const handler = await opened(
          handlerOptions({ savePath: at(listen.path === undefined ? fake.port : 0) }),
        );
        expect(await handler.peek(ID)).to.equal('');
        expect(fake.lines).to.have.length(1);
        return fake.lines[0];
      } finally {
        await fake.stop();
      }
    };

    it('IPv4, IPv6 and a socket', async () => {
      const folder = await mkdtemp(join(tmpdir(), 'blitz-'));
      await reached({ host: '127.0.0.1', port: 0 }, (port) => `127.0.0.1:${port}`);
      await reached({ host: '::1', port: 0 }, (port) => `[::1]:${port}`);
      await reached({ path: join(folder, 'm.sock') }, () => join(folder, 'm.sock'));
      await rm(folder, { recursive: true });
    });

    it('its keys, with a prefix and without', async () => {
      const local = { host: '127.0.0.1', port: 0 };
      expect(await reached(local, (port) => `127.0.0.1:${port}`)).to.equal(
        `gets blitz_session:blitz_session:${ID}`,
      );
      expect(await reached(local, (port) => `127.0.0.1:${port}?prefix=app:`)).to.equal(`gets app:${ID}`);
    });
  });
});
