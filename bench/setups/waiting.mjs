import { Application, session } from 'blitz-session';
import { withSession } from 'blitz-session/node';

/** Requests of `/hold` never end; with sessions those of one visitor wait for the first of them. */
export async function listen({ folder, sessions }) {
  const hold = (request, response) =>
    request.url === '/hold' ? new Promise(() => {}) : void response.end('1');
  if (!sessions) return hold;
  const app = await Application.boot({
    root: folder,
    config: {
      session: { handler: 'file', savePath: `${folder}/sessions`, lock_wait: 3600, lock_max_waiters: 10_000 },
    },
  });
  return withSession(app, (request, response) => {
    session().put('here', true);
    return hold(request, response);
  });
}
