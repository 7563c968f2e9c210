import { session } from 'blitz-session';
import { counted, french, html } from '../html.ts';
import { code, field, form, type Page } from './page.ts';

const path = '/message';
const LONGEST = 200;

/** A flash value: kept for the next request, then gone. */
export const message: Page = {
  path,
  name: 'Message',
  about: 'Un mot qui traverse une redirection, puis s’efface.',

  show() {
    const said = session().flashed<string>('mot');
    return {
      title: 'Message',
      body: html`<h1>Message après une redirection</h1>
<p class="lead">Le formulaire dépose votre message dans la session et vous renvoie ici. La page l’affiche une seule
fois : rechargez-la, il a disparu.</p>
<section class="panel" aria-labelledby="etat">
<h2 id="etat">Message reçu</h2>
${
  said === undefined
    ? html`<p class="empty">Aucun message pour cette visite.</p>`
    : html`<p class="quote" role="status">${said}</p>`
}
${form(
  path,
  html`${field(
    'mot',
    'Votre message',
    `${counted(LONGEST, 'caractère')} au plus.`,
    html`type="text" maxlength="${LONGEST}" autocomplete="off" required`,
  )}
<div class="actions"><button>Envoyer</button></div>`,
)}
</section>
${code(`
// avant la redirection
session().flash('mot', 'Bonjour');
// sur la page suivante, une fois
session().flashed('mot');
`)}`,
    };
  },

  submit(fields) {
    const said = (fields.get('mot') ?? '').trim();
    if (said !== '' && said.length <= LONGEST) {
      session().flash('mot', said);
      return { to: path };
    }
    const error =
      said === '' ? 'Écrivez un message.' : `Le message dépasse ${counted(LONGEST, 'caractère')}.`;
    session().flashErrors({ mot: french(error) });
    session().flashInput({ mot: said });
    return { to: path };
  },
};
