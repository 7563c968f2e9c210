import type { ResolvedDatabaseGroup } from '../../contracts/database.js';
import type { HandlerOptions } from '../../contracts/handler.js';
import { BlitzError, isBlitzError } from '../../errors.js';
import { isAbsent, type SqlError } from './failure.js';
import { inWords } from './in-words.js';
import type { Dialect } from './schema.js';

/** Milliseconds between two tries to reach a server that is not up yet. */
const RETRY = 100;

/**
 * Does `work` on the group of the sessions, again as long as its server is not up, for `operation_timeout` at most.
 * `driver`: the one that the group must have. Throws what `work` throws, anything untyped as `E_SESSION_BACKEND`.
 */
export async function whenReachable(
  options: HandlerOptions,
  driver: Dialect | undefined,
  work: (group: ResolvedDatabaseGroup) => Promise<void>,
): Promise<void> {
  const backend = (cause: unknown) =>
    new BlitzError('E_SESSION_BACKEND', {
      cause,
      details: { handler: driver ?? 'database', operation: 'open' },
    });
  const group = groupOf(options);
  if (driver !== undefined && group.driver !== driver)
    throw backend(new Error(`the group is for ${group.driver}`));
  const until = performance.now() + options.operationTimeout * 1000;
  for (;;) {
    try {
      return await work(group);
    } catch (error) {
      if (isBlitzError(error)) throw error;
      if (!isAbsent((error as SqlError).code) || performance.now() + RETRY > until) throw backend(error);
      await new Promise((resolve) => setTimeout(resolve, RETRY));
    }
  }
}

/** The configuration is checked for the names of our handlers; a class of one's own may come without a group. */
export function groupOf({ database }: HandlerOptions): ResolvedDatabaseGroup {
  if (database !== undefined) return database;
  const faults = inWords(
    '- session : les sessions en base demandent un groupe de config/database ; ajoutez-le, ou nommez-le dans « group ».',
    '- session: sessions in a database need a group of config/database; add it, or name it in "group".',
  );
  throw new BlitzError('E_SESSION_CONFIG', { details: { faults } });
}
