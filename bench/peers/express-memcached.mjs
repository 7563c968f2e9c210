import connectMemcached from 'connect-memcached';
import session from 'express-session';
import { expressApp } from './express-app.mjs';

/** express-session with connect-memcached, as their documentation sets them up. */
export function listen({ address, payload }) {
  const MemcachedStore = connectMemcached(session);
  return expressApp(new MemcachedStore({ hosts: [address], prefix: 'express:' }), payload);
}
