import { Command, CommanderError } from 'commander';
import { isBlitzError } from '../errors.js';
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
  const program = compose(context);
  try {
    // Without a command BlitzPHP's console lists them.
    await program.parseAsync(args.length === 0 ? ['list'] : args, { from: 'user' });
    return 0;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode; // commander has said why
    process.stderr.write(`${explain(error)}\n`);
    return 1;
  }
}

function compose(context: ConsoleContext): Command {
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
  for (const command of context.commands) add(program, command, context);
  return program;
}

function add(
  program: Command,
  { name, description, options = [], run }: ConsoleCommand,
  context: ConsoleContext,
): void {
  const lang = language();
  const command = program
    .command(name)
    .description(description[lang])
    .helpOption('-h, --help', TEXTS.help[lang])
    .action(async (given: Record<string, unknown>) => run(given, context));
  for (const option of options) command.option(option.flags, option.description[lang]);
}

/** Our own errors are a sentence that says the way out; of others the stack says where they come from. */
function explain(error: unknown): string {
  if (!isBlitzError(error)) return error instanceof Error ? (error.stack ?? error.message) : String(error);
  const { cause } = error;
  return cause instanceof Error ? `${error.message}\n(${cause.name}: ${cause.message})` : error.message;
}
