import { perRequest } from '../container/per-request.js';
import { currentScope } from '../container/request-scope.js';
import { BlitzError } from '../errors.js';
import { Request } from './request.js';
import { Response } from './response.js';

/** What the kernel keeps of one request while it is answered. */
export interface Visit {
  readonly request: Request;
  readonly response: Response;
}

/** The request that is being answered, and its response; undefined elsewhere, below other servers among it. */
export function findVisit(): Visit | undefined {
  return currentScope()?.visit as Visit | undefined;
}

/** As `findVisit`. Throws `E_HTTP_NO_REQUEST`. */
export function currentVisit(): Visit {
  const visit = findVisit();
  if (visit === undefined) throw new BlitzError('E_HTTP_NO_REQUEST');
  return visit;
}

/** The container's `request`. */
export const currentRequest: Request = perRequest(
  Request.prototype,
  () => currentVisit().request,
  'a request is not changed by assignment',
);

/** The container's `response`. */
export const currentResponse: Response = perRequest(
  Response.prototype,
  () => currentVisit().response,
  'a response is changed by its methods, not by assignment',
);
