import type { HandlerClass } from '../../contracts/handler.js';
import { isBlitzError } from '../../errors.js';
import type { Application } from '../../http/application.js';
import { randomId } from '../../support/random.js';

/** How two requests of one session are kept apart: by the kernel, by a lease, by the store, or in one process only. */
export type LockKind = 'flock' | 'lease' | 'store' | 'process';

/** What the application answered when it was started and its store asked. */
export interface StoreAnswer {
  readonly reachable: boolean;
  /** Undefined when the application did not start. */
  readonly lock: LockKind | undefined;
  /** Milliseconds that the start took. */
  readonly bootMilliseconds: number | undefined;
  /** Milliseconds that reading one unknown session took. */
  readonly readMilliseconds: number | undefined;
  readonly failure: Failure | undefined;
}

export interface Failure {
  /** `E_SESSION_FOLDER`, `ECONNREFUSED` …; `''` for an error that has none. */
  readonly code: string;
  readonly message: string;
}

/** Starts the application, reads a session that nobody has, and closes everything. Nothing is written. */
export async function askStore(root: string): Promise<StoreAnswer> {
  const start = performance.now();
  let application: Application;
  try {
    const { Application } = await import('../../http/application.js');
    application = await Application.boot({ root });
  } catch (error) {
    return {
      reachable: false,
      lock: undefined,
      bootMilliseconds: undefined,
      readMilliseconds: undefined,
      failure: failureOf(error),
    };
  }
  const bootMilliseconds = elapsed(start);
  const lock = lockOf(application);
  const asked = performance.now();
  try {
    await application.service('sessionManager').find(randomId());
    return { reachable: true, lock, bootMilliseconds, readMilliseconds: elapsed(asked), failure: undefined };
  } catch (error) {
    const readMilliseconds = elapsed(asked);
    return { reachable: false, lock, bootMilliseconds, readMilliseconds, failure: failureOf(error) };
  } finally {
    await application.close();
  }
}

function lockOf(application: Application): LockKind {
  const { session } = application.service('config').all();
  if (session.handler === 'file') return session.file_lock;
  if (session.handler === 'array') return 'process';
  const handler: HandlerClass = application.service('handlers').resolve(session.handler);
  const { handlerOptions } = application.service('sessionManager');
  const instance = new handler(handlerOptions, {}) as { readonly locks?: boolean };
  return instance.locks === true ? 'store' : 'process';
}

function elapsed(since: number): number {
  return Math.round((performance.now() - since) * 10) / 10;
}

function failureOf(error: unknown): Failure {
  const { code, message } = error as NodeJS.ErrnoException;
  const cause = isBlitzError(error) && error.cause instanceof Error ? ` (${error.cause.message})` : '';
  return { code: String(code ?? ''), message: `${message ?? String(error)}${cause}` };
}
