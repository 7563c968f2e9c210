import { Application } from 'blitz-session';

/** An application with its sessions in the run's Redis, everything else at its default. */
export function bootOnRedis({ folder, address }) {
  return Application.boot({
    root: folder,
    config: { session: { handler: 'redis', savePath: address } },
  });
}

/** What each request does: reads a counter, adds one, writes it back. */
export function visit(session, payload) {
  const count = session.get('count', 0) + 1;
  if (count === 1) session.put('payload', payload);
  session.put('count', count);
  return String(count);
}
