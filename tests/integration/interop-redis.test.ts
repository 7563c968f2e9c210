import { type InteropSubject, interopSuite } from '../fixtures/interop-suite.ts';
import type { PhpOptions } from '../fixtures/php-server.ts';
import { RedisServer } from '../fixtures/servers/redis.ts';

/** Counting and rushing take longer where somebody wants figures: INTEROP_TIMES=500 INTEROP_RUSH=1500 INTEROP_BUSY=4,8. */
const { INTEROP_TIMES = '60', INTEROP_RUSH = '300', INTEROP_BUSY = '4' } = process.env;
const SIZES = {
  times: Number(INTEROP_TIMES),
  rush: Number(INTEROP_RUSH),
  busy: INTEROP_BUSY.split(',').map(Number),
};
/** One rush a store is enough where nobody wants figures. */
const RUSHED: Partial<InteropSubject> = process.env['INTEROP_BUSY'] === undefined ? { busy: [] } : {};

interface Peer {
  readonly peer: PhpOptions['peer'];
  readonly title: string;
  readonly cookieName: string;
  /** In front of the id. */
  readonly prefix: string;
  readonly ini?: Readonly<Record<string, string>>;
  readonly suite?: Partial<InteropSubject>;
}

function subject({ peer, title, cookieName, prefix, ini, suite }: Peer): InteropSubject {
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
