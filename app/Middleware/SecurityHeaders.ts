import { type MiddlewareInterface, type Next, type Request, Response } from 'blitz-session';

/** Nothing but this site's own files; no inline style or script, no frame around it. */
const POLICY = [
  "default-src 'none'",
  "style-src 'self'",
  "script-src 'self'",
  "font-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join('; ');

const HEADERS = {
  'Content-Security-Policy': POLICY,
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'same-origin',
  'Cross-Origin-Opener-Policy': 'same-origin',
};

/** What every answer tells the browser. Said before the page is made, so that an error page says it too. */
export class SecurityHeaders implements MiddlewareInterface {
  handle(_request: Request, next: Next): Promise<Response> {
    Response.withHeaders(HEADERS);
    return next();
  }
}
