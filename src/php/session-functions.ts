import { callingSession } from './handler-calls.js';
import type { SettingValue } from './ini.js';
import type { PhpSession } from './php-session.js';
import { currentRequest, currentSettings, findRequest, logWarning, type PhpRequest } from './request.js';
import { isUsablePrefix, newSid } from './sid.js';
import type { Warning } from './warnings.js';

/** Sessions are switched off: never here. (PHP: PHP_SESSION_DISABLED.) */
export const PHP_SESSION_DISABLED = 0;
/** No session is open. (PHP: PHP_SESSION_NONE.) */
export const PHP_SESSION_NONE = 1;
/** A session is open and can be written. (PHP: PHP_SESSION_ACTIVE.) */
export const PHP_SESSION_ACTIVE = 2;

/** What `session_start` takes: settings without `session.`, for this request, and `read_and_close`. */
export interface SessionStartOptions {
  readonly read_and_close?: boolean | number;
  readonly [setting: string]: SettingValue | undefined;
}

/**
 * Opens the session of this request, or a new one, and fills `$_SESSION`. False, with a warning in the log, where the
 * save handler refuses, the data cannot be read, or the response has begun; what a callback throws is thrown after
 * `close`. Throws `E_SESSION_NO_REQUEST`, and what the queue and the configured handler throw. (PHP: session_start.)
 */
export function session_start(options: SessionStartOptions = {}): Promise<boolean> {
  const call = 'session_start';
  if (callingSession() !== undefined) return refused(call, 'recursive');
  return promised(() => {
    const request = currentRequest();
    return request.ask(() => {
      if (request.active) {
        logWarning(call, 'active');
        return Promise.resolve(true);
      }
      if (request.begun) return refused(call, 'begun');
      const { read_and_close: readAndClose = false, ...settings } = options;
      for (const [name, value] of Object.entries(settings)) {
        if (value === undefined || request.settings.set(name, value)) continue;
        logWarning(call, 'option', name);
      }
      return request.start(Boolean(readAndClose));
    });
  });
}

/** Writes and closes; false when nothing was open. `$_SESSION` stays readable. (PHP: session_write_close.) */
export function session_write_close(): Promise<boolean> {
  return ask('session_write_close', (session) => session.writeClose());
}

/** As `session_write_close`. (PHP: session_commit.) */
export function session_commit(): Promise<boolean> {
  return session_write_close();
}

/** Closes without writing. (PHP: session_abort.) */
export function session_abort(): Promise<boolean> {
  return ask('session_abort', (session) => session.abort());
}

/** Reads again: `$_SESSION` is what the store holds. (PHP: session_reset.) */
export function session_reset(): Promise<boolean> {
  return ask('session_reset', (session) => session.reset());
}

/** Deletes the stored session and closes; the cookie stays, and so does `$_SESSION`. (PHP: session_destroy.) */
export function session_destroy(): Promise<boolean> {
  return ask('session_destroy', (session) => session.destroy(), 'inactive');
}

/**
 * Gives the session a new id: call it at login. `deleteOld` deletes what is stored under the old one. Throws where the
 * handler cannot open or read under the new id. (PHP: session_regenerate_id.)
 */
export function session_regenerate_id(deleteOld = false): Promise<boolean> {
  const call = 'session_regenerate_id';
  if (findRequest()?.begun) return refused(call, 'begun');
  return ask(call, (session) => session.regenerateId(deleteOld), 'inactive');
}

/** Deletes old sessions now; how many were deleted. (PHP: session_gc.) */
export function session_gc(): Promise<number | false> {
  return ask<number | false>('session_gc', (session) => session.gc(), 'inactive');
}

/**
 * An id that is not in use, behind `prefix`; it is not given to the session. Inside a save handler: one drawn as PHP
 * draws it. (PHP: session_create_id.)
 */
export async function session_create_id(prefix = ''): Promise<string | false> {
  if (!isUsablePrefix(prefix)) return logWarning('session_create_id', 'prefix');
  const request = findRequest();
  const session = request?.session;
  if (callingSession() === undefined && request !== undefined && session?.active) {
    return request.ask(() => session.createId(prefix));
  }
  return prefix + newSid(currentSettings());
}

/** Empties `$_SESSION`; false when nothing is open. (PHP: session_unset.) */
export function session_unset(): boolean {
  const session = findRequest()?.session;
  if (!session?.active) return false;
  session.willChange('session_unset');
  for (const key of Object.keys(session.values)) delete session.values[key];
  return true;
}

/** `$_SESSION` as `session.serialize_handler` writes it; false when it cannot be written. (PHP: session_encode.) */
export function session_encode(): string | false {
  const session = findRequest()?.session;
  return session === undefined ? logWarning('session_encode', 'inactive') : session.encode();
}

/** Adds what `data` holds to `$_SESSION`; data that cannot be read destroys the session. (PHP: session_decode.) */
export function session_decode(data: string): Promise<boolean> {
  return ask('session_decode', (session) => session.decode(data), 'inactive');
}

/** `PHP_SESSION_NONE` or `PHP_SESSION_ACTIVE`. (PHP: session_status.) */
export function session_status(): number {
  return findRequest()?.active ? PHP_SESSION_ACTIVE : PHP_SESSION_NONE;
}

/**
 * Has the session written at the end of the request. Here that happens in any case, before the first byte of the
 * response leaves. (PHP: session_register_shutdown.)
 */
export function session_register_shutdown(): void {}

/** Not `async`: the promise must stay the one that knows whether somebody looks at it. */
function ask<T>(
  call: string,
  work: (session: PhpSession) => Promise<T | false>,
  absent?: 'inactive',
): Promise<T | false> {
  if (callingSession() !== undefined) return refused(call, 'recursive');
  const request: PhpRequest | undefined = findRequest();
  const none = () => (absent === undefined ? Promise.resolve<false>(false) : refused(call, absent));
  if (request === undefined) return none();
  return promised(() =>
    request.ask<T | false>(() => (request.session === undefined ? none() : work(request.session))),
  );
}

function refused(call: string, warning: Warning): Promise<false> {
  return Promise.resolve(logWarning(call, warning));
}

/** What `work` throws at once is a rejection as well. */
function promised<T>(work: () => Promise<T>): Promise<T> {
  try {
    return work();
  } catch (error) {
    return Promise.reject(error);
  }
}
