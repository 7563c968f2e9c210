import { Application, session } from 'blitz-session';
import { withSession } from 'blitz-session/node';

/** blitz-session with its sessions in the run's database, everything at its default. See blitz.mjs. */
export async function listen({ folder, address, payload, handler, context = true }) {
  const { hostname: host, port, username, pathname } = new URL(address);
  const group = { driver: handler, host, port: Number(port), username, database: pathname.slice(1) };
  const app = await Application.boot({
    root: folder,
    config: { session: { handler, savePath: 'sessions' }, database: { default: group } },
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
