import { bareSetups, floorSetups, ourSetups, peerSetup } from './make-setups.mjs';

/** The servers that keep their sessions in one kind of store. `ways`: how the two floors do it. */
function setupsOf(suite, { where, handler, hosts = ['node', 'express'], peers, locked, unlocked }) {
  const floor = (name, way, fields) => floorSetups(suite, `${suite}-${name}`, suite, way, fields);
  const names = peers.map(({ name }) => name);
  return [
    ...bareSetups(suite, hosts),
    ...peers,
    ...ourSetups(
      suite,
      `blitz-${suite}`,
      where,
      { handler },
      {
        core: true,
        peers: names,
        against: [...names, `${suite}-locked-als`, `${suite}-locked-headers`, `${suite}-unlocked-als`],
        againstPlain: [...names, `${suite}-locked-bare`, `${suite}-unlocked-bare`],
      },
    ),
    ...floor('locked', locked, { options: { lock: true }, core: true, hot: true, headers: true }),
    ...floor('unlocked', unlocked, { options: { lock: false }, hot: true }),
  ];
}

export const REDIS_SETUPS = setupsOf('redis', {
  where: 'redis',
  handler: 'redis',
  hosts: ['node', 'express', 'fastify', 'koa'],
  peers: [
    peerSetup('redis', 'express', 'express-redis', 'express-session + connect-redis'),
    peerSetup('redis', 'fastify', 'fastify-redis', '@fastify/session + connect-redis', {
      module: 'fastify-session',
    }),
    peerSetup('redis', 'koa', 'koa-redis', 'koa-session + node-redis', { module: 'koa-session' }),
  ],
  locked: { en: 'ioredis, two Lua calls', fr: 'ioredis, deux appels Lua' },
  unlocked: { en: 'ioredis, GET and SET, no lock', fr: 'ioredis, GET et SET, sans verrou' },
});

export const MEMCACHED_SETUPS = setupsOf('memcached', {
  where: 'memcached',
  handler: 'memcached',
  peers: [peerSetup('memcached', 'express', 'express-memcached', 'express-session + connect-memcached')],
  locked: { en: 'pipelined protocol, locked', fr: 'protocole enchaîné, verrou' },
  unlocked: { en: 'pipelined protocol, no lock', fr: 'protocole enchaîné, sans verrou' },
});

export const POSTGRES_SETUPS = setupsOf('postgres', {
  where: 'PostgreSQL',
  handler: 'postgre',
  peers: [peerSetup('postgres', 'express', 'express-postgres', 'express-session + connect-pg-simple')],
  locked: { en: 'pg, lease in the row', fr: 'pg, bail dans la ligne' },
  unlocked: { en: 'pg, SELECT and upsert, no lock', fr: 'pg, SELECT et upsert, sans verrou' },
});

export const MARIADB_SETUPS = setupsOf('mariadb', {
  where: 'MariaDB',
  handler: 'mysql',
  peers: [peerSetup('mariadb', 'express', 'express-mariadb', 'express-session + express-mysql-session')],
  locked: { en: 'mysql2, lease in the row', fr: 'mysql2, bail dans la ligne' },
  unlocked: { en: 'mysql2, SELECT and upsert, no lock', fr: 'mysql2, SELECT et upsert, sans verrou' },
});
