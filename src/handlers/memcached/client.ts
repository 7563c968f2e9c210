import { readFileSync } from 'node:fs';
import { type BlitzError, isBlitzError } from '../../errors.js';
import { Later } from '../../support/later.js';
import { commandText } from './command-text.js';
import { Connection } from './connection.js';
import { unsent } from './failure.js';
import { tooLarge } from './replies.js';
import { HashRing, type Placement, type RingServer } from './ring.js';
import { type MemcachedAddress, refused } from './save-path.js';
import type { Command, Health, Reply, Transport } from './transport.js';

const DEFAULT_ITEM_SIZE = 1024 * 1024;
/** What the server keeps beside an item's key and value; large items come in pieces, each with its own. */
const ITEM_OVERHEAD = 120;
const LONGEST_CONNECT = 1000;
/** Milliseconds between two questions to servers of which none answers. */
const RETRY_AFTER = 100;

interface Server {
  readonly connection: Connection;
  /** Bytes of the largest item, as the server says when it is connected to. */
  itemSize: number;
  /** Why it cannot hold sessions, as the server says when it is connected to. */
  unfit: BlitzError | undefined;
}

/**
 * Our own client: the text protocol over one pipelined connection a server. A key always belongs to the same server; one
 * that is down fails its own sessions and no others, and no other takes its place: when it came back, or at the next
 * change of the network, two servers would both have a version of the session.
 */
export class MemcachedClient implements Transport {
  readonly #servers: readonly Server[];
  readonly #placement: Placement | undefined;
  readonly #patience: number;
  #closed = false;

  /** `operationTimeout` in seconds; `placement` where keys are not spread as we spread them. */
  constructor(address: MemcachedAddress, operationTimeout: number, placement?: Placement) {
    const patience = operationTimeout * 1000;
    this.#patience = patience;
    const connectPatience = Math.min(patience, address.timeout ? address.timeout * 1000 : LONGEST_CONNECT);
    const ca = address.ca === undefined ? undefined : certificates(address.ca);
    this.#servers = address.servers.map((server) => {
      const entry: Server = {
        itemSize: DEFAULT_ITEM_SIZE,
        unfit: undefined,
        connection: new Connection({
          name: server.name,
          target: targetOf(server),
          tls: address.tls ? { servername: nameForTls(server.host), ...(ca && { ca }) } : undefined,
          patience,
          connectPatience,
          greeted: (version, settings) => {
            entry.itemSize = Number(/\bitem_size_max=(\d+)/.exec(settings)?.[1] ?? DEFAULT_ITEM_SIZE);
            entry.unfit = unfit(version, settings);
          },
        }),
      };
      return entry;
    });
    const several = address.servers.length > 1;
    this.#placement = several ? (placement ?? new HashRing(address.servers)) : undefined;
  }

  get closed(): boolean {
    return this.#closed;
  }

  run(route: string, commands: readonly Command[]): Later<readonly Reply[]> {
    if (this.#closed) return Later.rejected(unsent('the client is closed'));
    const server = this.#servers[this.#placement?.find(route) ?? 0] as Server;
    if (server.unfit !== undefined) return Later.rejected(server.unfit);
    const text = commandText(commands);
    if (text.largest > server.itemSize - ITEM_OVERHEAD) return Later.rejected(tooLarge());
    return server.connection.run(text, commands.length);
  }

  async check(): Promise<Health> {
    const deadline = performance.now() + this.#patience;
    for (;;) {
      const asked = await Promise.allSettled(this.#servers.map((server) => answers(server)));
      const refusals = asked
        .filter((outcome) => outcome.status === 'rejected')
        .map(({ reason }) => reason as unknown);
      const unfit = refusals.find((reason) => isBlitzError(reason));
      if (unfit !== undefined) throw unfit;
      if (refusals.length < asked.length) return { silent: refusals.length, cause: refusals[0] };
      if (performance.now() + RETRY_AFTER > deadline) return { silent: 'all', cause: refusals[0] };
      await new Promise((resolve) => setTimeout(resolve, RETRY_AFTER));
    }
  }

  async close(): Promise<void> {
    this.#closed = true;
    await Promise.all(this.#servers.map(({ connection }) => connection.close()));
  }
}

async function answers(server: Server): Promise<void> {
  await server.connection.run({ text: 'version\r\n', encoding: 'latin1', largest: 0 }, 1);
  if (server.unfit !== undefined) throw server.unfit;
}

function certificates(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch {
    throw refused('le fichier de ca ne peut pas être lu', 'the file of ca cannot be read');
  }
}

function targetOf({ host, port }: RingServer): { path: string } | { host: string; port: number } {
  return port === undefined ? { path: host } : { host, port };
}

/** TLS knows no addresses as names (RFC 6066 §3). */
function nameForTls(host: string): string {
  return /^[\d.]+$|:/.test(host) ? '' : host;
}

function unfit(version: string, settings: string): BlitzError | undefined {
  const [, major = '0', minor = '0'] = /^(\d+)\.(\d+)/.exec(version) ?? [];
  if (Number(major) * 100 + Number(minor) < 106) {
    return refused('ce serveur est plus ancien que memcached 1.6', 'this server is older than memcached 1.6');
  }
  if (/\bcas_enabled=no\b/.test(settings)) {
    return refused(
      'ce serveur a été démarré avec -C, sans quoi aucune écriture n’est sûre',
      'this server was started with -C, without which no write is safe',
    );
  }
  return undefined;
}
