import { french, type Html, html } from './html.ts';
import type { View } from './pages/page.ts';

/** What surrounds a page. */
export interface Surroundings {
  /** Address of the page, to mark it in the navigation. */
  readonly path: string;
  readonly pages: readonly { readonly path: string; readonly name: string }[];
  /** Name of who is signed in. */
  readonly visitor?: string | undefined;
  /** Something to be said once, above the page. */
  readonly notice?: string | undefined;
}

/** A whole page. */
export function layout(view: View, { path, pages, visitor, notice }: Surroundings): string {
  return html`<!doctype html>
<html lang="fr">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title(view)}</title>
<link rel="stylesheet" href="/style.css">
<link rel="icon" href="/favicon.svg" type="image/svg+xml">
</head>
<body>
<a class="skip" href="#contenu">Aller au contenu</a>
<header class="top">
<a class="brand" href="/"><img src="/favicon.svg" alt="" width="28" height="28">Blitz Session</a>
${visitor === undefined ? undefined : html`<p class="who">Bonjour, ${visitor}</p>`}
</header>
<div class="frame">
<nav class="pages" aria-label="Pages">
<ul>
${pages.map((page) => html`<li>${link(page, page.path === path)}</li>\n`)}
</ul>
</nav>
<main id="contenu" tabindex="-1">
${notice === undefined ? undefined : html`<p class="notice" role="status">${notice}</p>`}
${view.body}
</main>
</div>
<footer class="end">
<p>Première application de <code>blitz-session</code> : pages rendues par le serveur, sans JavaScript.</p>
</footer>
</body>
</html>
`.text;
}

function title({ title, status = 200 }: View): string {
  return french(`${status >= 400 ? 'Erreur : ' : ''}${title} — Blitz Session`);
}

function link({ path, name }: { readonly path: string; readonly name: string }, current: boolean): Html {
  return html`<a href="${path}"${current ? html` aria-current="page"` : undefined}>${name}</a>`;
}
