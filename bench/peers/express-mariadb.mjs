import mysqlStore from 'express-mysql-session';
import session from 'express-session';
import { expressApp } from './express-app.mjs';

/** express-session with express-mysql-session, as their documentation sets them up. */
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
  return expressApp(store, payload);
}
