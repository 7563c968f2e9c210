import type { ConsoleCommand } from '../command.js';

/** Explains every option; with faults, lists them and ends with exit code 1. */
export const configCheckCommand: ConsoleCommand = {
  name: 'config:check',
  description: {
    fr: 'Vérifie la configuration ; explique chaque option, sa valeur et d’où elle vient.',
    en: 'Checks the configuration; explains each option, its value and where it came from.',
  },
  options: [
    {
      flags: '--json',
      description: {
        fr: 'écrit { "valid", "options" } ou { "valid", "faults" }',
        en: 'writes { "valid", "options" } or { "valid", "faults" }',
      },
    },
  ],
  async run(options, context) {
    const { checkConfig } = await import('../check/check-config.js');
    return checkConfig(process.cwd(), options['json'] === true, context);
  },
};
