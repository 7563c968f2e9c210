import { BlitzError } from '../errors.js';
import { codeOf } from './file-errors.js';
import { language } from './language.js';

const PURPOSES = {
  kernel: {
    fr: 'servir l’application avec listen() ou inject()',
    en: 'serve the application with listen() or inject()',
  },
  redis: { fr: 'ranger les sessions dans Redis', en: 'keep sessions in Redis' },
  memcached: { fr: 'ranger les sessions dans memcached', en: 'keep sessions in memcached' },
  mysql: { fr: 'se servir de MySQL ou de MariaDB', en: 'use MySQL or MariaDB' },
  postgre: { fr: 'se servir de PostgreSQL', en: 'use PostgreSQL' },
  views: { fr: 'rendre les vues de app/Views', en: 'render the views of app/Views' },
};
type Purpose = keyof typeof PURPOSES;

/** Packages that only some applications need: imported when first used. */
export const optionalPackage: {
  load<T>(purpose: Purpose, packages: readonly string[], load: () => Promise<T>): Promise<T>;
  missing(purpose: Purpose, packages: readonly string[], cause?: unknown): BlitzError;
} = {
  /** Throws `E_PACKAGE_MISSING` with the command that installs it. */
  async load(purpose, packages, load) {
    try {
      return await load();
    } catch (error) {
      if (codeOf(error) !== 'ERR_MODULE_NOT_FOUND') throw error;
      throw optionalPackage.missing(purpose, packages, error);
    }
  },
  missing(purpose, packages, cause) {
    const details = { purpose: PURPOSES[purpose][language()], packages: packages.join(' ') };
    return new BlitzError('E_PACKAGE_MISSING', { details, cause });
  },
};
