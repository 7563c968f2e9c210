import { ADAPTER_SETUPS } from './adapter-setups.mjs';
import { MARIADB_SETUPS, POSTGRES_SETUPS } from './database-setups.mjs';
import { KERNEL_SETUPS } from './kernel-setups.mjs';
import { MEMCACHED_SETUPS } from './memcached-setups.mjs';
import { REDIS_SETUPS } from './redis-setups.mjs';

/**
 * Every server with files that is measured: its module, what the module is told, and the same server without sessions (`bare`),
 * whose CPU is subtracted. `role` tells the report what ratios are made with, `against` names a peer of one's own.
 */
export const SETUPS = [
  { name: 'bare-node', label: 'bare `node:http`', module: '../setups/bare-node.mjs' },
  { name: 'bare-express', label: 'bare Express 5', module: '../peers/bare-express.mjs' },
  {
    name: 'express-session',
    label: 'express-session + session-file-store',
    module: '../peers/express-session.mjs',
    bare: 'bare-express',
    role: 'peer',
  },
  {
    name: 'blitz-flock',
    label: '**blitz-session, file (flock)**',
    module: '../setups/blitz.mjs',
    options: { lock: 'flock' },
    bare: 'bare-node',
  },
  {
    name: 'blitz-flock-plain',
    label: 'the same, `context: false`',
    module: '../setups/blitz.mjs',
    options: { lock: 'flock', context: false },
    bare: 'bare-node',
  },
  {
    name: 'blitz-lease',
    label: '**blitz-session, file (lease)**',
    module: '../setups/blitz.mjs',
    options: { lock: 'lease' },
    bare: 'bare-node',
  },
  {
    name: 'floor',
    label: 'floor: flock, synchronous, by hand',
    module: '../setups/floor.mjs',
    options: { context: false },
    bare: 'bare-node',
    role: 'floor',
  },
  {
    name: 'floor-context',
    label: 'floor with AsyncLocalStorage',
    module: '../setups/floor.mjs',
    options: { context: true },
    bare: 'bare-node',
  },
];

/** Which of them are asked whether they lose writes when two processes serve one session. */
export const HOT = ['express-session', 'blitz-flock', 'blitz-lease', 'floor'];

/** Throws when there is no such set-up. */
export function setupNamed(name) {
  const all = [
    ...SETUPS,
    ...ADAPTER_SETUPS,
    ...KERNEL_SETUPS,
    ...REDIS_SETUPS,
    ...MEMCACHED_SETUPS,
    ...POSTGRES_SETUPS,
    ...MARIADB_SETUPS,
  ];
  const setup = all.find((each) => each.name === name);
  if (setup === undefined)
    throw new Error(`no set-up is called ${name}; there are ${all.map((s) => s.name).join(', ')}`);
  return setup;
}
