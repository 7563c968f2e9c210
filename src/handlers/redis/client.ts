import { readFile } from 'node:fs/promises';
import type { Duplex } from 'node:stream';
import { optionalPackage } from '../../support/optional-package.js';
import { checkedPrefix, parseSavePath, type RedisAddress, refused } from './save-path.js';

/** The slice of an ioredis client, `Redis` or `Cluster`, that is used here. */
export interface RedisClient {
  readonly status: string;
  readonly options: { readonly keyPrefix?: string; readonly redisOptions?: { readonly keyPrefix?: string } };
  readonly isCluster?: boolean;
  /** The socket of a `Redis`; a cluster has one a node. */
  readonly stream?: Duplex | null;
  evalBuffer(lua: string, keys: number, ...args: (string | number | Buffer)[]): Promise<unknown>;
  evalshaBuffer(sum: string, keys: number, ...args: (string | number | Buffer)[]): Promise<unknown>;
  duplicate(...overrides: unknown[]): RedisClient;
  getBuffer(key: string): Promise<Buffer | null>;
  set(key: string, value: string | Buffer, ...options: (string | number)[]): Promise<unknown>;
  on(event: string, listener: (...args: unknown[]) => void): unknown;
  off(event: string, listener: (...args: unknown[]) => void): unknown;
  quit(): Promise<unknown>;
  disconnect(): void;
}

/** A client of the sessions' own, and what the address says of its keys. */
export interface Opened {
  readonly client: RedisClient;
  /** Replaces `blitz_session:<cookie_name>:`. */
  readonly prefix: string | undefined;
  /** Stands in front of every key: ioredis's own, which would tear a lock from its record in a cluster. */
  readonly keyPrefix: string;
}

type Options = Record<string, unknown>;

interface Library {
  readonly Redis: new (options: Options) => RedisClient;
  readonly Cluster: new (nodes: readonly unknown[], options: Options) => RedisClient;
}

const LONGEST_PAUSE = 200;
const pause = (attempt: number): number => Math.min(20 * attempt, LONGEST_PAUSE);

/**
 * What makes a client fail fast and come back fast. A command that found no connection fails instead of waiting for
 * one; one that was on its way when the connection broke is not sent again, for the server may have executed it.
 */
function ours(): Options {
  return {
    lazyConnect: false,
    keyPrefix: '',
    maxRetriesPerRequest: 0,
    autoResendUnfulfilledCommands: false,
    enableAutoPipelining: false,
    enableOfflineQueue: true,
    enableReadyCheck: true,
    maxLoadingRetryTime: LONGEST_PAUSE,
    socketTimeout: undefined,
    retryStrategy: pause,
    sentinelRetryStrategy: pause,
    // A master that became a replica keeps the connection: looking again finds the new one.
    reconnectOnError: (error: Error) => error.message.startsWith('READONLY'),
  };
}

const CLUSTER: Options = {
  clusterRetryStrategy: pause,
  scaleReads: 'master',
  enableOfflineQueue: true,
  enableAutoPipelining: false,
  // A failover takes about two seconds; how long a command may wait for it is bounded elsewhere.
  maxRedirections: 64,
  lazyConnect: false,
  keyPrefix: '',
};

/** A node that is silent for `timeout` milliseconds is left; of a single server `RedisConnection` sees it itself. */
function ofCluster(options: Options, timeout: number): Options {
  return { ...CLUSTER, redisOptions: { ...options, socketTimeout: timeout } };
}

/**
 * Opens a client for an address, an ioredis client (which is copied: the application's own is neither used nor closed)
 * or its options. `timeout`: milliseconds of one operation. Throws `E_SESSION_SAVE_PATH`, `E_PACKAGE_MISSING`.
 */
export async function openClient(address: string | object, timeout: number): Promise<Opened> {
  if (typeof address !== 'string' && isClient(address)) return copied(address, timeout);
  const parsed = typeof address === 'string' ? parseSavePath(address) : undefined;
  const { Redis, Cluster } = await library();
  if (parsed === undefined) return fromOptions(address as Options, timeout, { Redis, Cluster });
  const { prefix } = parsed;
  const options = { ...(await optionsOf(parsed, timeout)), ...ours() };
  if (parsed.kind !== 'cluster') return { client: new Redis(options), prefix, keyPrefix: '' };
  const client = new Cluster(parsed.nodes, ofCluster(options, timeout));
  return { client, prefix, keyPrefix: '' };
}

async function library(): Promise<Library> {
  const load = () => import('ioredis') as unknown as Promise<Library>;
  return optionalPackage.load('redis', ['ioredis'], load);
}

async function optionsOf(address: RedisAddress, timeout: number): Promise<Options> {
  const { kind, nodes, socket, tls, username, password, database } = address;
  const secure = tls ? { tls: address.ca === undefined ? {} : { ca: await certificates(address.ca) } } : {};
  return {
    ...(socket !== undefined && { path: socket }),
    ...(kind === 'single' && nodes[0]),
    ...(kind === 'sentinel' && {
      sentinels: nodes,
      name: address.master,
      sentinelUsername: address.sentinelUsername,
      sentinelPassword: address.sentinelPassword,
      enableTLSForSentinelMode: tls,
      ...(tls && { sentinelTLS: secure.tls }),
    }),
    ...(username !== undefined && { username }),
    ...(password !== undefined && { password }),
    ...(kind !== 'cluster' && { db: database }),
    ...secure,
    connectTimeout: Math.min((address.timeout ?? Number.POSITIVE_INFINITY) * 1000, timeout),
  };
}

async function certificates(path: string): Promise<Buffer> {
  try {
    return await readFile(path);
  } catch {
    throw refused('le fichier que nomme ca ne se lit pas', 'the file that ca names cannot be read');
  }
}

function isClient(value: object): value is RedisClient {
  return 'evalshaBuffer' in value && 'duplicate' in value && 'options' in value;
}

function copied(given: RedisClient, timeout: number): Opened {
  const keyPrefix = prefixOf(given.options.keyPrefix ?? given.options.redisOptions?.keyPrefix) ?? '';
  const client = given.isCluster ? given.duplicate([], ofCluster(ours(), timeout)) : given.duplicate(ours());
  return { client, prefix: undefined, keyPrefix };
}

/** ioredis's options; beside them `prefix` as in an address, and `cluster`: a list of nodes. */
function fromOptions(given: Options, timeout: number, { Redis, Cluster }: Library): Opened {
  const { cluster, prefix, keyPrefix, ...rest } = given;
  const options = { connectTimeout: timeout, ...rest, ...ours() };
  const keys = { prefix: prefixOf(prefix), keyPrefix: prefixOf(keyPrefix) ?? '' };
  if (cluster === undefined) return { client: new Redis(options), ...keys };
  if (!Array.isArray(cluster) || cluster.length === 0)
    throw refused('cluster doit être une liste de nœuds', 'cluster must be a list of nodes');
  return { client: new Cluster(cluster, ofCluster(options, timeout)), ...keys };
}

function prefixOf(prefix: unknown): string | undefined {
  if (prefix === undefined || prefix === '') return undefined;
  if (typeof prefix !== 'string') throw refused('prefix doit être un texte', 'prefix must be a string');
  return checkedPrefix(prefix);
}
