import type { SessionConfig, SessionOptions } from 'blitz-session';
import { expect } from 'chai';
import { faultLines, resolved, untyped } from '../fixtures/config-app.js';

const session = async (options: SessionOptions, env: Record<string, string> = {}): Promise<SessionConfig> =>
  (await resolved({ session: options }, env)).session;

describe('configuration: defaults', () => {
  it('gives every session option its documented default', async () => {
    expect((await resolved()).session).to.deep.equal({
      handler: 'file',
      interop: false,
      cookie_name: 'blitz_session',
      expiration: 7200,
      savePath: '/nowhere/app/storage/framework/session',
      matchIP: false,
      time_to_update: 300,
      regenerate_destroy: false,
      group: null,
      serialize_handler: 'json',
      gc_probability: 1,
      gc_divisor: 100,
      gc_maxlifetime: 1440,
      lock_ttl: 30,
      lock_max: 300,
      lock_wait: 30,
      lock_max_waiters: 64,
      absolute_expiration: 0,
      grace: 60,
      touch_interval: 60,
      operation_timeout: 5,
      file_lock: 'flock',
      file_trust_folder: false,
      save_uninitialized: true,
    });
  });

  it('gives cookie, database, app and services theirs', async () => {
    const { cookie, database, app, services, root } = await resolved();
    expect(cookie).to.deep.equal({
      prefix: '',
      expires: 0,
      path: '/',
      domain: '',
      secure: false,
      httponly: true,
      samesite: 'Lax',
      raw: false,
      partitioned: false,
    });
    expect(database).to.deep.equal({ connection: 'default', groups: {} });
    expect(app).to.deep.equal({
      env: 'production',
      base_url: '',
      key: '',
      trust_proxy: false,
      debug_bar: true,
    });
    expect(services).to.deep.equal({});
    expect(root).to.equal('/nowhere/app');
  });

  it('stores in memory under NODE_ENV=test, and takes NODE_ENV for the environment', async () => {
    const { session, app } = await resolved({}, { NODE_ENV: 'test' });
    expect([session.handler, session.savePath, app.env]).to.deep.equal(['array', '', 'test']);
  });

  it('has a folder only for the file handler, and null asks for that default', async () => {
    expect((await session({ handler: 'redis' })).savePath).to.equal('');
    expect((await session({ savePath: null })).savePath).to.equal('/nowhere/app/storage/framework/session');
    expect((await session({ savePath: '' })).savePath).to.equal('/nowhere/app/storage/framework/session');
    expect((await session({ savePath: 'var/s' })).savePath).to.equal('/nowhere/app/var/s');
    expect((await session({ savePath: '/srv/s' })).savePath).to.equal('/srv/s');
    expect((await session({ handler: 'redis', savePath: 'tcp://h:1?auth=x' })).savePath).to.equal(
      'tcp://h:1?auth=x',
    );
  });

  it('keeps a lease within lock_max when only one of the two is given', async () => {
    const short = await session({ lock_max: 0.5 });
    expect([short.lock_ttl, short.lock_max]).to.deep.equal([0.5, 0.5]);
    const long = await session({ lock_ttl: 600 });
    expect([long.lock_ttl, long.lock_max]).to.deep.equal([600, 600]);
  });

  it('takes fractions of a second where a timer waits', async () => {
    const given = {
      lock_ttl: 0.3,
      lock_max: 1.5,
      lock_wait: 0.25,
      grace: 0.1,
      operation_timeout: 0.2,
      touch_interval: 0.5,
    };
    expect(await session(given)).to.include(given);
  });
});

describe('configuration: other spellings', () => {
  it('takes save_path and match_ip', async () => {
    const config = await resolved({ session: { save_path: 'a', match_ip: true } });
    expect(config.session).to.include({ savePath: '/nowhere/app/a', matchIP: true });
    expect(config.session).to.not.have.any.keys('save_path', 'match_ip');
    expect(config.origins['session.savePath']).to.equal('Application.boot');
  });

  it('refuses both spellings at once', async () => {
    expect(await faultLines(resolved({ session: { savePath: 'a', save_path: 'b' } }))).to.deep.equal([
      '- Application.boot: "save_path" and "savePath" are the same option; keep one.',
    ]);
  });

  it('lower-cases the cookie name and turns spaces into "-", as BlitzPHP does', async () => {
    expect((await session({ cookie_name: 'My App_2' })).cookie_name).to.equal('my-app_2');
  });

  it('keeps the case of a prefixed name and of a PHP peer that does not lower-case', async () => {
    const secure = await resolved({ session: { cookie_name: '__Host-Sid' }, cookie: { secure: true } });
    expect(secure.session.cookie_name).to.equal('__Host-Sid');
    expect((await session({ cookie_name: 'PHPSESSID', interop: { peer: 'php' } })).cookie_name).to.equal(
      'PHPSESSID',
    );
    expect((await session({ cookie_name: '__Host-Sid', interop: 'php' })).cookie_name).to.equal('__host-sid');
  });

  it('completes interop, which changes two defaults', async () => {
    const short = await session({ interop: 'php' });
    expect(short.interop).to.deep.equal({ peer: 'blitzphp', version: '1.5.1' });
    expect(short).to.include({ serialize_handler: 'php', touch_interval: 0 });
    expect((await session({ interop: { peer: 'codeigniter4' } })).interop).to.deep.equal({
      peer: 'codeigniter4',
      version: '4.7.2',
    });
    expect((await session({ interop: { peer: 'blitzphp', version: '1.4.2' } })).interop).to.deep.equal({
      peer: 'blitzphp',
      version: '1.4.2',
    });
    expect(await session({ interop: 'php', touch_interval: 9, serialize_handler: 'php_binary' })).to.include({
      touch_interval: 9,
      serialize_handler: 'php_binary',
    });
  });

  it('writes SameSite one way, whatever the case', async () => {
    for (const [given, written] of [
      ['lax', 'Lax'],
      ['STRICT', 'Strict'],
      ['None', 'None'],
    ]) {
      const { cookie } = await resolved(untyped({ cookie: { samesite: given, secure: 'auto' } }));
      expect(cookie.samesite).to.equal(written);
    }
  });

  it('writes every driver spelling as mysql or postgre, with its port and character set', async () => {
    for (const [driver, name, port, charset] of [
      ['mysql', 'mysql', 3306, 'utf8mb4'],
      ['pdomysql', 'mysql', 3306, 'utf8mb4'],
      ['pdo_mysql', 'mysql', 3306, 'utf8mb4'],
      ['postgre', 'postgre', 5432, 'utf8'],
      ['pdopgsql', 'postgre', 5432, 'utf8'],
      ['pdo_pgsql', 'postgre', 5432, 'utf8'],
      ['pgsql', 'postgre', 5432, 'utf8'],
      ['Postgres', 'postgre', 5432, 'utf8'],
    ] as const) {
      const { database } = await resolved(untyped({ database: { default: { driver } } }));
      expect(database.groups['default']).to.deep.equal({
        driver: name,
        host: 'localhost',
        port,
        username: '',
        password: '',
        database: '',
        charset,
        prefix: '',
        socket: '',
        ssl: false,
        pool: {},
      });
    }
  });

  it('chooses the group named as the environment, else default', async () => {
    const groups = { default: { driver: 'mysql' }, test: { driver: 'postgre' } } as const;
    const connection = async (env: string, asked: string): Promise<string> =>
      (await resolved({ app: { env }, database: { connection: asked, ...groups } })).database.connection;
    expect(await connection('test', 'auto')).to.equal('test');
    expect(await connection('production', 'auto')).to.equal('default');
    expect(await connection('production', 'test')).to.equal('test');
  });

  it('writes trust_proxy as false, a number or a list', async () => {
    for (const [given, written] of [
      [false, false],
      [0, false],
      [2, 2],
      ['10.0.0.1', ['10.0.0.1']],
      ['10.0.0.0/8, ::1/128', ['10.0.0.0/8', '::1/128']],
      [['192.168.0.1'], ['192.168.0.1']],
      [[], false],
    ] as const) {
      expect((await resolved({ app: { trust_proxy: given } })).app.trust_proxy).to.deep.equal(written);
    }
  });
});
