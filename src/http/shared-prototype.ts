/*
 * Express changes the prototype of each request and response. From then on V8 makes a hidden class of its own, with a
 * copy of the whole description, for every property that is put on one of them: about a kilobyte of old space and a
 * miss of every cache. So nothing is put on them: what belongs to one message lies in a weak map, behind an accessor of
 * the prototype that all applications of the same Express share.
 */
type Prototype = Record<PropertyKey, unknown>;

/**
 * The object that stands between `message` and its class `base`, and is no class itself: `express.request`,
 * `express.response`. Undefined where there is none.
 */
export function sharedPrototype(message: object, base: object): Prototype | undefined {
  let prototype = Object.getPrototypeOf(message) as object | null;
  if (prototype === base) return undefined;
  for (;;) {
    if (prototype === null) return undefined;
    const next = Object.getPrototypeOf(prototype) as object | null;
    if (next === base) return Object.hasOwn(prototype, 'constructor') ? undefined : (prototype as Prototype);
    prototype = next;
  }
}

/** Lets `message[key] = value` put nothing on the messages below `prototype`. */
export function keepAside(prototype: Prototype, key: symbol): void {
  if (Object.hasOwn(prototype, key)) return;
  const aside = new WeakMap<object, unknown>();
  Object.defineProperty(prototype, key, {
    configurable: true,
    get(this: object) {
      return aside.get(this);
    },
    set(this: object, value: unknown) {
      aside.set(this, value);
    },
  });
}
