import { readFileSync } from 'node:fs';
import { relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { inspect } from 'node:util';
import { isBlitzError } from '../errors.js';
import { language } from '../support/language.js';
import { escapeHtml, policyFor } from './error-page.js';
import { templateExcerpt } from './views/engine.js';

const AROUND = 6;
const WORDS = {
  fr: { notice: 'Cette page n’existe qu’en développement.', cause: 'Cause', stack: 'Pile', template: 'Vue' },
  en: { notice: 'This page exists in development only.', cause: 'Cause', stack: 'Stack', template: 'View' },
};

interface Place {
  readonly file: string;
  readonly line: number;
  readonly own: boolean;
}

const STYLE = `
:root { --line: color-mix(in srgb, CanvasText 14%, Canvas); --mark: color-mix(in srgb, #d33 22%, Canvas); }
body { margin: 0 auto; max-width: 70rem; padding: 2rem 1rem 4rem; font: 1rem/1.6 system-ui, sans-serif;
  color: CanvasText; background: Canvas; }
header p { margin: 0; opacity: .7; }
h1 { margin: .25rem 0 1rem; font-size: 1.4rem; overflow-wrap: anywhere; white-space: pre-line; }
h2 { margin: 2rem 0 .5rem; font-size: 1rem; }
pre { margin: 0; padding: .75rem 0; overflow-x: auto; border: 1px solid var(--line); border-radius: .5rem;
  font: .85rem/1.6 ui-monospace, monospace; }
pre, code { tab-size: 2; }
pre > span { display: block; padding: 0 1rem; }
pre > mark { display: block; padding: 0 1rem; color: inherit; background: var(--mark); }
pre.plain { padding: .75rem 1rem; }
`;

export const DEBUG_PAGE_POLICY: string = policyFor(STYLE);

/** The error with the line of the application that it comes from. For development only: it shows source code. */
export function debugPage(status: number, error: unknown, root: string, at: string): string {
  const lang = language();
  const words = WORDS[lang];
  const failure = error instanceof Error ? error : new Error(textOf(error));
  const [message, stack] = [textOf(failure.message), textOf(failure.stack ?? failure.message)];
  const name = isBlitzError(failure) ? failure.code : failure.name;
  const excerpt = templateExcerpt(failure);
  const places = placesIn(stack, root);
  const place = places.find(({ own }) => own) ?? places[0];
  const source = place === undefined ? '' : sourceAround(place, root);
  const cause =
    failure.cause === undefined
      ? ''
      : `<h2>${words.cause}</h2>\n<pre>${escapeHtml(textOf(failure.cause))}</pre>`;
  return `<!doctype html>
<html lang="${lang}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${status} · ${escapeHtml(name)}</title>
<style>${STYLE}</style>
</head>
<body>
<header>
<p>${status} · ${escapeHtml(name)} · ${escapeHtml(at)}</p>
<h1>${escapeHtml(message)}</h1>
</header>
<main>
${excerpt === undefined ? '' : `<h2>${words.template}</h2>\n<pre class="plain">${escapeHtml(excerpt)}</pre>`}
${source}
${cause}
<h2>${words.stack}</h2>
<pre class="plain">${escapeHtml(stack)}</pre>
<p><small>${words.notice}</small></p>
</main>
</body>
</html>
`;
}

/** The files of a stack, outermost call last. */
function placesIn(stack: string, root: string): Place[] {
  const places: Place[] = [];
  for (const match of stack.matchAll(/\(?((?:file:\/\/)?\/[^():\n]+):(\d+):\d+\)?$/gm)) {
    const [, path = '', line] = match;
    const file = path.startsWith('file:') ? pathOf(path) : path;
    const inside = relative(root, file);
    const own = !inside.startsWith('..') && !/(?:^|\/)(?:node_modules|dist)\//.test(inside);
    places.push({ file, line: Number(line), own });
  }
  return places;
}

function sourceAround({ file, line }: Place, root: string): string {
  let lines: string[];
  try {
    lines = readFileSync(file, 'utf8').split('\n');
  } catch {
    return '';
  }
  const first = Math.max(0, line - AROUND - 1);
  const shown = lines.slice(first, line + AROUND).map((text, at) => {
    const number = first + at + 1;
    const tag = number === line ? 'mark' : 'span';
    return `<${tag}>${String(number).padStart(4)}  ${escapeHtml(text)}</${tag}>`;
  });
  return `<h2>${escapeHtml(relative(root, file))}:${line}</h2>\n<pre>${shown.join('')}</pre>`;
}

function pathOf(url: string): string {
  try {
    return fileURLToPath(url);
  } catch {
    return url;
  }
}

/** Anything can be thrown, and stand where a text is expected. */
function textOf(value: unknown): string {
  if (typeof value === 'string') return value;
  return value instanceof Error && typeof value.stack === 'string' ? value.stack : inspect(value);
}
