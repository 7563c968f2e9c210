import { session } from 'blitz-session';
import { html, number } from '../html.ts';
import { code, form, type Page, unknownAction } from './page.ts';

declare module 'blitz-session' {
  interface SessionData {
    compteur: number;
  }
}

const path = '/compteur';

/** An ordinary value, which stays. */
export const counter: Page = {
  path,
  name: 'Compteur',
  about: 'Une valeur qui reste, et qu’aucun clic simultané ne fausse.',

  show() {
    return {
      title: 'Compteur',
      body: html`<h1>Compteur</h1>
<p class="lead">Ouvrez cette page dans deux onglets et cliquez aussi vite que vous voulez : les requêtes d’une même
session passent l’une après l’autre, aucune ne se perd.</p>
<section class="panel" aria-labelledby="etat">
<h2 id="etat">Valeur actuelle</h2>
<p class="figure"><output>${number(session('compteur', 0))}</output></p>
${form(
  path,
  html`<div class="actions">
<button name="action" value="plus">Ajouter 1</button>
<button name="action" value="moins" class="quiet">Retirer 1</button>
<button name="action" value="zero" class="quiet">Remettre à zéro</button>
</div>`,
)}
</section>
${code(`
session().increment('compteur');
session('compteur', 0);
`)}`,
    };
  },

  submit(fields) {
    const action = fields.get('action');
    if (action === 'plus') session().increment('compteur');
    else if (action === 'moins') session().decrement('compteur');
    else if (action === 'zero') session().remove('compteur');
    else return unknownAction(path);
    return { to: path };
  },
};
