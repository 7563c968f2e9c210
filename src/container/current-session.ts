import { Store } from '../session/store.js';
import { currentStore } from './request-scope.js';

/**
 * What the container hands out under `session`: a store that looks the current request's one up at each call, and so
 * may be kept in a singleton. Outside a request every use throws `E_SESSION_NO_REQUEST`.
 */
export const currentSession: Store = new Proxy(Object.create(Store.prototype) as Store, {
  get(target, property) {
    // `then` and the symbols are asked by JavaScript itself (await, printing), inside and outside requests.
    if (property === 'then' || typeof property === 'symbol') return Reflect.get(target, property, target);
    const store = currentStore();
    const value: unknown = Reflect.get(store, property, store);
    return typeof value === 'function' ? value.bind(store) : value;
  },
  set() {
    throw new TypeError('a session is changed with put(), not by assignment');
  },
  has(_target, property) {
    return property in Store.prototype;
  },
});
