import express from 'express';

/** Express without sessions. */
export function listen() {
  const app = express();
  app.get('/', (_request, response) => response.send('1'));
  app.get('/read', (_request, response) => response.send('1'));
  return app;
}
