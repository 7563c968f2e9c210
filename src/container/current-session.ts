import { Store } from '../session/store.js';
import { perRequest } from './per-request.js';
import { currentStore } from './request-scope.js';

/** The container's `session`: the current request's store. Outside a request every use throws `E_SESSION_NO_REQUEST`. */
export const currentSession: Store = perRequest(
  Store.prototype,
  currentStore,
  'a session is changed with put(), not by assignment',
);
