import type { Request } from './request.js';
import type { Response } from './response.js';
import type { SessionExchange } from './start-session.js';

/**
 * Keeps the address of a page for `previousUrl()` and `redirect().back()`: a GET that was answered with HTML, that no
 * script asked for and no browser ahead of a click. (BlitzPHP: Session::setPreviousUrl, called by its kernel.)
 */
export function rememberPage(request: Request, response: Response, exchange: SessionExchange): void {
  if (!request.isMethod('GET') || response.statusCode >= 300) return;
  if (!response.getHeaderLine('Content-Type').startsWith('text/html')) return;
  if (request.ajax() || request.prefetch() || !exchange.takesNotes) return;
  const session = exchange.store;
  const address = request.fullUrl();
  if (session.previousUrl() !== address) session.setPreviousUrl(address);
}
