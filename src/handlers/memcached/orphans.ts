import type { Transport } from './transport.js';

/** A lock of ours of which nobody knows whether it stands. */
export interface Orphan {
  readonly route: string;
  readonly lock: string;
  readonly token: string;
  /** Seconds after which it is gone by itself. */
  readonly seconds: number;
}

const LIMIT = 500;
const PAUSE = 100;
/** A server that wakes up may still execute what a connection that was given up had brought it. */
const CLEAN_LOOKS = 4;

let working = 0;

/**
 * Frees a lock whose `add` or release got no answer: such a command may be executed later, by a server that was stopped
 * say, and its visitor would wait for the end of the lease. Looks a few times once the server answers again, in the
 * background; what it cannot free ends with its lease.
 */
export function freeOrphan(transport: Transport, orphan: Orphan): void {
  if (working >= LIMIT) return;
  working++;
  const deadline = performance.now() + orphan.seconds * 1000;
  void clean(transport, orphan, deadline).finally(() => {
    working--;
  });
}

async function clean(transport: Transport, { route, lock, token }: Orphan, deadline: number): Promise<void> {
  for (let looks = 0; looks < CLEAN_LOOKS && performance.now() < deadline && !transport.closed; ) {
    try {
      const [found] = await transport.run(route, [{ verb: 'gets', keys: [lock] }]);
      const item = found?.items[0];
      if (item?.value.toString('latin1') === token) {
        await transport.run(route, [{ verb: 'remove', key: lock, unique: item.unique }]);
        return;
      }
      looks++;
    } catch {
      // Still away.
    }
    await new Promise<void>((resolve) => void setTimeout(resolve, PAUSE * Math.max(1, looks)).unref());
  }
}
