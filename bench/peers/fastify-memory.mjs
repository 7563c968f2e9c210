import { fastifyApp } from './fastify-app.mjs';

/** @fastify/session in the memory of its process. */
export function listen({ payload }) {
  return fastifyApp(undefined, payload);
}
