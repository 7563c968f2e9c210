import { Application, Route, session } from 'blitz-session';

/** The application kernel with one route, on the handler `array`. `sessions: false`: a route without a session. */
export async function listen({ folder, payload, sessions = true, controller = false }) {
  const app = await Application.boot({ root: folder, config: { session: { handler: 'array' } } });
  const count = () => {
    const next = session('count', 0) + 1;
    if (next === 1) session().put('payload', payload);
    session().put('count', next);
    return String(next);
  };
  class Counter {
    show() {
      return count();
    }
  }
  if (!sessions) Route.get('/', () => '1').withoutSession();
  else if (controller) Route.get('/', [Counter, 'show']);
  else Route.get('/', count);
  const url = new URL(await app.listen(0));
  return { port: Number(url.port) };
}
