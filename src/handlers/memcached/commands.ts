import type { Keys, Store } from './store.js';
import type { Command, Value } from './transport.js';

const MARK: Value = { text: '1', encoding: 'latin1' };
/** Seconds for which the holder believes that somebody still waits; the server may be almost one early. */
const MARK_LIFE = 2;

/** Asks for the lock. */
export function askFor(store: Store, { lock: key }: Keys, token: string, seconds: number): Command {
  return { verb: 'add', key, value: store.lockValue(token), seconds };
}

/** Lock and record as they are now. The record first: a lock that is ours after it was ours before. */
export function look({ shared }: Store, { data, lock }: Keys): readonly Command[] {
  const both: Command = { verb: 'gets', keys: [data, lock] };
  return shared === undefined ? [both] : [shared.opened(data), both];
}

/** Tells the holder of the lock that somebody waits for it. */
export function mark({ wanted: key }: Keys): readonly Command[] {
  return key === undefined ? [] : [{ verb: 'set', key, value: MARK, seconds: MARK_LIFE }];
}
