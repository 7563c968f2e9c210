// Preloaded: writes the address of every module that the process loads to its output.
import { writeSync } from 'node:fs';
import { createRequire, register } from 'node:module';

register('./import-hooks.mjs', import.meta.url);
const { cache } = createRequire(import.meta.url);
process.on('exit', () => {
  for (const path of Object.keys(cache)) writeSync(1, `${path}\n`);
});
