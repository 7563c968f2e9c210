/** An object literal, or what JSON and YAML give: not a list, a date, a client or any other instance. */
export function isPlain(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: object | null = Object.getPrototypeOf(value);
  // Objects of another realm (a vm, a test runner) have another Object.prototype, at the chain's end too.
  return (
    prototype === null || (Object.getPrototypeOf(prototype) === null && Object.hasOwn(prototype, 'toString'))
  );
}

/**
 * A copy whose plain objects and lists are frozen all the way down. Functions, classes and instances
 * (a handler, a client, a date) are kept as they are, so that what belongs to others is not frozen.
 */
export function frozenCopy<T>(value: T): T {
  return copy(value, new Map()) as T;
}

function copy(value: unknown, done: Map<object, unknown>): unknown {
  if (!Array.isArray(value) && !isPlain(value)) return value;
  const known = done.get(value);
  if (known !== undefined) return known;
  if (Array.isArray(value)) {
    const list: unknown[] = [];
    done.set(value, list);
    for (const item of value) list.push(copy(item, done));
    return Object.freeze(list);
  }
  const target: Record<string, unknown> = {};
  done.set(value, target);
  for (const [key, item] of Object.entries(value)) {
    Object.defineProperty(target, key, { value: copy(item, done), enumerable: true });
  }
  return Object.freeze(target);
}
