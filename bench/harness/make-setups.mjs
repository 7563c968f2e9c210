/**
 * A set-up is a server that is measured: its `module`, the `options` that it is given, and `bare`, the same server
 * without sessions, whose CPU is subtracted. `kind` is `bare`, `peer`, `ours` or `floor`; `against` are those that ours
 * is compared with; `chart` is its name in the chart; `core` says that the short run measures it, `hot` that it is asked
 * what becomes of one session that everybody wants. `bytes` limits the sizes of sessions, `processes` the number of
 * processes that it can have, `cookie: 'each'` says that each response's cookie replaces the one before.
 */
const HOSTS = {
  node: ['`node:http`', '../setups/bare-node.mjs'],
  express: ['Express 5', '../peers/bare-express.mjs'],
  fastify: ['Fastify 5', '../setups/bare-fastify-page.mjs'],
  koa: ['Koa 3', '../setups/bare-koa-page.mjs'],
};

/** Servers without sessions. */
export function bareSetups(suite, hosts) {
  return hosts.map((host) => {
    const [label, module] = HOSTS[host];
    return {
      name: bareName(suite, host),
      kind: 'bare',
      label: `bare ${label}`,
      module,
      core: host === 'node' || host === 'express',
    };
  });
}

/** A session package that others take. */
export function peerSetup(suite, host, name, label, more = {}) {
  return {
    name,
    kind: 'peer',
    label: `${label}, no lock`,
    chart: { en: label, fr: label },
    module: `../peers/${more.module ?? name}.mjs`,
    bare: bareName(suite, host),
    core: host === 'express',
    hot: true,
    ...more.fields,
  };
}

/** Ours with and without the context that the `session()` helper needs, and on Express, where the `peers` are. */
export function ourSetups(suite, name, where, options, { against, againstPlain, peers, ...fields }) {
  const common = { kind: 'ours', module: '../setups/blitz.mjs', bare: bareName(suite, 'node'), ...fields };
  return [
    {
      ...common,
      name,
      label: `**blitz-session, ${where}**`,
      chart: { en: `blitz-session, ${where}`, fr: `blitz-session, ${where}` },
      options,
      against,
      hot: true,
    },
    {
      ...common,
      name: `${name}-plain`,
      label: `**blitz-session, ${where}, \`context: false\`**`,
      chart: { en: 'the same, context: false', fr: 'la même, context: false' },
      options: { ...options, context: false },
      against: againstPlain,
    },
    {
      ...common,
      name: `${name}-on-express`,
      label: `**blitz-session, ${where}, on Express 5**`,
      chart: { en: 'the same, on Express 5', fr: 'la même, sur Express 5' },
      module: '../setups/blitz-on-express.mjs',
      bare: bareName(suite, 'express'),
      options,
      against: peers,
    },
  ];
}

/**
 * The smallest program that does the same, with AsyncLocalStorage (`-als`) and without (`-bare`). `way` says in English
 * and French how it stores; `headers` adds the one that also sends the headers that ours sends with each response.
 */
export function floorSetups(suite, name, module, way, { options, headers = false, ...fields } = {}) {
  const made = (suffix, says, more) => ({
    name: `${name}-${suffix}`,
    kind: 'floor',
    label: `floor: ${way.en}${says.en}`,
    chart: { en: `by hand: ${way.en}${says.en}`, fr: `à la main : ${way.fr}${says.fr}` },
    module: `../floors/${module}.mjs`,
    options: { ...options, ...more },
    bare: bareName(suite, 'node'),
    ...fields,
    ...(suffix === 'headers' && { core: false }),
    ...(suffix !== 'als' && { hot: false }),
  });
  return [
    made('bare', { en: '', fr: '' }, { context: false }),
    made('als', { en: ', AsyncLocalStorage', fr: ', AsyncLocalStorage' }, { context: true }),
    ...(headers
      ? [
          made(
            'headers',
            { en: ', AsyncLocalStorage, our headers', fr: ', AsyncLocalStorage, nos en-têtes' },
            { context: true, headers: true },
          ),
        ]
      : []),
  ];
}

function bareName(suite, host) {
  return suite === 'file' ? `bare-${host}` : `${suite}-bare-${host}`;
}
