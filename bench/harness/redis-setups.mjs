/** The servers that keep their sessions in Redis; see setups.mjs. */
export const REDIS_SETUPS = [
  { name: 'redis-bare-node', label: 'bare `node:http`', module: '../setups/bare-node.mjs' },
  { name: 'redis-bare-express', label: 'bare Express 5', module: '../peers/bare-express.mjs' },
  {
    name: 'express-redis',
    label: 'express-session + connect-redis (node-redis), no lock',
    module: '../peers/express-redis.mjs',
    bare: 'redis-bare-express',
    role: 'peer',
  },
  {
    name: 'blitz-redis',
    label: '**blitz-session, redis**',
    module: '../setups/blitz-store.mjs',
    options: { handler: 'redis' },
    bare: 'redis-bare-node',
  },
  {
    name: 'blitz-redis-plain',
    label: 'the same, `context: false`',
    module: '../setups/blitz-store.mjs',
    options: { handler: 'redis', context: false },
    bare: 'redis-bare-node',
  },
  {
    name: 'redis-floor-plain',
    label: 'floor: ioredis, two Lua calls, by hand',
    module: '../setups/redis-floor.mjs',
    options: { context: false },
    bare: 'redis-bare-node',
  },
  {
    name: 'redis-floor',
    label: 'floor with AsyncLocalStorage',
    module: '../setups/redis-floor.mjs',
    options: { context: true },
    bare: 'redis-bare-node',
    role: 'floor',
  },
];

export const REDIS_HOT = ['express-redis', 'blitz-redis', 'redis-floor'];
