import { language } from '../../support/language.js';
import type { ConsoleCommand } from '../command.js';
import { painter } from '../paint.js';

const TEXTS = {
  fr: { title: 'la console de blitz-session', usage: 'Utilisation', command: 'commande', list: 'Commandes' },
  en: { title: 'the console of blitz-session', usage: 'Usage', command: 'command', list: 'Commands' },
};

export const listCommand: ConsoleCommand = {
  name: 'list',
  description: { fr: 'Affiche la liste des commandes.', en: 'Lists the commands.' },
  options: [
    {
      flags: '--json',
      description: {
        fr: 'écrit { "version": texte, "commands": [{ "name", "description", "options" }] }',
        en: 'writes { "version": text, "commands": [{ "name", "description", "options" }] }',
      },
    },
  ],
  run(given, { version, commands, colour, line }) {
    const lang = language();
    if (given['json'] === true) {
      const described = commands.map(({ name, description, options = [] }) => ({
        name,
        description: description[lang],
        options: options.map((option) => ({ flags: option.flags, description: option.description[lang] })),
      }));
      line(JSON.stringify({ version, commands: described }));
      return;
    }
    const paint = painter(colour);
    const { title, usage, command, list } = TEXTS[lang];
    const colon = lang === 'fr' ? ' :' : ':';
    const width = Math.max(...commands.map(({ name }) => name.length));
    line(`${paint.strong(`klinge ${version}`)}, ${title}`);
    line();
    line(`${usage}${colon} klinge <${command}> [options]`);
    line();
    line(`${list}${colon}`);
    for (const { name, description } of commands) {
      line(`  ${paint.name(name.padEnd(width))}  ${description[lang]}`);
    }
  },
};
