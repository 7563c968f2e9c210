import { createHash } from 'node:crypto';
import { STATUS_CODES } from 'node:http';
import { type Language, language } from '../support/language.js';

/** What a visitor is told of an error. */
export interface ErrorWords {
  readonly title: string;
  readonly message: string;
}

const WORDS: Readonly<Record<number, Readonly<Record<Language, ErrorWords>>>> = {
  400: {
    fr: { title: 'Demande incomprise', message: 'Le serveur n’a pas compris cette demande.' },
    en: { title: 'Bad request', message: 'The server did not understand this request.' },
  },
  403: {
    fr: { title: 'Accès refusé', message: 'Vous n’avez pas accès à cette page.' },
    en: { title: 'Forbidden', message: 'You have no access to this page.' },
  },
  404: {
    fr: { title: 'Page introuvable', message: 'Aucune page ne répond à cette adresse.' },
    en: { title: 'Page not found', message: 'No page answers at this address.' },
  },
  405: {
    fr: { title: 'Méthode refusée', message: 'Cette adresse existe, mais pas pour ce genre de demande.' },
    en: { title: 'Method not allowed', message: 'This address exists, but not for this kind of request.' },
  },
  413: {
    fr: {
      title: 'Envoi trop lourd',
      message: 'Ce que vous avez envoyé dépasse la taille permise ; rien n’a été enregistré.',
    },
    en: { title: 'Too large', message: 'What you sent is larger than allowed; nothing was saved.' },
  },
  415: {
    fr: { title: 'Format refusé', message: 'Le serveur n’accepte pas ce format.' },
    en: { title: 'Unsupported format', message: 'The server does not accept this format.' },
  },
  419: {
    fr: {
      title: 'Page expirée',
      message:
        'Ce formulaire appartenait à une session qui a pris fin ou changé ; par sécurité, rien n’a été enregistré. Rouvrez la page et recommencez.',
    },
    en: {
      title: 'Page expired',
      message:
        'This form belonged to a session that has ended or changed; to be safe, nothing was saved. Open the page again and retry.',
    },
  },
  429: {
    fr: { title: 'Trop de demandes', message: 'Attendez un instant avant de recommencer.' },
    en: { title: 'Too many requests', message: 'Wait a moment before you try again.' },
  },
  500: {
    fr: {
      title: 'Erreur interne',
      message: 'Une erreur est survenue sur le serveur ; elle a été consignée.',
    },
    en: { title: 'Server error', message: 'An error occurred on the server; it has been noted.' },
  },
  503: {
    fr: {
      title: 'Service indisponible',
      message: 'Le service est momentanément indisponible. Réessayez dans un instant.',
    },
    en: {
      title: 'Service unavailable',
      message: 'The service is momentarily unavailable. Try again in a moment.',
    },
  },
};

/** The words for a status in the user's language. `message` takes the place of ours. */
export function errorWords(status: number, message = ''): ErrorWords {
  const lang = language();
  const known = WORDS[status]?.[lang];
  const general = WORDS[status < 500 ? 400 : 500]?.[lang] as ErrorWords;
  const title = known?.title ?? STATUS_CODES[status] ?? general.title;
  return { title, message: message || (known ?? general).message };
}

const STYLE = `
body { margin: 0; min-height: 100vh; display: grid; place-items: center; font: 1rem/1.6 system-ui, sans-serif;
  color: CanvasText; background: Canvas; }
main { max-width: 34rem; padding: 2rem; }
p:first-child { margin: 0; font-size: 3rem; font-weight: 700; line-height: 1; opacity: .35; }
h1 { margin: .5rem 0; font-size: 1.6rem; line-height: 1.25; }
`;

/** What our own pages may load: the style in them and nothing else, whatever the application allows its pages. */
export function policyFor(style: string): string {
  const hash = createHash('sha256').update(style).digest('base64');
  return `default-src 'none'; style-src 'sha256-${hash}'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'`;
}

export const ERROR_PAGE_POLICY: string = policyFor(STYLE);

/** A page for applications that have none of their own. */
export function errorPage(status: number, { title, message }: ErrorWords): string {
  const lang = language();
  const home = lang === 'fr' ? 'Revenir à l’accueil' : 'Back to the home page';
  return `<!doctype html>
<html lang="${lang}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${status} · ${escapeHtml(title)}</title>
<style>${STYLE}</style>
</head>
<body>
<main>
<p>${status}</p>
<h1>${escapeHtml(title)}</h1>
<p>${escapeHtml(message)}</p>
<p><a href="/">${home}</a></p>
</main>
</body>
</html>
`;
}

export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
