import { Later } from '../../support/later.js';
import { judgeAfterReading } from '../../support/standstill.js';
import { exptime } from './expiry.js';
import { refused } from './save-path.js';
import type { Command, Health, Item, Reply, Status, Transport } from './transport.js';

type Told = (error: unknown, value: unknown) => void;

/** What is used of the package. */
interface Package {
  add(key: string, value: string, exptime: number, told: Told): void;
  set(key: string, value: string, exptime: number, told: Told): void;
  cas(key: string, value: string, unique: string, exptime: number, told: Told): void;
  append(key: string, value: string, told: Told): void;
  gets(key: string, told: Told): void;
  version(told: Told): void;
  end(): void;
  readonly HashRing: { get(key: string): string };
}
type Answer = { readonly error: unknown; readonly value: unknown };

const METHODS = ['add', 'cas', 'append', 'gets', 'set', 'version', 'end'];
const LOCK = /:lock$/;
const NO_ITEMS: readonly Item[] = [];

/** Settings of the package's pool: one try, milliseconds. */
const QUICK = { retries: 0, minTimeout: 50, maxTimeout: 100 };

/**
 * A client of the package `memcached` that the application made: its servers and settings, over connections of our own.
 * It carries text only, compressed values cannot be read through it, each command waits for the one before, and it has no
 * time-outs of its own: those are made here (memcached 2.2).
 */
export class GivenClient implements Transport {
  readonly #client: Package;
  readonly #patience: number;
  #closed = false;

  /** Throws `E_SESSION_SAVE_PATH` when the object is no such client. */
  constructor(client: object, operationTimeout: number) {
    const methods = client as Partial<Record<string, unknown>>;
    if (METHODS.some((name) => typeof methods[name] !== 'function') || methods['HashRing'] === undefined) {
      throw refused(
        'l’objet donné n’est pas un client du paquet memcached',
        'the object given is no client of the package memcached',
      );
    }
    this.#client = besideTheirRecords(client as Package);
    this.#patience = operationTimeout * 1000;
  }

  get closed(): boolean {
    return this.#closed;
  }

  run(_route: string, commands: readonly Command[]): Later<readonly Reply[]> {
    return Later.from(this.#executeAll(commands));
  }

  async #executeAll(commands: readonly Command[]): Promise<readonly Reply[]> {
    const replies: Reply[] = [];
    const deadline = performance.now() + this.#patience;
    for (const command of commands) replies.push(await this.#execute(command, deadline));
    return replies;
  }

  async check(): Promise<Health> {
    const deadline = performance.now() + this.#patience;
    const { error } = await this.#ask(deadline, (told) => this.#client.version(told)).catch(
      (cause: unknown) => ({
        error: cause,
      }),
    );
    return error ? { silent: 'all', cause: failure(error) } : { silent: 0 };
  }

  /** Ends our connections; the application's are its own matter. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#client.end();
  }

  async #execute(command: Command, deadline: number): Promise<Reply> {
    const { verb } = command;
    if (verb === 'gets') {
      const items: Item[] = [];
      for (const key of command.keys) items.push(...(await this.#get(key, deadline)));
      return { status: 'items', detail: '', items };
    }
    const { key } = command;
    if (verb === 'unique') {
      const [found] = await this.#get(key, deadline);
      return found === undefined ? reply('absent') : reply('done', found.unique);
    }
    if (verb === 'fence') {
      await this.#ask(deadline, (told) => this.#client.append(key, '', told));
      return reply('done');
    }
    if (verb === 'cas') return this.#cas(command, command.value.text, exptime(command.seconds), deadline);
    // An item that is replaced by one that ends at once is deleted, and only if it was not changed.
    if (verb === 'remove') {
      const removed = await this.#cas(command, '', -1, deadline);
      return removed.status === 'stored' ? reply('done') : removed;
    }
    // Only asked for sessions that are shared with PHP: bytes, which the package does not carry.
    if (verb === 'touch') throw new TypeError('the package memcached is not used beside PHP');
    const { value, seconds } = command;
    const answer = await this.#ask(deadline, (told) =>
      this.#client[verb](key, value.text, exptime(seconds), told),
    );
    if (answer.value === true) return reply('stored');
    if ((answer.error as { notStored?: boolean } | undefined)?.notStored === true) return reply('held');
    return failed(answer);
  }

  /** The package answers `false` for a changed item, a missing one, and a server that refused. */
  async #cas(
    { key, unique }: { key: string; unique: string },
    text: string,
    life: number,
    deadline: number,
  ): Promise<Reply> {
    const answer = await this.#ask(deadline, (told) => this.#client.cas(key, text, unique, life, told));
    if (answer.value === true) return reply('stored');
    if (answer.error) return failed(answer);
    const [found] = await this.#get(key, deadline);
    if (found === undefined) return reply('absent');
    return found.unique === unique ? failed(answer) : reply('changed');
  }

  async #get(key: string, deadline: number): Promise<Item[]> {
    const { error, value } = await this.#ask(deadline, (told) => this.#client.gets(key, told));
    if (error) throw failure(error);
    if (value === undefined || value === false) return [];
    const { cas, [key]: text } = value as Record<string, unknown>;
    if (typeof text !== 'string') throw new Error('memcached: a value is not text');
    return [{ key, flags: 0, unique: String(cas), value: Buffer.from(text, 'utf8') }];
  }

  #ask(deadline: number, call: (told: Told) => void): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const tooLate = () => reject(new Error(`memcached: no answer within ${this.#patience / 1000} s`));
      const left = Math.max(0, deadline - performance.now());
      const late = setTimeout(() => judgeAfterReading(deadline, tooLate), left).unref();
      call((error, value) => {
        clearTimeout(late);
        resolve({ error, value });
      });
    });
  }
}

function reply(status: Status, detail = ''): Reply {
  return { status, detail, items: NO_ITEMS };
}

/** A refusal reaches the caller as `false` without a reason. */
function failed({ error }: Answer): Reply {
  return reply('failed', error ? failure(error).message : 'SERVER_ERROR, which the package does not tell');
}

/** The package's messages name servers and commands' outcomes, never a key. */
function failure(error: unknown): Error {
  return error instanceof Error ? error : new Error(`memcached: ${String(error)}`);
}

/**
 * The same client with connections of its own, so that what it does wrong can be kept from it: a lock is looked for on
 * the server of its record, as our own client does; a server that fails is not marked as dead, for which the package
 * would refuse it for minutes and run `ping` (an uncaught error where there is none); a connection is not tried five
 * times, with a second and more between.
 */
function besideTheirRecords(client: Package): Package {
  const ring = Object.create(client.HashRing) as { get(key: string): string };
  ring.get = (key) => client.HashRing.get(key.replace(LOCK, ''));
  const connectionIssue = (_error: unknown, stream: { end?: () => void } | undefined) => stream?.end?.();
  const changed = { HashRing: ring, connections: {}, issues: {}, connectionIssue, ...QUICK };
  return Object.assign(Object.create(client), changed) as Package;
}
