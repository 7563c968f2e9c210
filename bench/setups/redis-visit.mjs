import { Application } from 'blitz-session';

export { visit } from './visit.mjs';

/** An application with its sessions in the run's Redis, everything else at its default. */
export function bootOnRedis({ folder, address }) {
  return Application.boot({
    root: folder,
    config: { session: { handler: 'redis', savePath: address } },
  });
}
