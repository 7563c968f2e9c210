// Whether the tables of the guide's page on performance are those of results/*.json: `node bench/check-guide.mjs [page]`
// prints the suites whose tables are not, and exits with 1.
import { readFileSync } from 'node:fs';
import { PAGE, SHOWN_SUITES, withTable } from './harness/french-page.mjs';
import { resultsOf } from './harness/results.mjs';

const text = readFileSync(process.argv[2] ?? PAGE, 'utf8');
const wrong = SHOWN_SUITES.filter((name) => {
  const sections = resultsOf(name);
  return sections === undefined || withTable(text, name, sections) !== text;
});
for (const name of wrong) console.log(name);
process.exitCode = wrong.length === 0 ? 0 : 1;
