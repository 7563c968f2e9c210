import { readEnvironment } from '../config/env.js';
import { Faults } from '../config/faults.js';
import { BlitzError } from '../errors.js';
import { explainError } from '../support/explain-error.js';
import { type Language, language } from '../support/language.js';
import { Application, type BootOptions } from './application.js';
import { portFrom } from './port.js';

export interface ServeOptions extends BootOptions {
  /** The address to answer at. Default: `HOST` (the environment, then `.env`), else 127.0.0.1. */
  readonly host?: string;
  /** The port, 0 for a free one. Default: `PORT` (the environment, then `.env`), else 3000. */
  readonly port?: number | string;
  /** Says nothing of its end, for a program that starts it again at once. */
  readonly quietEnd?: boolean;
}

/** Milliseconds after which a second signal is meant: under npm one Ctrl+C comes twice, from the terminal and from npm. */
const AGAIN = 500;
/** Milliseconds after which a stop that does not come to its end is given up. */
const LAST_CALL = 20_000;
/** Milliseconds that what the application left running (a timer, a client) may keep the process alive. */
const LEFTOVERS = 1000;

const TEXTS = {
  fr: {
    ready: (url: string) => `L’application vous attend : ${url} (Ctrl+C pour l’arrêter)`,
    stopping: 'Arrêt : les dernières requêtes se terminent…',
    stopped: 'Application arrêtée.',
    stuck: 'Des requêtes ne finissent pas : arrêt immédiat.',
    taken: (port: number, host: string) =>
      `le port ${port} de ${host} est déjà pris. Arrêtez le programme qui l’occupe, ou choisissez-en un autre (--port ou PORT)`,
    rights: (port: number) =>
      `le port ${port} demande des droits particuliers ; choisissez-en un au-dessus de 1023 (--port ou PORT)`,
    address: (host: string) => `cette machine n’a pas l’adresse « ${host} » (--host ou HOST)`,
  },
  en: {
    ready: (url: string) => `The application is waiting for you: ${url} (Ctrl+C to stop it)`,
    stopping: 'Stopping: the last requests are being finished…',
    stopped: 'Application stopped.',
    stuck: 'Some requests do not end: stopping at once.',
    taken: (port: number, host: string) =>
      `port ${port} of ${host} is already taken. Stop the program that holds it, or choose another one (--port or PORT)`,
    rights: (port: number) => `port ${port} needs special rights; choose one above 1023 (--port or PORT)`,
    address: (host: string) => `this machine does not have the address "${host}" (--host or HOST)`,
  },
} satisfies Record<Language, unknown>;

/**
 * Boots the application, serves it and ends it well: SIGINT and SIGTERM let the requests in flight end, a second signal
 * ends the process at once. This is a program's main function: what prevents the start is written to the standard error
 * as a sentence, the exit code becomes 1, and the answer is undefined; nothing is thrown.
 */
export async function serve(options: ServeOptions = {}): Promise<Application | undefined> {
  try {
    return await start(options);
  } catch (error) {
    console.error(explainError(error));
    exitSoon(1);
    return undefined;
  }
}

async function start({ host, port, quietEnd = false, ...boot }: ServeOptions): Promise<Application> {
  const { variables } = await readEnvironment(boot.root ?? process.cwd(), process.env, new Faults());
  const wantedHost = host || variables['HOST'] || '127.0.0.1';
  const wantedPort =
    port === undefined || port === ''
      ? portFrom('PORT', variables['PORT'] || '3000')
      : portFrom('--port', String(port));
  const application = await Application.boot(boot);
  let url: string;
  try {
    url = await application.listen(wantedPort, wantedHost);
  } catch (error) {
    await application.close();
    throw listenError(error, wantedPort, wantedHost);
  }
  const tell = quietEnd ? () => {} : console.log;
  endOnSignal(application, tell);
  surviveStrays(application, tell);
  // Last: who reads it may send a signal at once.
  console.log(TEXTS[language()].ready(url.endsWith('/') ? url : `${url}/`));
  return application;
}

function endOnSignal(application: Application, tell: (sentence: string) => void): void {
  let asked = 0;
  const stop = () => {
    if (asked === 0) void end(application, tell);
    else if (Date.now() - asked > AGAIN) process.exit(1);
    asked ||= Date.now();
  };
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);
}

/**
 * A promise that fails with nobody waiting for it belongs to one request: it is reported, and the others go on. After an
 * exception that nobody caught the state of the process is unknown: it is reported, and the process ends well, with 1.
 */
function surviveStrays(application: Application, tell: (sentence: string) => void): void {
  const log = () => application.service('log');
  process.on('unhandledRejection', (cause) => log().error('unhandled rejection', { cause }));
  process.once('uncaughtException', (cause) => {
    log().error('uncaught exception', { cause });
    void end(application, tell, 1);
  });
}

/** Takes no new request, lets those in flight end, and closes the sessions. */
async function end(application: Application, tell: (sentence: string) => void, code = 0): Promise<void> {
  const texts = TEXTS[language()];
  tell(texts.stopping);
  const limit = setTimeout(() => {
    console.error(texts.stuck);
    process.exit(1);
  }, LAST_CALL);
  try {
    await application.close();
    tell(texts.stopped);
    exitSoon(code);
  } catch (error) {
    console.error(explainError(error));
    exitSoon(1);
  } finally {
    clearTimeout(limit);
  }
}

/** Lets the process end by itself, and helps after a moment: a timer of the application must not keep it for ever. */
function exitSoon(code: number): void {
  process.exitCode = code;
  setTimeout(() => process.exit(), LEFTOVERS).unref();
}

/** What the operator can do about it; an error that is nothing of this kind is left as it is. */
function listenError(error: unknown, port: number, host: string): unknown {
  const texts = TEXTS[language()];
  const reason = {
    EADDRINUSE: () => texts.taken(port, host),
    EACCES: () => texts.rights(port),
    EADDRNOTAVAIL: () => texts.address(host),
    ENOTFOUND: () => texts.address(host),
    EAI_AGAIN: () => texts.address(host),
  }[(error as NodeJS.ErrnoException).code ?? ''];
  return reason === undefined ? error : new BlitzError('E_APP_LISTEN', { details: { reason: reason() } });
}
