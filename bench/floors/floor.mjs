import { AsyncLocalStorage } from 'node:async_hooks';
import { readValues, visitValues } from '../setups/visit.mjs';
import { idIn, newId, newToken, tell } from './cookie.mjs';

const RETRY = 2;

/**
 * A request of the smallest program that keeps sessions where `storage` says: cookie found, record read, JSON, a
 * counter more, JSON, record written, answered when that is done. Nothing else: no renewal of ids, no expiry of our
 * own, no time-outs, no hashed ids, no events, no errors, no store, and a response that is held back by hand.
 *
 * `open(id, token)` locks if the floor locks, and answers the text, `null` when there is none, `undefined` when somebody
 * else has the lock; `create(id, text)` writes a session that is new and known to nobody; `save(id, token, text)` writes
 * and frees the lock; `peek(id)` reads without a lock.
 */
export function floor({ open, create, save, peek }, { payload, context, headers }) {
  const scope = new AsyncLocalStorage();
  const work = context
    ? (values) => scope.run(values, () => visitValues(scope.getStore(), payload))
    : (values) => visitValues(values, payload);

  return async (request, response) => {
    const known = idIn(request);
    if (request.url === '/read') {
      const text = known === undefined ? null : await peek(known);
      const values = text === null ? {} : JSON.parse(text);
      response.end(context ? scope.run(values, () => readValues(scope.getStore())) : readValues(values));
      return;
    }
    const id = known ?? newId();
    tell(response, id, known, headers);
    if (known === undefined) {
      const values = {};
      const body = work(values);
      await create(id, JSON.stringify(values));
      response.end(body);
      return;
    }
    const token = newToken();
    let text = await open(id, token);
    while (text === undefined) {
      await new Promise((resolve) => setTimeout(resolve, RETRY));
      text = await open(id, token);
    }
    const values = text === null ? {} : JSON.parse(text);
    const body = work(values);
    await save(id, token, JSON.stringify(values));
    response.end(body);
  };
}

/**
 * The same without a promise, for storage that answers at once. `update(id, change)` gives `change` the text, or `null`,
 * and writes what it answers; it locks if the floor locks.
 */
export function synchronousFloor({ update, peek }, { payload, context, headers }) {
  const scope = new AsyncLocalStorage();
  const work = context
    ? (values) => scope.run(values, () => visitValues(scope.getStore(), payload))
    : (values) => visitValues(values, payload);

  return (request, response) => {
    const known = idIn(request);
    if (request.url === '/read') {
      const text = known === undefined ? null : peek(known);
      const values = text === null ? {} : JSON.parse(text);
      response.end(context ? scope.run(values, () => readValues(scope.getStore())) : readValues(values));
      return;
    }
    const id = known ?? newId();
    tell(response, id, known, headers);
    let body;
    update(id, (text) => {
      const values = text === null ? {} : JSON.parse(text);
      body = work(values);
      return JSON.stringify(values);
    });
    response.end(body);
  };
}
