import { startSession } from 'blitz-session/koa';
import Koa from 'koa';
import { bootOnRedis, visit } from './redis-visit.mjs';

/** Koa with our sessions. */
export async function listen(run) {
  const app = new Koa();
  app.use(startSession(await bootOnRedis(run)));
  app.use((ctx) => {
    ctx.body = visit(ctx.session(), run.payload);
  });
  return app.callback();
}
