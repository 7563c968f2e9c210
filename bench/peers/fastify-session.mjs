import { RedisStore } from 'connect-redis';
import { createClient } from 'redis';
import { fastifyApp } from './fastify-app.mjs';

/** @fastify/session with connect-redis, as their documentation sets them up. */
export async function listen({ address, payload }) {
  const client = await createClient({ url: address.replace('tcp:', 'redis:') }).connect();
  return fastifyApp(new RedisStore({ client, prefix: 'fastify:' }), payload);
}
