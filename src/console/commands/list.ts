import { language } from '../../support/language.js';
import type { ConsoleCommand } from '../command.js';

const TEXTS = {
  fr: { title: 'la console de blitz-session', usage: 'Utilisation', command: 'commande', list: 'Commandes' },
  en: { title: 'the console of blitz-session', usage: 'Usage', command: 'command', list: 'Commands' },
};

export const listCommand: ConsoleCommand = {
  name: 'list',
  description: { fr: 'Affiche la liste des commandes.', en: 'Lists the commands.' },
  run(_options, { version, commands, line }) {
    const lang = language();
    const { title, usage, command, list } = TEXTS[lang];
    const colon = lang === 'fr' ? ' :' : ':';
    const width = Math.max(...commands.map(({ name }) => name.length));
    line(`klinge ${version}, ${title}`);
    line();
    line(`${usage}${colon} klinge <${command}> [options]`);
    line();
    line(`${list}${colon}`);
    for (const { name, description } of commands) line(`  ${name.padEnd(width)}  ${description[lang]}`);
  },
};
