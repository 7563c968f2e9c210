import { Cookie, type CookieInput, isBlitzError, parseCookies } from 'blitz-session';
import { expect } from 'chai';
import fc from 'fast-check';
import { refusedAtOnce } from '../fixtures/store-app.js';

const NOW = Date.UTC(2030, 0, 1);
const SECOND = 1000;
const DAY = 24 * 3600 * SECOND;

/** `details.part` of the refusal. */
function refusedPart(work: () => unknown): unknown {
  return refusedAtOnce(work, 'E_COOKIE').details['part'];
}

/** `name=value` of a `Set-Cookie` value. */
const pairOf = (header: string) => header.split(';')[0] as string;

describe('Cookie', () => {
  describe('create', () => {
    it('has safe defaults', () => {
      const cookie = Cookie.create('theme', 'dark');
      expect(cookie.toHeaderValue()).to.equal('theme=dark; path=/; HttpOnly; SameSite=Lax');
      expect(cookie.toArray()).to.deep.equal({
        name: 'theme',
        value: 'dark',
        expires: 0,
        path: '/',
        domain: '',
        secure: false,
        httponly: true,
        samesite: 'Lax',
        raw: false,
        partitioned: false,
      });
    });

    it('takes every option', () => {
      const cookie = Cookie.create('__Secure-a', 1, {
        expires: new Date(NOW),
        path: '/shop',
        domain: 'example.org',
        secure: true,
        http_only: false,
        samesite: 'none',
        partitioned: true,
      });
      expect(cookie.toHeaderValue({ now: NOW - 90 * SECOND })).to.equal(
        '__Secure-a=1; expires=Tue, 01 Jan 2030 00:00:00 GMT; Max-Age=90; path=/shop; domain=example.org; secure; SameSite=None; Partitioned',
      );
      expect(cookie.getId()).to.equal('__Secure-a;example.org;/shop');
    });

    it('counts a number from now, and reads a text as a date', () => {
      const before = Date.now();
      const expires = Cookie.create('a', '', { expires: 60 }).getExpiry() as Date;
      expect(Number(expires)).to.be.within(before + 60 * SECOND, Date.now() + 60 * SECOND);
      const dated = Cookie.create('a', '', { expires: '2030-01-01T00:00:00Z' });
      expect(dated.getExpiresTimestamp()).to.equal(NOW / SECOND);
      expect(dated.getFormattedExpires()).to.equal('Tue, 01 Jan 2030 00:00:00 GMT');
      expect(Cookie.create('a', '', { expires: '60' }).expires).to.be.above(new Date(before));
      expect(Cookie.create('a', '', { expires: 0 }).expires).to.equal(undefined);
    });

    it('refuses a time stamp where a delay is meant, and what is no date', () => {
      const expires = (value: never) => () => Cookie.create('a', '', { expires: value });
      expect(refusedPart(expires(1_900_000_000 as never))).to.equal('delay');
      expect(refusedPart(expires(Number.POSITIVE_INFINITY as never))).to.equal('delay');
      expect(refusedPart(expires(Number.NaN as never))).to.equal('expires');
      expect(refusedPart(expires('+1 day' as never))).to.equal('expires');
      expect(refusedPart(expires(new Date(Number.NaN) as never))).to.equal('expires');
      expect(refusedPart(expires(new Date(8.64e15) as never))).to.equal('expires');
    });

    it('names an option that does not exist', () => {
      const options = { httpOnly: false } as object;
      const { details } = refusedAtOnce(() => Cookie.create('a', '', options), 'E_COOKIE');
      expect(details).to.include({ part: 'option', option: 'httpOnly' });
      expect(refusedPart(() => Cookie.create('a', '', { prefix: 'x' } as object))).to.equal('option');
    });

    it('is what instanceof says', () => {
      expect(Cookie.create('a', '')).to.be.instanceOf(Cookie);
      expect({ name: 'a' }).to.not.be.instanceOf(Cookie);
    });
  });

  describe('what is refused', () => {
    it('a name that is not a token', () => {
      for (const name of ['', 'a b', 'é', 'a=b', 'a;b', 'a,b', 'a\r\nSet-Cookie: b', '"a"', 'a\0']) {
        expect(refusedPart(() => Cookie.create(name, ''))).to.equal('name');
      }
    });

    it('a raw value that a header cannot carry', () => {
      for (const value of [' ', 'é', '"', ',', ';', '\\', '\r\n', '\0', '\x7f']) {
        expect(refusedPart(() => Cookie.create('a', value, { raw: true }))).to.equal('value');
        expect(parseCookies(pairOf(Cookie.create('a', value).toHeaderValue()))['a']).to.equal(value);
      }
    });

    it('half of a UTF-16 character', () => {
      expect(refusedPart(() => Cookie.create('a', '\ud83d'))).to.equal('encoding');
      expect(Cookie.create('a', ['\ud83d']).value).to.deep.equal(['\ud83d']);
    });

    it('a value that is neither a scalar nor plain', () => {
      const values: unknown[] = [
        undefined,
        null,
        () => 1,
        Symbol('a'),
        new Date(),
        new Map(),
        new (class A {})(),
      ];
      for (const value of values) {
        expect(refusedPart(() => Cookie.create('a', value as CookieInput))).to.equal('type');
      }
      const cycle: Record<string, unknown> = {};
      cycle['self'] = cycle;
      expect(refusedAtOnce(() => Cookie.create('a', cycle), 'E_COOKIE').cause).to.be.instanceOf(TypeError);
      expect(refusedPart(() => Cookie.create('a', { big: 1n }))).to.equal('json');
      expect(refusedPart(() => Cookie.create('a', { toJSON: () => undefined }))).to.equal('json');
    });

    it('more than browsers keep', () => {
      expect(Cookie.create('name', 'x'.repeat(4092)).getScalarValue()).to.have.length(4092);
      expect(refusedPart(() => Cookie.create('name', 'x'.repeat(4093)))).to.equal('size');
      const { details } = refusedAtOnce(() => Cookie.create('name', 'é'.repeat(1000)), 'E_COOKIE');
      expect(details).to.include({ part: 'size', size: 6004, limit: 4096 });
    });

    it('a path or a domain that would end the attribute', () => {
      for (const path of ['/a;b', '/a,b', '/é', '/\n', 'a']) {
        expect(refusedPart(() => Cookie.create('a', '', { path }))).to.equal('path');
      }
      for (const domain of ['a;b', 'a,b', 'é', 'a b', 'a\n']) {
        expect(refusedPart(() => Cookie.create('a', '', { domain }))).to.equal('domain');
      }
      expect(Cookie.create('a', '', { path: '' }).toHeaderValue()).to.equal('a=; HttpOnly; SameSite=Lax');
    });

    it('what a browser would refuse', () => {
      const part = (name: string, options: object) => refusedPart(() => Cookie.create(name, '', options));
      expect(part('a', { samesite: 'None' })).to.equal('none');
      expect(part('a', { partitioned: true })).to.equal('partitioned');
      expect(part('a', { samesite: 'sometimes' })).to.equal('samesite');
      expect(part('__Secure-a', {})).to.equal('secure_prefix');
      expect(part('__sEcUre-a', {})).to.equal('secure_prefix');
      expect(part('__Host-a', {})).to.equal('host_prefix');
      expect(part('__Host-a', { secure: true, path: '/a' })).to.equal('host_prefix');
      expect(part('__Host-a', { secure: true, domain: 'example.org' })).to.equal('host_prefix');
      for (const secure of [true, 'auto'] as const) {
        Cookie.create('__Host-a', '', { secure, samesite: 'None', partitioned: true });
      }
    });

    it('says why in the language of the user, and never the value', () => {
      const before = process.env['BLITZ_LANG'];
      const message = () => {
        try {
          Cookie.create('a', 'très secret', { raw: true });
        } catch (error) {
          if (isBlitzError(error, 'E_COOKIE')) return error.message;
        }
        return undefined;
      };
      try {
        process.env['BLITZ_LANG'] = 'fr';
        expect(message()).to.match(/^Cookie refusé : sa valeur brute contient un caractère .*\.$/);
        expect(message()).to.not.include('secret');
        process.env['BLITZ_LANG'] = 'en';
        expect(message()).to.match(/^Cookie refused: its raw value contains a character .*\.$/);
      } finally {
        if (before === undefined) delete process.env['BLITZ_LANG'];
        else process.env['BLITZ_LANG'] = before;
      }
    });
  });

  describe('is immutable', () => {
    it('each with… gives another cookie', () => {
      const cookie = Cookie.create('a', { list: [1] });
      const before = cookie.toHeaderValue();
      const others = [
        cookie.withName('b'),
        cookie.withValue('x'),
        cookie.withAddedValue('list.1', 2),
        cookie.withoutAddedValue('list'),
        cookie.withPath('/a'),
        cookie.withDomain('example.org'),
        cookie.withSecure(true),
        cookie.withHttpOnly(false),
        cookie.withSameSite('Strict'),
        cookie.withSecure(true).withPartitioned(true),
        cookie.withExpiry(new Date(NOW)),
        cookie.withMaxAge(60),
        cookie.withNeverExpire(),
        cookie.withExpired(),
      ];
      const headers = [before, ...others.map((other) => other.toHeaderValue())];
      expect(new Set(headers).size).to.equal(headers.length);
      expect(cookie.toHeaderValue()).to.equal(before);
    });

    it('nothing that is given or handed out leads into it', () => {
      const value = { list: [1] };
      const expires = new Date(NOW);
      const cookie = Cookie.create('a', value, { expires });
      value.list.push(2);
      expires.setTime(0);
      (cookie.value as typeof value).list.push(3);
      cookie.getExpiry()?.setTime(0);
      expect(cookie.getValue()).to.deep.equal({ list: [1] });
      expect(cookie.getExpiresTimestamp()).to.equal(NOW / SECOND);
      expect(() => Object.assign(cookie, { name: 'b' })).to.throw(TypeError);
      expect(Object.isFrozen(cookie)).to.equal(true);
    });

    it('an attribute that requires another one comes after it', () => {
      const cookie = Cookie.create('a', '');
      expect(refusedPart(() => cookie.withSameSite('None'))).to.equal('none');
      expect(refusedPart(() => cookie.withName('__Host-a'))).to.equal('host_prefix');
      const cross = cookie.withSecure(true).withSameSite('None').withName('__Host-a');
      expect(cross.toHeaderValue()).to.equal('__Host-a=; path=/; secure; HttpOnly; SameSite=None');
      expect(refusedPart(() => cross.withSecure(false))).to.equal('host_prefix');
      expect(cookie.withSameSite('').getSameSite()).to.equal(undefined);
      expect(cookie.withSameSite(null).getOptions().samesite).to.equal('');
    });
  });

  describe('time', () => {
    it('isExpired compares with a moment', () => {
      const cookie = Cookie.create('a', '').withExpiry(new Date(NOW));
      expect(cookie.isExpired(NOW - 1)).to.equal(false);
      expect(cookie.isExpired(new Date(NOW))).to.equal(true);
      expect(cookie.isExpired()).to.equal(Date.now() >= NOW);
      expect(Cookie.create('a', '').isExpired(NOW)).to.equal(false);
      expect(Cookie.create('a', '').getFormattedExpires()).to.equal('');
    });

    it('Max-Age counts from the moment of sending, and never below 0', () => {
      const cookie = Cookie.create('a', '').withMaxAge(60, NOW);
      expect(cookie.toHeaderValue({ now: NOW + 4 })).to.include('; Max-Age=60;');
      expect(cookie.toHeaderValue({ now: NOW + 20 * SECOND })).to.include('; Max-Age=40;');
      expect(cookie.toHeaderValue({ now: NOW + DAY })).to.include('; Max-Age=0;');
    });

    it('expired, and for as long as a browser keeps a cookie', () => {
      const cookie = Cookie.create('a', 'x');
      const gone = 'a=x; expires=Thu, 01 Jan 1970 00:00:01 GMT; Max-Age=0; path=/; HttpOnly; SameSite=Lax';
      expect(cookie.withExpired().toHeaderValue()).to.equal(gone);
      expect(cookie.withMaxAge(0).toHeaderValue()).to.equal(gone);
      expect(Number(cookie.withNeverExpire(NOW).expires)).to.equal(NOW + 400 * DAY);
    });
  });

  describe('secure', () => {
    it("'auto' is what the request was", () => {
      const cookie = Cookie.create('a', '', { secure: 'auto' });
      expect(cookie.toHeaderValue({ overHttps: true })).to.include('; secure;');
      expect(cookie.toHeaderValue()).to.not.include('secure');
      expect([cookie.isSecure(true), cookie.isSecure(), cookie.secure]).to.deep.equal([true, false, 'auto']);
    });
  });

  describe('value', () => {
    it('numbers and booleans become text', () => {
      expect([1.5, true, 0, 10n].map((value) => Cookie.create('a', value).value)).to.deep.equal([
        '1.5',
        'true',
        '0',
        '10',
      ]);
    });

    it('is encoded as rawurlencode does, or not at all', () => {
      expect(pairOf(Cookie.create('a', "é +!'()*~&/").toHeaderValue())).to.equal(
        'a=%C3%A9%20%2B%21%27%28%29%2A~%26%2F',
      );
      expect(pairOf(Cookie.create('a', 'x%20y', { raw: true }).toHeaderValue())).to.equal('a=x%20y');
    });

    it('lists and objects are JSON, read by path', () => {
      const cookie = Cookie.create('prefs', { theme: 'dark', tags: ['x', 'y'] });
      expect(cookie.getScalarValue()).to.equal('{"theme":"dark","tags":["x","y"]}');
      expect(cookie.read('tags.1')).to.equal('y');
      expect(cookie.read('tags.length')).to.equal(undefined);
      expect(Cookie.create('list', ['x']).read('length')).to.equal(undefined);
      expect([cookie.check('theme'), cookie.check('size')]).to.deep.equal([true, false]);
      const text = Cookie.create('prefs', cookie.getScalarValue());
      expect(text.value).to.equal(cookie.getScalarValue());
      expect(text.read()).to.deep.equal(cookie.value);
      expect(Cookie.create('prefs', '{half').read()).to.equal('{half');
      expect(Cookie.create('prefs', 'x').read('theme')).to.equal(undefined);
    });

    it('parts are added and taken out', () => {
      const cookie = Cookie.create('a', '')
        .withAddedValue('user.tags', ['x'])
        .withAddedValue('user.tags.1', 'y');
      expect(cookie.value).to.deep.equal({ user: { tags: ['x', 'y'] } });
      expect(cookie.withoutAddedValue('user.tags.0').value).to.deep.equal({ user: { tags: ['y'] } });
      expect(Cookie.create('a', ['x']).withAddedValue('1', 'y').value).to.deep.equal(['x', 'y']);
      expect(Cookie.create('a', 'x').withoutAddedValue('y').value).to.equal('x');
      expect(refusedPart(() => Cookie.create('a', 'x').withAddedValue('y', 1))).to.equal('added');
      expect(refusedPart(() => cookie.withAddedValue('user.tags.0.z', 1))).to.equal('added');
    });

    it('__proto__ is a key like any other', () => {
      const cookie = Cookie.create('a', '').withAddedValue('__proto__.polluted', true);
      expect(({} as Record<string, unknown>)['polluted']).to.equal(undefined);
      expect(cookie.getScalarValue()).to.equal('{"__proto__":{"polluted":true}}');
    });
  });
});

describe('parseCookies', () => {
  it('reads every pair, the first of a name', () => {
    expect({ ...parseCookies('a=1; b=x=y;\tc=;a=2;  d  =3; =4; e; f="q"') }).to.deep.equal({
      a: '1',
      b: 'x=y',
      c: '',
      'd  ': '3',
      f: '"q"',
    });
    expect({ ...parseCookies(undefined) }).to.deep.equal({});
    expect({ ...parseCookies('') }).to.deep.equal({});
  });

  it('decodes values, not names; what is not UTF-8 stays as it was sent', () => {
    const cookies = parseCookies('%61=%C3%A9%20+; b=100%; c=%E9; d=Zo\xc3\xa9; e=caf\xe9; f=%C3%A9\xc3\xa9');
    expect({ ...cookies }).to.deep.equal({
      '%61': 'é +',
      b: '100%',
      c: '%E9',
      d: 'Zoé',
      e: 'caf\xe9',
      f: 'éé',
    });
  });

  it('has no prototype', () => {
    const cookies = parseCookies('__proto__=1; toString=2');
    expect(Object.getPrototypeOf(cookies)).to.equal(null);
    expect(Object.keys(cookies)).to.deep.equal(['__proto__', 'toString']);
    expect(cookies['constructor']).to.equal(undefined);
  });

  const token = fc.string({
    unit: fc.constantFrom(..."!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"),
    minLength: 1,
    maxLength: 30,
  });
  const name = fc
    .oneof(token, fc.constantFrom('__proto__', 'constructor', 'toString'))
    .filter((text) => !/^__(?:host|secure)-/i.test(text));
  const text = fc.oneof(
    fc.string({ unit: 'grapheme', maxLength: 60 }),
    fc.string({ unit: 'binary', maxLength: 60 }),
  );
  const value = fc.oneof(
    text,
    fc.integer(),
    fc.boolean(),
    fc.array(fc.jsonValue({ maxDepth: 2 }), { maxLength: 4 }),
    fc.dictionary(fc.string({ maxLength: 8 }), fc.jsonValue({ maxDepth: 2 }), { maxKeys: 4 }),
  );
  const seed = Number(process.env['SEED'] ?? Math.floor(Math.random() * 2 ** 31));

  it(`gives back the value of any cookie that can be built (seed ${seed})`, () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.tuple(name, value), { selector: ([key]) => key, maxLength: 5 }),
        (all) => {
          const cookies = all.flatMap(([key, given]) => {
            try {
              return [Cookie.create(key, given as CookieInput)];
            } catch (error) {
              if (isBlitzError(error) && error.details['part'] === 'size') return [];
              throw error;
            }
          });
          const header = cookies.map((cookie) => pairOf(cookie.toHeaderValue())).join('; ');
          const parsed = parseCookies(header);
          expect(Object.keys(parsed)).to.have.length(cookies.length);
          for (const cookie of cookies) {
            const back = parsed[cookie.name] as string;
            expect(back).to.equal(cookie.getScalarValue());
            if (typeof cookie.value === 'object') {
              expect(Cookie.create('a', back).read()).to.deep.equal(cookie.value);
            }
          }
        },
      ),
      { seed, numRuns: 500 },
    );
  });

  it(`takes any header (seed ${seed})`, () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (header) => {
        for (const each of Object.values(parseCookies(header))) expect(each).to.be.a('string');
      }),
      { seed, numRuns: 500 },
    );
  });

  it(`getOptions builds an equal cookie (seed ${seed})`, () => {
    const options = fc.record({
      expires: fc.oneof(
        fc.constant(0),
        fc.date({ min: new Date(0), max: new Date('2099-12-31'), noInvalidDate: true }),
      ),
      path: fc.constantFrom('', '/', '/a b'),
      domain: fc.constantFrom('', 'example.org'),
      secure: fc.constantFrom(true, 'auto' as const),
      httponly: fc.boolean(),
      samesite: fc.constantFrom('Lax' as const, 'strict' as const, 'None' as const, '' as const),
      partitioned: fc.boolean(),
    });
    fc.assert(
      fc.property(options, (given) => {
        const cookie = Cookie.create('a', 'x', given);
        const again = Cookie.create('a', cookie.getScalarValue(), cookie.getOptions());
        expect(again.toHeaderValue({ now: NOW })).to.equal(cookie.toHeaderValue({ now: NOW }));
      }),
      { seed },
    );
  });
});
