import { Application, session } from 'blitz-session';
import { withSession } from 'blitz-session/node';

/** The session itself, on `node:http` and the handler `array`: what a session costs without any kernel. */
export async function listen({ folder, payload }) {
  const app = await Application.boot({ root: folder, config: { session: { handler: 'array' } } });
  return withSession(app, (_request, response) => {
    const next = session('count', 0) + 1;
    if (next === 1) session().put('payload', payload);
    session().put('count', next);
    response.end(String(next));
  });
}
