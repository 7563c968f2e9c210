import { language } from '../../support/language.js';
import type { ConsoleCommand } from '../command.js';
import { showProgress } from '../progress.js';

const RESULT = {
  fr: (deleted: number, ms: number) =>
    `${deleted} session${deleted < 2 ? ' expirée supprimée' : 's expirées supprimées'} en ${ms} ms.`,
  en: (deleted: number, ms: number) =>
    `${deleted} expired session${deleted === 1 ? '' : 's'} deleted in ${ms} ms.`,
};

const RUNNING = {
  fr: (deleted: number, seconds: number) => `Sessions expirées supprimées : ${deleted}, en ${seconds} s…`,
  en: (deleted: number, seconds: number) => `Expired sessions deleted: ${deleted}, in ${seconds} s…`,
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
  async run(options, { line, live }) {
    const { Application } = await import('../../http/application.js');
    const app = await Application.boot();
    try {
      const start = performance.now();
      let removed = 0;
      const collecting = app.service('sessionManager').collect((count) => {
        removed = count;
      });
      const running = (seconds: number) => RUNNING[language()](removed, seconds);
      const deleted = await (live === undefined ? collecting : showProgress(collecting, running, live));
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
