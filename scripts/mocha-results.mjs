// Mocha's spec reporter, which also names the file of a process that ended before its tests, and writes its counts as
// JSON to the file named by MOCHA_RESULTS.
import { writeFileSync } from 'node:fs';
import { relative } from 'node:path';
import Mocha from 'mocha';

export default class SpecWithResults extends Mocha.reporters.Spec {
  constructor(runner, options) {
    // Before the base class keeps the failure: a file that could not be run to its end has no test that would say where.
    runner.on('fail', (test, error) => {
      if (error?.file !== undefined) test.title += ` (${relative(process.cwd(), error.file)})`;
    });
    super(runner, options);
    runner.once('end', () => {
      const file = process.env.MOCHA_RESULTS;
      if (file) writeFileSync(file, JSON.stringify(this.stats));
    });
  }
}
