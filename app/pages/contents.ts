import { inspect } from 'node:util';
import { session } from 'blitz-session';
import { french, type Html, html } from '../html.ts';
import { code, form, type Page, unknownAction } from './page.ts';

const path = '/session';

/** What the session holds. The id and the token are not shown: who knows them is the visitor. */
export const contents: Page = {
  path,
  name: 'Session',
  about: 'Tout ce que la vôtre contient en ce moment.',

  show() {
    return {
      title: 'Contenu de la session',
      body: html`<h1>Contenu de la session</h1>
<p class="lead">Voici tout ce que le serveur garde pour vous. Son identifiant et le jeton de ses formulaires n’y
figurent pas : ce sont des secrets.</p>
<section class="panel" aria-labelledby="valeurs">
<h2 id="valeurs">Valeurs</h2>
${listed(session().all(), 'Aucune valeur pour l’instant.')}
<h2>Valeurs flash</h2>
${listed(session().getFlashdata(), 'Aucune ; elles ne durent que jusqu’à la page suivante.')}
<h2>Valeurs temporaires</h2>
${listed(session().getTempdata(), 'Aucune ; demandez un code pour en voir une.')}
${form(
  path,
  html`<div class="actions">
<button name="action" value="flash">Déposer une valeur flash</button>
<button name="action" value="detruire" class="quiet">Détruire la session</button>
</div>`,
)}
</section>
${code(`
session().all();
session().getFlashdata();
session().getTempdata();
`)}`,
    };
  },

  async submit(fields) {
    const action = fields.get('action');
    if (action === 'flash') {
      session().flash('exemple', 'visible jusqu’à la page suivante');
      return { to: path };
    }
    if (action !== 'detruire') return unknownAction(path);
    await session().destroy();
    return {
      title: 'Session détruite',
      body: html`<h1>Session détruite</h1>
<p class="lead">Vos valeurs sont effacées du serveur et votre navigateur oublie son cookie. La page suivante ouvrira une
session neuve.</p>
<p><a href="${path}">Voir la nouvelle session</a></p>`,
    };
  },
};

function listed(values: Record<string, unknown>, nothing: string): Html {
  const entries = Object.entries(values);
  if (entries.length === 0) return html`<p class="empty">${french(nothing)}</p>`;
  return html`<dl class="values">
${entries.map(([key, value]) => html`<div><dt>${key}</dt><dd>${inspect(value, { depth: 4, breakLength: 48 })}</dd></div>\n`)}
</dl>`;
}
