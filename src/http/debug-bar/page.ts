import type { Request } from '../request.js';
import type { Response } from '../response.js';

/** Headers that say something of the body as it is. */
const OF_THE_TEXT = [
  'Content-Length',
  'Content-Encoding',
  'Content-Disposition',
  'ETag',
  'Digest',
  'Content-Digest',
];

/** Puts a piece of HTML at the end of a page that a person will see; any other answer stays as it is. */
export function addToPage(response: Response, request: Request, piece: () => string): void {
  const { body } = response;
  if (typeof body !== 'string' || !isSeen(request) || !isPage(response)) return;
  const end = body.toLowerCase().lastIndexOf('</body>');
  if (end === -1 || !admitsOwnStyle(response.getHeaderLine('Content-Security-Policy'))) return;
  response.withBody(body.slice(0, end) + piece() + body.slice(end));
}

/** Browsers say what they ask for; `document` is a window, `empty` a script. */
function isSeen(request: Request): boolean {
  const destination = request.header('Sec-Fetch-Dest');
  const asked = destination === undefined || destination === 'document';
  return asked && !request.isMethod('HEAD') && !request.ajax() && !request.expectsJson();
}

function isPage(response: Response): boolean {
  if (!response.getHeaderLine('Content-Type').toLowerCase().startsWith('text/html')) return false;
  return !OF_THE_TEXT.some((name) => response.hasHeader(name));
}

/** Whether each of the policies lets a page load a style sheet of its own site. */
function admitsOwnStyle(header: string): boolean {
  return header.split(',').every((policy) => {
    const directives = new Map(
      policy
        .split(';')
        .map((directive) => directive.trim().toLowerCase().split(/\s+/))
        .map(([name = '', ...sources]) => [name, sources]),
    );
    const sources =
      directives.get('style-src-elem') ?? directives.get('style-src') ?? directives.get('default-src');
    return sources === undefined || sources.includes("'self'") || sources.includes('*');
  });
}
