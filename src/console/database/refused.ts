import { BlitzError } from '../../errors.js';
import { language } from '../../support/language.js';

/** `E_MIGRATION` with its reason in each language. */
export function refused(fr: string, en: string, cause?: unknown): BlitzError {
  return new BlitzError('E_MIGRATION', { cause, details: { reason: { fr, en }[language()] } });
}

/** Another process migrates the same database, and did not end within `seconds`. */
export function lockBusy(seconds: number, cause?: unknown): BlitzError {
  return refused(
    `un autre klinge travaille sur cette base depuis plus de ${seconds} s ; attendez qu’il finisse, ou augmentez --wait`,
    `another klinge has been working on this database for more than ${seconds} s; wait for it to end, or raise --wait`,
    cause,
  );
}
