import type { ConsoleCommand } from '../command.js';

/** Describes the application of the current directory; exit code 1 when it cannot start or its store does not answer. */
export const aboutCommand: ConsoleCommand = {
  name: 'about',
  description: {
    fr: 'Décrit l’application : versions, sessions, stockage, ce qui manque pour la production.',
    en: 'Describes the application: versions, sessions, store, what production still needs.',
  },
  options: [
    {
      flags: '--json',
      description: { fr: 'écrit la même chose en un objet', en: 'writes the same as one object' },
    },
  ],
  async run(options, context) {
    const { about } = await import('../about/about.js');
    return about(process.cwd(), options['json'] === true, context);
  },
};
