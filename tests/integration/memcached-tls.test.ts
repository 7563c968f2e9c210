import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServer, type Server } from 'node:tls';
import { promisify } from 'node:util';
import type { SessionOptions } from 'blitz-session';
import { expect } from 'chai';
import { bootRedis, closeApps, create, everything, failureOf, increment } from '../fixtures/redis-app.ts';
import { MemcachedServer } from '../fixtures/servers/memcached.ts';
import { serverProgram } from '../fixtures/servers/programs.ts';

const run = promisify(execFile);
const boot = (savePath: string, options: SessionOptions = {}) =>
  bootRedis(savePath, { handler: 'memcached', ...options });

describe('memcached behind TLS', () => {
  let server: MemcachedServer;
  let bridge: Server;
  let folder: string;
  let port: number;

  before(async function () {
    this.timeout(60_000);
    server = await MemcachedServer.start();
    folder = await mkdtemp(join(tmpdir(), 'blitz-'));
    const subject = ['-subj', '/CN=127.0.0.1', '-addext', 'subjectAltName=IP:127.0.0.1,DNS:localhost'];
    const files = ['-keyout', 'key.pem', '-out', 'cert.pem'];
    await run(
      await serverProgram('openssl'),
      ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', ...subject, ...files],
      {
        cwd: folder,
      },
    );
    // Debian’s memcached is built without TLS, so something else has to take it off.
    const [key, cert] = await Promise.all(
      ['key.pem', 'cert.pem'].map((name) => readFile(join(folder, name))),
    );
    bridge = createServer({ key, cert }, (near) => {
      const far = connect(server.port, '127.0.0.1');
      near.pipe(far).pipe(near);
      for (const end of [near, far]) {
        end.on('error', () => {});
        end.on('close', () => {
          near.destroy();
          far.destroy();
        });
      }
    });
    bridge.on('tlsClientError', () => {});
    bridge.listen(0, '127.0.0.1');
    await once(bridge, 'listening');
    port = (bridge.address() as { port: number }).port;
  });

  afterEach(closeApps);
  after(async () => {
    bridge.close();
    await server.stop();
    await rm(folder, { recursive: true });
  });

  for (const host of ['127.0.0.1', 'localhost']) {
    it(`works with certificates of one’s own, at ${host}`, async () => {
      await boot(`tls://${host}:${port}?ca=${folder}/cert.pem&timeout=2`);
      const id = await create({ n: 0, name: 'Zoé' });
      await Promise.all(Array.from({ length: 20 }, () => increment(id)));
      expect(await increment(id)).to.equal(21);
    });
  }

  it('refuses a certificate that nobody vouches for, and says so', async () => {
    const error = await failureOf(boot(`tls://127.0.0.1:${port}`));
    expect(error.code).to.equal('E_SESSION_BACKEND');
    expect(everything(error)).to.match(/self[- ]signed/i);
  });

  it('fails in time where one side speaks TLS and the other does not', async () => {
    const began = performance.now();
    expect((await failureOf(boot(`127.0.0.1:${port}`))).code).to.equal('E_SESSION_BACKEND');
    expect((await failureOf(boot(`tls://${server.address}`))).code).to.equal('E_SESSION_BACKEND');
    expect(performance.now() - began).to.be.below(2500);
  });
});
