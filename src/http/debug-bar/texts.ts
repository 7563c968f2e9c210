import type { Language } from '../../support/language.js';

/** How a session came to a request, and how it leaves it. */
export type Beginning = 'none' | 'new' | 'resumed' | 'readOnly';
export type Ending = 'open' | 'closed' | 'destroyed' | 'renewed';

/** Flash: for `this` page or the `next` one. Temporary: seconds that are left. */
export type Age = 'this' | 'next' | number;

/** The words of the bar. */
export interface Texts {
  readonly name: string;
  readonly changes: (count: number) => string;
  readonly wait: string;
  readonly time: (milliseconds: string) => string;
  readonly beginning: Readonly<Record<Beginning, string>>;
  readonly ending: Readonly<Record<Exclude<Ending, 'open'>, string>>;
  readonly age: (age: Age) => string;
  readonly handler: string;
  readonly state: string;
  readonly id: string;
  readonly hidden: string;
  readonly waited: string;
  readonly waitedFor: string;
  readonly noWait: string;
  readonly previous: string;
  readonly none: string;
  readonly changed: string;
  readonly before: string;
  readonly data: string;
  readonly flash: string;
  readonly temporary: string;
  readonly empty: string;
  readonly signs: Readonly<Record<'added' | 'changed' | 'removed', string>>;
  readonly off: string;
}

export const TEXTS: Readonly<Record<Language, Texts>> = {
  fr: {
    name: 'Session',
    changes: (count) => (count === 0 ? 'rien de changé' : `${count}\u00a0changement${count < 2 ? '' : 's'}`),
    wait: 'attente',
    time: (milliseconds) => `${milliseconds.replace('.', ',')}\u00a0ms`,
    beginning: { none: 'aucune session', new: 'neuve', resumed: 'reprise', readOnly: 'lecture seule' },
    ending: {
      closed: 'fermée avant la fin',
      destroyed: 'détruite',
      renewed: 'identifiant renouvelé',
    },
    age: (age) => {
      if (typeof age === 'number') return `encore ${age}\u00a0s`;
      return age === 'this' ? 'cette page' : 'page suivante';
    },
    handler: 'Gestionnaire',
    state: 'État',
    id: 'Identifiant',
    hidden: 'masqué',
    waited: 'Attente',
    waitedFor: 'le tour, le verrou et la lecture',
    noWait: 'aucune',
    previous: 'Page précédente',
    none: 'aucune',
    changed: 'Ce que cette requête a changé',
    before: 'Juste avant',
    data: 'Données',
    flash: 'Valeurs flash',
    temporary: 'Valeurs temporaires',
    empty: 'Rien.',
    signs: { added: 'ajoutée', changed: 'changée', removed: 'retirée' },
    off: 'En développement seulement. Pour s’en passer\u00a0: debug_bar: false dans config/app.',
  },
  en: {
    name: 'Session',
    changes: (count) => (count === 0 ? 'nothing changed' : `${count}\u00a0change${count < 2 ? '' : 's'}`),
    wait: 'waited',
    time: (milliseconds) => `${milliseconds}\u00a0ms`,
    beginning: { none: 'no session', new: 'new', resumed: 'resumed', readOnly: 'read only' },
    ending: { closed: 'closed before the end', destroyed: 'destroyed', renewed: 'id renewed' },
    age: (age) => {
      if (typeof age === 'number') return `${age}\u00a0s left`;
      return age === 'this' ? 'this page' : 'next page';
    },
    handler: 'Handler',
    state: 'State',
    id: 'Id',
    hidden: 'hidden',
    waited: 'Wait',
    waitedFor: 'the turn, the lock and the read',
    noWait: 'none',
    previous: 'Previous page',
    none: 'none',
    changed: 'What this request changed',
    before: 'Just before',
    data: 'Data',
    flash: 'Flash values',
    temporary: 'Temporary values',
    empty: 'Nothing.',
    signs: { added: 'added', changed: 'changed', removed: 'removed' },
    off: 'In development only. To do without: debug_bar: false in config/app.',
  },
};
