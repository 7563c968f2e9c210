import { ADAPTER_SETUPS } from './adapter-setups.mjs';
import { ARRAY_SETUPS } from './array-setups.mjs';
import { startMariadb, startPostgres } from './databases.mjs';
import { FILE_SETUPS } from './file-setups.mjs';
import { MARIADB_SETUPS, MEMCACHED_SETUPS, POSTGRES_SETUPS, REDIS_SETUPS } from './store-setups.mjs';
import { startMemcached, startRedis } from './stores.mjs';

/**
 * What is measured together: `setups` beside each other, and the `store` that they share, started for the run. The name
 * is the one of the files in results/ too; `fr` is the title of the French chart.
 */
export const SUITES = {
  array: {
    title: 'Sessions in memory beside their peers and the floor',
    fr: 'Sessions en mémoire, à côté des paquets semblables et du plancher',
    where: 'sessions in the memory of the server',
    setups: ARRAY_SETUPS,
  },
  file: {
    title: 'File sessions beside express-session and the floor',
    fr: 'Sessions en fichiers, à côté d’express-session et du plancher',
    where: "sessions on the disk of the system's temporary files, not flushed by anybody",
    setups: FILE_SETUPS,
  },
  redis: {
    title: 'Redis sessions beside their peers and the floor',
    fr: 'Sessions dans Redis, à côté des paquets semblables et du plancher',
    where: 'sessions in a Redis of the run, on the client’s core, nothing saved to disk',
    setups: REDIS_SETUPS,
    store: startRedis,
  },
  memcached: {
    title: 'memcached sessions beside express-session and the floor',
    fr: 'Sessions dans memcached, à côté d’express-session et du plancher',
    where: 'sessions in a memcached of the run, on the client’s core',
    setups: MEMCACHED_SETUPS,
    store: startMemcached,
  },
  postgres: {
    title: 'PostgreSQL sessions beside express-session and the floor',
    fr: 'Sessions dans PostgreSQL, à côté d’express-session et du plancher',
    where: 'sessions in a PostgreSQL of the run with durable settings, on the client’s core',
    setups: POSTGRES_SETUPS,
    store: startPostgres,
  },
  mariadb: {
    title: 'MariaDB sessions beside express-session and the floor',
    fr: 'Sessions dans MariaDB, à côté d’express-session et du plancher',
    where: 'sessions in a MariaDB of the run with durable settings, on the client’s core',
    setups: MARIADB_SETUPS,
    store: startMariadb,
  },
  adapters: {
    title: 'Each adapter beside the session package of its framework',
    fr: 'Chaque adaptateur à côté du paquet de sessions de son cadriciel',
    where: 'sessions in a Redis of the run, on the client’s core, nothing saved to disk',
    setups: ADAPTER_SETUPS,
    store: startRedis,
    readsNothing: true,
  },
};

/** Throws when there is no such suite. */
export function suiteNamed(name) {
  const suite = SUITES[name];
  if (suite === undefined)
    throw new Error(`no suite is called ${name}; there are ${Object.keys(SUITES).join(', ')}`);
  return { name, ...suite };
}
