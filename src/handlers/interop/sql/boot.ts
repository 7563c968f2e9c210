import type { HandlerOptions } from '../../../contracts/handler.js';
import { BlitzError } from '../../../errors.js';
import { whenReachable } from '../../database/boot.js';
import { checkTable } from '../../database/check.js';
import { inWords } from '../../database/in-words.js';
import { tableOf } from '../../database/save-path.js';
import { type Dialect, quotedName } from '../../database/schema.js';
import { peerTable } from './rules.js';
import { PeerStore } from './store.js';

/** The longest id that a PHP framework makes. */
const LONGEST_ID = 40;
/** Milliseconds that the second connection is waited for. */
const PATIENCE = 1000;

/**
 * Connects, and looks at the table and at the connections. Throws `E_SESSION_SAVE_PATH`, `E_PACKAGE_MISSING`,
 * `E_SESSION_TABLE`, and `E_SESSION_BACKEND` when the server cannot be used within `operation_timeout`.
 */
export async function bootPeerSql(options: HandlerOptions, driver?: Dialect): Promise<void> {
  await whenReachable(options, driver, async (group) => {
    const store = await PeerStore.open(options, group);
    const name = tableOf(options, group);
    const id = store.rowOf('0'.repeat(LONGEST_ID)).length;
    const rules = peerTable(group.driver, quotedName(group.driver, name), id);
    store.largest = await checkTable(store.rows, options, name, rules);
    await demandOwnConnections(store, name);
  });
}

export function shutDownPeerSql(options: HandlerOptions): void {
  PeerStore.of(options)?.forget();
}

/** A pooler that lends connections for the length of a transaction shows one to two of its clients. */
async function demandOwnConnections({ connections }: PeerStore, table: string): Promise<void> {
  if (connections.max < 2) return;
  const late = () =>
    new BlitzError('E_SESSION_BACKEND', { details: { handler: 'database', operation: 'open' } });
  const next = async () =>
    connections.take() ?? connections.wait({ until: performance.now() + PATIENCE, late });
  const one = await next();
  // A server that has no second connection to give shows nothing.
  const two = await next().catch(() => undefined);
  connections.give(one);
  if (two !== undefined) connections.give(two);
  if (one.backend !== two?.backend) return;
  const reason = inWords(
    'un répartiteur qui partage ses connexions (mode transaction) est devant le serveur, et les verrous de PHP tiennent à une connexion',
    'a pooler that shares its connections (transaction mode) stands before the server, and the locks of PHP belong to a connection',
  );
  const remedy = inWords(
    'Connectez-vous au serveur même, ou en mode session',
    'Connect to the server itself, or in session mode',
  );
  throw new BlitzError('E_SESSION_TABLE', { details: { handler: 'database', table, reason, remedy } });
}
