import { isBlitzError } from '../../errors.js';
import { Later } from '../../support/later.js';
import { UnsentError } from '../memcached/failure.js';
import type { Placement } from '../memcached/ring.js';
import type { Command, Health, Item, Reply, Transport } from '../memcached/transport.js';

/** A command for one server, and which of the given ones it is a part of. */
interface Part {
  readonly command: Command;
  readonly server: number;
  /** A key of that server. */
  readonly route: string;
  readonly of: number;
}

/**
 * PHP's client looks for each key by itself, so a record and its lock may be on two servers. Here commands go where PHP
 * would look; those that follow one another on the same server leave together, the others one after the other.
 */
export class ClientByKey implements Transport {
  readonly #client: Transport;
  readonly #placement: Placement;

  constructor(client: Transport, placement: Placement) {
    this.#client = client;
    this.#placement = placement;
  }

  get closed(): boolean {
    return this.#client.closed;
  }

  run(_route: string, commands: readonly Command[]): Later<readonly Reply[]> {
    const parts = commands.flatMap((command, of) => this.#parts(command, of));
    return Later.from(this.#execute(parts, commands.length));
  }

  check(): Promise<Health> {
    return this.#client.check();
  }

  close(): Promise<void> {
    return this.#client.close();
  }

  async #execute(parts: readonly Part[], count: number): Promise<readonly Reply[]> {
    const replies: Reply[] = new Array(count);
    for (let at = 0; at < parts.length; ) {
      const { server, route } = parts[at] as Part;
      let end = at + 1;
      while (parts[end]?.server === server) end++;
      const together = parts.slice(at, end);
      const told = await this.#client
        .run(
          route,
          together.map(({ command }) => command),
        )
        .then(undefined, (error: unknown) => {
          throw at === 0 ? error : afterOthers(error);
        });
      for (const [n, { of }] of together.entries()) replies[of] = joined(replies[of], told[n] as Reply);
      at = end;
    }
    return replies;
  }

  #parts(command: Command, of: number): Part[] {
    if (command.verb !== 'gets') return [this.#part(command, command.key, of)];
    return command.keys.map((key) => this.#part({ verb: 'gets', keys: [key] }, key, of));
  }

  #part(command: Command, route: string, of: number): Part {
    return { command, server: this.#placement.find(route), route, of };
  }
}

/** The items of one `gets` from several servers; a failure among them is the answer. */
function joined(before: Reply | undefined, next: Reply): Reply {
  if (before === undefined || next.status === 'failed') return next;
  if (before.status === 'failed') return before;
  const items: readonly Item[] = [...before.items, ...next.items];
  return { ...next, items };
}

/** That nothing was sent is not true any more of the whole. */
function afterOthers(error: unknown): unknown {
  if (!(error instanceof UnsentError || isBlitzError(error))) return error;
  return new Error((error as Error).message, { cause: error });
}
