import connectMemcached from 'connect-memcached';
import express from 'express';
import session from 'express-session';

/** express-session with connect-memcached, as their documentation sets them up. No lock. */
export function listen({ address, payload }) {
  const MemcachedStore = connectMemcached(session);
  const app = express();
  app.use(
    session({
      store: new MemcachedStore({ hosts: [address], prefix: 'express:' }),
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
