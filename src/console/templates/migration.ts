import { createTable, dropTable, type SessionTable } from '../../handlers/database/schema.js';
import { language } from '../../support/language.js';
import { type Say, sayIn } from './words.js';

/** The migration that makes a table of sessions. `group`: the one that `config/session` names, if it names one. */
export function migrationCode(table: SessionTable, group: string | undefined): string {
  return code(sayIn(language()), table, group);
}

// In a list, so that no line of this file begins like an import of its own.
const IMPORT = ["import { defineMigration } from 'blitz-session';", ''].join('\n');

const code = (say: Say, table: SessionTable, group: string | undefined): string => `${IMPORT}
// ${
  table.shared
    ? say(
        'La table des sessions, que PHP partage : les quatre colonnes de BlitzPHP, et rien d’autre.',
        'The table of sessions, which PHP shares: the four columns of BlitzPHP, and nothing else.',
      )
    : say(
        'La table des sessions : les quatre colonnes de BlitzPHP, puis les deux du verrou.',
        'The table of sessions: the four columns of BlitzPHP, then the two of the lock.',
      )
}
export default defineMigration({
${group === undefined ? '' : `  group: ${literal(group)},\n\n`}  async up(database) {
${runs(createTable(table))}  },

  // ${say('Supprime la table, et toutes les sessions avec elle.', 'Removes the table, and every session with it.')}
  async down(database) {
${runs(dropTable(table))}  },
});
`;

function runs(statements: readonly string[]): string {
  return statements.map((sql) => `    await database.run(${literal(sql)});\n`).join('');
}

function literal(text: string): string {
  if (!text.includes('\n')) return `'${text.replace(/['\\]/g, '\\$&')}'`;
  return `\`${text.replace(/[`\\]|\$\{/g, '\\$&').replaceAll('\n', '\n    ')}\``;
}
