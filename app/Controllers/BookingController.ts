import { Controller, type RedirectResponse, redirect, session, type View, view } from 'blitz-session';
import { counted } from '../Helpers/french.ts';
import { bookingIn, CARRIAGES, MOST_SEATS } from '../Models/booking.ts';

/** A form that forgets nothing when it is refused. */
export class BookingController extends Controller {
  show(): View {
    return view('booking', { carriages: CARRIAGES, most: MOST_SEATS, booking: session('reservation') });
  }

  book(): RedirectResponse {
    const { booking, faults } = bookingIn(this.request);
    if (Object.keys(faults).length > 0)
      return redirect().back(303, '/reservation').withInput().withErrors(faults);
    session().put('reservation', booking);
    const seats = counted(booking.places, 'place réservée', 'places réservées');
    return redirect().route('booking').with('avis', `Merci, ${booking.nom}. ${seats}.`);
  }
}
