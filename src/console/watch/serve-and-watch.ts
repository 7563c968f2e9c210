import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseEnv } from 'node:util';
import { type Language, language } from '../../support/language.js';
import { type Paint, painter } from '../paint.js';
import { watchSources } from './sources.js';

export interface WatchOptions {
  /** What the child is given: `serve --port 3001`. */
  readonly args: readonly string[];
  /** The variable that tells the child who it is. */
  readonly marker: string;
  readonly colour: boolean;
  readonly line: (text?: string) => void;
}

/** Milliseconds after which a second signal is meant. */
const AGAIN = 500;
/** Milliseconds that the requests in flight have before a restart; a change is worth more than a slow page. */
const PATIENCE = 3000;
/** Changed files that are named. */
const NAMED = 3;

const TEXTS = {
  fr: {
    watching: 'L’application sera relancée à chaque changement de app/, config/, public/ ou .env.',
    changed: (names: string) => `Changement : ${names}. L’application est relancée…`,
    others: (count: number) => `et ${count} autre${count > 1 ? 's' : ''}`,
    ended: (how: string) =>
      `L’application s’est arrêtée (${how}). Elle sera relancée au prochain changement.`,
    code: (code: number) => `code ${code}`,
  },
  en: {
    watching: 'The application will be restarted at each change of app/, config/, public/ or .env.',
    changed: (names: string) => `Changed: ${names}. Restarting the application…`,
    others: (count: number) => `and ${count} more`,
    ended: (how: string) => `The application ended (${how}). It will be started again at the next change.`,
    code: (code: number) => `code ${code}`,
  },
} satisfies Record<Language, unknown>;

/** Runs `klinge` with `args` as a child, and again at each change, until a signal ends both; the child's exit code. */
export async function serveAndWatch(options: WatchOptions): Promise<number> {
  const root = process.cwd();
  const texts = TEXTS[language()];
  const paint = painter(options.colour);
  const served = new Served(options, developmentEnvironment(root, options.marker), paint);
  const unwatch = watchSources(root, (changed) => {
    const names = changed.slice(0, NAMED);
    if (changed.length > NAMED) names.push(texts.others(changed.length - NAMED));
    options.line(paint.name(texts.changed(names.join(', '))));
    served.restart();
  });
  options.line(paint.soft(texts.watching));
  served.start();

  let asked = 0;
  const stop = (signal: NodeJS.Signals) => {
    served.end(asked !== 0 && Date.now() - asked > AGAIN ? 'SIGKILL' : signal);
    asked ||= Date.now();
  };
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  for (const signal of signals) process.on(signal, stop);
  try {
    return await served.ended;
  } finally {
    unwatch();
    for (const signal of signals) process.off(signal, stop);
  }
}

/** `NODE_ENV` is development unless the terminal or `.env` says something else. */
function developmentEnvironment(root: string, marker: string): NodeJS.ProcessEnv {
  const env: NodeJS.ProcessEnv = { ...process.env, [marker]: '1' };
  let written: NodeJS.Dict<string> = {};
  try {
    written = parseEnv(readFileSync(join(root, '.env'), 'utf8'));
  } catch {
    // There is none, or the application itself will say what is wrong with it.
  }
  if (!env['NODE_ENV'] && !written['NODE_ENV']) env['NODE_ENV'] = 'development';
  return env;
}

/** The application as a child process. It is never left behind: the channel to it breaks when this process ends. */
class Served {
  readonly ended: Promise<number>;
  readonly #options: WatchOptions;
  readonly #env: NodeJS.ProcessEnv;
  readonly #paint: Paint;
  #tellEnd: (code: number) => void = () => {};
  #child: ChildProcess | undefined;
  #restarting: NodeJS.Timeout | undefined;
  #ending = false;

  constructor(options: WatchOptions, env: NodeJS.ProcessEnv, paint: Paint) {
    this.#options = options;
    this.#env = env;
    this.#paint = paint;
    this.ended = new Promise((resolve) => {
      this.#tellEnd = resolve;
    });
  }

  start(): void {
    const child = spawn(
      process.execPath,
      [...process.execArgv, process.argv[1] as string, ...this.#options.args],
      {
        env: this.#env,
        stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
      },
    );
    this.#child = child;
    child.once('error', (error) => this.#gone(error.message, 1));
    child.once('exit', (code, signal) =>
      this.#gone(
        signal ?? TEXTS[language()].code(code ?? 0),
        code ?? (this.#ending && signal !== 'SIGKILL' ? 0 : 1),
      ),
    );
  }

  /** Starts it again once it has ended; one that is ended already is started at once. */
  restart(): void {
    if (this.#ending || this.#restarting !== undefined) return;
    const child = this.#child;
    if (child === undefined) {
      this.start();
      return;
    }
    this.#restarting = setTimeout(() => child.kill('SIGKILL'), PATIENCE);
    child.kill('SIGTERM');
  }

  end(signal: NodeJS.Signals): void {
    this.#ending = true;
    if (this.#child === undefined) this.#tellEnd(0);
    else this.#child.kill(signal === 'SIGHUP' ? 'SIGTERM' : signal);
  }

  #gone(how: string, code: number): void {
    if (this.#child === undefined) return;
    this.#child = undefined;
    const restarting = this.#restarting !== undefined;
    clearTimeout(this.#restarting);
    this.#restarting = undefined;
    if (this.#ending) this.#tellEnd(code);
    else if (restarting) this.start();
    else this.#options.line(this.#paint.bad(TEXTS[language()].ended(how)));
  }
}
