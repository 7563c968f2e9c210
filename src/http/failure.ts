import type { Logger } from '../contracts/log.js';
import { isBlitzError } from '../errors.js';
import { language } from '../support/language.js';
import type { Host } from './host.js';

/** What an adapter answers when a session could not be opened or saved, or when the handler failed. */
export interface Failure {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

const SENTENCES = {
  fr: {
    500: 'Une erreur interne est survenue.',
    503: 'Le service est momentanément indisponible. Réessayez dans un instant.',
  },
  en: {
    500: 'An internal error occurred.',
    503: 'The service is momentarily unavailable. Try again in a moment.',
  },
};

/** The visitor learns the status and, at 503, when to try again; the log learns the rest. */
export function failureOf(app: Host, error: unknown): Failure {
  const unavailable = isBlitzError(error) && error.status === 503;
  const status = unavailable ? 503 : 500;
  logFailure(app, error);
  const headers: Record<string, string> = {
    'content-type': 'text/plain; charset=utf-8',
    'cache-control': 'private, no-store',
  };
  if (unavailable) headers['retry-after'] = String(error.retryAfter ?? 1);
  return { status, headers, body: `${SENTENCES[language()][status]}\n` };
}

/** Writes what failed to the log. Never throws: an answer must not depend on a log. */
export function logFailure(app: Host, error: unknown): void {
  try {
    const details = isBlitzError(error)
      ? { code: error.code, cause: error.cause ?? error }
      : { cause: error };
    app.services.get<Logger>('log').error(isBlitzError(error) ? error.message : 'request failed', details);
  } catch {
    // A log of the application's own that fails has nowhere to say so.
  }
}
