type Names = Readonly<Record<string, unknown>>;

/**
 * An object of PHP. Its class is never looked for and nothing is instantiated: it can be read, and goes back to PHP as it
 * came. `properties` has PHP's own names: `x` public, `\0*\0x` protected, `\0Class\0x` private.
 */
export class PhpObject {
  declare readonly className: string;
  declare readonly properties: Names;

  /** The properties are copied; values in them follow the rules of other values. */
  constructor(className: string, properties: Names = {}) {
    const copy = bare();
    for (const name of Object.keys(properties)) copy[name] = properties[name];
    Object.assign(this, { className, properties: Object.freeze(copy) });
    Object.freeze(this);
  }

  /** The value of a property by its short name, the public one first, then protected, then private. */
  get(name: string): unknown {
    const found = [name, `\0*\0${name}`].find((each) => Object.hasOwn(this.properties, each));
    if (found !== undefined) return this.properties[found];
    const ending = `\0${name}`;
    const hidden = Object.keys(this.properties).find((each) => each[0] === '\0' && each.endsWith(ending));
    return hidden === undefined ? undefined : this.properties[hidden];
  }
}

/** A case of an enumeration of PHP. PHP has one object for each: compare `className` and `caseName`. */
export class PhpEnum {
  declare readonly className: string;
  declare readonly caseName: string;

  constructor(className: string, caseName: string) {
    Object.assign(this, { className, caseName });
    Object.freeze(this);
  }
}

/** An object whose class writes itself (`Serializable`, `C:`). `data`: its text, one character for each byte. */
export class PhpSerializable {
  declare readonly className: string;
  declare readonly data: string;

  constructor(className: string, data: string) {
    Object.assign(this, { className, data });
    Object.freeze(this);
  }
}

/** For properties: no name is inherited. */
export function bare(): Record<string, unknown> {
  return Object.create(null) as Record<string, unknown>;
}

/** An object whose properties are filled in, and frozen, by the caller. */
export function emptyObject(className: string): PhpObject {
  const object = Object.create(PhpObject.prototype) as PhpObject;
  Object.assign(object, { className, properties: bare() });
  return Object.freeze(object);
}

export function isPhpValue(value: object): value is PhpObject | PhpEnum | PhpSerializable {
  return value instanceof PhpObject || value instanceof PhpEnum || value instanceof PhpSerializable;
}
