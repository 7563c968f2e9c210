import {
  Cookie,
  type CookieConfig,
  type CookieExchange,
  CookieManager,
  type CookieOptions,
  cookie,
  loadConfig,
  Services,
} from 'blitz-session';
import { ManualClock } from 'blitz-session/testing';
import { expect } from 'chai';
import { bootStore, closeStore, refusedAtOnce } from '../fixtures/store-app.js';

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

async function cookieConfig(options: CookieOptions): Promise<CookieConfig> {
  return (await loadConfig({ root: '/nowhere', env: {}, config: { cookie: options } })).cookie;
}

/** A manager whose current request is `exchange`; undefined: there is none. */
async function managerOf(options: CookieOptions = {}, exchange?: CookieExchange) {
  const clock = new ManualClock();
  const manager = new CookieManager(await cookieConfig(options), clock, () => exchange);
  return { manager, clock, header: (made: Cookie) => made.toHeaderValue({ now: clock.now() }) };
}

function request(header?: string, overHttps = false): CookieExchange {
  return { header, overHttps, queued: new Map() };
}

describe('CookieManager', () => {
  describe('make', () => {
    it('follows config/cookie', async () => {
      const { manager, header } = await managerOf({ domain: 'example.org', path: '/shop', secure: true });
      expect(header(manager.make('theme', 'dark'))).to.equal(
        'theme=dark; path=/shop; domain=example.org; secure; HttpOnly; SameSite=Lax',
      );
      expect(
        header(manager.make('theme', 'dark', 0, { domain: '', httponly: false, samesite: '' })),
      ).to.equal('theme=dark; path=/shop; secure');
    });

    it('lasts so many minutes', async () => {
      const { manager, clock } = await managerOf({ expires: 10 });
      const until = (made: Cookie) => Number(made.expires) - clock.now();
      expect(until(manager.make('a', '', 5))).to.equal(5 * MINUTE);
      expect(until(manager.make('a', '', 5, { expires: 99 }))).to.equal(5 * MINUTE);
      expect(until(manager.make('a', ''))).to.equal(10_000);
      expect(until(manager.make('a', '', 0, { expires: 20 }))).to.equal(20_000);
      expect(manager.make('a', '', 0, { expires: 0 }).expires).to.equal(undefined);
      expect(manager.make('a', '', -5).isExpired(clock.now())).to.equal(true);
      expect(until(manager.forever('a', ''))).to.equal(400 * DAY);
      const delay = refusedAtOnce(() => manager.make('a', '', 1_900_000_000), 'E_COOKIE');
      expect(delay.details['part']).to.equal('delay');
    });

    it('takes the date of config/cookie', async () => {
      const { manager } = await managerOf({ expires: '2031-05-06T07:08:09Z' });
      expect(manager.make('a', '').getFormattedExpires()).to.equal('Tue, 06 May 2031 07:08:09 GMT');
    });

    it("makes secure: 'auto' certain over HTTPS only", async () => {
      const made = async (exchange?: CookieExchange) =>
        (await managerOf({ secure: 'auto' }, exchange)).manager.make('a', '').secure;
      expect(await made(request('', true))).to.equal(true);
      expect(await made(request('', false))).to.equal('auto');
      expect(await made()).to.equal('auto');
    });

    it('forget expires what was made', async () => {
      const { manager, header } = await managerOf({ path: '/shop', prefix: 'x_', expires: 60 });
      const gone = manager.forget('theme', { domain: 'example.org' });
      expect(header(gone)).to.equal(
        'x_theme=; expires=Thu, 01 Jan 1970 00:00:01 GMT; Max-Age=0; path=/shop; domain=example.org; HttpOnly; SameSite=Lax',
      );
      expect(gone.id).to.equal(manager.make('theme', '1', 5, { domain: 'example.org' }).id);
    });
  });

  describe('get and has', () => {
    const header = 'theme=%C3%A9t%C3%A9; theme=2; empty=; prefs={"size":12}; x_theme=3; raw=a%20b';

    it('read the current request', async () => {
      const { manager } = await managerOf({ path: '/shop' }, request(header));
      const theme = manager.get('theme') as Cookie;
      expect(theme.value).to.equal('été');
      expect(theme.path).to.equal('/shop');
      expect(manager.get('empty')?.value).to.equal('');
      expect(manager.get('prefs')?.read('size')).to.equal(12);
      expect(manager.get('raw', { raw: true })?.value).to.equal('a%20b');
      expect(manager.get('absent')).to.equal(undefined);
      expect(['theme', 'empty', 'absent', 'them', ''].map((name) => manager.has(name))).to.deep.equal([
        true,
        true,
        false,
        false,
        false,
      ]);
    });

    it('with the prefix', async () => {
      const { manager } = await managerOf({ prefix: 'x_' }, request(header));
      expect(manager.get('theme')?.value).to.equal('3');
      expect(manager.get('theme')?.name).to.equal('x_theme');
      expect(manager.get('theme', { prefix: '' })?.value).to.equal('été');
      expect(manager.has('empty')).to.equal(false);
      expect(manager.has('empty', { prefix: '' })).to.equal(true);
    });

    it('nothing that a browser sends makes them throw', async () => {
      const long = '%FF'.repeat(5000);
      const { manager } = await managerOf({ raw: true }, request(`a=${long}; b="x, y"; c=\xff\x01`));
      expect(manager.get('a')?.value).to.equal(long);
      expect(manager.get('b')?.value).to.equal('"x, y"');
      expect(manager.get('c', { raw: false })?.value).to.equal('\xff\x01');
      const again = refusedAtOnce(() => manager.get('b')?.toHeaderValue(), 'E_COOKIE');
      expect(again.details['part']).to.equal('value');
    });

    it('a name that no cookie can have is refused, sent or not', async () => {
      const { manager } = await managerOf({}, request('a b=1'));
      for (const name of ['a b', 'é', '__Host-a']) refusedAtOnce(() => manager.get(name), 'E_COOKIE');
    });
  });

  describe('the queue', () => {
    it('holds what leaves with the response', async () => {
      const exchange = request();
      const { manager } = await managerOf({ prefix: 'x_' }, exchange);
      manager.queue('theme', 'light', 5);
      manager.queue(manager.make('theme', 'dark', 5));
      manager.queue('theme', 'other', 5, { path: '/shop' });
      manager.queue(Cookie.create('size', 12));
      expect(manager.queued().map(({ id, value }) => `${id}=${value}`)).to.deep.equal([
        'x_theme;;/=dark',
        'x_theme;;/shop=other',
        'size;;/=12',
      ]);
      expect([...exchange.queued.values()]).to.deep.equal(manager.queued());
      expect(manager.queued('theme')?.value).to.equal('other');
      expect(manager.queued('size')).to.equal(undefined);
      expect(manager.queued('size', { prefix: '' })?.value).to.equal('12');
      expect(manager.hasQueued('theme')).to.equal(true);
      expect(manager.hasQueued('size')).to.equal(false);
      manager.unqueue(manager.make('theme', ''));
      expect(manager.queued('theme')?.path).to.equal('/shop');
      expect(manager.hasQueued(manager.make('theme', ''))).to.equal(false);
      manager.unqueue('theme');
      manager.unqueue('absent');
      expect(manager.queued().map(({ name }) => name)).to.deep.equal(['size']);
    });

    it('says that the headers have left', async () => {
      const { manager } = await managerOf({}, { ...request(), sent: true });
      const { details } = refusedAtOnce(() => manager.queue('a', '1'), 'E_COOKIE');
      expect(details['part']).to.equal('sent');
      expect(manager.hasQueued('a')).to.equal(false);
    });
  });

  describe('outside a request', () => {
    const before = process.env['BLITZ_LANG'];
    afterEach(() => {
      if (before === undefined) delete process.env['BLITZ_LANG'];
      else process.env['BLITZ_LANG'] = before;
    });

    it('make, forever and forget work, the rest says what is missing', async () => {
      process.env['BLITZ_LANG'] = 'fr';
      const { manager } = await managerOf();
      for (const made of [manager.make('a', ''), manager.forever('a', ''), manager.forget('a')]) {
        expect(made).to.be.instanceOf(Cookie);
      }
      const calls: Record<string, () => unknown> = {
        get: () => manager.get('a'),
        has: () => manager.has('a'),
        queue: () => manager.queue('a', ''),
        unqueue: () => manager.unqueue('a'),
        hasQueued: () => manager.hasQueued('a'),
        queued: () => manager.queued(),
      };
      for (const [call, work] of Object.entries(calls)) {
        const error = refusedAtOnce(work, 'E_COOKIE_NO_REQUEST');
        expect(error.message).to.include(`Aucune requête ici : « ${call} » lit ou change les cookies`);
        expect(error.status).to.equal(500);
      }
    });
  });

  describe('in an application', () => {
    const exchange = request('theme=dark');
    before(async () => {
      const { manager } = await managerOf({ httponly: false }, exchange);
      await bootStore({}, { config: { services: { cookie: () => manager } } });
    });
    after(closeStore);

    it('the façade', () => {
      expect(Cookie.make('a', '1')).to.be.instanceOf(Cookie);
      expect(Cookie.get('theme')?.value).to.equal('dark');
      Cookie.queue('b', '1');
      expect(Cookie.hasQueued('b')).to.equal(true);
      expect(exchange.queued.size).to.equal(1);
      expect(Cookie.make('a', '1').isHttpOnly()).to.equal(false);
      expect(Cookie.create('a', '1').isHttpOnly()).to.equal(true);
    });

    it('the helper: the manager, a cookie of the request, a new cookie', () => {
      expect(cookie()).to.equal(Services.get('cookie'));
      expect(cookie('theme')?.value).to.equal('dark');
      expect(cookie('absent')).to.equal(undefined);
      expect(cookie('a', '1', 0, { path: '/shop' }).toHeaderValue()).to.equal(
        'a=1; path=/shop; SameSite=Lax',
      );
    });
  });
});
