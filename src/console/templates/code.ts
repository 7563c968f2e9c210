import type { ProjectFile, Say } from './words.js';

/** `app/`, without its views. */
export function codeFiles(say: Say): ProjectFile[] {
  return [
    { path: 'app/Controllers/HomeController.ts', content: controller(say) },
    { path: 'app/Listeners/.gitkeep', content: '' },
  ];
}

const controller = (say: Say): string => `import { Controller, redirect, view } from 'blitz-session';

export class HomeController extends Controller {
  /** ${say('La page d’accueil compte les visites de ce visiteur.', 'The home page counts the visits of this visitor.')} */
  index() {
    const visits = this.request.session().increment('visits');
    return view('home', { visits });
  }

  /** ${say('Un message flash ne vit que jusqu’à la page suivante.', 'A flash message lives until the next page only.')} */
  reset() {
    this.request.session().remove('visits');
    return redirect('/').with('message', '${say('Le compteur repart de un.', 'The counter starts at one again.')}');
  }
}
`;
