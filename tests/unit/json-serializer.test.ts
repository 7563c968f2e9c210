import { deepStrictEqual } from 'node:assert';
import vm from 'node:vm';
import { type BlitzError, isBlitzError, jsonSerializer, type Values } from 'blitz-session';
import { expect } from 'chai';
import fc from 'fast-check';

const { encode, decode, check } = jsonSerializer;

function refusal(act: () => unknown): BlitzError {
  try {
    act();
  } catch (error) {
    if (isBlitzError(error, 'E_SESSION_VALUE')) return error;
    throw error;
  }
  throw new Error('nothing was refused');
}

function returns(value: unknown): void {
  check('key', value);
  deepStrictEqual(decode(encode({ key: value })), { key: value });
}

function nest(levels: number, wrap: (inner: unknown) => unknown): unknown {
  let value: unknown = 1;
  for (let i = 0; i < levels; i++) value = wrap(value);
  return value;
}

describe('jsonSerializer', () => {
  it('says its name and how it becomes bytes', () => {
    expect(jsonSerializer).to.include({ name: 'json', encoding: 'utf8' });
  });

  describe('plain data', () => {
    const data: Values = {
      user: { id: 1, name: 'Éloïse', roles: ['admin'], none: null, half: 0.5, big: 1e300 },
      text: 'l’œuf \u2028 \ud800 "\\ \u0000 😀',
      empty: [{}, [], ''],
      'dotted.key': true,
    };

    it('is exactly the text of JSON.stringify', () => {
      expect(encode(data)).to.equal(JSON.stringify(data));
      expect(encode({})).to.equal('{}');
      deepStrictEqual(decode(encode(data)), data);
    });

    it('may hold one object twice', () => {
      const shared = { a: [1] };
      returns([shared, shared, { shared }]);
    });

    it('so does any JSON', () => {
      fc.assert(
        fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (values) => {
          const json = JSON.parse(JSON.stringify(values)) as Values;
          fc.pre(!JSON.stringify(json).includes('@blitz'));
          expect(encode(json)).to.equal(JSON.stringify(json));
        }),
      );
    });
  });

  describe('what JSON lacks', () => {
    const date = new Date('2024-02-29T12:00:00.123Z');
    const cases: Record<string, unknown> = {
      date,
      'earliest date': new Date(-8.64e15),
      map: new Map<unknown, unknown>([
        [{ a: 1 }, new Set([date])],
        [1n, undefined],
        [new Map(), Number.NaN],
      ]),
      set: new Set<unknown>([1, '1', 1n, null, undefined, Number.NaN, [new Set()]]),
      bigint: [0n, -1n, 2n ** 200n],
      bytes: [new Uint8Array([0, 255]), new Uint8Array()],
      'part of a buffer': new Uint8Array([1, 2, 3, 4]).subarray(1, 3),
      buffer: Buffer.from('été'),
      undefined: { a: undefined, b: [undefined, 1, undefined] },
      numbers: [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, -0, 0],
      'no prototype': Object.assign(Object.create(null), { a: Object.create(null), '@blitz': 1 }),
    };
    for (const [name, value] of Object.entries(cases)) it(`returns: ${name}`, () => returns(value));

    it('returns: invalid date', () => {
      const back = decode(encode({ key: [new Date(Number.NaN)] }))['key'] as Date[];
      expect(back[0]).to.be.instanceOf(Date);
      expect(back[0]?.getTime()).to.be.NaN;
    });

    it('takes values without a prototype at the top', () => {
      expect(encode(Object.assign(Object.create(null), { a: { b: 1 } }))).to.equal('{"a":{"b":1}}');
    });

    it('at the top', () => {
      const values = { a: undefined, b: -0, c: date };
      deepStrictEqual(decode(encode(values)), values);
    });

    it('gives a Uint8Array its own memory, and a Buffer back as Buffer', () => {
      const back = decode(encode({ bytes: new Uint8Array([7]), buffer: Buffer.from([7]) }));
      expect(Object.getPrototypeOf(back['bytes'])).to.equal(Uint8Array.prototype);
      expect((back['bytes'] as Uint8Array).buffer.byteLength).to.equal(1);
      expect(Buffer.isBuffer(back['buffer'])).to.equal(true);
    });

    it('takes objects of another realm', () => {
      const foreign: unknown = vm.runInNewContext(
        '({ list: [1, { a: 2 }], date: new Date(5), map: new Map([[1, new Set([2])]]), bytes: new Uint8Array([3]) })',
      );
      check('key', foreign);
      deepStrictEqual(decode(encode({ key: foreign })), {
        key: {
          list: [1, { a: 2 }],
          date: new Date(5),
          map: new Map([[1, new Set([2])]]),
          bytes: new Uint8Array([3]),
        },
      });
    });

    it('keeps data that looks like a tag', () => {
      returns({ '@blitz': ['date', 0] });
      returns({ '@blitz': { '@blitz': ['undefined'] }, more: [{ '@blitz': undefined }] });
      returns('{"@blitz":["date",0]}');
      const top = { '@blitz': ['map', []], other: new Date(0) };
      deepStrictEqual(decode(encode(top)), top);
    });

    it('keeps __proto__ keys as keys', () => {
      const own = JSON.parse('{"__proto__":{"polluted":1},"constructor":{"prototype":2}}') as Values;
      for (const extra of [{}, { date }, { '@blitz': 1 }]) {
        const back = decode(
          encode({ own: Object.defineProperties({ ...extra }, Object.getOwnPropertyDescriptors(own)) }),
        );
        const revived = back['own'] as Values;
        expect(Object.getPrototypeOf(revived)).to.equal(Object.prototype);
        deepStrictEqual(Object.getOwnPropertyDescriptor(revived, '__proto__')?.value, { polluted: 1 });
        expect(({} as Values)['polluted']).to.equal(undefined);
      }
    });

    it('returns any supported value, with its type', () => {
      fc.assert(
        fc.property(fc.dictionary(keys, supported, { noNullPrototype: true }), (values) => {
          for (const [key, value] of Object.entries(values)) check(key, value);
          deepStrictEqual(decode(encode(values)), values);
        }),
        { numRuns: 300 },
      );
    });
  });

  describe('what cannot come back', () => {
    class Foo {}
    class Days extends Map {}
    const cycle: Values = {};
    cycle['self'] = { cycle };
    const ring = new Map<unknown, unknown>();
    ring.set('ring', [ring]);
    const named = Object.assign([1], { total: 1 });
    const cases: [found: string, value: unknown, path?: string][] = [
      ['function', () => 1],
      ['function', class {}],
      ['function', { toJSON: () => 1 }, 'toJSON'],
      ['symbol', Symbol('s')],
      ['class Foo', new Foo()],
      ['class Days', new Days()],
      ['class Promise', Promise.resolve()],
      ['class RegExp', /x/],
      ['class TypeError', new TypeError('x')],
      ['class WeakMap', new WeakMap()],
      ['class ArrayBuffer', new ArrayBuffer(1)],
      ['class URL', new URL('http://a/')],
      ['boxed String', Object('a')],
      ['boxed BigInt', Object(1n)],
      ['other typed array', new Int16Array(1)],
      ['class Sub', new (class Sub extends Uint8Array {})(1)],
      ['class Rows', new (class Rows extends Array {})()],
      ['object with another prototype', Object.create({ a: 1 })],
      ['cycle', cycle, 'self.cycle'],
      ['cycle', ring, '0.0'],
      ['symbol key', { [Symbol('s')]: 1 }],
      // biome-ignore lint/suspicious/noSparseArray: that is the point
      ['sparse list', [1, , 2]],
      ['list with named properties', named],
      ['list with named properties', 'ab'.match(/b/)],
      ['Date with properties', Object.assign(new Date(), { a: 1 })],
      ['Map with properties', Object.assign(new Map(), { a: 1 })],
      ['function', new Map([['x', new Set([Foo])]]), '0.0'],
      ['more than 512 levels', nest(600, (a) => ({ a })), 'a.a'],
    ];
    for (const [found, value, path] of cases) {
      it(`${found}${path === undefined ? '' : ` at ${path.slice(0, 12)}`} is refused at put and at commit`, () => {
        const place = path === undefined ? '' : `.${path}`;
        expect(refusal(() => check('user.avatar', value)).details.found).to.equal(found);
        expect(refusal(() => encode({ user: { avatar: value } })).details.found).to.equal(found);
        if (found.startsWith('more')) return;
        const details = { key: `user.avatar${place}`, found };
        expect(refusal(() => check('user.avatar', value)).details).to.deep.equal(details);
        expect(refusal(() => encode({ user: { avatar: value } })).details).to.deep.equal(details);
        expect(refusal(() => encode({ date: new Date(), user: { avatar: value } })).details).to.deep.equal(
          details,
        );
      });
    }

    it('getters, hidden properties and symbol keys of lists are refused at put', () => {
      const list = Object.assign([], { [Symbol('s')]: 1 });
      expect(refusal(() => check('k', list)).details).to.deep.equal({ key: 'k', found: 'symbol key' });
      const getter = Object.defineProperty({}, 'a', { get: () => 1, enumerable: true });
      expect(refusal(() => check('k', [getter])).details).to.deep.equal({ key: 'k.0.a', found: 'getter' });
      const hidden = Object.defineProperty({}, 'a', { value: 1 });
      expect(refusal(() => check('k', hidden)).details).to.deep.equal({
        key: 'k.a',
        found: 'hidden property',
      });
    });

    it('the message names neither the value nor the keys of a Map', () => {
      const { message } = refusal(() => check('k', new Map([['secret', new Foo()]])));
      expect(message).to.contain('k.0').and.not.contain('secret');
    });

    it('nesting is bounded, never a stack overflow', () => {
      for (const wrap of [(a: unknown) => ({ a }), (a: unknown) => [a]]) {
        returns(nest(512, wrap));
        refusal(() => encode({ k: nest(513, wrap) }));
        refusal(() => check('k', nest(513, wrap)));
        refusal(() => encode({ k: nest(100_000, wrap) }));
      }
      for (const wrap of [(a: unknown) => new Map([[1, a]]), (a: unknown) => new Set([a])]) {
        const back = decode(encode({ k: nest(512, wrap) }));
        expect(encode(back)).to.equal(encode({ k: nest(512, wrap) }));
        refusal(() => check('k', nest(100_000, wrap)));
      }
    });

    it('a value that is not an object is no session', () => {
      for (const values of [[], 1, new Date(), new Map(), 'text']) {
        refusal(() => encode(values as unknown as Values));
      }
    });
  });

  describe('texts that encode does not make', () => {
    const tagged = (body: string) => `{"k":{"@blitz":${body}}}`;
    const bodies = `1 null {} [] ["nope",1] ["date"] ["date",0,0] ["date","2024"] ["date",1.5] ["date",-0] ["date",9e15]
      ["undefined",1] ["number","1"] ["number",1] ["bigint",1] ["bigint","1.5"] ["bigint","0x1"] ["bigint","-0"]
      ["bigint",""] ["bytes",1] ["bytes","*"] ["bytes","YQ"] ["buffer","YQ==="] ["map",{}] ["map",[[1]]]
      ["map",[[1,2],[1,3]]] ["set",1] ["set",[1,1]] ["set",[-0]] ["object",{}] ["object",[]] ["object",{"a":1}]
      ["bare",null] ["map",[[1,{"@blitz":["date"]}]]] [["date"],0] ["__proto__",{}]`;
    const whole = `null 1 "a" [] [{}] { {"a":1}} {"a":undefined} {'a':1} a|i:1; {"a":-0} {"a":1e999} {"@blitz":["date",0]}
      {"@blitz":["object",{}]} {"@blitz":["bare",{"@blitz":1}]} {"k":{"@blitz":["date",0],"more":1}}`;
    const written = [
      ...['{"a":[1,-0]}', '{"a":"\\"-0","b":-0}', '{"a":{"b":1E999}}', '{"a":[true,-1e+999]}'],
      ...[`{"a":${'9'.repeat(310)}}`, `{"a":-${'1'.repeat(400)}.5}`, '{"k":{"\\u0040blitz":["date"]}}'],
      ...['{"\\u0040\\u0062litz":1}', '{"k":{"@\\u0062litz":["nope"]}}'],
    ];
    const texts = ['', ' ', ...whole.split(/\s+/), ...written, ...bodies.split(/\s+/).map(tagged)];
    for (const text of texts) {
      it(`throws on ${text || 'nothing'}`, () => {
        expect(() => decode(text)).to.throw(SyntaxError, 'Not a session record');
      });
    }

    it('throws on endless nesting, with tags and without', () => {
      for (const [open, close] of [
        ['[', ']'],
        ['{"a":', '}'],
        ['{"@blitz":["set",[', ']]}'],
      ] as const) {
        expect(() => decode(`{"k":${open.repeat(50_000)}1${close.repeat(50_000)}}`)).to.throw(SyntaxError);
      }
    });

    it('reads what is only written otherwise, and what only looks like it', () => {
      for (const text of [
        ...['{"a":-0.5,"b":1e3,"c":1.5E-3}', '{ "a" : [ 10 , { } ] }', '{"a":"-0 1e999 ]]]}}} {\\"[[["}'],
        ...['{"a":"\\\\","b":"\\\\\\"","c":"\\u00e9\\n"}', '{"-0":1,"1e999":true,"e":false}'],
        ...[`{"a":"${'9'.repeat(400)}"}`, '{"constructor":{"constructor":1}}'],
        `{"a":[${'[],'.repeat(2000)}{}]}`,
      ]) {
        deepStrictEqual(decode(text), JSON.parse(text));
      }
    });

    it('reads plain data however it is written', () => {
      const plain = fc.dictionary(fc.string(), fc.jsonValue({ noUnicodeString: false, maxDepth: 5 }));
      fc.assert(
        fc.property(plain, fc.constantFrom('', ' ', '\t'), (values, space) => {
          const text = JSON.stringify(values, null, space);
          if (text.includes('@blitz') || /-0(?![.\d])/.test(text)) return;
          deepStrictEqual(decode(text), JSON.parse(text));
        }),
        { numRuns: 500 },
      );
    });

    it('does not quote the text', () => {
      expect(() => decode('secret'))
        .to.throw(SyntaxError)
        .with.property('message')
        .that.not.contains('secret');
    });

    it('throws on cut texts', () => {
      const text = encode({ a: [new Date(0), new Map([[1, 'é']])], b: { c: 1n } });
      for (let end = 0; end < text.length; end++)
        expect(() => decode(text.slice(0, end))).to.throw(SyntaxError);
    });

    it('never fails otherwise than by its SyntaxError, nor pollutes', () => {
      const pieces = fc.constantFrom(
        '{',
        '}',
        '[',
        ']',
        ',',
        ':',
        '"@blitz"',
        '"map"',
        '"bare"',
        '"__proto__"',
        '"a"',
        '1',
        'null',
      );
      const text = fc.oneof(
        fc.string(),
        fc.array(pieces).map((all) => all.join('')),
        fc.json().map((json) => tagged(json)),
      );
      fc.assert(
        fc.property(text, (data) => {
          try {
            expect(encode(decode(data))).to.be.a('string');
          } catch (error) {
            expect(error).to.be.instanceOf(SyntaxError);
          }
          expect(Object.keys(Object.prototype)).to.deep.equal([]);
        }),
        { numRuns: 500 },
      );
    });
  });
});

const keys = fc.oneof(
  fc.string(),
  fc.string({ unit: 'binary' }),
  fc.constantFrom('@blitz', '__proto__', 'constructor', 'toJSON', 'a.b', '0', 'length'),
);

const leaf = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.constant('@blitz'),
  fc.double(),
  fc.integer(),
  fc.constantFrom(Number.NaN, -0, Number.POSITIVE_INFINITY, null, undefined, true, false),
  fc.bigInt(),
  fc.date({ noInvalidDate: true }),
  fc.uint8Array(),
  fc.uint8Array().map((bytes) => Buffer.from(bytes)),
);

const { supported } = fc.letrec<{ supported: unknown }>((tie) => ({
  supported: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    leaf,
    fc.array(tie('supported')),
    fc.dictionary(keys, tie('supported'), { noNullPrototype: false }),
    fc.array(fc.tuple(tie('supported'), tie('supported'))).map((pairs) => new Map(pairs)),
    fc.array(tie('supported')).map((values) => new Set(values)),
    fc.record({ '@blitz': tie('supported') }),
  ),
}));
