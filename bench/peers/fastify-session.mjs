import cookie from '@fastify/cookie';
import session from '@fastify/session';
import { RedisStore } from 'connect-redis';
import { fastify } from 'fastify';
import { createClient } from 'redis';

/** @fastify/session with connect-redis, as their documentation sets them up. No lock. */
export async function listen({ address, payload }) {
  const client = await createClient({ url: address.replace('tcp:', 'redis:') }).connect();
  const server = fastify();
  await server.register(cookie);
  await server.register(session, {
    store: new RedisStore({ client, prefix: 'fastify:' }),
    secret: 'of the benchmark, at least as long as it must be',
    saveUninitialized: false,
    cookie: { maxAge: 7_200_000, secure: false },
  });
  server.get('/', (request, reply) => {
    const data = request.session;
    const count = (data.count ?? 0) + 1;
    if (count === 1) data.payload = payload;
    data.count = count;
    return reply.send(String(count));
  });
  await server.listen({ port: 0, host: '127.0.0.1' });
  return { port: server.server.address().port };
}
