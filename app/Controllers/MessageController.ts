import { Controller, type RedirectResponse, redirect, session, type View, view } from 'blitz-session';
import { counted } from '../Helpers/french.ts';

const LONGEST = 140;

/** A value that crosses a redirection, then goes. */
export class MessageController extends Controller {
  show(): View {
    return view('message', { said: session().flashed<string>('mot'), longest: LONGEST });
  }

  send(): RedirectResponse {
    const said = this.request.string('mot').trim();
    const answer = redirect().route('message');
    if (said === '') return answer.withInput().withErrors({ mot: 'Écrivez un message.' });
    if (said.length > LONGEST) {
      return answer.withInput().withErrors({ mot: `Le message dépasse ${counted(LONGEST, 'caractère')}.` });
    }
    return answer.with('mot', said);
  }
}
