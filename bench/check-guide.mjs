// Whether the tables of the guide's pages on performance and capacity are those of results/*.json: `node
// bench/check-guide.mjs [page on performance] [page on capacity] [folder of results]` prints what is not, or lacks a
// row, and exits with 1.
import { readFileSync } from 'node:fs';
import { CAPACITY_PAGE, capacityResults, withCapacity } from './harness/capacity-page.mjs';
import { isComplete, PAGE, SHOWN_SUITES, withTable } from './harness/french-page.mjs';
import { resultsOf } from './harness/results.mjs';

const text = readFileSync(process.argv[2] ?? PAGE, 'utf8');
const wrong = SHOWN_SUITES.filter((name) => {
  const sections = resultsOf(name, process.argv[4]);
  return sections === undefined || !isComplete(name, sections) || withTable(text, name, sections) !== text;
});
const capacity = readFileSync(process.argv[3] ?? CAPACITY_PAGE, 'utf8');
if (withCapacity(capacity, capacityResults()) !== capacity) wrong.push('capacity');
for (const name of wrong) console.log(name);
process.exitCode = wrong.length === 0 ? 0 : 1;
