import { Controller, type RedirectResponse, redirect, session, type View, view } from 'blitz-session';
import { contents } from '../Models/contents.ts';

/** What the session holds, and its end. */
export class SessionController extends Controller {
  show(): View {
    const kept = this.request.boolean('garder');
    if (kept) session().reflash();
    return view('session/contents', { entries: contents(kept), visit: session('visite'), kept });
  }

  flash(): RedirectResponse {
    const answer = this.request.boolean('garder')
      ? redirect('/session?garder=1')
      : redirect().route('session');
    return answer.with('exemple', 'visible jusqu’à la page suivante').withFragment('contenu-session');
  }

  async destroy(): Promise<View> {
    await session().destroy();
    return view('session/destroyed');
  }
}
