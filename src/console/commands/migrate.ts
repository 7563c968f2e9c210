import type { ConsoleCommand } from '../command.js';
import { GROUP } from './group.js';

const WAIT = {
  flags: '--wait <seconds>',
  description: {
    fr: 'secondes d’attente d’un autre klinge sur la même base (sinon 60)',
    en: 'seconds to wait for another klinge on the same database (else 60)',
  },
};

const json = (fr: string, en: string) => ({ flags: '--json', description: { fr, en } });

/** Applies migrations. (BlitzPHP: migrate.) */
export const migrateCommand: ConsoleCommand = {
  name: 'migrate',
  description: {
    fr: 'Applique les migrations de app/Database/Migrations.',
    en: 'Applies the migrations of app/Database/Migrations.',
  },
  options: [
    GROUP,
    WAIT,
    json(
      'écrit un objet : ce qui est appliqué, ce qui a échoué',
      'writes one object: what was applied, what failed',
    ),
  ],
  async run(options, context) {
    const { migrate } = await import('../migrations/migrate.js');
    return migrate(process.cwd(), options, context);
  },
};

/** Takes migrations back. (BlitzPHP: migrate:rollback.) */
export const migrateRollbackCommand: ConsoleCommand = {
  name: 'migrate:rollback',
  description: {
    fr: 'Défait les dernières migrations appliquées.',
    en: 'Takes back the migrations that were applied last.',
  },
  options: [
    {
      flags: '--batch <number>',
      description: {
        fr: 'défait tout ce qui a suivi ce lot',
        en: 'takes back all that came after this batch',
      },
    },
    { flags: '--all', description: { fr: 'défait toutes les migrations', en: 'takes back all migrations' } },
    GROUP,
    WAIT,
    json(
      'écrit un objet : ce qui est défait, ce qui a échoué',
      'writes one object: what was taken back, what failed',
    ),
  ],
  async run(options, context) {
    const { rollback } = await import('../migrations/migrate.js');
    return rollback(process.cwd(), options, context);
  },
};

/** Tells which migrations are applied; exit code 2 when something is left. (BlitzPHP: migrate:status.) */
export const migrateStatusCommand: ConsoleCommand = {
  name: 'migrate:status',
  description: {
    fr: 'Dit quelles migrations sont en place ; code de sortie 2 s’il en reste à appliquer.',
    en: 'Tells which migrations are applied; exit code 2 when some are left.',
  },
  options: [
    GROUP,
    json('écrit un objet : chaque migration et son état', 'writes one object: each migration and its state'),
  ],
  async run(options, context) {
    const { status } = await import('../migrations/status.js');
    return status(process.cwd(), options, context);
  },
};
