import { startSession } from 'blitz-session/express';
import express from 'express';
import { bootOnRedis, visit } from './redis-visit.mjs';

/** Express with our sessions. */
export async function listen(run) {
  const app = express();
  app.use(startSession(await bootOnRedis(run)));
  app.get('/', (request, response) => response.send(visit(request.session(), run.payload)));
  return app;
}
