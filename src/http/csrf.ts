import { timingSafeEqual } from 'node:crypto';
import { HttpError } from './http-error.js';
import type { Request } from './request.js';

const SAFE: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS']);

/**
 * Refuses with 419 what only a page of this site may send: a request that changes something must carry the session's
 * token, in the field `_token` or the header `X-CSRF-TOKEN` or `X-XSRF-TOKEN`. (BlitzPHP: Middlewares\Csrf.)
 */
export function checkCsrf(request: Request): void {
  if (SAFE.has(request.method())) return;
  const expected = request.session().get<unknown>('_token');
  const given =
    request.post<unknown>('_token') ?? request.header('x-csrf-token') ?? request.header('x-xsrf-token');
  if (typeof expected !== 'string' || typeof given !== 'string' || !same(expected, given))
    throw new HttpError(419);
}

function same(expected: string, given: string): boolean {
  const [one, other] = [Buffer.from(expected), Buffer.from(given)];
  return one.length === other.length && timingSafeEqual(one, other);
}
