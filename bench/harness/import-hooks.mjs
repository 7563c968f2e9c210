import { writeSync } from 'node:fs';

/** Runs in the thread of the hooks, whose console would come too late. */
export function load(url, context, next) {
  writeSync(1, `${url}\n`);
  return next(url, context);
}
