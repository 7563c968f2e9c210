import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { PhpEnum, PhpObject, PhpSerializable, phpSerializer, type Values } from 'blitz-session';
import { expect } from 'chai';
import { HANDLERS, type Handler } from '../fixtures/php/payloads.ts';

/** A value of PHP 8.2, lossless: integers as digits, floats as bits, references and shared objects by number. */
interface Typed {
  t: string;
  v?: string | boolean;
  b64?: string;
  bits?: string;
  list?: boolean;
  entries?: [Typed, Typed][];
  class?: string;
  case?: string;
  props?: [Typed, Typed][];
  oid?: number;
  as?: number;
  refid?: number;
  to?: number;
}

type Packed = string | { gz: string };

interface Valid extends Partial<Record<Handler, [Packed, boolean, Typed?]>> {
  name: string;
  typed?: Typed;
}

interface Malformed {
  name: string;
  handler: Handler;
  payload: Packed;
  accepted: boolean;
  typed?: Typed;
}

// Made by PHP 8.2.36; `accepted` and `typed` are what its session_decode did.
const { valid, malformed } = JSON.parse(
  readFileSync(new URL('../fixtures/php/vectors.json', import.meta.url), 'utf8'),
) as { valid: Valid[]; malformed: Malformed[] };

/** What only PHP can refuse, since it knows the classes. */
const CLASSES = [
  'php-obj-unserialize-throws',
  'php-obj-closure',
  'php-obj-datetime-empty',
  'php-obj-enum-as-O',
  'php-obj-serializable-as-O',
  'php-obj-interface',
  'php-enum-unknown-case',
  'php-enum-unknown-class',
];
/** PHP then has a session that is no array. */
const ROOTS = ['ser-not-array-int', 'ser-not-array-string', 'ser-not-array-false', 'ser-object'];

const bytesIn = (packed: Packed): string => {
  const bytes =
    typeof packed === 'string' ? Buffer.from(packed, 'base64') : gunzipSync(Buffer.from(packed.gz, 'base64'));
  return bytes.toString('latin1');
};

const bytesOf = ({ v, b64 }: Typed): Buffer =>
  b64 === undefined ? Buffer.from(String(v), 'utf8') : Buffer.from(b64, 'base64');

class Comparison {
  readonly #objects = new Map<number | undefined, unknown>();
  readonly #references = new Map<number | undefined, unknown>();

  compare(value: unknown, typed: Typed, at: string, root = false): void {
    if (typed.refid !== undefined) this.#references.set(typed.refid, value);
    if (typed.oid !== undefined) this.#objects.set(typed.oid, value);
    switch (typed.t) {
      case 'int':
        expect(String(value), at).to.equal(typed.v);
        expect(typeof value, at).to.equal(Number.isSafeInteger(Number(typed.v)) ? 'number' : 'bigint');
        return;
      case 'float': {
        const bits = Buffer.alloc(8);
        bits.writeDoubleBE(value as number);
        expect(bits.toString('hex'), at).to.equal(typed.bits);
        return;
      }
      case 'string':
        expect(Buffer.from(value as string).equals(bytesOf(typed)), at).to.equal(true);
        return;
      case 'bool':
        expect(value, at).to.equal(typed.v);
        return;
      case 'null':
        expect(value, at).to.equal(null);
        return;
      case 'array':
        expect(Array.isArray(value), at).to.equal(!root && typed.list);
        this.#entries(value as Values, typed.entries ?? [], at);
        return;
      case 'enum':
        expect(value, at)
          .to.be.instanceOf(PhpEnum)
          .and.include({ className: typed.class, caseName: typed.case });
        return;
      case 'object':
        this.#object(value, typed, at);
        return;
      case 'same-object':
        expect(value, at).to.equal(this.#objects.get(typed.as));
        return;
      case 'ref':
        expect(value, at).to.equal(this.#references.get(typed.to));
        return;
      default:
        throw new Error(`${at}: ${typed.t}`);
    }
  }

  #entries(
    container: Readonly<Record<string, unknown>>,
    entries: readonly [Typed, Typed][],
    at: string,
  ): void {
    const keys = entries.map(([key]) => bytesOf(key).toString('utf8'));
    expect(Object.keys(container).sort(), at).to.deep.equal([...keys].sort());
    entries.forEach(([, each], i) => {
      this.compare(container[keys[i] as string], each, `${at}.${keys[i]}`);
    });
  }

  /** A class may rename what it serializes: then only it can be compared. */
  #object(value: unknown, { class: name, props = [] }: Typed, at: string): void {
    if (value instanceof PhpSerializable) return;
    expect(value, at).to.be.instanceOf(PhpObject);
    const { className, properties } = value as PhpObject;
    const named = props.filter(([key]) => key.v !== '__PHP_Incomplete_Class_Name');
    if (name === '__PHP_Incomplete_Class') expect(props.length - named.length, at).to.equal(1);
    else expect(className.toLowerCase(), at).to.equal(name?.toLowerCase());
    const same =
      named.length === Object.keys(properties).length &&
      named.every(([key]) => Object.hasOwn(properties, bytesOf(key).toString('utf8')));
    if (same) this.#entries(properties, named, at);
  }
}

describe('formats of PHP: payloads that PHP made', () => {
  for (const handler of HANDLERS) {
    const { decode, encode } = phpSerializer(handler);
    for (const vector of valid) {
      const [packed, identical, decoded] = vector[handler] ?? [];
      if (packed === undefined) continue;
      it(`${handler}: ${vector.name}`, () => {
        const payload = bytesIn(packed);
        const values = decode(payload);
        const typed = decoded ?? vector.typed;
        if (typed !== undefined) new Comparison().compare(values, typed, vector.name, true);
        expect(encode(values) === payload).to.equal(identical);
        expect(encode(decode(encode(values)))).to.equal(encode(values));
      });
    }
  }
});

describe('formats of PHP: payloads that PHP was asked to read', () => {
  for (const { name, handler, payload, accepted, typed } of malformed) {
    const known = CLASSES.includes(name) || !ROOTS.includes(name) ? accepted : false;
    it(`${handler}: ${name} is ${known || CLASSES.includes(name) ? 'read' : 'refused'}`, () => {
      const { decode, encode } = phpSerializer(handler);
      const data = bytesIn(payload);
      if (!known && !CLASSES.includes(name)) {
        expect(() => decode(data)).to.throw(SyntaxError, /^Not data that PHP serialized$/);
        return;
      }
      const values = decode(data);
      expect(encode(decode(encode(values)))).to.equal(encode(values));
      if (typed !== undefined) new Comparison().compare(values, typed, name, true);
    });
  }
});
