import { french, html } from '../html.ts';
import type { Page } from './page.ts';

/** The home page, which leads to the others. */
export function home(pages: readonly Page[]): Page {
  return {
    path: '/',
    name: 'Accueil',
    about: 'Ce que montre cette application.',
    show: () => ({
      title: 'Accueil',
      body: html`<h1>La mémoire d’un site, d’une page à l’autre</h1>
<p class="lead">Chaque page lit ou écrit la session de votre navigateur. Le cookie ne porte qu’un identifiant : les
valeurs restent sur le serveur, où elles survivent à un redémarrage.</p>
<ul class="index">
${pages.map((page) => html`<li><a href="${page.path}">${page.name}</a><span>${french(page.about)}</span></li>\n`)}
</ul>`,
    }),
  };
}
