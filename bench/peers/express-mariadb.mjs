import express from 'express';
import mysqlStore from 'express-mysql-session';
import session from 'express-session';

/** express-session with express-mysql-session, as their documentation sets them up. No lock. */
export async function listen({ address, payload }) {
  const { hostname: host, port, username: user, pathname } = new URL(address);
  const MySQLStore = mysqlStore(session);
  const store = new MySQLStore({
    host,
    port: Number(port),
    user,
    database: pathname.slice(1),
    schema: { tableName: 'express_sessions' },
  });
  await store.onReady();
  const app = express();
  app.use(
    session({
      store,
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
