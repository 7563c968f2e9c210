import { startSession } from 'blitz-session/fastify';
import { fastify } from 'fastify';
import { bootOnRedis, visit } from './redis-visit.mjs';

/** Fastify with our sessions. */
export async function listen(run) {
  const server = fastify();
  await server.register(startSession, { app: await bootOnRedis(run) });
  server.get('/', (request, reply) => reply.send(visit(request.session(), run.payload)));
  await server.listen({ port: 0, host: '127.0.0.1' });
  return { port: server.server.address().port };
}
