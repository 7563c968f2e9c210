import express from 'express';
import session from 'express-session';
import fileStore from 'session-file-store';

/** express-session with session-file-store, as their documentation sets them up. No lock. */
export function listen({ folder, payload }) {
  const FileStore = fileStore(session);
  const app = express();
  app.use(
    session({
      store: new FileStore({ path: `${folder}/sessions`, logFn() {} }),
      secret: 'of the benchmark',
      resave: false,
      saveUninitialized: false,
      cookie: { maxAge: 7_200_000 },
    }),
  );
  app.get('/', (request, response) => {
    const data = request.session;
    const count = (data.count ?? 0) + 1;
    if (count === 1) data.payload = payload;
    data.count = count;
    response.send(String(count));
  });
  return app;
}
