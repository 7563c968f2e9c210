import { ADAPTER_SETUPS } from './adapter-setups.mjs';
import { MARIADB_HOT, MARIADB_SETUPS, POSTGRES_HOT, POSTGRES_SETUPS } from './database-setups.mjs';
import { startMariadb, startPostgres } from './databases.mjs';
import { MEMCACHED_HOT, MEMCACHED_SETUPS } from './memcached-setups.mjs';
import { REDIS_HOT, REDIS_SETUPS } from './redis-setups.mjs';
import { HOT, SETUPS } from './setups.mjs';
import { startMemcached, startRedis } from './stores.mjs';

/**
 * What is measured together: `setups` beside each other, `hot` those that are asked whether they lose writes, and the
 * `store` that they share, started for the run; `results` is the file's name without `.md`.
 */
export const SUITES = {
  file: {
    title: 'File sessions beside express-session and the floor',
    where: "sessions on the disk of the system's temporary files",
    results: 'core',
    setups: SETUPS,
    hot: HOT,
  },
  redis: {
    title: 'Redis sessions beside express-session and the floor',
    where: 'sessions in a Redis of the run, on the client’s core, nothing saved to disk',
    results: 'redis',
    setups: REDIS_SETUPS,
    hot: REDIS_HOT,
    store: startRedis,
  },
  memcached: {
    title: 'memcached sessions beside express-session and the floor',
    where: 'sessions in a memcached of the run, on the client’s core',
    results: 'memcached',
    setups: MEMCACHED_SETUPS,
    hot: MEMCACHED_HOT,
    store: startMemcached,
  },
  postgres: {
    title: 'PostgreSQL sessions beside express-session and the floor',
    where: 'sessions in a PostgreSQL of the run with durable settings, on the client’s core',
    results: 'postgres',
    setups: POSTGRES_SETUPS,
    hot: POSTGRES_HOT,
    store: startPostgres,
  },
  adapters: {
    title: 'Each adapter beside the session package of its framework',
    where: 'sessions in a Redis of the run, on the client’s core, nothing saved to disk',
    results: 'adapters',
    setups: ADAPTER_SETUPS,
    hot: [],
    store: startRedis,
  },
  mariadb: {
    title: 'MariaDB sessions beside express-session and the floor',
    where: 'sessions in a MariaDB of the run with durable settings, on the client’s core',
    results: 'mariadb',
    setups: MARIADB_SETUPS,
    hot: MARIADB_HOT,
    store: startMariadb,
  },
};

/** Throws when there is no such suite. */
export function suiteNamed(name) {
  const suite = SUITES[name];
  if (suite === undefined)
    throw new Error(`no suite is called ${name}; there are ${Object.keys(SUITES).join(', ')}`);
  return suite;
}
