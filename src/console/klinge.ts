#!/usr/bin/env node
import { aboutCommand } from './commands/about.js';
import { configCheckCommand } from './commands/config-check.js';
import { initCommand } from './commands/init.js';
import { listCommand } from './commands/list.js';
import { migrateCommand, migrateRollbackCommand, migrateStatusCommand } from './commands/migrate.js';
import { serveCommand } from './commands/serve.js';
import { sessionGcCommand } from './commands/session-gc.js';
import { sessionTableCommand } from './commands/session-table.js';
import { ownPackage } from './own-package.js';
import { showsColours } from './paint.js';
import { runConsole } from './program.js';

// `klinge list | head`: a reader that has seen enough is no failure, and no reason to end a server.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
});

process.exitCode = await runConsole(process.argv.slice(2), {
  version: ownPackage().version,
  commands: [
    initCommand,
    listCommand,
    aboutCommand,
    serveCommand,
    configCheckCommand,
    sessionTableCommand,
    migrateCommand,
    migrateRollbackCommand,
    migrateStatusCommand,
    sessionGcCommand,
  ],
  colour: showsColours(process.stdout, process.env),
  line: (text = '') => {
    process.stdout.write(`${text}\n`);
  },
  live: showsColours(process.stderr, process.env)
    ? (text) => {
        process.stderr.write(`\r\u001b[K${text}`);
      }
    : undefined,
});
