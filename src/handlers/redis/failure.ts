/** Redis's own error codes: `OOM`, `NOAUTH`, `READONLY`, `CLUSTERDOWN` … */
const CODE = /^[A-Z]{2,}\b/;
/** What no message may show: a storage id, and the arguments that some messages quote. */
const SECRETS = /[0-9a-f]{64}|,? with args beginning with:.*$/gis;

interface Failure extends Error {
  code?: string;
}

/**
 * What failed, fit for a log. An error of the client carries the command with all its arguments, and some messages
 * quote a key: neither goes on. Where the client only says that it gave up, `last` says why.
 */
export function cleaned(error: unknown, last?: Error): Error {
  const given = error instanceof Error ? (error as Failure) : new Error(String(error));
  const reason = isGivingUp(given) ? last : undefined;
  const told = (reason ?? given) as Failure;
  const message = told.message === '' ? (told.code ?? told.name) : told.message;
  const clean: Failure = new Error(
    `Redis: ${isGivingUp(told) ? 'the connection is lost' : message.replace(SECRETS, '…')}`,
  );
  clean.name = 'RedisError';
  const code = told.code ?? CODE.exec(told.message)?.[0];
  if (code !== undefined) clean.code = code;
  return clean;
}

/** The client's words for « no connection », which hide what happened to it. */
function isGivingUp({ name, message }: Error): boolean {
  return (
    name === 'MaxRetriesPerRequestError' ||
    name === 'AbortError' ||
    /^Connection is closed|^None of startup nodes|^Failed to refresh slots|^Stream isn't writeable|redirections\. Last error: Error: Connection is closed/.test(
      message,
    )
  );
}

/** Whether waiting for the server does not help: it is there and refuses us. */
export function isRefusal(error: Error | undefined): boolean {
  return /^(?:WRONGPASS|NOAUTH|NOPERM|ERR (?:invalid password|DB index|AUTH))/.test(error?.message ?? '');
}
