import { getIronSession } from 'iron-session';
import { readValues, visitValues } from '../setups/visit.mjs';

const OPTIONS = {
  password: 'of the benchmark, at least as long as it must be',
  cookieName: 'iron',
  ttl: 7_200,
  cookieOptions: { secure: false },
};

/** iron-session, whose sessions are sealed into the visitor's cookie: no store, and nothing that could be locked. */
export function listen({ payload }) {
  return async (request, response) => {
    const session = await getIronSession(request, response, OPTIONS);
    if (request.url === '/read') return response.end(readValues(session));
    const body = visitValues(session, payload);
    await session.save();
    response.end(body);
  };
}
