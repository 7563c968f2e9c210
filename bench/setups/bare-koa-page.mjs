import Koa from 'koa';

/** Koa without sessions. */
export function listen() {
  const app = new Koa();
  app.use((ctx) => {
    ctx.body = '1';
  });
  return app.callback();
}
