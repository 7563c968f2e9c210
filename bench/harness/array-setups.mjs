import { bareSetups, floorSetups, ourSetups, peerSetup } from './make-setups.mjs';

const ONE_PROCESS = { processes: 1 };

/** Servers whose sessions are in their own memory, or in the visitor's cookie. */
export const ARRAY_SETUPS = [
  ...bareSetups('array', ['node', 'express', 'fastify']),
  peerSetup('array', 'express', 'express-memory', 'express-session, memory', { fields: ONE_PROCESS }),
  peerSetup('array', 'fastify', 'fastify-memory', '@fastify/session, memory', { fields: ONE_PROCESS }),
  // A cookie takes 4096 bytes at most.
  peerSetup('array', 'node', 'iron-session', 'iron-session, sealed cookie', {
    fields: { bytes: 200, cookie: 'each', hot: false },
  }),
  ...ourSetups(
    'array',
    'blitz-array',
    'array',
    { handler: 'array' },
    {
      core: true,
      ...ONE_PROCESS,
      peers: ['express-memory'],
      against: [
        ...['express-memory', 'fastify-memory', 'iron-session'],
        ...['memory-locked-als', 'memory-locked-headers', 'memory-unlocked-als'],
      ],
      againstPlain: [
        ...['express-memory', 'fastify-memory', 'iron-session'],
        ...['memory-locked-bare', 'memory-unlocked-bare'],
      ],
    },
  ),
  ...floorSetups(
    'array',
    'memory-locked',
    'memory',
    { en: 'Map, locked', fr: 'Map, verrou' },
    { options: { lock: true }, core: true, hot: true, headers: true, ...ONE_PROCESS },
  ),
  ...floorSetups(
    'array',
    'memory-unlocked',
    'memory',
    { en: 'Map, no lock', fr: 'Map, sans verrou' },
    { options: { lock: false }, hot: true, ...ONE_PROCESS },
  ),
];
