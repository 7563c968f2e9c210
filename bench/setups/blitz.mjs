import { Application, session } from 'blitz-session';
import { withSession } from 'blitz-session/node';
import { visit } from './visit.mjs';

/**
 * blitz-session on `node:http`, everything at its default but where the sessions are (and the lock of files).
 * `context: false` leaves out what the `session()` helper needs. Requests of `/read` only read.
 */
export async function listen({ folder, address, payload, handler, lock, context = true }) {
  const app = await Application.boot({ root: folder, config: configOf({ folder, address, handler, lock }) });
  const store = context ? () => session() : (request) => request.session();
  return withSession(
    app,
    (request, response) => {
      const data = store(request);
      response.end(request.url === '/read' ? String(data.get('count', 0)) : visit(data, payload));
    },
    { context, readOnly: (request) => request.url === '/read' },
  );
}

/** The configuration that keeps the sessions where the run's store is. */
export function configOf({ folder, address, handler, lock }) {
  if (handler === 'file')
    return { session: { handler, savePath: `${folder}/sessions`, ...(lock && { file_lock: lock }) } };
  if (handler === 'array') return { session: { handler } };
  if (handler !== 'postgre' && handler !== 'mysql') return { session: { handler, savePath: address } };
  const { hostname: host, port, username, pathname } = new URL(address);
  const group = { driver: handler, host, port: Number(port), username, database: pathname.slice(1) };
  return { session: { handler, savePath: 'sessions' }, database: { default: group } };
}
