import type { ConsoleCommand } from '../command.js';
import { GROUP } from './group.js';

/** Writes the migration of the table of sessions that the configuration asks for. (CodeIgniter: make:migration --session.) */
export const sessionTableCommand: ConsoleCommand = {
  name: 'session:table',
  description: {
    fr: 'Écrit la migration de la table des sessions.',
    en: 'Writes the migration of the table of sessions.',
  },
  options: [
    GROUP,
    {
      flags: '--print',
      description: { fr: 'affiche le SQL, et n’écrit rien', en: 'shows the SQL, and writes nothing' },
    },
    {
      flags: '--force',
      description: {
        fr: 'remplace la migration qui crée déjà cette table',
        en: 'replaces the migration that makes this table already',
      },
    },
    {
      flags: '--json',
      description: {
        fr: 'écrit un objet : la table, et le fichier ou le SQL',
        en: 'writes one object: the table, and the file or the SQL',
      },
    },
  ],
  async run({ group, force, print, json }, context) {
    const { sessionTable } = await import('../migrations/session-table.js');
    await sessionTable(
      process.cwd(),
      {
        group: group as string | undefined,
        force: force === true,
        print: print === true,
        json: json === true,
      },
      context,
    );
  },
};
