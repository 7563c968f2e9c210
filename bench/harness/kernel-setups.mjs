/** The servers that `bench/kernel.mjs` measures; `bare` is the one that is subtracted. */
export const KERNEL_SETUPS = [
  { name: 'bare-fastify', label: 'bare Fastify', module: '../setups/bare-fastify.mjs' },
  {
    name: 'kernel-without-session',
    label: 'kernel, route without a session',
    module: '../setups/kernel.mjs',
    options: { sessions: false },
    bare: 'bare-fastify',
  },
  {
    name: 'kernel',
    label: 'kernel, route and session on `array`',
    module: '../setups/kernel.mjs',
    bare: 'bare-fastify',
  },
  {
    name: 'kernel-controller',
    label: 'the same in a controller',
    module: '../setups/kernel.mjs',
    options: { controller: true },
    bare: 'bare-fastify',
  },
  { name: 'kernel-bare-node', label: 'bare `node:http`', module: '../setups/bare-node.mjs' },
  {
    name: 'array-node',
    label: '`withSession` on `node:http`, session on `array`',
    module: '../setups/blitz-array.mjs',
    bare: 'kernel-bare-node',
  },
];
