import { inWords } from './in-words.js';

/** What no message may show: ids of any kind, and accounts. */
const ID = /[0-9a-f]{32,}/gi;
const ACCOUNT = /\b(user|role|for) (?:"[^"]*"|'[^']*'(?:@'[^']*')?)/gi;

/** PostgreSQL knows no prepared statement of this name on the connection, or another one. */
const MIXED_UP: ReadonlySet<unknown> = new Set(['26000', '42P05']);

/** A failure of the server or of the way to it, fit for a log. */
export class SqlError extends Error {
  override readonly name = 'SqlError';
  /** PostgreSQL's SQLSTATE, MySQL's symbol (`ER_…`), or the system's (`ECONNREFUSED`). */
  readonly code: string | undefined;
  /** Whether the server may have received the statement, and so have executed it. */
  readonly sent: boolean;

  constructor(message: string, code?: string, sent = false) {
    super(message);
    this.code = code;
    this.sent = sent;
  }
}

/**
 * What a client's error says without what it must not say: mysql2's carries the statement with its values, pg's the
 * values that a constraint refused.
 */
export function cleaned(error: unknown, sent: boolean): SqlError {
  if (error instanceof SqlError) return error;
  const given = (error ?? {}) as { message?: string; code?: string; sqlState?: string; errors?: unknown[] };
  // Several addresses were tried (an AggregateError says nothing itself).
  const told =
    given.message || (given.errors?.[0] as Error | undefined)?.message || given.code || String(error);
  return new SqlError(
    told.replace(ID, '…').replace(ACCOUNT, '$1 …') + adviceOn(given.code),
    given.code,
    sent,
  );
}

/** What no server says by itself: a pooler in front of it mixes up the connections of its clients. */
function adviceOn(code: string | undefined): string {
  if (!MIXED_UP.has(code)) return '';
  return inWords(
    ' ; un répartiteur est devant le serveur : mettez pool: { prepare: false } dans le groupe de config/database',
    '; a pooler stands before the server: set pool: { prepare: false } in the group of config/database',
  );
}

/** The statement was undone by the server and may be tried again: a deadlock, or a conflict of serialization. */
export function isTransient(code: string | undefined): boolean {
  return code === '40001' || code === '40P01' || code === 'ER_LOCK_DEADLOCK';
}

/** The server refuses to write: it is no longer, or not yet, the one to ask. Another connection may find it. */
export function isReadOnly(code: string | undefined): boolean {
  return (
    code === '25006' ||
    code === 'ER_OPTION_PREVENTS_STATEMENT' ||
    code === 'ER_READ_ONLY_MODE' ||
    code === 'ER_CANT_EXECUTE_IN_READ_ONLY_TRANSACTION'
  );
}

/** The server cannot be reached yet; at boot it is waited for. */
export function isAbsent(code: string | undefined): boolean {
  return code === 'ECONNREFUSED' || code === 'ENOENT' || code === 'ECONNRESET' || code === '57P03';
}

/** The id that was to be created exists. */
export function isDuplicate(code: string | undefined): boolean {
  return code === '23505' || code === 'ER_DUP_ENTRY';
}

/** The account may not do this to the table. */
export function isForbidden(code: string | undefined): boolean {
  return (
    code === '42501' || code === 'ER_TABLEACCESS_DENIED_ERROR' || code === 'ER_COLUMNACCESS_DENIED_ERROR'
  );
}
