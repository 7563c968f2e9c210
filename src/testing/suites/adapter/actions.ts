import { EventEmitter } from 'node:events';
import { currentStore } from '../../../container/request-scope.js';
import { Services } from '../../../container/services.js';
import type { Awaitable } from '../../../contracts/session.js';
import { isBlitzError } from '../../../errors.js';
import { Session } from '../../../facades/session.js';
import { session } from '../../../helpers/session.js';
import { session_start } from '../../../php/session-functions.js';
import { sleep } from './client.js';

type Action = () => Awaitable<string>;

/** What the routes do that need nothing of the framework. */
export class Actions {
  /** How often each path ran. */
  readonly ran: Map<string, number> = new Map();
  #released: (() => void)[] = [];

  /** Actions that wait to be released. */
  get waiting(): number {
    return this.#released.length;
  }

  release(): void {
    for (const go of this.#released.splice(0)) go();
  }

  table(): Readonly<Record<string, Action>> {
    const routes: Record<string, Action> = {
      '/count': count,
      '/see': see,
      '/readonly/see': see,
      '/readonly/put': () => codeOf(() => session().put('name', 'refused')),
      '/name/ada': () => name('Ada'),
      '/name/bob': () => name('Bob'),
      '/reach': reach,
      '/skip/reach': reach,
      '/bare/reach': reach,
      '/later/reach': reach,
      '/later/count': async () => {
        await session_start();
        return count();
      },
      '/ways': ways,
      '/throw': () => {
        count();
        throw new Error('thrown at once');
      },
      '/reject': async () => {
        count();
        await sleep(3);
        throw new Error('thrown after a while');
      },
      '/wait': wait,
      '/slow': () => this.#slow(),
      '/login': async () => {
        session().put('name', 'Ada');
        await session().regenerate();
        return 'fine';
      },
      '/logout': async () => {
        await session().destroy();
        return 'fine';
      },
      '/forgotten': () => {
        count();
        void session().close();
        return 'fine';
      },
    };
    return Object.fromEntries(
      Object.entries(routes).map(([path, action]) => [path, () => this.#count(path, action)]),
    );
  }

  /** Three texts; between them a change that comes too late, and a pause that ends when it is released. */
  parts(): AsyncIterable<string> {
    // `session()` may not know the request any more where the body is read.
    const store = currentStore();
    const pause = () => this.#pause();
    return (async function* () {
      yield 'begun ';
      await pause();
      yield codeOf(() => store.put('late', true));
      yield ' ended';
    })();
  }

  #count(path: string, action: Action): Awaitable<string> {
    this.ran.set(path, (this.ran.get(path) ?? 0) + 1);
    return action();
  }

  async #slow(): Promise<string> {
    session().put('early', true);
    await this.#pause();
    session().put('late', true);
    return 'fine';
  }

  #pause(): Promise<void> {
    return new Promise((resolve) => {
      this.#released.push(resolve);
    });
  }
}

function count(): string {
  return String(session().increment('count'));
}

function see(): string {
  return JSON.stringify(session().all());
}

async function name(given: string): Promise<string> {
  session().put('name', given);
  return reach();
}

/** What is under `name`, asked for in every place that a request comes through. */
async function reach(): Promise<string> {
  const seen = [ask()];
  await null;
  seen.push(ask());
  await sleep(1);
  seen.push(ask());
  await new Promise<void>((resolve) => setImmediate(() => resolve(void seen.push(ask()))));
  await new Promise<void>((resolve) => process.nextTick(() => resolve(void seen.push(ask()))));
  const events = new EventEmitter();
  events.on('event', () => seen.push(ask()));
  events.emit('event');
  return `<${[...new Set(seen)].join(' ')}>`;
}

function ask(): string {
  let found = 'nobody';
  const code = codeOf(() => {
    found = String(session('name') ?? 'nobody');
  });
  return code === '' ? found : code;
}

/** All ways to the session give the same one. */
function ways(): string {
  session().put('name', 'all');
  return [
    session('name'),
    Session.get('name'),
    Services.session().get('name'),
    Services.get('session').get('name'),
  ].join(' ');
}

async function wait(): Promise<string> {
  const before = session<number>('count', 0);
  await sleep(5);
  session().put('count', before + 1);
  return String(before + 1);
}

/** The code of the error that `work` throws; empty when it throws none. */
function codeOf(work: () => unknown): string {
  try {
    work();
    return '';
  } catch (error) {
    return isBlitzError(error) ? error.code : String(error);
  }
}
