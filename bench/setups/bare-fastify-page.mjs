import { fastify } from 'fastify';

/** Fastify without sessions. */
export async function listen() {
  const server = fastify();
  server.get('/', (_request, reply) => reply.send('1'));
  server.get('/read', (_request, reply) => reply.send('1'));
  await server.listen({ port: 0, host: '127.0.0.1' });
  return { port: server.server.address().port };
}
