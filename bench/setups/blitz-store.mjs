import { Application, session } from 'blitz-session';
import { withSession } from 'blitz-session/node';

/** blitz-session with a handler whose store is the run's, everything at its default. See blitz.mjs. */
export async function listen({ folder, address, payload, handler, context = true }) {
  const app = await Application.boot({
    root: folder,
    config: { session: { handler, savePath: address } },
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
