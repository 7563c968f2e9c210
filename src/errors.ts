import { language } from './support/language.js';
import { MESSAGES } from './support/messages.js';

/** Every stable code. Each has its heading in docs-fr. */
export type ErrorCode = keyof typeof MESSAGES;

/** What a sentence is made of. Never an id, never session data: names of keys, options, numbers. */
export type ErrorDetails = Readonly<Record<string, string | number>>;

export interface BlitzErrorOptions {
  cause?: unknown;
  details?: ErrorDetails;
}

/** HTTP status that an adapter answers with; 500 where nothing else is said. */
const STATUS: Partial<Record<ErrorCode, number>> = {
  E_SESSION_LOCK_TIMEOUT: 503,
  E_SESSION_LOCK_LOST: 503,
  E_SESSION_BUSY: 503,
  E_SESSION_BACKEND: 503,
  E_SESSION_CLIENT_LEFT: 499,
  E_APP_CLOSED: 503,
};

/**
 * Every error that this package throws: a stable `code`, the HTTP `status` an adapter answers with, and
 * one sentence in the user's language that says the way out. The original failure is in `cause`.
 */
export class BlitzError extends Error {
  override readonly name = 'BlitzError';
  readonly code: ErrorCode;
  readonly status: number;
  readonly details: ErrorDetails;

  constructor(code: ErrorCode, options: BlitzErrorOptions = {}) {
    super(
      sentence(code, options.details ?? {}),
      options.cause === undefined ? undefined : { cause: options.cause },
    );
    this.code = code;
    this.status = STATUS[code] ?? 500;
    this.details = options.details ?? {};
  }

  /** Seconds for the `Retry-After` header; undefined when trying again does not help. */
  get retryAfter(): number | undefined {
    return this.status === 503 ? 1 : undefined;
  }

  /** What an answer to this error carries: the error handlers of Express, Connect, Koa and Fastify look here. */
  get headers(): Record<string, string> | undefined {
    return this.retryAfter === undefined ? undefined : { 'Retry-After': String(this.retryAfter) };
  }
}

/** The sentence of a code in the user's language, `{name}` replaced from `details`. */
export function sentence(code: ErrorCode, details: ErrorDetails): string {
  return MESSAGES[code][language()].replace(/\{(\w+)\}/g, (whole, name) => String(details[name] ?? whole));
}

/** Also true for an error of another copy of this package. */
export function isBlitzError(error: unknown, code?: ErrorCode): error is BlitzError {
  if (!(error instanceof Error) || error.name !== 'BlitzError' || !('code' in error)) return false;
  return code === undefined || error.code === code;
}

/** All codes, for tests and documentation. */
export const ERROR_CODES: readonly ErrorCode[] = Object.keys(MESSAGES) as ErrorCode[];
