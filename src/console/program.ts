import { Command, CommanderError } from 'commander';
import { explainError } from '../support/explain-error.js';
import { language } from '../support/language.js';
import type { ConsoleCommand, ConsoleContext, Words } from './command.js';

const TEXTS = {
  usage: { fr: '<commande> [options]', en: '<command> [options]' },
  version: { fr: 'affiche la version', en: 'shows the version' },
  help: { fr: 'affiche cette aide', en: 'shows this help' },
  helpCommand: { fr: 'Affiche l’aide d’une commande.', en: 'Shows the help of a command.' },
  hint: {
    fr: '« klinge list » affiche les commandes, « klinge help <commande> » ce que fait chacune.',
    en: '"klinge list" shows the commands, "klinge help <command>" what each one does.',
  },
} satisfies Record<string, Words>;

/** Commander speaks English only. What it can say here, and how it is said in French. */
const FRENCH: readonly (readonly [RegExp, string])[] = [
  [/^error: unknown command '(.*)'/, 'erreur : commande inconnue « $1 »'],
  [/^error: unknown option '(.*)'/, 'erreur : option inconnue « $1 »'],
  [
    /^error: too many arguments for '(.*)'\. Expected (\d+) arguments? but got (\d+)\./,
    'erreur : trop d’arguments pour « $1 » : $2 attendu, $3 reçu.',
  ],
  [/^error: option '(.*)' argument missing/, 'erreur : il manque une valeur à l’option « $1 »'],
  [/\(Did you mean one of (.*)\?\)/, '(Vouliez-vous dire l’une de celles-ci : $1 ?)'],
  [/\(Did you mean (.*)\?\)/, '(Vouliez-vous dire « $1 » ?)'],
  [/^Usage:/, 'Utilisation :'],
  [/^Options:/, 'Options :'],
  [/^Commands:/, 'Commandes :'],
];

function inLanguage(text: string): string {
  if (language() === 'en') return text;
  return FRENCH.reduce((said, [pattern, french]) => said.replace(pattern, french), text);
}

/** Runs one command line; resolves to the exit code. */
export async function runConsole(args: readonly string[], context: ConsoleContext): Promise<number> {
  let code = 0;
  const program = compose(context, (answered) => {
    code = answered;
  });
  try {
    // Without a command BlitzPHP's console lists them.
    await program.parseAsync(args.length === 0 ? ['list'] : args, { from: 'user' });
    return code;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode; // commander has said why
    process.stderr.write(`${explainError(error)}\n`);
    return 1;
  }
}

function compose(context: ConsoleContext, ended: (code: number) => void): Command {
  const lang = language();
  const program = new Command('klinge')
    .usage(TEXTS.usage[lang])
    .version(context.version, '-V, --version', TEXTS.version[lang])
    .helpOption('-h, --help', TEXTS.help[lang])
    .helpCommand(`help [${lang === 'fr' ? 'commande' : 'command'}]`, TEXTS.helpCommand[lang])
    .configureHelp({ styleTitle: inLanguage, subcommandTerm: (command) => command.name() })
    .configureOutput({ outputError: (text, write) => write(inLanguage(text)) })
    .showHelpAfterError(TEXTS.hint[lang])
    .exitOverride();
  for (const command of context.commands) add(program, command, context, ended);
  return program;
}

function add(
  program: Command,
  { name, description, options = [], run }: ConsoleCommand,
  context: ConsoleContext,
  ended: (code: number) => void,
): void {
  const lang = language();
  const command = program
    .command(name)
    .description(description[lang])
    .helpOption('-h, --help', TEXTS.help[lang])
    .action(async (given: Record<string, unknown>) => ended((await run(given, context)) ?? 0));
  for (const option of options) command.option(option.flags, option.description[lang]);
}
