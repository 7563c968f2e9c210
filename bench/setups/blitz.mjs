import { Application, session } from 'blitz-session';
import { withSession } from 'blitz-session/node';

/**
 * blitz-session with the file handler, everything at its default but the lock. `context: false` leaves out what the
 * `session()` helper needs.
 */
export async function listen({ folder, payload, lock, context = true }) {
  const app = await Application.boot({
    root: folder,
    config: { session: { handler: 'file', savePath: `${folder}/sessions`, file_lock: lock } },
  });
  const store = context ? () => session() : (request) => request.session();
  return withSession(
    app,
    (request, response) => {
      const data = store(request);
      const count = data.get('count', 0) + 1;
      if (count === 1) data.put('payload', payload);
      data.put('count', count);
      response.end(String(count));
    },
    { context },
  );
}
