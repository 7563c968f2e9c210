import { inspect } from 'node:util';
import { config, session } from 'blitz-session';
import { counted, duration } from '../Helpers/french.ts';
import { currentDiscount, secondsLeft } from './discount.ts';

/** One value of the session, as the page shows it. */
export interface Entry {
  readonly key: string;
  readonly kind: 'ordinaire' | 'flash' | 'temporaire';
  readonly value: string;
  readonly lasts: string;
}

/** Every value of the session: never its id, its token or its internals. `kept`: flash values stay for the next page too. */
export function contents(kept: boolean): Entry[] {
  const expiration = config<number>('session.expiration', 0);
  const whole =
    expiration > 0
      ? `${duration(expiration)} après la dernière visite`
      : 'jusqu’à la fermeture du navigateur';
  return [
    ...entries(session().getFlashdata(), 'flash', () => (kept ? 'prochaine page' : 'cette page')),
    ...entries(session().getTempdata(), 'temporaire', remaining),
    ...entries(session().all(), 'ordinaire', () => whole),
  ];
}

function entries(
  values: Record<string, unknown>,
  kind: Entry['kind'],
  lasts: (value: unknown) => string,
): Entry[] {
  return Object.entries(values).map(([key, value]) => ({
    key,
    kind,
    value: inspect(value, { depth: 4, breakLength: 60 }),
    lasts: lasts(value),
  }));
}

/** The session does not tell when a temporary value ends; the discount knows it itself. */
function remaining(value: unknown): string {
  const discount = currentDiscount();
  if (discount === undefined || value !== discount) return 'son propre délai';
  return `encore ${counted(Math.ceil(secondsLeft(discount)), 'seconde')}`;
}
