import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, request as open } from 'node:http';
import { createServer as createSecureServer, request as openSecure } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Application, type ConfigOverrides, session } from 'blitz-session';
import { withSession } from 'blitz-session/node';
import { expect } from 'chai';
import { afterEach, describe, it } from 'mocha';
import { closeSites, serve } from '../fixtures/http.js';

type Trust = NonNullable<NonNullable<ConfigOverrides['app']>['trust_proxy']>;
type Headers = Record<string, string | string[]>;

/** With `matchIP` a session answers only the address that made it: so two requests tell whether they count as one. */
async function sameAddress(trust_proxy: Trust, first: Headers, second: Headers): Promise<boolean> {
  const site = await serve((_request, response) => response.end(String(session().increment('n'))), {
    session: { matchIP: true },
    app: { trust_proxy },
  });
  const visitor = site.visitor();
  await visitor.get('/', { headers: first });
  return (await visitor.get('/', { headers: second })).body === '2';
}
const from = (list: string | string[]) => ({ 'x-forwarded-for': list });

describe("the visitor's address", () => {
  afterEach(closeSites);

  it('is the peer when no proxy is believed, whatever is forwarded', async () => {
    for (const trust of [false, 0, ['10.0.0.1'], '10.0.0.0/8'] as Trust[]) {
      expect(await sameAddress(trust, from('198.51.100.1'), from('198.51.100.2'))).to.equal(true);
    }
  });

  it('is the last forwarded one behind one hop', async () => {
    expect(await sameAddress(1, from('198.51.100.1'), from('198.51.100.2'))).to.equal(false);
    expect(await sameAddress(1, from('198.51.100.1'), from('198.51.100.1'))).to.equal(true);
    expect(await sameAddress(1, from('6.6.6.6, 198.51.100.1'), from('7.7.7.7, 198.51.100.1'))).to.equal(true);
  });

  it('is the second from the end behind two hops', async () => {
    expect(await sameAddress(2, from('198.51.100.1, 10.0.0.1'), from('198.51.100.2, 10.0.0.1'))).to.equal(
      false,
    );
    expect(await sameAddress(2, from('198.51.100.1, 10.0.0.1'), from('198.51.100.1, 10.0.0.9'))).to.equal(
      true,
    );
    expect(
      await sameAddress(2, from('1.1.1.1, 198.51.100.1, 10.0.0.1'), from('198.51.100.1, 10.0.0.1')),
    ).to.equal(true);
  });

  it('is the nearest one that is not a believed proxy', async () => {
    const trust = ['127.0.0.1', '10.0.0.0/8', '2001:db8::/32'];
    const same = (first: string, second: string) => sameAddress(trust, from(first), from(second));
    expect(await same('198.51.100.1, 10.1.1.1', '198.51.100.1, 2001:db8::7, 10.2.2.2')).to.equal(true);
    expect(await same('6.6.6.6, 198.51.100.1, 10.1.1.1', '7.7.7.7, 198.51.100.1')).to.equal(true);
    expect(await same('198.51.100.1, 203.0.113.1', '198.51.100.2, 203.0.113.1')).to.equal(true);
    expect(await same('198.51.100.1', '198.51.100.2')).to.equal(false);
    expect(await same('10.0.0.1', '10.0.0.2'), 'visitors of the inner network').to.equal(false);
  });

  it('several X-Forwarded-For headers are one list', async () => {
    expect(await sameAddress(2, from(['198.51.100.1', '10.0.0.1']), from('198.51.100.1, 10.0.0.1'))).to.equal(
      true,
    );
  });

  it('IPv4 through IPv6 is IPv4, in every spelling', async () => {
    for (const mapped of [
      '::ffff:198.51.100.1',
      '::FFFF:198.51.100.1',
      '::ffff:c633:6401',
      ' 198.51.100.1 ',
    ]) {
      expect(await sameAddress(1, from('198.51.100.1'), from(mapped)), mapped).to.equal(true);
    }
  });

  it('ports, brackets, zones and capitals are not part of it', async () => {
    for (const [plain, spelled] of [
      ['198.51.100.1', '198.51.100.1:4711'],
      ['2001:db8::1', '[2001:db8::1]'],
      ['2001:db8::1', '[2001:DB8::1]:443'],
      ['fe80::1', 'fe80::1%eth0'],
    ] as const) {
      expect(await sameAddress(1, from(plain), from(spelled)), spelled).to.equal(true);
    }
  });

  it('what is no address ends the list: the proxy itself stands for the visitor', async () => {
    for (const nonsense of ['unknown', '', '999.1.1.1', "1.1.1.1'; drop", '_hidden', ', ,']) {
      expect(await sameAddress(1, from(nonsense), {}), nonsense).to.equal(true);
    }
    expect(await sameAddress(2, from('198.51.100.1, unknown'), {})).to.equal(true);
  });

  it('a zone in an address that is asked against a list is no error', async () => {
    expect(
      await sameAddress(['127.0.0.1', 'fe80::/10'], from('9.9.9.9, fe80::1%eth0'), from('9.9.9.9')),
    ).to.equal(true);
  });

  it('is IPv4 when a socket for both kinds was called by IPv4', async () => {
    const app = await Application.boot({
      root: '/nowhere/app',
      config: { session: { handler: 'array', matchIP: true }, app: { trust_proxy: ['127.0.0.1'] } },
    });
    const seen: unknown[] = [];
    const server = createServer(
      withSession(app, (request, response) => {
        seen.push(request.socket.remoteAddress);
        response.end(String(session().increment('n')));
      }),
    );
    // The loopback of an IPv6 socket that takes IPv4; a machine without IPv6 has only the other kind of socket.
    server.listen(0, '::ffff:127.0.0.1');
    const [failed] = await Promise.race([once(server, 'listening').then(() => []), once(server, 'error')]);
    if (failed !== undefined) {
      server.listen(0, '127.0.0.1');
      await once(server, 'listening');
    }
    const { port } = server.address() as AddressInfo;
    const first = await fetch(`http://127.0.0.1:${port}/`, { headers: { 'x-forwarded-for': '9.9.9.9' } });
    const cookie = first.headers.get('set-cookie')?.split(';')[0] ?? '';
    const ask = async (address: string) =>
      (await fetch(`http://127.0.0.1:${port}/`, { headers: { cookie, 'x-forwarded-for': address } })).text();
    expect(await ask('9.9.9.9')).to.equal('2');
    expect(await ask('8.8.8.8')).to.equal('1');
    expect(seen[0]).to.equal(failed === undefined ? '::ffff:127.0.0.1' : '127.0.0.1');
    server.closeAllConnections();
    server.close();
    await app.close();
  });

  it('comes from the header behind a Unix socket, when hops are counted', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'blitz-unix-'));
    const socketPath = join(folder, 'socket');
    const outcomes: unknown[] = [];
    for (const trust_proxy of [1, false, ['127.0.0.1']] as Trust[]) {
      const app = await Application.boot({
        root: '/nowhere/app',
        config: { session: { handler: 'array', matchIP: true }, app: { trust_proxy } },
      });
      const server = createServer(
        withSession(app, (_request, response) => response.end(String(session().increment('n')))),
      );
      server.listen(socketPath);
      await once(server, 'listening');
      const ask = async (headers: Record<string, string>) => {
        const asked = open({ socketPath, headers, agent: false }).end();
        const [response] = await once(asked, 'response');
        let body = '';
        for await (const chunk of response) body += chunk;
        return { body, cookie: String(response.headers['set-cookie']).split(';')[0] ?? '' };
      };
      const { cookie } = await ask({ 'x-forwarded-for': '9.9.9.9' });
      outcomes.push((await ask({ cookie, 'x-forwarded-for': '8.8.8.8' })).body);
      await new Promise((resolve) => server.close(resolve));
      await app.close();
    }
    await rm(folder, { recursive: true });
    expect(outcomes).to.deep.equal(['1', '2', '2']);
  });
});

describe("a cookie whose secure is 'auto'", () => {
  afterEach(closeSites);

  const secure = async (trust_proxy: Trust, headers: Headers) => {
    const site = await serve((_request, response) => response.end(), {
      cookie: { secure: 'auto' },
      app: { trust_proxy },
    });
    return / secure;/.test((await site.get('/', { headers })).cookies[0] ?? '');
  };
  const over = (protocol: string) => ({ 'x-forwarded-proto': protocol });

  it('is plain over HTTP, and believes nobody who is not trusted', async () => {
    expect(await secure(false, {})).to.equal(false);
    expect(await secure(false, over('https'))).to.equal(false);
    expect(await secure(['10.0.0.1'], over('https'))).to.equal(false);
  });

  it('is secure when a believed proxy says https', async () => {
    for (const trust of [1, 2, '127.0.0.1', ['127.0.0.0/8']] as Trust[]) {
      expect(await secure(trust, over('https'))).to.equal(true);
    }
    expect(await secure(1, over('HTTPS'))).to.equal(true);
    expect(await secure(1, over('https, http'))).to.equal(true);
    expect(await secure(1, over('http, https'))).to.equal(false);
    for (const other of ['http', '', 'httpsx', 'wss']) expect(await secure(1, over(other))).to.equal(false);
  });

  it('is secure over TLS, and what a stranger says of the protocol changes nothing', async () => {
    const app = await Application.boot({
      root: '/nowhere/app',
      config: { session: { handler: 'array' }, cookie: { secure: 'auto' } },
    });
    // Without a certificate, so that none lies in the tree.
    const anonymous = { ciphers: 'AECDH-AES128-SHA:@SECLEVEL=0', maxVersion: 'TLSv1.2' } as const;
    const server = createSecureServer(
      anonymous,
      withSession(app, (_request, response) => response.end()),
    );
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const asked = openSecure({
      ...anonymous,
      host: '127.0.0.1',
      port,
      rejectUnauthorized: false,
      agent: false,
      checkServerIdentity: () => undefined,
      headers: { 'x-forwarded-proto': 'http' },
    }).end();
    const [response] = await once(asked, 'response');
    response.resume();
    expect(response.headers['set-cookie'][0]).to.contain('; secure;');
    server.closeAllConnections();
    server.close();
    await app.close();
  });

  it('true and false do not ask', async () => {
    for (const fixed of [true, false]) {
      const site = await serve((_request, response) => response.end(), {
        cookie: { secure: fixed },
        app: { trust_proxy: 1 },
      });
      const { cookies } = await site.get('/', { headers: over(fixed ? 'http' : 'https') });
      expect(/ secure;/.test(cookies[0] ?? '')).to.equal(fixed);
    }
  });
});
