import { randomBytes } from 'node:crypto';

const COOKIE = 'sid=';
const LENGTH = 32;
const LIFE = 7_200;

/** Seconds that a floor keeps a session. */
export const LIFETIME = LIFE;

/** The id that the request's cookie carries, found without parsing the others. */
export function idIn(request) {
  const header = request.headers.cookie;
  const at = header?.indexOf(COOKIE) ?? -1;
  return at === -1 ? undefined : header.slice(at + COOKIE.length, at + COOKIE.length + LENGTH);
}

export function newId() {
  return randomBytes(LENGTH / 2).toString('hex');
}

let token = 0;

/** The name of one holder of a lock: cheap, and different in each process. */
export function newToken() {
  return `${process.pid}-${++token}`;
}

/**
 * The headers of a response. A floor sets its cookie once; with `headers` it does what blitz-session does for each
 * response: the cookie again with its new end, and `Cache-Control`.
 */
export function tell(response, id, known, headers) {
  if (headers) {
    const end = new Date(Date.now() + LIFE * 1000).toUTCString();
    response.setHeader(
      'Set-Cookie',
      `${COOKIE}${id}; expires=${end}; Max-Age=${LIFE}; path=/; HttpOnly; SameSite=Lax`,
    );
    response.setHeader('Cache-Control', 'private, no-store');
  } else if (known === undefined) {
    response.setHeader('Set-Cookie', `${COOKIE}${id}; path=/; HttpOnly`);
  }
}
