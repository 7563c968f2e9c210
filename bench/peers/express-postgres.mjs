import connectPgSimple from 'connect-pg-simple';
import express from 'express';
import session from 'express-session';
import pg from 'pg';

/** express-session with connect-pg-simple, as their documentation sets them up. No lock. */
export function listen({ address, payload }) {
  const PgStore = connectPgSimple(session);
  const app = express();
  app.use(
    session({
      store: new PgStore({ pool: new pg.Pool({ connectionString: address }), createTableIfMissing: true }),
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
