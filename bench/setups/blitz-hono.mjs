import { getRequestListener } from '@hono/node-server';
import { startSession } from 'blitz-session/hono';
import { Hono } from 'hono';
import { bootOnRedis, visit } from './redis-visit.mjs';

/** Hono with our sessions. */
export async function listen(run) {
  const app = new Hono();
  app.use(startSession(await bootOnRedis(run)));
  app.get('/', (c) => c.text(visit(c.session(), run.payload)));
  return getRequestListener(app.fetch);
}
