import type { ConsoleCommand } from '../command.js';

/** Writes what an application needs into the current directory, and installs what the kernel needs. */
export const initCommand: ConsoleCommand = {
  name: 'init',
  description: {
    fr: 'Prépare une application dans le dossier courant.',
    en: 'Sets up an application in the current directory.',
  },
  options: [
    {
      flags: '--force',
      description: {
        fr: 'remplace les fichiers qui existent déjà',
        en: 'replaces files that already exist',
      },
    },
    {
      flags: '--no-install',
      description: {
        fr: 'n’installe rien : les paquets sont seulement inscrits dans package.json',
        en: 'installs nothing: the packages are only written into package.json',
      },
    },
    {
      flags: '--json',
      description: {
        fr: 'écrit un objet : les fichiers, package.json, les paquets',
        en: 'writes one object: the files, package.json, the packages',
      },
    },
  ],
  async run(options, context) {
    const { init } = await import('../init/init.js');
    return init(
      process.cwd(),
      {
        force: options['force'] === true,
        install: options['install'] !== false,
        json: options['json'] === true,
      },
      context,
    );
  },
};
