import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  ConfigService,
  defineApp,
  defineCookie,
  defineDatabase,
  defineServices,
  defineSession,
  loadConfig,
} from 'blitz-session';
import { expect } from 'chai';
import { appWith, faultLines, removeApps } from '../fixtures/config-app.js';

const load = async (files: Record<string, string>, env: Record<string, string> = {}) =>
  loadConfig({ root: await appWith(files), env });
const faults = async (files: Record<string, string>, env: Record<string, string> = {}): Promise<string[]> =>
  faultLines(load(files, env));

describe('configuration: order of the layers', () => {
  after(removeApps);

  it('defaults < files < .env < environment < boot', async () => {
    const root = await appWith({
      'config/session.json': '{ "expiration": 1, "grace": 1, "lock_wait": 1, "time_to_update": 1 }',
      '.env': 'SESSION_GRACE=2\nSESSION_LOCK_WAIT=2\nSESSION_TIME_TO_UPDATE=2\n',
    });
    const { session, origins } = await loadConfig({
      root,
      env: { SESSION_LOCK_WAIT: '3', SESSION_TIME_TO_UPDATE: '3' },
      config: { session: { time_to_update: 4 } },
    });
    expect([session.expiration, session.grace, session.lock_wait, session.time_to_update]).to.deep.equal([
      1, 2, 3, 4,
    ]);
    expect(origins).to.include({
      'session.matchIP': 'default',
      'session.expiration': 'config/session.json',
      'session.grace': '.env:SESSION_GRACE',
      'session.lock_wait': 'SESSION_LOCK_WAIT',
      'session.time_to_update': 'Application.boot',
    });
  });

  it('merges a database group option by option', async () => {
    const root = await appWith({
      'config/database.json':
        '{ "default": { "driver": "mysql", "host": "a", "port": 1 }, "other": { "driver": "pgsql" } }',
    });
    const { database, origins } = await loadConfig({
      root,
      env: {},
      config: { database: { default: { host: 'b' } } },
    });
    expect(database.groups['default']).to.include({ driver: 'mysql', host: 'b', port: 1 });
    expect(Object.keys(database.groups)).to.deep.equal(['default', 'other']);
    expect(origins).to.include({
      'database.default.host': 'Application.boot',
      'database.default.port': 'config/database.json',
      'database.other.host': 'default',
    });
  });

  it('replaces a service by name, and says nothing with undefined', async () => {
    const root = await appWith({ 'config/services.mjs': 'export default { a: () => 1, b: () => 2 };' });
    const config = { services: { b: () => 3 }, session: { expiration: undefined } };
    const { services, session, origins } = await loadConfig({ root, env: {}, config: config as object });
    expect([services['a']!(), services['b']!(), session.expiration]).to.deep.equal([1, 3, 7200]);
    expect(origins).to.include({ 'services.a': 'config/services.mjs', 'services.b': 'Application.boot' });
  });

  it('checks a value that a later layer replaces', async () => {
    const root = await appWith({ 'config/session.json': '{ "expiration": "x" }' });
    const lines = await faultLines(loadConfig({ root, env: {}, config: { session: { expiration: 5 } } }));
    expect(lines).to.have.length(1);
  });
});

describe('configuration: environment', () => {
  after(removeApps);

  it('has one variable for each option of session, cookie and app', async () => {
    const { session, cookie, app } = await load(
      {},
      {
        SESSION_HANDLER: 'redis',
        SESSION_COOKIE_NAME: 'Sid',
        SESSION_EXPIRATION: '60',
        SESSION_SAVE_PATH: 'tcp://h:1',
        SESSION_MATCH_IP: 'oui',
        SESSION_TIME_TO_UPDATE: '0',
        SESSION_REGENERATE_DESTROY: '1',
        SESSION_GROUP: 'main',
        SESSION_SERIALIZE_HANDLER: 'php_serialize',
        SESSION_INTEROP: 'codeigniter4:4.6',
        SESSION_GC_PROBABILITY: '2',
        SESSION_GC_DIVISOR: '50',
        SESSION_GC_MAXLIFETIME: '90',
        SESSION_LOCK_TTL: '0.5',
        SESSION_LOCK_MAX: '9',
        SESSION_LOCK_WAIT: ' 7 ',
        SESSION_LOCK_MAX_WAITERS: '3',
        SESSION_ABSOLUTE_EXPIRATION: '600',
        SESSION_GRACE: '1.5',
        SESSION_TOUCH_INTERVAL: '5',
        SESSION_OPERATION_TIMEOUT: '2',
        SESSION_FILE_LOCK: 'lease',
        SESSION_FILE_TRUST_FOLDER: 'on',
        SESSION_SAVE_UNINITIALIZED: 'non',
        SESSION_UNKNOWN: 'ignored',
        COOKIE_DOMAIN: 'x.org',
        COOKIE_PATH: '/a',
        COOKIE_SECURE: 'AUTO',
        COOKIE_SAMESITE: 'strict',
        COOKIE_PARTITIONED: 'yes',
        COOKIE_HTTPONLY: 'off',
        APP_ENV: 'staging',
        APP_KEY: 'base64:x',
        APP_BASE_URL: 'https://x.org/a',
        APP_TRUST_PROXY: '2',
        APP_DEBUG_BAR: 'non',
      },
    );
    expect(session).to.deep.equal({
      handler: 'redis',
      interop: { peer: 'codeigniter4', version: '4.6' },
      cookie_name: 'Sid',
      expiration: 60,
      savePath: 'tcp://h:1',
      matchIP: true,
      time_to_update: 0,
      regenerate_destroy: true,
      group: 'main',
      serialize_handler: 'php_serialize',
      gc_probability: 2,
      gc_divisor: 50,
      gc_maxlifetime: 90,
      lock_ttl: 0.5,
      lock_max: 9,
      lock_wait: 7,
      lock_max_waiters: 3,
      absolute_expiration: 600,
      grace: 1.5,
      touch_interval: 5,
      operation_timeout: 2,
      file_lock: 'lease',
      file_trust_folder: true,
      save_uninitialized: false,
    });
    expect(cookie).to.include({
      domain: 'x.org',
      path: '/a',
      secure: 'auto',
      samesite: 'Strict',
      partitioned: true,
      httponly: false,
    });
    expect(app).to.deep.equal({
      env: 'staging',
      key: 'base64:x',
      base_url: 'https://x.org/a',
      trust_proxy: 2,
      debug_bar: false,
    });
  });

  it('reads true and false in several words', async () => {
    for (const [text, value] of [
      ['true', true],
      ['1', true],
      ['ON', true],
      ['yes', true],
      ['oui', true],
      ['False', false],
      ['0', false],
      ['off', false],
      ['no', false],
      ['non', false],
    ] as const) {
      expect((await load({}, { SESSION_MATCH_IP: text })).session.matchIP).to.equal(value);
    }
  });

  it('reads false, php and a peer for interop; false and addresses for trust_proxy', async () => {
    const interop = async (text: string) => (await load({}, { SESSION_INTEROP: text })).session.interop;
    expect(await interop('false')).to.equal(false);
    expect(await interop('php')).to.deep.equal({ peer: 'blitzphp', version: '1.5.1' });
    expect(await interop('php:8.3')).to.deep.equal({ peer: 'php', version: '8.3' });
    const trust = async (text: string) => (await load({}, { APP_TRUST_PROXY: text })).app.trust_proxy;
    expect(await trust('false')).to.equal(false);
    expect(await trust('10.0.0.1,10.0.0.2')).to.deep.equal(['10.0.0.1', '10.0.0.2']);
  });

  it('lets an empty text take a path or group back to its default', async () => {
    const { session } = await load(
      { 'config/session.json': '{ "savePath": "x", "group": "y" }' },
      { SESSION_SAVE_PATH: '', SESSION_GROUP: '' },
    );
    expect(session.savePath).to.match(/storage\/framework\/session$/);
    expect(session.group).to.equal(null);
  });

  it('names the variable whose text cannot be converted', async () => {
    expect(
      await faults(
        { '.env': 'SESSION_EXPIRATION=soon\nSESSION_GRACE=\n' },
        { SESSION_MATCH_IP: 'maybe', APP_TRUST_PROXY: 'true', SESSION_INTEROP: 'yes' },
      ),
    ).to.deep.equal([
      `- SESSION_INTEROP: "interop" is true; allowed: false, 'php', or { peer: 'blitzphp' | 'codeigniter4' | 'php', version: '1.5.1' }.`,
      '- .env:SESSION_EXPIRATION: "expiration" is "soon"; allowed: a whole number of seconds, from 0 to 2147483647.',
      '- SESSION_MATCH_IP: "matchIP" is "maybe"; allowed: true or false.',
      '- .env:SESSION_GRACE: "grace" is ""; allowed: a number of seconds, from 0 to 2147483.',
      '- APP_TRUST_PROXY: "trust_proxy" is true; allowed: a number of hops (1 behind a single proxy) or their addresses; true would believe any visitor about his address.',
    ]);
  });

  it('reads .env with comments, quotes, export and line ends, and changes no environment', async () => {
    const before = { ...process.env };
    const { session, app } = await load({
      '.env': [
        '\uFEFF# first line',
        'export SESSION_EXPIRATION=90 # seconds',
        "SESSION_SAVE_PATH='/a#b'",
        'APP_KEY="two\\nlines"',
        'APP_BASE_URL = https://x.org/ ',
        'NODE_ENV=test',
        'NOT A PAIR',
      ].join('\r\n'),
    });
    expect(session).to.include({ expiration: 90, handler: 'array', savePath: '/a#b' });
    expect([app.key, app.base_url, app.env]).to.deep.equal(['two\nlines', 'https://x.org/', 'test']);
    expect(process.env).to.deep.equal(before);
  }).timeout(5000);

  it('takes process.env and the current directory when nothing else is given', async () => {
    process.env['SESSION_GRACE'] = '12';
    try {
      const { session, root } = await loadConfig({ config: {} });
      expect(session.grace).to.equal(12);
      expect(root).to.equal(process.cwd());
    } finally {
      delete process.env['SESSION_GRACE'];
    }
  });
});

describe('configuration: helpers', () => {
  after(removeApps);

  it('returns what it is given from every define function', () => {
    const options = { expiration: 1 };
    const later = async () => options;
    expect(defineSession(options)).to.equal(options);
    expect(defineSession(later)).to.equal(later);
    expect(defineCookie({ path: '/' })).to.deep.equal({ path: '/' });
    expect(defineDatabase({ connection: 'auto', default: { driver: 'mysql' } })).to.have.property(
      'connection',
    );
    expect(defineApp(({ env }) => ({ env: env['X'] ?? 'x' }))).to.be.a('function');
    const services = defineServices({ mailer: () => 'sent' });
    expect(services.mailer() satisfies string).to.equal('sent');
  });

  it('reads the result by dotted names, own keys only', async () => {
    const root = await appWith({ 'config/session.json': '{ "expiration": 5 }' });
    await writeFile(join(root, '.env'), '');
    const config = new ConfigService(await loadConfig({ root, env: {} }));
    expect(config.get('session.expiration')).to.equal(5);
    expect(config.get('session.group', 'x')).to.equal(null);
    expect(config.get('session.nothing')).to.equal(undefined);
    expect(config.get('session.nothing.below', 7)).to.equal(7);
    expect(config.get('cookie')).to.have.property('path', '/');
    for (const key of ['__proto__', 'session.constructor', 'session.toString.name', '']) {
      expect(config.get(key)).to.equal(undefined);
    }
    expect([config.has('session.group'), config.has('session.x')]).to.deep.equal([true, false]);
    expect(config.origin('session.expiration')).to.equal('config/session.json');
    expect(config.origin('toString')).to.equal(undefined);
    expect(config.all().root).to.equal(root);
  });
});
