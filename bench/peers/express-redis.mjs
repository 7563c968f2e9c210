import { RedisStore } from 'connect-redis';
import express from 'express';
import session from 'express-session';
import { createClient } from 'redis';

/** express-session with connect-redis and node-redis, as their documentation sets them up. No lock. */
export async function listen({ address, payload }) {
  const client = await createClient({ url: address.replace('tcp:', 'redis:') }).connect();
  const app = express();
  app.use(
    session({
      store: new RedisStore({ client, prefix: 'express:' }),
      secret: 'of the benchmark',
      resave: false,
      saveUninitialized: false,
      cookie: { maxAge: 7_200_000 },
    }),
  );
  app.get('/', (request, response) => {
    const data = request.session;
    const count = (data.count ?? 0) + 1;
    if (count === 1) data.payload = payload;
    data.count = count;
    response.send(String(count));
  });
  return app;
}
