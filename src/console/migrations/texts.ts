import type { Language } from '../../support/language.js';

type Counted = (count: number, ms: number) => string;

export interface MigrationTexts {
  /** Which database it is. */
  readonly base: (group: string, place: string) => string;
  readonly up: string;
  readonly down: string;
  readonly ups: Counted;
  readonly downs: Counted;
  readonly nothingUp: (count: number) => string;
  readonly nothingDown: string;
  readonly none: (folder: string) => string;
  readonly elsewhere: (count: number, group: string) => string;
}

/** What the commands on migrations say. */
export const TEXTS: Readonly<Record<Language, MigrationTexts>> = {
  fr: {
    base: (group: string, place: string) => `Groupe « ${group} » : ${place}`,
    up: 'appliquée',
    down: 'défaite',
    ups: (count: number, ms: number) =>
      `${count} migration${count < 2 ? ' appliquée' : 's appliquées'} en ${ms} ms.`,
    downs: (count: number, ms: number) =>
      `${count} migration${count < 2 ? ' défaite' : 's défaites'} en ${ms} ms.`,
    nothingUp: (count: number) => `Rien à appliquer (déjà en place : ${count}).`,
    nothingDown: 'Rien à défaire.',
    none: (folder: string) =>
      `Aucune migration dans ${folder} ; « klinge session:table » écrit celle des sessions.`,
    elsewhere: (count: number, group: string) =>
      `${count} migration${count < 2 ? '' : 's'} d’un autre groupe : klinge migrate --group ${group}`,
  },
  en: {
    base: (group: string, place: string) => `Group "${group}": ${place}`,
    up: 'applied',
    down: 'taken back',
    ups: (count: number, ms: number) => `${count} migration${count === 1 ? '' : 's'} applied in ${ms} ms.`,
    downs: (count: number, ms: number) =>
      `${count} migration${count === 1 ? '' : 's'} taken back in ${ms} ms.`,
    nothingUp: (count: number) => `Nothing to apply (already there: ${count}).`,
    nothingDown: 'Nothing to take back.',
    none: (folder: string) =>
      `No migration in ${folder}; "klinge session:table" writes that of the sessions.`,
    elsewhere: (count: number, group: string) =>
      `${count} migration${count === 1 ? '' : 's'} of another group: klinge migrate --group ${group}`,
  },
};
