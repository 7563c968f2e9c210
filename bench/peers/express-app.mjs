import express from 'express';
import session from 'express-session';
import { readValues, visitValues } from '../setups/visit.mjs';

/** express-session as its documentation sets it up, with this store; its own memory where there is none. No lock. */
export function expressApp(store, payload) {
  const app = express();
  app.use(
    session({
      ...(store && { store }),
      secret: 'of the benchmark',
      resave: false,
      saveUninitialized: false,
      cookie: { maxAge: 7_200_000 },
    }),
  );
  app.get('/', (request, response) => response.send(visitValues(request.session, payload)));
  app.get('/read', (request, response) => response.send(readValues(request.session)));
  return app;
}
