import { type Language, language } from '../../support/language.js';
import type { ConsoleContext } from '../command.js';
import { type Paint, painter } from '../paint.js';
import type { Completion } from './package-json.js';
import type { Needed } from './packages.js';
import type { Written } from './write-files.js';

const TEXTS = {
  fr: {
    states: { created: 'écrit', kept: 'gardé', replaced: 'remplacé' },
    because: (other: string) => `(${other} en tient lieu)`,
    keptHint: 'Les fichiers gardés existaient déjà ; « --force » les remplace.',
    packageNew: 'package.json est écrit.',
    packageAdded: (keys: string) => `package.json reçoit : ${keys}.`,
    packageKept: (keys: string) => `package.json garde ce que vous y aviez mis : ${keys}.`,
    present: (names: string) => `Déjà installés : ${names}.`,
    installing: (command: string) => `Installation : ${command}`,
    failed: (why: string) => `L’installation a échoué (${why}). Une fois la cause corrigée, lancez :`,
    left: 'Il reste à installer :',
    misfit: ({ name, installed, range }: Needed) =>
      `${name} ${installed} est installé, mais il faut ${range}. Votre version reste en place ; pour en changer :`,
    unreachable:
      'blitz-session n’est pas installé dans ce dossier : l’application ne le trouvera pas. Installez-le ici, par exemple :',
    ready: 'Tout est prêt. Pour lancer l’application :',
    afterwards: 'Ensuite, pour lancer l’application :',
  },
  en: {
    states: { created: 'written', kept: 'kept', replaced: 'replaced' },
    because: (other: string) => `(${other} stands for it)`,
    keptHint: 'The files that are kept were already there; "--force" replaces them.',
    packageNew: 'package.json is written.',
    packageAdded: (keys: string) => `package.json gets: ${keys}.`,
    packageKept: (keys: string) => `package.json keeps what you had put there: ${keys}.`,
    present: (names: string) => `Already installed: ${names}.`,
    installing: (command: string) => `Installing: ${command}`,
    failed: (why: string) => `The installation failed (${why}). Once the cause is put right, run:`,
    left: 'Still to be installed:',
    misfit: ({ name, installed, range }: Needed) =>
      `${name} ${installed} is installed, but ${range} is needed. Your version is left in place; to change it:`,
    unreachable:
      'blitz-session is not installed in this folder: the application will not find it. Install it here, for example:',
    ready: 'Everything is ready. To start the application:',
    afterwards: 'Then, to start the application:',
  },
} satisfies Record<Language, unknown>;

const OURSELVES = 'npm install ./blitz-session.tgz';
const START = 'npx klinge serve';

/** Tells what `init` does while it does it, or all of it at the end as one JSON object. */
export class InitReport {
  readonly #json: Record<string, unknown>;
  readonly #line: (text?: string) => void;
  readonly #print: (text: string) => void;
  readonly #paint: Paint;
  readonly #texts: (typeof TEXTS)[Language];
  readonly #asJson: boolean;
  #code = 0;
  #todo = false;

  constructor(root: string, asJson: boolean, { line, colour }: ConsoleContext) {
    this.#asJson = asJson;
    this.#print = line;
    this.#line = asJson ? () => {} : line;
    this.#paint = painter(colour && !asJson);
    this.#texts = TEXTS[language()];
    this.#json = { root, ok: true };
  }

  files(files: readonly Written[]): void {
    this.#json['files'] = files;
    const { states } = this.#texts;
    const width = Math.max(...Object.values(states).map((state) => state.length));
    for (const { path, state, because } of files) {
      const tint = state === 'kept' ? this.#paint.warn : this.#paint.good;
      const reason = because === undefined ? '' : ` ${this.#texts.because(because)}`;
      this.#line(`  ${tint(states[state].padEnd(width))}  ${path}${reason}`);
    }
    this.#line();
    if (files.some(({ state, because }) => state === 'kept' && because === undefined))
      this.#line(this.#texts.keptHint);
  }

  packageJson(isNew: boolean, { added, kept }: Completion): void {
    this.#json['packageJson'] = { created: isNew, added, kept };
    if (isNew) this.#line(this.#texts.packageNew);
    else if (added.length > 0) this.#line(this.#texts.packageAdded(added.join(', ')));
    if (kept.length > 0) this.#line(this.#texts.packageKept(kept.join(', ')));
  }

  packages(packages: readonly Needed[]): void {
    const present = packages.filter(({ fits }) => fits);
    this.#json['packages'] = packages.map(({ name, range, installed }) => ({
      name,
      range,
      installed: installed ?? null,
    }));
    if (present.length > 0)
      this.#line(
        this.#texts.present(present.map(({ name, installed }) => `${name} ${installed}`).join(', ')),
      );
  }

  installing(command: string): void {
    this.#line(this.#texts.installing(command));
  }

  installed(packages: readonly Needed[], command: string, failure: string | undefined): void {
    this.#json['install'] = {
      command,
      ok: failure === undefined,
      packages: packages.map(({ name }) => name),
    };
    if (failure !== undefined) this.#advise(this.#texts.failed(failure), command, 1);
  }

  /** What `--no-install` leaves to the user. */
  left(command: string): void {
    this.#json['install'] = { command, ok: null };
    this.#advise(this.#texts.left, command, 0);
  }

  misfits(packages: readonly Needed[], command: string): void {
    this.#json['misfits'] = packages.map(({ name, range, installed }) => ({ name, range, installed }));
    this.#advise(packages.map(this.#texts.misfit).join('\n'), command, 1);
  }

  unreachable(): void {
    this.#json['unreachable'] = 'blitz-session';
    this.#advise(this.#texts.unreachable, OURSELVES, 1);
  }

  /** The exit code. */
  end(): number {
    this.#line();
    this.#line(this.#todo ? this.#texts.afterwards : this.#texts.ready);
    this.#line(`  ${this.#paint.strong(START)}`);
    if (this.#asJson) this.#print(JSON.stringify({ ...this.#json, ok: this.#code === 0 }));
    return this.#code;
  }

  #advise(sentence: string, command: string, code: number): void {
    this.#todo = true;
    this.#code = Math.max(this.#code, code);
    this.#line();
    this.#line(code === 0 ? sentence : this.#paint.bad(sentence));
    this.#line(`  ${this.#paint.strong(command)}`);
  }
}
