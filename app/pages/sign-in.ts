import { session } from 'blitz-session';
import { counted, french, html } from '../html.ts';
import { code, field, form, type Page, unknownAction } from './page.ts';

declare module 'blitz-session' {
  interface SessionData {
    visiteur: { readonly nom: string; readonly depuis: Date };
  }
}

const path = '/connexion';
const LONGEST = 60;

/** Who is there: a new id at the beginning, a new session at the end. */
export const signIn: Page = {
  path,
  name: 'Connexion',
  about: 'Un identifiant neuf à l’entrée, une session neuve à la sortie.',

  show() {
    const visitor = session('visiteur');
    return {
      title: 'Connexion',
      body: html`<h1>Connexion</h1>
<p class="lead">À la connexion, la session garde ses valeurs mais change d’identifiant : un identifiant connu d’avance
ne sert plus à rien. À la déconnexion, tout est détruit.</p>
<section class="panel" aria-labelledby="etat">
${visitor === undefined ? welcome() : goodbye(visitor.nom, visitor.depuis)}
</section>
${code(`
// à la connexion
await session().regenerate();
session().put('visiteur', { nom, depuis: new Date() });

// à la déconnexion
await session().invalidate();
session().flash('annonce', 'Au revoir.');
`)}`,
    };
  },

  async submit(fields) {
    const action = fields.get('action');
    if (action === 'sortir') await signOut();
    else if (action === 'entrer') await enter((fields.get('nom') ?? '').trim());
    else return unknownAction(path);
    return { to: path };
  },
};

function welcome() {
  return html`<h2 id="etat">Qui êtes-vous ?</h2>
${form(
  path,
  html`${field(
    'nom',
    'Votre nom',
    'N’importe quel nom convient : cette démonstration ne demande pas de mot de passe.',
    html`type="text" maxlength="${LONGEST}" autocomplete="username" required`,
  )}
<div class="actions"><button name="action" value="entrer">Se connecter</button></div>`,
)}`;
}

function goodbye(name: string, since: Date) {
  return html`<h2 id="etat">Session ouverte</h2>
<p class="figure word">${name}</p>
<p>Connexion ${ago(since)}.</p>
${form(path, html`<div class="actions"><button name="action" value="sortir">Se déconnecter</button></div>`)}`;
}

async function enter(name: string): Promise<void> {
  if (name === '' || name.length > LONGEST) {
    const error = name === '' ? 'Écrivez un nom.' : `Le nom dépasse ${counted(LONGEST, 'caractère')}.`;
    session().flashErrors({ nom: error });
    session().flashInput({ nom: name });
    return;
  }
  await session().regenerate();
  session().put('visiteur', { nom: name, depuis: new Date() });
  session().flash('annonce', french(`Bienvenue, ${name} ! Votre session a un nouvel identifiant.`));
}

async function signOut(): Promise<void> {
  const name = session('visiteur')?.nom;
  await session().invalidate();
  session().flash('annonce', name === undefined ? 'Au revoir.' : french(`Au revoir, ${name} !`));
}

function ago(since: Date): string {
  const minutes = Math.floor((Date.now() - since.getTime()) / 60_000);
  if (minutes < 1) return 'à l’instant';
  const hours = Math.floor(minutes / 60);
  return `il y a ${hours < 1 ? counted(minutes, 'minute') : counted(hours, 'heure')}`;
}
