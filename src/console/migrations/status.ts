import { type Language, language } from '../../support/language.js';
import type { ConsoleContext } from '../command.js';
import type { Paint } from '../paint.js';
import { MIGRATIONS } from './files.js';
import { type Given, withMigrator } from './open.js';

type State = 'applied' | 'pending' | 'missing';

const TEXTS = {
  fr: {
    applied: 'en place',
    pending: 'à appliquer',
    missing: 'fichier absent',
    batch: (batch: number) => ` (lot ${batch})`,
  },
  en: {
    applied: 'applied',
    pending: 'to apply',
    missing: 'file is gone',
    batch: (batch: number) => ` (batch ${batch})`,
  },
} satisfies Record<Language, Record<State, string> & { batch: (batch: number) => string }>;

const TINTS: Readonly<Record<State, keyof Paint>> = { applied: 'good', pending: 'warn', missing: 'bad' };

/** Something is left to apply: neither success nor failure, for a script that asks before it deploys. */
const PENDING = 2;

/** Tells what is applied and what is not; the exit code says whether something is left to apply. */
export function status(root: string, given: Given, context: ConsoleContext): Promise<number> {
  return withMigrator(root, given, context, async ({ migrator, report, files }) => {
    const { applied, pending, elsewhere } = await migrator.look();
    const names = new Set(files.map(({ name }) => name));
    const rows: { name: string; state: State; batch: number | null }[] = [
      ...[...applied].map(([name, batch]) => ({ name, state: stateOf(names.has(name)), batch })),
      ...pending.map(({ file }) => ({ name: file.name, state: 'pending' as const, batch: null })),
    ];
    rows.sort((a, b) => (a.name < b.name ? -1 : 1));
    const code = pending.length > 0 ? PENDING : 0;
    if (report.json) {
      report.object({ pending: pending.length, elsewhere: elsewhere.length, migrations: rows });
      return code;
    }
    const words = TEXTS[language()];
    const { texts, line, paint } = report;
    const width = Math.max(words.applied.length, words.pending.length, words.missing.length);
    report.head();
    for (const { name, state, batch } of rows) {
      const when = batch === null ? '' : words.batch(batch);
      line(`  ${paint[TINTS[state]](words[state].padEnd(width))}  ${name}${paint.soft(when)}`);
    }
    if (rows.length === 0) line(texts.none(MIGRATIONS));
    if (elsewhere[0] !== undefined) line(texts.elsewhere(elsewhere.length, elsewhere[0]));
    return code;
  });
}

function stateOf(there: boolean): State {
  return there ? 'applied' : 'missing';
}
