import { deepStrictEqual } from 'node:assert';
import { isBlitzError, PhpEnum, PhpObject, PhpSerializable, phpSerializer, type Values } from 'blitz-session';
import { expect } from 'chai';
import { HANDLERS } from '../fixtures/php/payloads.ts';

const php = phpSerializer('php');

/** A text as the bytes of a record. */
const raw = (text: string): string => Buffer.from(text, 'utf8').toString('latin1');

function refusal(act: () => unknown): { key: unknown; found: unknown } {
  try {
    act();
  } catch (error) {
    if (!isBlitzError(error, 'E_SESSION_VALUE')) throw error;
    return { key: error.details['key'], found: error.details['found'] };
  }
  throw new Error('nothing was refused');
}

/** The payload after `change`. */
function changed(payload: string, change: (values: Values) => void): string {
  const values = php.decode(raw(payload));
  change(values);
  return Buffer.from(php.encode(values), 'latin1').toString('utf8');
}

const unchanged = (payload: string): void => {
  expect(changed(payload, () => {})).to.equal(payload);
};

function nested(levels: number, list = false): unknown {
  let value: unknown = 1;
  for (let i = 0; i < levels; i++) value = list ? [value] : { n: value };
  return value;
}

describe('formats of PHP: values', () => {
  it('say their name, and that they write bytes', () => {
    for (const name of HANDLERS) expect(phpSerializer(name)).to.include({ name, encoding: 'latin1' });
  });

  it('an empty session is empty, except that php_serialize writes its array', () => {
    expect(HANDLERS.map((name) => phpSerializer(name).encode({}))).to.deep.equal(['', '', 'a:0:{}']);
    for (const name of HANDLERS) expect(phpSerializer(name).decode('')).to.deep.equal({});
  });

  it('are framed three ways', () => {
    const values = { a: 1, bé: 'x|y' };
    expect(php.encode(values)).to.equal(raw('a|i:1;bé|s:3:"x|y";'));
    expect(phpSerializer('php_binary').encode(values)).to.equal(raw('\x01ai:1;\x03bés:3:"x|y";'));
    expect(phpSerializer('php_serialize').encode(values)).to.equal(
      raw('a:2:{s:1:"a";i:1;s:3:"bé";s:3:"x|y";}'),
    );
  });

  it('scalars', () => {
    const values = {
      int: [0, -5, 2 ** 53 - 1],
      big: [2n ** 53n, -(2n ** 63n), 2n ** 63n - 1n],
      float: [1.5, -0, 2 ** 53, 1e100, 0.00001, Number.NaN, Number.POSITIVE_INFINITY],
      text: ['', 'é', '日本', '😀', 'a\0b', `${'é'.repeat(300)}x`],
      bytes: Buffer.from([0xff, 0xfe, 0]),
      other: [true, false, null],
    };
    for (const name of HANDLERS) {
      const { encode, decode } = phpSerializer(name);
      deepStrictEqual(decode(encode(values)), values);
    }
    expect(php.encode({ a: 5n, b: new Uint8Array([65]) })).to.equal('a|i:5;b|s:1:"A";');
    expect(php.encode({ a: 19.99, b: 20.5, c: 0.07, d: 100.01, e: 1e17 })).to.equal(
      'a|d:19.99;b|d:20.5;c|d:0.07;d|d:100.01;e|d:1.0E+17;',
    );
  });

  it('lists are arrays, other arrays are objects, the empty array is a list', () => {
    deepStrictEqual(
      php.decode(
        'a|a:2:{i:0;i:7;i:1;i:8;}b|a:1:{i:1;i:7;}c|a:1:{s:1:"x";i:7;}d|a:0:{}e|a:2:{i:1;i:7;i:0;i:8;}',
      ),
      { a: [7, 8], b: { '1': 7 }, c: { x: 7 }, d: [], e: { '0': 8, '1': 7 } },
    );
    expect(php.encode({ a: {}, b: [], c: { '5': 1, '-3': 1, '08': 1 } })).to.equal(
      'a|a:0:{}b|a:0:{}c|a:3:{i:5;i:1;i:-3;i:1;s:2:"08";i:1;}',
    );
  });

  it('a list with names or holes is PHP’s mixed array', () => {
    const named = Object.assign([1, 2], { x: 3 });
    // biome-ignore lint/suspicious/noSparseArray: that is the case
    expect(php.encode({ named, holes: [1, , 3], empty: Object.assign([], { x: 3 }) })).to.equal(
      'named|a:3:{i:0;i:1;i:1;i:2;s:1:"x";i:3;}holes|a:2:{i:0;i:1;i:2;i:3;}empty|a:1:{s:1:"x";i:3;}',
    );
  });

  it('keep PHP’s order, where JavaScript moves integers', () => {
    unchanged('a|a:3:{s:1:"x";i:1;i:9;i:2;i:4;i:3;}');
    expect(
      changed('a|a:2:{i:9;i:1;i:4;i:2;}', ({ a }) => Object.assign(a as Values, { y: 0, 9: 5 })),
    ).to.equal('a|a:3:{i:9;i:5;i:4;i:2;s:1:"y";i:0;}');
    unchanged('x|i:1;9|i:2;4|i:3;');
  });

  it('a place that held a float keeps floats', () => {
    const payload = 'total|d:20;cart|a:2:{s:5:"price";d:19.9;s:3:"qty";i:1;}all|a:2:{i:0;d:1;i:1;d:2.5;}';
    unchanged(payload);
    const after = changed(payload, (values) => {
      values['total'] = 25;
      (values['cart'] as Values)['price'] = 7;
      (values['cart'] as Values)['qty'] = 2;
      (values['all'] as number[]).push(3);
    });
    expect(after).to.equal(
      'total|d:25;cart|a:2:{s:5:"price";d:7;s:3:"qty";i:2;}all|a:3:{i:0;d:1;i:1;d:2.5;i:2;d:3;}',
    );
  });

  it('bytes that are not UTF-8 stay: values as Buffer, keys by lone surrogates', () => {
    const payload = '\xff\xe9|a:1:{s:2:"\xe9a";s:1:"\xe9";}';
    const values = php.decode(payload);
    expect(Object.keys(values)).to.deep.equal(['\udcff\udce9']);
    deepStrictEqual(values['\udcff\udce9'], { '\udce9a': Buffer.from([0xe9]) });
    expect(php.encode(values)).to.equal(payload);
  });

  it('__proto__ and constructor are ordinary keys', () => {
    const payload = '__proto__|a:1:{s:9:"__proto__";i:1;}constructor|i:2;';
    const values = php.decode(payload);
    expect(Object.keys(values)).to.deep.equal(['__proto__', 'constructor']);
    expect(Object.getPrototypeOf(values)).to.equal(Object.prototype);
    expect(({} as Values)['polluted']).to.equal(undefined);
    expect(php.encode(values)).to.equal(payload);
  });
});

describe('formats of PHP: references and objects', () => {
  it('numbers follow what is added, removed and changed before them', () => {
    const payload = 'a|a:2:{i:0;i:1;i:1;i:2;}o|O:8:"stdClass":1:{s:1:"v";a:0:{}}p|r:4;q|a:1:{i:0;R:5;}';
    unchanged(payload);
    const after = changed(payload, (values) => {
      delete values['a'];
      values['n'] = 1;
    });
    expect(after).to.equal('o|O:8:"stdClass":1:{s:1:"v";a:0:{}}p|r:1;q|a:1:{i:0;R:2;}n|i:1;');
    const grown = changed(payload, ({ a }) => (a as unknown[]).push([1]));
    expect(grown).to.contain('p|r:6;q|a:1:{i:0;R:7;}');
  });

  it('a reference lasts as long as its places hold the same value', () => {
    const payload = 'a|i:1;b|R:1;c|i:1;';
    unchanged(payload);
    expect(changed(payload, (values) => Object.assign(values, { b: 2 }))).to.equal('a|i:1;b|i:2;c|i:1;');
    expect(changed(payload, (values) => Object.assign(values, { a: 2, b: 2 }))).to.equal(
      'a|i:2;b|R:1;c|i:1;',
    );
    expect(changed(payload, (values) => void delete values['a'])).to.equal('b|i:1;c|i:1;');
    expect(changed('a|a:0:{}b|R:1;', ({ a }) => (a as unknown[]).push(1))).to.equal('a|a:1:{i:0;i:1;}b|R:1;');
  });

  it('cycles by reference and of objects come back', () => {
    for (const payload of ['a|a:1:{i:0;R:1;}', 'n|O:4:"Node":1:{s:4:"next";r:1;}']) unchanged(payload);
    const { a } = php.decode('a|a:1:{i:0;R:1;}') as { a: unknown[] };
    expect(a[0]).to.equal(a);
  });

  it('objects can be read, and not changed', () => {
    const payload =
      'u|O:8:"App\\User":3:{s:2:"id";i:7;s:7:"\0*\0name";s:2:"Zo";s:13:"\0App\\User\0pin";i:42;}';
    const { u } = php.decode(payload) as { u: PhpObject };
    expect(u).to.be.instanceOf(PhpObject).and.include({ className: 'App\\User' });
    expect([u.get('id'), u.get('name'), u.get('pin'), u.get('none')]).to.deep.equal([7, 'Zo', 42, undefined]);
    expect(Object.isFrozen(u) && Object.isFrozen(u.properties)).to.equal(true);
    unchanged(payload);
  });

  it('integer names of properties, enumerations and C: stay as they are', () => {
    const payload =
      'b|O:3:"Bag":2:{i:5;i:1;s:1:"6";i:2;}e|E:11:"Suit:Hearts";f|r:4;g|C:4:"Mine":10:{raw;}"data}o|O:1:"A":0:{}';
    const { e, f, g } = php.decode(payload);
    expect(e).to.be.instanceOf(PhpEnum).and.include({ className: 'Suit', caseName: 'Hearts' });
    expect(f).to.equal(e);
    expect(g).to.be.instanceOf(PhpSerializable).and.include({ data: 'raw;}"data' });
    unchanged(payload);
  });

  it('what a C: object serializes within itself is counted with the rest, and renumbered', () => {
    const payload = 'x|i:1;l|C:1:"L":29:{a:1:{i:0;O:8:"stdClass":0:{}}}o|r:4;';
    unchanged(payload);
    expect(changed(payload, (values) => void delete values['x'])).to.equal(
      'l|C:1:"L":29:{a:1:{i:0;O:8:"stdClass":0:{}}}o|r:3;',
    );
  });

  it('new ones can be put', () => {
    const suit = new PhpEnum('Suit', 'Hearts');
    const user = new PhpObject('App\\User', { id: 1 });
    expect(
      php.encode({ a: suit, b: [suit, user, user], c: new PhpSerializable('L', 'é'.slice(0, 0)) }),
    ).to.equal(
      'a|E:11:"Suit:Hearts";b|a:3:{i:0;r:1;i:1;O:8:"App\\User":1:{s:2:"id";i:1;}i:2;r:4;}c|C:1:"L":0:{}',
    );
  });

  it('a plain object under two keys is written twice', () => {
    const shared = { n: [1] };
    expect(php.encode({ a: shared, b: shared })).to.equal(
      'a|a:1:{s:1:"n";a:1:{i:0;i:1;}}b|a:1:{s:1:"n";a:1:{i:0;i:1;}}',
    );
  });
});

describe('formats of PHP: what is refused', () => {
  const cycle: unknown[] = [];
  cycle.push({ again: cycle });
  const REFUSED: readonly [string, unknown, string, string][] = [
    ['undefined', { a: undefined }, 'key.a', 'undefined'],
    ['a function', [() => {}], 'key.0', 'function'],
    ['a symbol', Symbol('x'), 'key', 'symbol'],
    ['a date', { at: new Date() }, 'key.at', 'class Date'],
    ['a map', new Map(), 'key', 'class Map'],
    ['an instance', [[new (class User {})()]], 'key.0.0', 'class User'],
    ['a bigint beyond 64 bits', 2n ** 63n, 'key', 'bigint of more than 64 bits'],
    ['half a pair', ['\ud800'], 'key.0', 'text with a lone surrogate'],
    ['half a pair after é', 'é\ud800x', 'key', 'text with a lone surrogate'],
    ['half a pair as a key', { 'a\ud800': 1 }, 'key.a\ufffd', 'key with a lone surrogate'],
    ['a cycle', cycle, 'key.0.again', 'cycle'],
  ];

  for (const [name, value, key, found] of REFUSED) {
    it(`${name}, by every format, at check and at encode`, () => {
      for (const format of HANDLERS) {
        const { check, encode } = phpSerializer(format);
        expect(
          refusal(() => check('key', value)),
          format,
        ).to.deep.equal({ key, found });
        expect(
          refusal(() => encode({ ok: 1, key: value })),
          format,
        ).to.deep.equal({ key, found });
      }
    });
  }

  it('keys for which PHP empties the session or drops the variable', () => {
    const long = 'é'.repeat(64);
    for (const act of [(key: string) => php.check(key, 1), (key: string) => php.encode({ [key]: 1 })]) {
      expect(refusal(() => act('a|b')).found).to.equal('key with |');
      expect(refusal(() => act('5')).found).to.equal('integer key');
      expect(refusal(() => act('-5')).found).to.equal('integer key');
    }
    expect(refusal(() => php.check('5.name', 1)).found).to.equal('integer key');
    for (const key of ['05', '1x.5', '9223372036854775808', '', 'a.b|c']) php.check(key, 1);
    const binary = phpSerializer('php_binary');
    expect(binary.encode({ 'a|b': 1 })).to.equal('\x03a|bi:1;');
    expect(refusal(() => binary.encode({ [long]: 1 })).found).to.equal('key of more than 127 bytes');
    expect(refusal(() => binary.check(`${long}.x`, 1)).found).to.equal('key of more than 127 bytes');
    expect(phpSerializer('php_serialize').encode({ '5': 1, 'a|b': 2 })).to.equal(
      'a:2:{i:5;i:1;s:3:"a|b";i:2;}',
    );
  });

  it('keys that would make the record of a retired session', () => {
    expect(refusal(() => php.encode({ '>blitz:1': 1 })).found).to.equal('reserved key');
    const binary = phpSerializer('php_binary');
    expect(refusal(() => binary.encode({ [`blitz:${'x'.repeat(56)}`]: 1 })).found).to.equal('reserved key');
    expect(binary.encode({ [`blitz:${'x'.repeat(55)}`]: 1 })).to.match(/^=blitz:/);
  });

  it('an integer key that PHP’s record holds already is kept', () => {
    unchanged('5|i:1;a|i:2;');
    expect(changed('5|i:1;', (values) => Object.assign(values, { '5': 2 }))).to.equal('5|i:2;');
  });

  it('a record that PHP would refuse, without a word of it', () => {
    for (const data of [
      'secret',
      'a|i:1',
      'a|i:1;\n',
      'a|i:1;;',
      'a|s:9:"secret";',
      'a|b:2;',
      'a|O:0:"":0:{}',
    ]) {
      expect(() => php.decode(data)).to.throw(SyntaxError, /^Not data that PHP serialized$/);
    }
    expect(() => phpSerializer('php_serialize').decode('i:1;')).to.throw(SyntaxError);
    expect(phpSerializer('php_serialize').decode('a:1:{s:1:"a";i:1;}junk')).to.deep.equal({ a: 1 });
  });

  it('names of classes with the byte 7f, which PHP refuses, and no other byte above it', () => {
    expect(() => php.decode('a|O:8:"Std\x7flass":0:{}')).to.throw(SyntaxError);
    expect(php.decode('a|O:8:"Std\x80lass":0:{}')).to.have.property('a');
  });
});

describe('formats of PHP: limits', () => {
  /** At a depth of the stack where little is left of it. */
  function deepInside<T>(work: () => T): T {
    const descend = (left: number): T => (left === 0 ? work() : descend(left - 1));
    return descend(3000);
  }

  it('4096 levels, as PHP, whatever is left of the stack', () => {
    for (const list of [false, true]) {
      deepInside(() => {
        const values = { deep: nested(4096, list) };
        php.check('deep', values.deep);
        const data = php.encode(values);
        expect(php.encode(php.decode(data)) === data).to.equal(true);
        const open = list ? 'a:1:{i:0;' : 'a:1:{s:1:"n";';
        expect(() => php.decode(`deep|${open.repeat(4097)}i:1;${'}'.repeat(4097)}`)).to.throw(SyntaxError);
      });
      const found = 'more than 4096 levels';
      expect(refusal(() => php.check('deep', nested(4097, list))).found).to.equal(found);
      expect(refusal(() => php.encode({ deep: nested(4097, list) })).found).to.equal(found);
      expect(refusal(() => php.check('deep.n', nested(4096, list))).found).to.equal(found);
      expect(
        refusal(() => phpSerializer('php_serialize').encode({ deep: nested(4096, list) })).found,
      ).to.equal(found);
    }
    const objects = `o|${'O:1:"A":1:{s:1:"n";'.repeat(4096)}N;${'}'.repeat(4096)}`;
    deepInside(() => unchanged(objects));
    const custom = (levels: number) => {
      let text = 'i:1;';
      for (let i = 0; i < levels; i++) text = `C:1:"A":${text.length}:{${text}}`;
      return `c|${text}`;
    };
    deepInside(() => unchanged(custom(3000)));
  });

  it('lengths and counts that lie cost nothing', () => {
    const began = performance.now();
    const nines = '9'.repeat(100_000);
    for (const data of [
      'a|a:999999999:{',
      'a|s:99999999999:"',
      'a|O:8:"stdClass":999999999:{}',
      'a|C:1:"A":999999999:{}',
      `a|a:${nines}:{}`,
      `a|s:${nines}:"abc";`,
      `a|d:${nines}x;`,
      `a|R:${nines};`,
      `a|${'a:9:{i:0;'.repeat(50_000)}`,
      `a|${'C:1:"A":999:{'.repeat(20_000)}`,
    ]) {
      expect(() => php.decode(data), data.slice(0, 20)).to.throw(SyntaxError);
    }
    expect(performance.now() - began).to.be.below(1000);
  });
});
