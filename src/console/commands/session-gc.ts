import { language } from '../../support/language.js';
import type { ConsoleCommand } from '../command.js';

const RESULT = {
  fr: (deleted: number, ms: number) =>
    `${deleted} session${deleted < 2 ? ' expirée supprimée' : 's expirées supprimées'} en ${ms} ms.`,
  en: (deleted: number, ms: number) =>
    `${deleted} expired session${deleted === 1 ? '' : 's'} deleted in ${ms} ms.`,
};

/** Runs the collector of the application in the current directory once. (BlitzPHP: the garbage collector of PHP.) */
export const sessionGcCommand: ConsoleCommand = {
  name: 'session:gc',
  description: { fr: 'Supprime les sessions expirées.', en: 'Deletes expired sessions.' },
  options: [
    {
      flags: '--json',
      description: {
        fr: 'écrit { "deleted": nombre, "milliseconds": durée }',
        en: 'writes { "deleted": number, "milliseconds": time }',
      },
    },
  ],
  async run(options, { line }) {
    const { Application } = await import('../../http/application.js');
    const app = await Application.boot();
    try {
      const start = performance.now();
      const deleted = await app.service('sessionManager').collect();
      const milliseconds = Math.round(performance.now() - start);
      line(
        options['json'] === true
          ? JSON.stringify({ deleted, milliseconds })
          : RESULT[language()](deleted, milliseconds),
      );
    } finally {
      await app.close();
    }
  },
};
