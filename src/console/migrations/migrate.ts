import type { ConsoleContext } from '../command.js';
import { MIGRATIONS } from './files.js';
import { type Given, numberOf, withMigrator } from './open.js';

/** Applies what the group still needs; the exit code. */
export function migrate(root: string, given: Given, context: ConsoleContext): Promise<number> {
  return withMigrator(root, given, context, async ({ migrator, report, files }) => {
    const run = await migrator.up();
    const { done, applied, elsewhere } = run;
    const code = report.run('up', run, {
      batch: done[0]?.batch ?? null,
      before: applied.size,
      elsewhere: elsewhere.length,
    });
    if (report.json) return code;
    const { texts, line } = report;
    if (files.length === 0) line(texts.none(MIGRATIONS));
    else if (done.length === 0) line(texts.nothingUp(applied.size));
    if (elsewhere[0] !== undefined) line(texts.elsewhere(elsewhere.length, elsewhere[0]));
    return code;
  });
}

/** Takes back the last batch, what came after `--batch`, or all of it; the exit code. */
export async function rollback(root: string, given: Given, context: ConsoleContext): Promise<number> {
  const keep = given['all'] === true ? 0 : numberOf(given, 'batch');
  return withMigrator(root, given, context, async ({ migrator, report }) => {
    const run = await migrator.down(keep);
    const code = report.run('down', run, {});
    if (!report.json && run.done.length === 0) report.line(report.texts.nothingDown);
    return code;
  });
}
