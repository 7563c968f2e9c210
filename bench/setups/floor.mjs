import { AsyncLocalStorage } from 'node:async_hooks';
import { randomBytes } from 'node:crypto';
import { closeSync, constants, ftruncateSync, mkdirSync, openSync, readSync, writeSync } from 'node:fs';
import koffi from 'koffi';

const LOCK_EX = 2;
const COOKIE = 'sid=';

/**
 * What sessions in locked files cannot cost less than: one file a session, `flock`, synchronous read and write in
 * place, JSON, and nothing else. No renewal, no expiry, no crash safety, no store, no hashed ids.
 */
export function listen({ folder, payload, context }) {
  const flock = koffi.load(null).func('int flock(int fd, int operation)');
  const sessions = `${folder}/floor`;
  mkdirSync(sessions, { recursive: true, mode: 0o700 });
  const scratch = Buffer.allocUnsafeSlow(64 * 1024);
  const scope = new AsyncLocalStorage();

  const visit = (values, response) => {
    const count = (values.count ?? 0) + 1;
    if (count === 1) values.payload = payload;
    values.count = count;
    response.end(String(count));
  };
  const inScope = (values, response) =>
    scope.run(values, () => {
      visit(scope.getStore(), response);
    });
  const handle = context ? inScope : visit;

  return (request, response) => {
    const known = idIn(request.headers.cookie);
    const id = known ?? randomBytes(16).toString('hex');
    if (known === undefined) response.setHeader('Set-Cookie', `${COOKIE}${id}; path=/; HttpOnly`);
    const fd = openSync(`${sessions}/${id}`, constants.O_RDWR | constants.O_CREAT, 0o600);
    try {
      // Nobody of this process holds it across a turn of the event loop, so the blocking form waits for others only.
      if (flock(fd, LOCK_EX) !== 0) throw new Error('flock failed');
      const size = readSync(fd, scratch, 0, scratch.length, 0);
      const values = size === 0 ? {} : JSON.parse(scratch.toString('utf8', 0, size));
      // The response is kept back by hand: nothing leaves before this turn of the event loop is over.
      handle(values, response);
      const length = scratch.write(JSON.stringify(values), 0, 'utf8');
      writeSync(fd, scratch, 0, length, 0);
      if (length < size) ftruncateSync(fd, length);
    } finally {
      closeSync(fd);
    }
  };
}

function idIn(header) {
  const at = header?.indexOf(COOKIE) ?? -1;
  return at === -1 ? undefined : header.slice(at + COOKIE.length, at + COOKIE.length + 32);
}
