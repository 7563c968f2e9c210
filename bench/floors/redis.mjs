import { Redis } from 'ioredis';
import { LIFETIME } from './cookie.mjs';
import { floor } from './floor.mjs';

const OPEN = `if not redis.call('SET', KEYS[2], ARGV[1], 'NX', 'PX', 30000) then return 0 end
return redis.call('GET', KEYS[1])`;
const SAVE = `if redis.call('GET', KEYS[2]) ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[2], 'EX', ARGV[3])
redis.call('DEL', KEYS[2])
return 1`;

/** ioredis. With `lock` two Lua calls: lock and read, then check, write and free; without it GET and SET. */
export function listen({ address, lock, ...run }) {
  const { hostname, port } = new URL(address);
  const redis = new Redis(Number(port), hostname);
  redis.defineCommand('floorOpen', { lua: OPEN, numberOfKeys: 2 });
  redis.defineCommand('floorSave', { lua: SAVE, numberOfKeys: 2 });
  const set = (id, text) => redis.set(keyOf(id), text, 'EX', LIFETIME);
  const get = (id) => redis.get(keyOf(id));
  if (!lock)
    return floor({ open: get, create: set, save: (id, _token, text) => set(id, text), peek: get }, run);
  return floor(
    {
      async open(id, token) {
        const text = await redis.floorOpen(keyOf(id), lockOf(id), token);
        return text === 0 ? undefined : text;
      },
      create: set,
      save: (id, token, text) => redis.floorSave(keyOf(id), lockOf(id), token, text, LIFETIME),
      peek: get,
    },
    run,
  );
}

function keyOf(id) {
  return `session:${id}`;
}

function lockOf(id) {
  return `{session:${id}}:lock`;
}
