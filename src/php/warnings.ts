import type { Logger } from '../contracts/log.js';
import { language } from '../support/language.js';

/** What PHP reports with E_WARNING or E_NOTICE while the function answers `false`, in our words. */
const WARNINGS = {
  active: {
    fr: 'ignorée : une session est déjà ouverte',
    en: 'ignored: a session is already active',
  },
  inactive: {
    fr: "refusée : aucune session n'est ouverte",
    en: 'refused: no session is active',
  },
  frozen: {
    fr: 'refusée : cela ne se change pas pendant que la session est ouverte',
    en: 'refused: this cannot be changed while the session is active',
  },
  begun: {
    fr: 'refusée : la réponse est déjà commencée, son en-tête ne peut plus changer',
    en: 'refused: the response has begun, its headers can no longer change',
  },
  recursive: {
    fr: 'refusée : appelée depuis un gestionnaire de sauvegarde',
    en: 'refused: called from inside a save handler',
  },
  openFailed: {
    fr: "open() du gestionnaire de sauvegarde a échoué : la session n'est pas ouverte",
    en: "the save handler's open() failed: the session was not started",
  },
  readFailed: {
    fr: "read() du gestionnaire de sauvegarde a échoué : la session n'est pas ouverte",
    en: "the save handler's read() failed: the session was not started",
  },
  writeFailed: {
    fr: "le gestionnaire de sauvegarde n'a pas enregistré la session",
    en: 'the save handler did not save the session',
  },
  destroyFailed: {
    fr: "destroy() du gestionnaire de sauvegarde a échoué : l'enregistrement est peut-être encore là",
    en: "the save handler's destroy() failed: the record may still be there",
  },
  gcFailed: {
    fr: 'gc() du gestionnaire de sauvegarde a échoué',
    en: "the save handler's gc() failed",
  },
  undecodable: {
    fr: 'données de session illisibles : la session est détruite',
    en: 'unreadable session data: the session was destroyed',
  },
  numericKey: {
    fr: 'une clé numérique de $_SESSION est laissée de côté : ce format ne peut pas la garder',
    en: 'a numeric key of $_SESSION is left out: this format cannot keep it',
  },
  unstorableKey: {
    fr: 'une clé de $_SESSION contient « | » : comme en PHP, une session vide est enregistrée',
    en: 'a key of $_SESSION contains "|": as in PHP, an empty session is saved',
  },
  taken: {
    fr: 'chaque identifiant proposé est déjà pris',
    en: 'every id that was drawn is already in use',
  },
  prefix: {
    fr: 'préfixe refusé : lettres, chiffres, « - » et « , » seulement',
    en: 'prefix refused: letters, digits, "-" and "," only',
  },
  option: {
    fr: 'réglage inconnu ou valeur refusée : {name}',
    en: 'unknown setting or refused value: {name}',
  },
  applications: {
    fr: "refusée : la session de cette requête est celle de l'application ; servez-la avec start: false",
    en: "refused: the session of this request is the application's; serve it with start: false",
  },
} as const;

export type Warning = keyof typeof WARNINGS;

/** Writes PHP's warning to the application's log, with the name of the function. Never an id, never data. */
export function warn(log: Logger | undefined, call: string, warning: Warning, name = ''): void {
  const text = `${call}(): ${WARNINGS[warning][language()].replace('{name}', name)}`;
  log?.warn(text, { function: call, warning });
}
