/** A failure of which it is certain that the server never saw the commands. */
export class UnsentError extends Error {}

export function unsent(message: string, cause?: Error): UnsentError {
  return new UnsentError(`memcached: ${message}`, cause && { cause });
}

/** What to tell of a connection that failed; with the system's code, where there is one. */
export function connectionFailure(server: string, cause: Error, wasSent: boolean): Error {
  const { code } = cause as NodeJS.ErrnoException;
  const message = `memcached ${server}: ${cause.message || code || 'the connection failed'}`;
  const error = wasSent ? new Error(message, { cause }) : new UnsentError(message, { cause });
  return code === undefined ? error : Object.assign(error, { code });
}
