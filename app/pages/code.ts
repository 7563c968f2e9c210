import { randomInt } from 'node:crypto';
import { session } from 'blitz-session';
import { counted, french, type Html, html } from '../html.ts';
import { code as codeSample, field, form, type Page, unknownAction } from './page.ts';

interface Code {
  readonly chiffres: string;
  /** Seconds that it lasts. */
  readonly delai: number;
  /** When it ends, in seconds since 1970. */
  readonly fin: number;
}

const path = '/code';
const LONGEST = 600;

/** A temporary value: it ends after its own delay, however long the session lives. */
export const code: Page = {
  path,
  name: 'Code',
  about: 'Un code qui expire de lui-même après le délai choisi.',

  show() {
    const current = session().getTempdata<Code>('code');
    return {
      title: 'Code qui expire',
      body: html`<h1>Code qui expire</h1>
<p class="lead">Le code vit dans la session pendant le délai que vous choisissez, puis il n’existe plus, même si la
session continue.</p>
<section class="panel" aria-labelledby="etat">
<h2 id="etat">Code en cours</h2>
${current === undefined ? html`<p class="empty">Aucun code en cours.</p>` : shown(current)}
${form(
  path,
  html`${field(
    'delai',
    'Délai, en secondes',
    `De 1 à ${LONGEST} secondes ; 60 si vous ne précisez rien.`,
    html`type="number" min="1" max="${LONGEST}" inputmode="numeric" placeholder="60"`,
  )}
<div class="actions">
<button name="action" value="creer">${current === undefined ? 'Demander un code' : 'Demander un autre code'}</button>
${current === undefined ? undefined : html`<button name="action" value="effacer" class="quiet" formnovalidate>Effacer le code</button>`}
</div>`,
)}
</section>
${codeSample(`
session().temp('code', { chiffres, delai, fin }, 60);
// undefined après 60 secondes
session().getTempdata('code');
`)}`,
    };
  },

  submit(fields) {
    const action = fields.get('action');
    if (action === 'effacer') session().removeTempdata('code');
    else if (action === 'creer') create((fields.get('delai') ?? '').trim() || '60');
    else return unknownAction(path);
    return { to: path };
  },
};

function create(typed: string): void {
  const delai = Number(typed);
  if (!/^\d+$/.test(typed) || delai < 1 || delai > LONGEST) {
    session().flashErrors({ delai: french(`Choisissez un nombre entier, de 1 à ${LONGEST}.`) });
    session().flashInput({ delai: typed });
    return;
  }
  const chiffres = String(randomInt(1_000_000)).padStart(6, '0');
  session().temp('code', { chiffres, delai, fin: now() + delai } satisfies Code, delai);
}

function shown({ chiffres, delai, fin }: Code): Html {
  const left = Math.min(delai, Math.max(0, fin - now()));
  return html`<p class="figure"><output>${chiffres.slice(0, 3)}\u202f${chiffres.slice(3)}</output></p>
<p class="left">
<label for="reste">${left === 0 ? 'Il expire à l’instant.' : `Il reste ${counted(left, 'seconde')}.`}</label>
<progress id="reste" max="${delai}" value="${left}"></progress>
<a href="${path}">Actualiser</a>
</p>`;
}

function now(): number {
  return Math.floor(Date.now() / 1000);
}
