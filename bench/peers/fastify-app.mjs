import cookie from '@fastify/cookie';
import session from '@fastify/session';
import { fastify } from 'fastify';
import { readValues, visitValues } from '../setups/visit.mjs';

/** @fastify/session as its documentation sets it up, with this store; its own memory where there is none. No lock. */
export async function fastifyApp(store, payload) {
  const server = fastify();
  await server.register(cookie);
  await server.register(session, {
    ...(store && { store }),
    secret: 'of the benchmark, at least as long as it must be',
    saveUninitialized: false,
    cookie: { maxAge: 7_200_000, secure: false },
  });
  server.get('/', (request, reply) => reply.send(visitValues(request.session, payload)));
  server.get('/read', (request, reply) => reply.send(readValues(request.session)));
  await server.listen({ port: 0, host: '127.0.0.1' });
  return { port: server.server.address().port };
}
