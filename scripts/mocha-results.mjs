// Mocha's spec reporter, which also writes its counts as JSON to the file named by MOCHA_RESULTS.
import { writeFileSync } from 'node:fs';
import Mocha from 'mocha';

export default class SpecWithResults extends Mocha.reporters.Spec {
  constructor(runner, options) {
    super(runner, options);
    runner.once('end', () => {
      const file = process.env.MOCHA_RESULTS;
      if (file) writeFileSync(file, JSON.stringify(this.stats));
    });
  }
}
