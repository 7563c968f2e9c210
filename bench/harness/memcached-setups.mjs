/** The servers that keep their sessions in memcached; see setups.mjs. */
export const MEMCACHED_SETUPS = [
  { name: 'memcached-bare-node', label: 'bare `node:http`', module: '../setups/bare-node.mjs' },
  { name: 'memcached-bare-express', label: 'bare Express 5', module: '../peers/bare-express.mjs' },
  {
    name: 'express-memcached',
    label: 'express-session + connect-memcached, no lock',
    module: '../peers/express-memcached.mjs',
    bare: 'memcached-bare-express',
    role: 'peer',
  },
  {
    name: 'blitz-memcached',
    label: '**blitz-session, memcached**',
    module: '../setups/blitz-store.mjs',
    options: { handler: 'memcached' },
    bare: 'memcached-bare-node',
  },
  {
    name: 'blitz-memcached-plain',
    label: 'the same, `context: false`',
    module: '../setups/blitz-store.mjs',
    options: { handler: 'memcached', context: false },
    bare: 'memcached-bare-node',
  },
  {
    name: 'memcached-floor-plain',
    label: 'floor: pipelined text protocol, locked, by hand',
    module: '../setups/memcached-floor.mjs',
    options: { context: false },
    bare: 'memcached-bare-node',
  },
  {
    name: 'memcached-floor',
    label: 'floor with AsyncLocalStorage',
    module: '../setups/memcached-floor.mjs',
    options: { context: true },
    bare: 'memcached-bare-node',
    role: 'floor',
  },
];

export const MEMCACHED_HOT = ['express-memcached', 'blitz-memcached', 'memcached-floor'];
