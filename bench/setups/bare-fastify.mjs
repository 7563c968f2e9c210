import { fastify } from 'fastify';

/** Fastify without anything else. */
export async function listen() {
  const server = fastify();
  server.get('/', (_request, reply) => reply.type('text/html; charset=utf-8').send('1'));
  await server.listen({ port: 0, host: '127.0.0.1' });
  return { port: server.server.address().port };
}
