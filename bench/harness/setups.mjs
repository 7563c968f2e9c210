import { ADAPTER_SETUPS } from './adapter-setups.mjs';
import { ARRAY_SETUPS } from './array-setups.mjs';
import { FILE_SETUPS } from './file-setups.mjs';
import { KERNEL_SETUPS } from './kernel-setups.mjs';
import { MARIADB_SETUPS, MEMCACHED_SETUPS, POSTGRES_SETUPS, REDIS_SETUPS } from './store-setups.mjs';
import { WAITING_SETUPS } from './waiting.mjs';

const ALL = [
  ...FILE_SETUPS,
  ...ARRAY_SETUPS,
  ...REDIS_SETUPS,
  ...MEMCACHED_SETUPS,
  ...POSTGRES_SETUPS,
  ...MARIADB_SETUPS,
  ...ADAPTER_SETUPS,
  ...KERNEL_SETUPS,
  ...WAITING_SETUPS,
];

/** Throws when there is no such set-up. */
export function setupNamed(name) {
  const setup = ALL.find((each) => each.name === name);
  if (setup === undefined)
    throw new Error(`no set-up is called ${name}; there are ${ALL.map((s) => s.name).join(', ')}`);
  return setup;
}
