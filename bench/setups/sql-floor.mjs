import { AsyncLocalStorage } from 'node:async_hooks';
import { randomBytes } from 'node:crypto';

const COOKIE = 'sid=';

/**
 * The request of a floor on a database: lock and read, work, write and unlock, JSON, and nothing else. No renewal, no
 * expiry of our own, no time-outs, no store, no hashed ids, no errors. `open(id, token)` answers the text, `null` when
 * there is none, `undefined` when somebody else has the lock; `create(id, text)` and `save(id, token, text)` write.
 */
export function floor({ open, create, save }, { payload, context }) {
  const scope = new AsyncLocalStorage();
  const visit = (values) => {
    const count = (values.count ?? 0) + 1;
    if (count === 1) values.payload = payload;
    values.count = count;
    return String(count);
  };

  async function serve(request, response) {
    const known = idIn(request.headers.cookie);
    const id = known ?? randomBytes(16).toString('hex');
    if (known === undefined) response.setHeader('Set-Cookie', `${COOKIE}${id}; path=/; HttpOnly`);
    const token = randomBytes(16).toString('hex');
    let text = known === undefined ? null : await open(id, token);
    while (text === undefined) {
      await new Promise((resolve) => setTimeout(resolve, 2));
      text = await open(id, token);
    }
    const values = text === null ? {} : JSON.parse(text);
    const body = context ? scope.run(values, () => visit(scope.getStore())) : visit(values);
    if (text === null) await create(id, JSON.stringify(values));
    else await save(id, token, JSON.stringify(values));
    response.end(body);
  }

  return context ? (request, response) => scope.run({}, () => void serve(request, response)) : serve;
}

function idIn(header) {
  const at = header?.indexOf(COOKIE) ?? -1;
  return at === -1 ? undefined : header.slice(at + COOKIE.length, at + COOKIE.length + 32);
}
