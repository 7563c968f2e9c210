import type { ConsoleCommand } from '../command.js';

/** Set by `serve --watch` for the process that it starts. */
const WATCHED = 'KLINGE_WATCHED';

/** Serves the application of the current directory until a signal ends it. */
export const serveCommand: ConsoleCommand = {
  name: 'serve',
  description: {
    fr: 'Lance l’application du dossier courant.',
    en: 'Serves the application of the current directory.',
  },
  options: [
    {
      flags: '--host <host>',
      description: {
        fr: 'adresse où répondre (sinon HOST, sinon 127.0.0.1)',
        en: 'address to answer at (else HOST, else 127.0.0.1)',
      },
    },
    {
      flags: '--port <port>',
      description: {
        fr: 'port où répondre, 0 pour un port libre (sinon PORT, sinon 3000)',
        en: 'port to answer at, 0 for a free one (else PORT, else 3000)',
      },
    },
    {
      flags: '--watch',
      description: {
        fr: 'pour le développement : relance l’application à chaque changement',
        en: 'for development: starts the application again at each change',
      },
    },
  ],
  async run({ host, port, watch }, { colour, line }) {
    const { endWithChannel, endWithShell } = await import('../parent.js');
    const watched = process.env[WATCHED] !== undefined;
    delete process.env[WATCHED];
    if (watched) endWithChannel();
    else endWithShell();
    const address = [['--host', host] as const, ['--port', port] as const].flatMap(([flag, value]) =>
      typeof value === 'string' ? [flag, value] : [],
    );
    if (watch === true) {
      const { serveAndWatch } = await import('../watch/serve-and-watch.js');
      return serveAndWatch({ args: ['serve', ...address], marker: WATCHED, colour, line });
    }
    const { serve } = await import('../../http/serve.js');
    const application = await serve({
      ...(typeof host === 'string' ? { host } : {}),
      ...(typeof port === 'string' ? { port } : {}),
      quietEnd: watched,
    });
    return application === undefined ? 1 : 0;
  },
};
