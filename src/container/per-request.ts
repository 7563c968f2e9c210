/**
 * What the container hands out for something that each request has of its own: it looks the current one up at each
 * call, and so may be kept in a singleton. `current` throws where there is none.
 */
export function perRequest<T extends object>(prototype: T, current: () => T, refusal: string): T {
  return new Proxy(Object.create(prototype) as T, {
    get(target, property) {
      // `then` and the symbols are asked by JavaScript itself (await, printing), inside and outside requests.
      if (property === 'then' || typeof property === 'symbol') return Reflect.get(target, property, target);
      const own = current();
      const value: unknown = Reflect.get(own, property, own);
      return typeof value === 'function' ? value.bind(own) : value;
    },
    set() {
      throw new TypeError(refusal);
    },
    has(_target, property) {
      return property in prototype;
    },
  });
}
