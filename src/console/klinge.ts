#!/usr/bin/env node
import { readFileSync } from 'node:fs';
import { listCommand } from './commands/list.js';
import { sessionGcCommand } from './commands/session-gc.js';
import { runConsole } from './program.js';

const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
  version: string;
};

process.exitCode = await runConsole(process.argv.slice(2), {
  version,
  commands: [listCommand, sessionGcCommand],
  line: (text = '') => {
    process.stdout.write(`${text}\n`);
  },
});
