import { timingSafeEqual } from 'node:crypto';
import { session } from 'blitz-session';
import { french, type Html, html } from '../html.ts';

/** What a visitor sees. */
export interface View {
  readonly title: string;
  readonly body: Html;
  /** HTTP status. Default 200. */
  readonly status?: number;
}

/** Where a form leads once it is done. */
export interface Redirect {
  readonly to: string;
}

export type Reply = View | Redirect;

/** One address of the application. */
export interface Page {
  readonly path: string;
  /** As the navigation shows it. */
  readonly name: string;
  /** One sentence for the home page. */
  readonly about: string;
  show(): View;
  /** Only called when the form carried the session's token. */
  submit?(form: URLSearchParams): Reply | Promise<Reply>;
}

const TOKEN_FIELD = '_token';

/** A form of this application; its token is the session's. */
export function form(path: string, content: Html): Html {
  return html`<form method="post" action="${path}">
<input type="hidden" name="${TOKEN_FIELD}" value="${session().token()}">
${content}
</form>`;
}

/** Whether a form was made by this application for this session. */
export function hasToken(fields: URLSearchParams): boolean {
  const given = Buffer.from(fields.get(TOKEN_FIELD) ?? '');
  const expected = Buffer.from(session().token());
  return given.length === expected.length && timingSafeEqual(given, expected);
}

/** The error that the form before left for one of its fields. */
export function errorOf(field: string): string | undefined {
  return session().flashed<Record<string, Record<string, string>>>('errors')?.['default']?.[field];
}

/** A labelled text field, with what was typed before and what was wrong with it. */
export function field(name: string, label: string, hint: string, attributes: Html): Html {
  const error = errorOf(name);
  const described = error === undefined ? `${name}-aide` : `${name}-erreur ${name}-aide`;
  return html`<div class="field">
<label for="${name}">${label}</label>
<input id="${name}" name="${name}" ${attributes} value="${session().getOldInput<string>(name, '')}"
 aria-describedby="${described}"${error === undefined ? undefined : html` aria-invalid="true"`}>
${error === undefined ? undefined : html`<p class="error" id="${name}-erreur">${error}</p>`}
<p class="hint" id="${name}-aide">${french(hint)}</p>
</div>`;
}

/** The lines of TypeScript that a page is about. */
export function code(lines: string): Html {
  return html`<figure class="code">
<figcaption>Dans le code</figcaption>
<pre><code>${lines.trim()}</code></pre>
</figure>`;
}

/** An error as a page. */
export function problem(status: number, title: string, sentence: Html): View {
  return {
    status,
    title,
    body: html`<p class="status">Erreur ${status}</p>\n<h1>${title}</h1>\n${sentence}`,
  };
}

/** A form that none of this application's pages could have sent. */
export function unknownAction(path: string): View {
  return problem(
    400,
    'Demande incomprise',
    html`<p class="lead">Ce formulaire demande une action que cette page ne connaît pas ; rien n’a changé.</p>
<p><a href="${path}">Revenir à la page</a></p>`,
  );
}
