import { isBlitzError, loadConfig } from 'blitz-session';
import { expect } from 'chai';
import { appWith, faultLines, removeApps, resolved, untyped } from '../fixtures/config-app.js';

const of = (config: Record<string, unknown>): Promise<string[]> => faultLines(resolved(untyped(config)));

describe('configuration: faults', () => {
  after(removeApps);

  const WHOLE = 'a whole number of seconds, from 0 to 2147483647';
  const TIMER = 'a number of seconds, from 0 to 2147483';
  const SHORT = 'a number of seconds, more than 0, up to 2147483';
  const HANDLERS =
    'file, database, redis, memcached, array, mysql, postgre, a name given to Session.extend, or a class';
  const NAME = 'unaccented letters, digits, "_" and "-" (a space becomes "-")';
  const INTEROP = "false, 'php', or { peer: 'blitzphp' | 'codeigniter4' | 'php', version: '1.5.1' }";
  const GROUP = 'the name of a group of config/database, or null for the default group';

  const session: [option: string, value: unknown, found: string, allowed: string][] = [
    ['handler', '', '""', HANDLERS],
    ['handler', {}, 'an object', HANDLERS],
    ['cookie_name', 'clé', '"clé"', `${NAME}, for example "cl", the name that BlitzPHP makes of it`],
    [
      'cookie_name',
      'My App.Sess!',
      '"My App.Sess!"',
      `${NAME}, for example "my-appsess", the name that BlitzPHP makes of it`,
    ],
    ['cookie_name', '', '""', NAME],
    [
      'cookie_name',
      '__Host-',
      '"__Host-"',
      `${NAME}, for example "__host-", the name that BlitzPHP makes of it`,
    ],
    ['expiration', -1, '-1', WHOLE],
    ['expiration', 1.5, '1.5', WHOLE],
    ['expiration', '7200', '"7200"', WHOLE],
    ['expiration', Number.POSITIVE_INFINITY, 'Infinity', WHOLE],
    [
      'savePath',
      7,
      'a number',
      'a folder (file), a table (database), an address or a client (redis, memcached)',
    ],
    [
      'savePath',
      ['tcp://a'],
      'a list',
      'a folder (file), a table (database), an address or a client (redis, memcached)',
    ],
    ['matchIP', 'yes', '"yes"', 'true or false'],
    ['time_to_update', null, 'null', WHOLE],
    ['regenerate_destroy', 1, '1', 'true or false'],
    ['group', '', '""', GROUP],
    ['serialize_handler', 'igbinary', '"igbinary"', 'json, php, php_binary, php_serialize'],
    ['interop', true, 'true', INTEROP],
    ['interop', { peer: 'laravel' }, 'an object', INTEROP],
    ['interop', { peer: 'php', version: 'new' }, 'an object', INTEROP],
    ['gc_probability', -1, '-1', 'a whole number, 0 or more'],
    ['gc_divisor', 0, '0', 'a whole number, 1 or more'],
    ['gc_maxlifetime', 0, '0', 'a whole number of seconds, from 1 to 2147483647'],
    ['lock_ttl', 0, '0', SHORT],
    ['lock_max', -3, '-3', SHORT],
    ['lock_wait', Number.NaN, 'NaN', TIMER],
    ['lock_wait', 3_000_000, '3000000', TIMER],
    ['lock_max_waiters', 1.5, '1.5', 'a whole number, 0 or more'],
    ['absolute_expiration', [], 'a list', WHOLE],
    ['grace', -0.1, '-0.1', TIMER],
    ['touch_interval', () => 1, 'a function', TIMER],
    ['operation_timeout', 0, '0', SHORT],
    ['file_lock', 'none', '"none"', 'flock, lease'],
    ['file_trust_folder', 'x', '"x"', 'true or false'],
    ['save_uninitialized', 'x', '"x"', 'true or false'],
  ];
  for (const [option, value, found, allowed] of session) {
    it(`session.${option}: ${found}`, async () => {
      expect(await of({ session: { [option]: value } })).to.deep.equal([
        `- Application.boot: "${option}" is ${found}; allowed: ${allowed}.`,
      ]);
    });
  }

  const PATH = 'a path in ASCII that begins with "/", without ";", "," or control characters';
  const DOMAIN = 'a domain name in ASCII or an empty text, without spaces, ";", "," or control characters';
  const SITES = 'Lax, Strict or None';
  const URLS = 'a complete http:// or https:// address, or an empty text';
  const PROXIES = 'false, a number of hops (1, 2…), or addresses ("10.0.0.1, 192.168.0.0/16", or a list)';
  const others: [file: string, option: string, value: unknown, found: string, allowed: string][] = [
    ['cookie', 'path', 'app', '"app"', PATH],
    ['cookie', 'path', '/a;b', '"/a;b"', PATH],
    ['cookie', 'path', '/a\r\nb', '"/a\\r\\nb"', PATH],
    ['cookie', 'domain', 'a,b', '"a,b"', DOMAIN],
    ['cookie', 'domain', 'a b', '"a b"', DOMAIN],
    ['cookie', 'secure', 'always', '"always"', "true, false or 'auto'"],
    ['cookie', 'samesite', '', '""', SITES],
    ['cookie', 'samesite', 'constructor', '"constructor"', SITES],
    ['cookie', 'expires', -1, '-1', 'a whole number of seconds, 0 or more, or a date'],
    ['cookie', 'expires', 'soon', '"soon"', 'a whole number of seconds, 0 or more, or a date'],
    ['cookie', 'httponly', 1, '1', 'true or false'],
    ['cookie', 'raw', null, 'null', 'true or false'],
    ['cookie', 'partitioned', 'x', '"x"', 'true or false'],
    ['cookie', 'prefix', 'a\u0000', '"a\\u0000"', 'a text without control characters'],
    ['app', 'env', '', '""', 'the name of an environment: production, development, test…'],
    ['app', 'base_url', 'localhost', '"localhost"', URLS],
    ['app', 'base_url', 'ftp://x', '"ftp://x"', URLS],
    ['app', 'key', 12, 'a number', 'a string'],
    ['app', 'trust_proxy', '10.0.0.300', '"10.0.0.300"', PROXIES],
    ['app', 'trust_proxy', '10.0.0.0/33', '"10.0.0.0/33"', PROXIES],
    ['app', 'trust_proxy', -1, '-1', PROXIES],
    ['app', 'debug_bar', 'peut-être', '"peut-être"', 'true or false'],
    [
      'app',
      'trust_proxy',
      true,
      'true',
      'a number of hops (1 behind a single proxy) or their addresses; true would believe any visitor about his address',
    ],
    ['services', 'mailer', 'x', 'a string', 'a function that builds the service'],
    ['database', 'main', 'mysql', 'a string', 'an object: a group { driver, host… }'],
    ['database', 'connection', 7, '7', "'auto' or a group's name"],
    ['database', 'connection', 'nope', '"nope"', 'auto'],
  ];
  for (const [file, option, value, found, allowed] of others) {
    it(`${file}.${option}: ${found}`, async () => {
      expect(await of({ [file]: { [option]: value } })).to.deep.equal([
        `- Application.boot: "${option}" is ${found}; allowed: ${allowed}.`,
      ]);
    });
  }

  it('names the option of a database group with its group', async () => {
    const group = { driver: 'sqlite', port: 0, hostname: 'x' };
    expect(await of({ database: { main: group, other: {} } })).to.deep.equal([
      '- Application.boot: "main.driver" is "sqlite"; allowed: mysql or postgre (also pdomysql, pdo_mysql, pdopgsql, pdo_pgsql, pgsql, postgres).',
      '- Application.boot: "main.port" is 0; allowed: a whole number from 1 to 65535.',
      '- Application.boot: "main.hostname" (a string) is not an option; did you mean "host"?',
      '- Application.boot: "other.driver" is missing; allowed: mysql or postgre (also pdomysql, pdo_mysql, pdopgsql, pdo_pgsql, pgsql, postgres).',
    ]);
  });

  it('refuses what it does not know, with the nearest name', async () => {
    expect(await of({ session: { expirtion: 5, saveUninitialised: true, lockttl: 3 } })).to.deep.equal([
      '- Application.boot: "expirtion" (a number) is not an option; did you mean "expiration"?',
      '- Application.boot: "saveUninitialised" (a boolean) is not an option; did you mean "save_uninitialized"?',
      '- Application.boot: "lockttl" (a number) is not an option; did you mean "lock_ttl"?',
    ]);
    expect(await of({ sesion: {} })).to.deep.equal([
      '- Application.boot: "sesion" (an object) is not an option; did you mean "session"?',
    ]);
    expect((await of({ app: { colour: 1 } }))[0]).to.match(
      /Options: env, base_url, key, trust_proxy, debug_bar\.$/,
    );
    expect(await of({ session: JSON.parse('{"__proto__": 1}') })).to.have.length(1);
  });

  it('refuses a file that is no object', async () => {
    expect(await of({ session: 'hunter2' })).to.deep.equal([
      '- Application.boot: "session" is a string; allowed: an object.',
    ]);
  });
});

describe('configuration: rules between options', () => {
  it('a lease longer than lock_max', async () => {
    expect(await of({ session: { lock_ttl: 40, lock_max: 20 } })).to.deep.equal([
      '- Application.boot: "lock_ttl" is 40; allowed: at most lock_max (20), after which the session closes.',
    ]);
  });

  it('what plain PHP does not have: sessions in databases, and sessions of one address', async () => {
    const plain = { peer: 'php' } as const;
    const [database] = await of({ session: { interop: plain, handler: 'database' } });
    expect(database).to.contain('PHP by itself keeps no sessions in databases (handler "database")');
    const [address] = await of({ session: { interop: plain, matchIP: true } });
    expect(address).to.contain('"matchIP" is true; allowed: false under interop: { peer: \'php\' }');
    await resolved({ session: { interop: { peer: 'codeigniter4' }, matchIP: true } });
  });

  it('json under interop', async () => {
    expect((await of({ session: { interop: 'php', serialize_handler: 'json' } }))[0]).to.contain(
      '"serialize_handler" is "json"; allowed: php, php_binary or php_serialize under interop',
    );
  });

  it('SameSite=None and partitioned without secure', async () => {
    const lines = await of({ cookie: { samesite: 'none', partitioned: true } });
    expect(lines).to.have.length(2);
    expect(lines[0]).to.contain('"samesite" is "None"; allowed: Lax or Strict, or else secure set to true');
    expect(lines[1]).to.contain('"partitioned" is true; allowed: false, or else secure set to true');
    await resolved({ cookie: { samesite: 'none', partitioned: true, secure: 'auto' } });
  });

  it('what __Host- and __Secure- promise, except under interop', async () => {
    const host = { cookie_name: '__Host-sid' };
    expect((await of({ session: host, cookie: { path: '/a', domain: 'x.org' } }))[0]).to.contain(
      "what the prefix promises (secure: true | 'auto', path: '/', domain: '')",
    );
    expect((await of({ session: { cookie_name: '__Secure-sid' } }))[0]).to.contain("(secure: true | 'auto')");
    await resolved({ session: host, cookie: { secure: 'auto' } });
    await resolved({ session: { cookie_name: '__Secure-sid' }, cookie: { secure: true, domain: 'x.org' } });
    await resolved({ session: { ...host, interop: 'php' } });
  });

  it('a handler in SQL without its group, or with another driver', async () => {
    const main = { driver: 'mysql' } as const;
    expect(await of({ session: { handler: 'database' } })).to.deep.equal([
      '- Application.boot: the handler "database" asks for the group "default", which is not in config/database; add it, or name an existing group in "group".',
    ]);
    expect((await of({ session: { handler: 'database', group: 'x' }, database: { main } }))[0]).to.contain(
      'asks for the group "x", which is not in config/database (main)',
    );
    expect((await of({ session: { handler: 'postgre', group: 'main' }, database: { main } }))[0]).to.contain(
      'the handler "postgre" and the group "main" (driver: mysql) do not fit',
    );
    await resolved({ session: { handler: 'database', group: 'main' }, database: { main } });
    await resolved({ session: { handler: 'file', group: 'elsewhere' } });
  });
});

describe('configuration: the one message', () => {
  after(removeApps);

  it('lists every fault of every file in one error, in French and in English', async () => {
    const root = await appWith({
      'config/session.mjs': 'export default { expiration: -1, lock_wai: 2 };',
      'config/cookie.json': '{ "samesite": "" }',
      'config/app.mjs': 'throw new Error("boom");',
    });
    const load = (): Promise<unknown> => loadConfig({ root, env: { SESSION_GRACE: 'soon' } });
    expect(await faultLines(load(), 'fr')).to.deep.equal([
      '- config/app.mjs : le fichier a échoué : boom',
      '- config/session.mjs : « expiration » vaut -1 ; attendu : un nombre entier de secondes, de 0 à 2147483647.',
      "- config/session.mjs : « lock_wai » (un nombre) n'est pas une option ; vouliez-vous dire « lock_wait » ?",
      '- SESSION_GRACE : « grace » vaut "soon" ; attendu : un nombre de secondes, de 0 à 2147483.',
      '- config/cookie.json : « samesite » vaut "" ; attendu : Lax, Strict ou None.',
    ]);
    expect(await faultLines(load(), 'en')).to.deep.equal([
      '- config/app.mjs: the file failed: boom',
      '- config/session.mjs: "expiration" is -1; allowed: a whole number of seconds, from 0 to 2147483647.',
      '- config/session.mjs: "lock_wai" (a number) is not an option; did you mean "lock_wait"?',
      '- SESSION_GRACE: "grace" is "soon"; allowed: a number of seconds, from 0 to 2147483.',
      '- config/cookie.json: "samesite" is ""; allowed: Lax, Strict or None.',
    ]);
  });

  it('carries the number of faults, a status and what a file threw', async () => {
    const root = await appWith({ 'config/app.mjs': 'throw new RangeError("boom");' });
    const error = await loadConfig({ root, env: {} }).catch((thrown: unknown) => thrown);
    expect(isBlitzError(error, 'E_SESSION_CONFIG')).to.equal(true);
    expect(error).to.have.property('status', 500);
    expect(error).to.have.nested.property('details.count', 1);
    expect(error).to.have.property('cause').that.is.instanceOf(RangeError);
  });

  it('never shows a secret', async () => {
    const secret = 'hunter2';
    const root = await appWith({
      'config/session.mjs': `export default { savePath: { auth: '${secret}' }, passwrod: '${secret}', auth: '${secret}', handler: 'tcp://:${secret}@x/y' };`,
      'config/database.mjs': `export default { default: { driver: 'mysql', password: ['${secret}'], passwd: '${secret}', ssl: '${secret}', pool: '${secret}', host: 7 }, main: '${secret}' };`,
      'config/app.mjs': `export default { key: Symbol('${secret}'), keys: '${secret}', base_url: 'ftp://me:${secret}@x' };`,
      'config/cookie.json': `{ "path": "${secret}",, }`,
      'config/services.yaml': `mailer: [${secret}\nother: x`,
    });
    const env = {
      SESSION_SAVE_PATH: `tcp://x?auth=${secret}\u0001`,
      APP_BASE_URL: `${secret}@x`,
      COOKIE_PATH: `pass=${secret}`,
    };
    for (const language of ['fr', 'en'] as const) {
      const lines = await faultLines(loadConfig({ root, env }), language);
      expect(lines.join('\n')).to.not.contain(secret);
      expect(lines.length).to.be.greaterThan(14);
    }
  });
});
