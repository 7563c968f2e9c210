import type { Request } from 'blitz-session';
import { french } from '../Helpers/french.ts';

declare module 'blitz-session' {
  interface SessionData {
    reservation: Booking;
  }
}

export interface Booking {
  readonly nom: string;
  readonly courriel: string;
  readonly places: number;
  readonly voiture: string;
}

export const CARRIAGES: Readonly<Record<string, string>> = {
  calme: 'Calme',
  famille: 'Famille',
  velo: 'Avec vélos',
};
export const MOST_SEATS = 6;

const LONGEST = 80;
const MAIL = /^[^\s@]+@[^\s@]+\.[^\s@.]+$/;

/** What a form asks for, or what is wrong with it, by field. */
export function bookingIn(request: Request): { booking: Booking; faults: Record<string, string> } {
  const booking = {
    nom: request.string('nom').trim(),
    courriel: request.string('courriel').trim(),
    places: request.integer('places'),
    voiture: request.string('voiture'),
  };
  const faults = {
    ...(booking.nom === '' && { nom: 'Indiquez votre nom.' }),
    ...(booking.nom.length > LONGEST && { nom: `Le nom dépasse ${LONGEST}\u00a0caractères.` }),
    ...(!MAIL.test(booking.courriel) && { courriel: 'Écrivez une adresse comme camille@exemple.fr.' }),
    ...((booking.places < 1 || booking.places > MOST_SEATS) && {
      places: `Choisissez un nombre entier, de 1 à ${MOST_SEATS}.`,
    }),
    ...(!Object.hasOwn(CARRIAGES, booking.voiture) && { voiture: 'Choisissez une voiture.' }),
    ...(!request.boolean('accord') && { accord: french('Cochez la case : sans accord, pas de départ !') }),
  };
  return { booking, faults };
}
