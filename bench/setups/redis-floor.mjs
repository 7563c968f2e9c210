import { AsyncLocalStorage } from 'node:async_hooks';
import { randomBytes } from 'node:crypto';
import { Redis } from 'ioredis';

const COOKIE = 'sid=';
const LIFE = 7_200;

const OPEN = `if not redis.call('SET', KEYS[2], ARGV[1], 'NX', 'PX', 30000) then return 0 end
return redis.call('GET', KEYS[1])`;
const SAVE = `if redis.call('GET', KEYS[2]) ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[2], 'EX', ARGV[3])
redis.call('DEL', KEYS[2])
return 1`;

/**
 * What locked sessions through ioredis cannot cost less than: lock and read in one call, check, write and unlock in
 * another, JSON, and nothing else. No renewal, no expiry of our own, no time-outs, no store, no hashed ids, no errors.
 */
export function listen({ address, payload, context }) {
  const { hostname, port } = new URL(address);
  const redis = new Redis(Number(port), hostname);
  redis.defineCommand('floorOpen', { lua: OPEN, numberOfKeys: 2 });
  redis.defineCommand('floorSave', { lua: SAVE, numberOfKeys: 2 });
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
    const [key, lock] = [`session:${id}`, `{session:${id}}:lock`];
    const token = randomBytes(8).toString('hex');
    let text = await redis.floorOpen(key, lock, token);
    while (text === 0) {
      await new Promise((resolve) => setTimeout(resolve, 2));
      text = await redis.floorOpen(key, lock, token);
    }
    const values = text === null ? {} : JSON.parse(text);
    const body = context ? scope.run(values, () => visit(scope.getStore())) : visit(values);
    await redis.floorSave(key, lock, token, JSON.stringify(values), LIFE);
    response.end(body);
  }

  return context ? (request, response) => scope.run({}, () => void serve(request, response)) : serve;
}

function idIn(header) {
  const at = header?.indexOf(COOKIE) ?? -1;
  return at === -1 ? undefined : header.slice(at + COOKIE.length, at + COOKIE.length + 32);
}
