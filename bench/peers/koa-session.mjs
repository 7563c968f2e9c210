import Koa from 'koa';
import { createSession } from 'koa-session';
import { createClient } from 'redis';
import { readValues, visitValues } from '../setups/visit.mjs';

/** koa-session with a store in Redis, as its documentation describes one. No lock. */
export async function listen({ address, payload }) {
  const client = await createClient({ url: address.replace('tcp:', 'redis:') }).connect();
  const store = {
    get: async (key) => JSON.parse((await client.get(key)) ?? 'null') ?? undefined,
    set: (key, data, maxAge) => client.set(key, JSON.stringify(data), { PX: maxAge }),
    destroy: (key) => client.del(key),
  };
  const app = new Koa();
  app.keys = ['of the benchmark'];
  app.use(createSession({ store, prefix: 'koa:', maxAge: 7_200_000 }, app));
  app.use((ctx) => {
    ctx.body = ctx.path === '/read' ? readValues(ctx.session) : visitValues(ctx.session, payload);
  });
  return app.callback();
}
