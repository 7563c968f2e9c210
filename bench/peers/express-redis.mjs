import { RedisStore } from 'connect-redis';
import { createClient } from 'redis';
import { expressApp } from './express-app.mjs';

/** express-session with connect-redis and node-redis, as their documentation sets them up. */
export async function listen({ address, payload }) {
  const client = await createClient({ url: address.replace('tcp:', 'redis:') }).connect();
  return expressApp(new RedisStore({ client, prefix: 'express:' }), payload);
}
