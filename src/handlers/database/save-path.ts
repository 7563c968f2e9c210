import type { ResolvedDatabaseGroup } from '../../contracts/database.js';
import type { HandlerOptions } from '../../contracts/handler.js';
import { BlitzError } from '../../errors.js';
import { inWords } from './in-words.js';
import { tableName } from './schema.js';

const LONGEST = 200;

/** The whole name of the table, with the group's prefix. Throws `E_SESSION_SAVE_PATH`. */
export function tableOf({ savePath }: HandlerOptions, { prefix }: ResolvedDatabaseGroup): string {
  const name = savePath.length <= LONGEST ? tableName(savePath, prefix) : undefined;
  if (name !== undefined) return name;
  const reason =
    savePath === ''
      ? inWords('il est vide ; nommez la table des sessions', 'it is empty; name the table of the sessions')
      : inWords(
          'ce n’est pas le nom d’une table (lettres sans accent, chiffres, « _ » et « $ », au plus 53 avec le préfixe du groupe)',
          'it is not the name of a table (unaccented letters, digits, "_" and "$", at most 53 with the prefix of the group)',
        );
  const forms = inWords('sessions, schéma.sessions', 'sessions, schema.sessions');
  throw new BlitzError('E_SESSION_SAVE_PATH', { details: { handler: 'database', reason, forms } });
}
