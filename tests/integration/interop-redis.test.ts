import { type CachePeer, SIZES } from '../fixtures/interop-caches.ts';
import { type InteropSubject, interopSuite } from '../fixtures/interop-suite.ts';
import { RedisServer } from '../fixtures/servers/redis.ts';

/** One rush a store is enough where nobody wants figures. */
const RUSHED: Partial<InteropSubject> = process.env['INTEROP_BUSY'] === undefined ? { busy: [] } : {};

function subject({ peer, title, cookieName, prefix, ini, suite }: CachePeer): InteropSubject {
  let server: RedisServer;
  return {
    name: `redis, ${title}`,
    cookieName,
    start: async () => {
      server = await RedisServer.start();
      const savePath = server.address;
      return {
        node: { session: { handler: 'redis', savePath, interop: { peer }, cookie_name: cookieName } },
        php: { peer, store: 'redis', savePath, cookieName, ...(ini && { ini }) },
      };
    },
    stop: () => server.stop(),
    stored: async (id) => {
      const hex = (await server.command('EVAL', READ, 1, prefix + id)) as [string, number] | null;
      return hex === null ? undefined : { bytes: Buffer.from(hex[0], 'hex'), renewed: hex[1] };
    },
    ...SIZES,
    ...suite,
  };
}

/** A record and the moment at which it ends. */
const READ = `
local record = redis.call('GET', KEYS[1])
if not record then return false end
return { (string.gsub(record, '.', function(c) return string.format('%02x', string.byte(c)) end)),
  redis.call('PEXPIRETIME', KEYS[1]) }`;

interopSuite(
  subject({
    peer: 'blitzphp',
    title: 'BlitzPHP',
    cookieName: 'blitz_session',
    prefix: 'blitz_session:blitz_session:',
  }),
);

interopSuite(
  subject({
    peer: 'codeigniter4',
    title: 'CodeIgniter',
    cookieName: 'ci_session',
    prefix: 'ci_session:ci_session:',
    suite: RUSHED,
  }),
);

interopSuite(
  subject({
    peer: 'php',
    title: 'PHP by itself, with its lock',
    cookieName: 'PHPSESSID',
    prefix: 'PHPREDIS_SESSION:',
    // Without these PHP takes no lock, or gives up after 20 ms and writes nothing.
    ini: { 'redis.session.locking_enabled': '1', 'redis.session.lock_retries': '-1' },
    suite: RUSHED,
  }),
);
