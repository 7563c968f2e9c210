import { getRequestListener } from '@hono/node-server';
import { Hono } from 'hono';

/** Hono without sessions. */
export function listen() {
  const app = new Hono();
  app.get('/', (c) => c.text('1'));
  return getRequestListener(app.fetch);
}
