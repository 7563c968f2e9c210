import { Controller, type RedirectResponse, redirect, session, type View, view } from 'blitz-session';
import { counted, french } from '../Helpers/french.ts';
import { fingerprint } from '../Models/fingerprint.ts';

declare module 'blitz-session' {
  interface SessionData {
    visiteur: { readonly nom: string; readonly depuis: Date };
  }
}

const LONGEST = 60;

/** Who is there: a new id at the beginning, a new session at the end. */
export class SignInController extends Controller {
  show(): View {
    const before = session().flashed<string>('empreinte');
    return view('sign-in', {
      visitor: session('visiteur'),
      longest: LONGEST,
      fingerprint: fingerprint(),
      before,
    });
  }

  async enter(): Promise<RedirectResponse> {
    const name = this.request.string('nom').trim();
    const answer = redirect().route('sign-in');
    if (name === '') return answer.withInput().withErrors({ nom: 'Écrivez un nom.' });
    if (name.length > LONGEST) {
      return answer.withInput().withErrors({ nom: `Le nom dépasse ${counted(LONGEST, 'caractère')}.` });
    }
    const before = fingerprint();
    await session().regenerate();
    session().put('visiteur', { nom: name, depuis: new Date() });
    return answer.with({ empreinte: before, avis: french(`Bienvenue, ${name} !`) });
  }

  async leave(): Promise<RedirectResponse> {
    const [name, before] = [session('visiteur')?.nom, fingerprint()];
    await session().invalidate();
    const farewell = name === undefined ? 'Au revoir.' : french(`Au revoir, ${name} !`);
    return redirect().route('sign-in').with({ empreinte: before, avis: farewell });
  }
}
