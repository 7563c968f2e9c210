import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { Cluster, Redis } from 'ioredis';
import { bootRedis, closeApps, create, everything, failureOf, increment } from '../fixtures/redis-app.ts';
import { serverProgram } from '../fixtures/servers/programs.ts';
import { RedisCluster, RedisServer } from '../fixtures/servers/redis.ts';

const run = promisify(execFile);

describe('savePath of the redis handler: what is refused', () => {
  const language = process.env['BLITZ_LANG'];
  before(() => {
    process.env['BLITZ_LANG'] = 'en';
  });
  after(() => {
    if (language === undefined) delete process.env['BLITZ_LANG'];
    else process.env['BLITZ_LANG'] = language;
  });

  const refused: [title: string, savePath: string | object, reason: RegExp][] = [
    ['nothing at all', '', /empty/],
    ['an unknown beginning', 'http://127.0.0.1:6379', /http:\/\/ is not known/],
    ['no host', 'tcp://:6379', /host is missing/],
    ['a port that is none', 'tcp://127.0.0.1:0', /port/],
    ['a port that is too high', 'tcp://127.0.0.1:70000', /port/],
    ['letters as a port', 'tcp://127.0.0.1:redis', /cannot be read/],
    ['the folder of the file handler', 'storage/framework/session', /path of a folder, not an address/],
    ['IPv6 without brackets', 'tcp://::1:6379', /brackets/],
    ['an unknown parameter', 'tcp://127.0.0.1?databse=1', /databse.*database/],
    ['a database that is no number', 'tcp://127.0.0.1?database=one', /database must be a number/],
    ['a timeout that is no number', 'tcp://127.0.0.1?timeout=soon', /timeout must be a number/],
    ['a % that is none', 'tcp://127.0.0.1?auth=100%', /hexadecimal/],
    ['braces in the prefix', 'tcp://127.0.0.1?prefix=%7Bapp%7D', /brace/],
    ['a database of a cluster', 'tcp://127.0.0.1:1,tcp://127.0.0.1:2?database=1', /only the database 0/],
    ['two kinds of addresses', 'tcp://127.0.0.1:1,tls://127.0.0.1:2', /alike/],
    ['parameters in the middle', 'tcp://127.0.0.1?auth=x,tcp://127.0.0.2', /only once/],
    ['sentinels without a master', 'sentinel://127.0.0.1:26379', /master=name/],
    ['a relative socket', 'unix://run/redis.sock', /begins with \//],
    ['a file of certificates that is not there', 'tls://127.0.0.1?ca=/nowhere/ca.pem', /cannot be read/],
    ['an empty cluster', { cluster: [] }, /list of nodes/],
    ['a prefix that is no text', { prefix: 7 }, /prefix/],
  ];

  for (const [title, savePath, reason] of refused) {
    it(title, async () => {
      const error = await failureOf(bootRedis(savePath));
      expect(error.code).to.equal('E_SESSION_SAVE_PATH');
      expect(error.details['reason']).to.match(reason);
      expect(error.message).to.contain('tcp://host:6379?auth=password');
    });
  }

  it('never shows what may be a password', async () => {
    for (const savePath of [
      'tcp://h?auth=geheim%',
      'tcp://u:geheim@:1',
      'tcp://h?a&geheim=1',
      'geheim://h',
    ]) {
      const error = await failureOf(bootRedis(savePath));
      expect(error.code).to.equal('E_SESSION_SAVE_PATH');
      if (!savePath.startsWith('geheim')) expect(everything(error)).to.not.contain('geheim');
    }
  });

  it('an object where a folder or a table is meant', async () => {
    const error = await failureOf(bootRedis({ host: '127.0.0.1' }, { handler: 'file' }));
    expect(error.code).to.equal('E_SESSION_CONFIG');
    expect(error.message).to.contain('savePath').and.contain('redis, memcached');
  });
});

describe('savePath of the redis handler: what is understood', () => {
  const password = 'p:a/ss w+é%@,?';
  const coded = encodeURIComponent(password);
  let server: RedisServer;
  let open: RedisServer;

  before(async () => {
    [server, open] = await Promise.all([
      RedisServer.start({ password, args: ['--bind', '127.0.0.1', '-::1'] }),
      RedisServer.start({ args: ['--unixsocket', 'redis.sock'] }),
    ]);
    await server.command('ACL', 'SETUSER', 'web', 'on', `>${password}`, '~*', '+@all');
  });

  after(async () => {
    await Promise.all([server.stop(), open.stop()]);
  });

  afterEach(closeApps);

  async function works(savePath: string | object): Promise<void> {
    await bootRedis(savePath);
    expect(await increment(await create())).to.equal(1);
    await closeApps();
  }

  it('a password, coded', () => works(`tcp://127.0.0.1:${server.port}?auth=${coded}`));
  it('a user and a password', () => works(`tcp://127.0.0.1:${server.port}?auth=web:${coded}`));
  it('the same as PHP’s array', () => works(`tcp://127.0.0.1:${server.port}?auth[]=web&auth[]=${coded}`));
  it('the same in front of the host', () => works(`redis://web:${coded}@127.0.0.1:${server.port}/2`));
  it('no beginning', () => works(`127.0.0.1:${open.port}`));
  it('IPv6 in brackets', () => works(`tcp://[::1]:${server.port}?auth=${coded}`));
  it('a socket', () => works(join(open.process.folder, 'redis.sock')));
  it('unix:// and a database', () => works(`unix://${join(open.process.folder, 'redis.sock')}?database=2`));

  it('a database and a prefix, which name the key', async () => {
    await bootRedis(`tcp://127.0.0.1:${open.port}?database=5&prefix=shop%3A&timeout=1.5&persistent=1`);
    const id = await create();
    const reader = new Redis(open.port, '127.0.0.1', { db: 5 });
    const keys = await reader.keys('*');
    reader.disconnect();
    expect(keys).to.have.length(1);
    expect(keys[0]).to.match(/^shop:[0-9a-f]{64}$/);
    expect(keys[0]).to.not.contain(id);
  });

  it('ioredis options, with a prefix in front of the key', async () => {
    await works({ host: '127.0.0.1', port: server.port, password });
    await open.command('FLUSHALL');
    await works({ host: '127.0.0.1', port: open.port, keyPrefix: 'app1:' });
    expect(String(await open.command('KEYS', '*'))).to.match(
      /^app1:blitz_session:blitz_session:[0-9a-f]{64}$/,
    );
  });

  it('an ioredis client, which stays the application’s', async () => {
    const own = new Redis(server.port, '127.0.0.1', { password, keyPrefix: 'own:' });
    await works(own);
    expect(await own.ping()).to.equal('PONG');
    own.disconnect();
  });

  it('TLS with a certificate authority of one’s own', async function () {
    this.timeout(60_000);
    const secure = await RedisServer.start();
    try {
      const { folder } = secure.process;
      const openssl = await serverProgram('openssl');
      const made = (...args: string[]) => run(openssl, args, { cwd: folder });
      await made(
        'req',
        '-x509',
        '-newkey',
        'rsa:2048',
        '-nodes',
        '-subj',
        '/CN=blitz-ca',
        '-keyout',
        'ca.key',
        '-out',
        'ca.pem',
      );
      await made(
        'req',
        '-newkey',
        'rsa:2048',
        '-nodes',
        '-subj',
        '/CN=127.0.0.1',
        '-addext',
        'subjectAltName=IP:127.0.0.1',
        '-keyout',
        's.key',
        '-out',
        's.csr',
      );
      await made(
        'x509',
        '-req',
        '-in',
        's.csr',
        '-CA',
        'ca.pem',
        '-CAkey',
        'ca.key',
        '-CAcreateserial',
        '-copy_extensions',
        'copy',
        '-out',
        's.pem',
      );
      const tls = await RedisServer.start({
        args: [
          '--port',
          '0',
          '--tls-auth-clients',
          'no',
          '--tls-cert-file',
          `${folder}/s.pem`,
          '--tls-key-file',
          `${folder}/s.key`,
          '--tls-ca-cert-file',
          `${folder}/ca.pem`,
        ],
        tls: true,
      });
      try {
        await works(`tls://127.0.0.1:${tls.port}?ca=${folder}/ca.pem`);
        const error = await failureOf(bootRedis(`tls://127.0.0.1:${tls.port}`));
        expect(error.code).to.equal('E_SESSION_BACKEND');
        expect(everything(error)).to.match(/self[- ]signed|unable to/i);
      } finally {
        await tls.stop();
      }
    } finally {
      await secure.stop();
    }
  });

  it('a cluster: addresses, options, and a client with a prefix of its own', async function () {
    this.timeout(60_000);
    const cluster = await RedisCluster.start();
    try {
      const [first] = cluster.nodes;
      await works(`tcp://127.0.0.1:${first?.port}?cluster=1&prefix=c:`);
      await works({ cluster: [{ host: '127.0.0.1', port: first?.port }], keyPrefix: 'c2:' });
      const own = new Cluster([{ host: '127.0.0.1', port: first?.port ?? 0 }], { keyPrefix: 'c3:' });
      await works(own);
      own.disconnect();
    } finally {
      await cluster.stop();
    }
  });
});

describe('the redis handler without its library', () => {
  it('says what to install', async () => {
    const hide = `
      export async function resolve(name, context, next) {
        if (name !== 'ioredis') return next(name, context);
        throw Object.assign(new Error('hidden'), { code: 'ERR_MODULE_NOT_FOUND' });
      }`;
    const program = `
      import { register } from 'node:module';
      register('data:text/javascript,' + encodeURIComponent(${JSON.stringify(hide)}));
      const { Application } = await import('blitz-session');
      const config = { session: { handler: 'redis', savePath: 'tcp://127.0.0.1' } };
      const error = await Application.boot({ root: '/nowhere', config }).catch((error) => error);
      console.log(JSON.stringify([error.code, error.message]));`;
    const args = process.env['TSX_TSCONFIG_PATH'] === undefined ? [] : ['--import', 'tsx'];
    const { stdout } = await run(process.execPath, [...args, '--input-type=module', '-e', program], {
      env: { ...process.env, BLITZ_LANG: 'en' },
    });
    const [code, message] = JSON.parse(stdout);
    expect(code).to.equal('E_PACKAGE_MISSING');
    expect(message).to.contain('npm install ioredis');
  });
});
