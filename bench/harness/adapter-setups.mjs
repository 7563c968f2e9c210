/** A framework by itself, with the session package that its users take, and with ours; all on Redis. See setups.mjs. */
function framework(name, title, peer) {
  const bare = `bare-${name}-page`;
  return [
    { name: bare, kind: 'bare', label: `bare ${title}`, module: `../setups/${bare}.mjs` },
    ...(peer === undefined
      ? []
      : [
          {
            name: `peer-${name}`,
            kind: 'peer',
            label: `${title}: ${peer.label}, no lock`,
            chart: { en: peer.label, fr: peer.label },
            module: `../peers/${peer.module}.mjs`,
            bare,
          },
        ]),
    {
      name: `blitz-${name}`,
      kind: 'ours',
      chart: { en: `blitz-session, ${title}`, fr: `blitz-session, ${title}` },
      label: `**${title}: blitz-session**`,
      module: `../setups/blitz-${name}.mjs`,
      bare,
      // Where there is none for the framework, express-session is what it is compared with.
      against: [peer === undefined ? 'peer-express' : `peer-${name}`],
    },
  ];
}

export const ADAPTER_SETUPS = [
  ...framework('express', 'Express 5', {
    label: 'express-session + connect-redis',
    module: 'express-redis',
  }),
  ...framework('fastify', 'Fastify 5', {
    label: '@fastify/session + connect-redis',
    module: 'fastify-session',
  }),
  ...framework('koa', 'Koa 3', { label: 'koa-session + node-redis', module: 'koa-session' }),
  ...framework('hono', 'Hono 4'),
];
