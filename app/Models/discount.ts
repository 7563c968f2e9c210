import { randomInt } from 'node:crypto';
import { session } from 'blitz-session';

declare module 'blitz-session' {
  interface SessionData {
    remise: Discount;
  }
}

/** A code that lowers the price of the basket for a while. */
export interface Discount {
  readonly code: string;
  /** Percent. */
  readonly taux: number;
  /** Seconds that it holds in all. */
  readonly delai: number;
  /** Last second in which it holds, since 1970. */
  readonly fin: number;
}

/** Seconds that a code may hold: as it should, and for those in a hurry. */
export const DELAYS: readonly number[] = [60, 10];
const RATE = 10;
/** No letter or digit that could be taken for another. */
const LETTERS = 'ACDEFGHJKLMNPRTUVWXY34679';

/** Puts a new code into the session; it goes by itself. */
export function issueDiscount(delai: number): void {
  const drawn = Array.from({ length: 4 }, () => LETTERS[randomInt(LETTERS.length)]).join('');
  const fin = Math.floor(Date.now() / 1000) + delai;
  session().temp('remise', { code: `QUAI-${drawn}`, taux: RATE, delai, fin }, delai);
}

export function currentDiscount(): Discount | undefined {
  return session().getTempdata<Discount>('remise');
}

/** Seconds until the session has forgotten the code: a temporary value lives through the whole second in which it ends. */
export function secondsLeft({ delai, fin }: Discount): number {
  return Math.max(0, Math.min(delai, fin + 1 - Date.now() / 1000));
}
