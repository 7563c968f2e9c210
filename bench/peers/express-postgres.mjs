import connectPgSimple from 'connect-pg-simple';
import session from 'express-session';
import pg from 'pg';
import { expressApp } from './express-app.mjs';

/** express-session with connect-pg-simple, as their documentation sets them up. */
export function listen({ address, payload }) {
  const PgStore = connectPgSimple(session);
  const pool = new pg.Pool({ connectionString: address });
  return expressApp(new PgStore({ pool, createTableIfMissing: true }), payload);
}
