import { Application } from 'blitz-session';
import { startSession } from 'blitz-session/express';
import express from 'express';
import { configOf } from './blitz.mjs';
import { visit } from './visit.mjs';

/** The same as blitz.mjs on Express, where the peers are. */
export async function listen(run) {
  const app = express();
  const config = configOf(run);
  app.use(
    startSession(await Application.boot({ root: run.folder, config }), {
      readOnly: (request) => request.path === '/read',
    }),
  );
  app.get('/', (request, response) => response.send(visit(request.session(), run.payload)));
  app.get('/read', (request, response) => response.send(String(request.session().get('count', 0))));
  return app;
}
