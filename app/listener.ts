import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { type Application, session } from 'blitz-session';
import { withSession } from 'blitz-session/node';
import { assets, sendAsset } from './assets.ts';
import { FORM_LIMIT, type FormFault, formOf, readForm } from './form.ts';
import { html } from './html.ts';
import { layout } from './layout.ts';
import { pages } from './pages/index.ts';
import { hasToken, type Page, problem, type Reply, type View } from './pages/page.ts';

const HEADERS: Readonly<Record<string, string>> = {
  'Content-Security-Policy':
    "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'same-origin',
};

const byPath = new Map(pages.map((page) => [page.path, page]));

/** Answers every request of the application. */
export function listener(app: Application): RequestListener {
  const withPages = withSession(app, answer, { skip: (request) => !needsSession(request) });
  return async (request, response) => {
    // A form is read before the session opens, so that a slow one does not hold the session's lock.
    const fault = needsSession(request) && isSubmission(request) ? await readForm(request) : undefined;
    if (fault === undefined) withPages(request, response);
    else if (fault !== 'left') sendWithoutSession(request, response, refusal(fault));
  };
}

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const asset = assets.get(pathOf(request));
  const page = byPath.get(pathOf(request));
  if (isSubmission(request) && page?.submit !== undefined) {
    const fields = formOf(request);
    send(request, response, hasToken(fields) ? await page.submit(fields) : expired(page));
  } else if (request.method !== 'GET' && request.method !== 'HEAD') {
    const known = page !== undefined || asset !== undefined;
    if (known) response.setHeader('Allow', page?.submit === undefined ? 'GET, HEAD' : 'GET, HEAD, POST');
    sendWithoutSession(request, response, known ? notAllowed() : notFound());
  } else if (page !== undefined) {
    send(request, response, page.show());
  } else if (asset !== undefined) {
    setHeaders(response);
    sendAsset(asset, request, response);
  } else {
    sendWithoutSession(request, response, notFound());
  }
}

/** Only what shows or submits a page opens a session: no file, no address that does not exist. */
function needsSession(request: IncomingMessage): boolean {
  const page = byPath.get(pathOf(request));
  if (page === undefined) return false;
  return isSubmission(request)
    ? page.submit !== undefined
    : request.method === 'GET' || request.method === 'HEAD';
}

function isSubmission(request: IncomingMessage): boolean {
  return request.method === 'POST';
}

function pathOf(request: IncomingMessage): string {
  return request.url?.split('?')[0] ?? '/';
}

function send(request: IncomingMessage, response: ServerResponse, reply: Reply): void {
  setHeaders(response);
  response.setHeader('Cache-Control', 'private, no-store');
  if ('to' in reply) {
    response.writeHead(303, { Location: reply.to }).end();
    return;
  }
  const visitor = session('visiteur')?.nom;
  const notice = session().flashed<string>('annonce');
  sendPage(response, reply, layout(reply, { path: pathOf(request), pages, visitor, notice }));
}

function sendWithoutSession(request: IncomingMessage, response: ServerResponse, view: View): void {
  setHeaders(response);
  sendPage(response, view, layout(view, { path: pathOf(request), pages }));
}

function sendPage(response: ServerResponse, { status = 200 }: View, text: string): void {
  response.statusCode = status;
  if (status === 419) response.statusMessage = 'Page Expired';
  response.setHeader('Content-Type', 'text/html; charset=utf-8');
  response.setHeader('Content-Length', Buffer.byteLength(text));
  response.end(text);
}

function setHeaders(response: ServerResponse): void {
  for (const [name, value] of Object.entries(HEADERS)) response.setHeader(name, value);
}

function expired(page: Page): View {
  return problem(
    419,
    'Page expirée',
    html`<p class="lead">Ce formulaire appartenait à une session qui a pris fin ou changé ; par sécurité, il n’a pas été
enregistré. Ouvrez de nouveau la page et recommencez.</p>
<p><a href="${page.path}">Ouvrir de nouveau la page</a></p>`,
  );
}

function notFound(): View {
  return problem(
    404,
    'Page introuvable',
    html`<p class="lead">Aucune page ne répond à cette adresse. Vérifiez-la, ou repartez de l’accueil.</p>
<p><a href="/">Revenir à l’accueil</a></p>`,
  );
}

function notAllowed(): View {
  return problem(
    405,
    'Méthode refusée',
    html`<p class="lead">Cette adresse existe, mais pas pour ce genre de requête.</p>`,
  );
}

function refusal(fault: Exclude<FormFault, 'left'>): View {
  return fault === 'large'
    ? problem(
        413,
        'Formulaire trop lourd',
        html`<p class="lead">Ce formulaire dépasse ${FORM_LIMIT / 1024} Kio ; il n’a pas été enregistré.</p>`,
      )
    : problem(
        415,
        'Format refusé',
        html`<p class="lead">Seuls les formulaires ordinaires
(<code>application/x-www-form-urlencoded</code>) sont acceptés ici.</p>`,
      );
}
