/** What failed, without the record's key: a file's name, say, must not reach a log. */
export function withoutKey(cause: unknown, key: string): unknown {
  if (!(cause instanceof Error) || !`${cause.message} ${cause.stack}`.includes(key)) return cause;
  const clean = new Error(cause.message.replaceAll(key, '…'));
  clean.name = cause.name;
  clean.stack = cause.stack?.replaceAll(key, '…') ?? '';
  return Object.assign(clean, { code: (cause as NodeJS.ErrnoException).code });
}
