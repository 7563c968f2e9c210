import { STATUS_CODES } from 'node:http';

/** Ends a request with a status. The message is shown to the visitor. (BlitzPHP: HttpException.) */
export class HttpError extends Error {
  override readonly name: string = 'HttpError';
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** What the visitor reads; empty: the error page has its own words. */
  readonly shown: string;

  constructor(status: number, message = '', headers: Readonly<Record<string, string>> = {}) {
    super(message || (STATUS_CODES[status] ?? `HTTP ${status}`));
    this.status = status;
    this.headers = headers;
    this.shown = message;
  }
}

/** Also true for an error of another copy of this package. */
export function isHttpError(error: unknown): error is HttpError {
  return error instanceof Error && error.name === 'HttpError' && 'shown' in error;
}

/** Throws an `HttpError`: `abort(404)`, `abort(403, 'Réservé aux membres.')`. */
export function abort(status: number, message?: string, headers?: Readonly<Record<string, string>>): never {
  throw new HttpError(status, message, headers);
}
