import { expect } from 'chai';
import { type CachePeer, SIZES } from '../fixtures/interop-caches.ts';
import { NodeSide, type Side, Visitor } from '../fixtures/interop-sides.ts';
import { type InteropSubject, interopSuite } from '../fixtures/interop-suite.ts';
import { PhpServer } from '../fixtures/php-server.ts';
import { MemcachedServer } from '../fixtures/servers/memcached.ts';

function subject({ peer, title, cookieName, prefix, ini, suite }: CachePeer): InteropSubject {
  let server: MemcachedServer;
  return {
    name: `memcached, ${title}`,
    cookieName,
    start: async () => {
      server = await MemcachedServer.start();
      const savePath = server.address;
      return {
        node: { session: { handler: 'memcached', savePath, interop: { peer }, cookie_name: cookieName } },
        php: { peer, store: 'memcached', savePath, cookieName, ...(ini && { ini }) },
      };
    },
    stop: () => server.stop(),
    stored: async (id) => {
      const [head = '', ...rest] = (await server.command(`get ${prefix}${id}`)).split('\r\n');
      if (!head.startsWith('VALUE')) return undefined;
      // The crawler tells the second at which an item ends; it runs once at a time, and passes over what is in use.
      const listed = new RegExp(`key=${encodeURIComponent(prefix + id)} exp=(\\d+)`);
      let end: string | undefined;
      while (end === undefined) end = listed.exec(await server.command('lru_crawler metadump all'))?.[1];
      return { bytes: Buffer.from(rest.slice(0, -1).join('\r\n'), 'latin1'), renewed: Number(end) * 1000 };
    },
    ...SIZES,
    ...suite,
  };
}

interopSuite(
  subject({
    peer: 'php',
    title: 'PHP by itself',
    cookieName: 'PHPSESSID',
    prefix: 'memc.sess.key.',
    // PHP waits five times 150 ms, and then begins no session at all.
    ini: { 'memcached.sess_lock_retries': '1000' },
  }),
);

interopSuite(
  subject({
    peer: 'blitzphp',
    title: 'BlitzPHP',
    cookieName: 'blitz_session',
    prefix: 'blitz_session:blitz_session:',
    suite: { phpLocks: false, busy: [] },
  }),
);

// BlitzPHP and CodeIgniter look whether there is a lock and then set theirs: two of them may both believe they have it.
describe('memcached and a PHP that sets its lock without asking for it', () => {
  it('loses what PHP overwrites, and nothing else; Node is told when PHP took its lock', async function (this: Mocha.Context) {
    const server = await MemcachedServer.start();
    const savePath = server.address;
    const [php, node] = await Promise.all([
      PhpServer.start({ peer: 'blitzphp', store: 'memcached', savePath }),
      NodeSide.start({ session: { handler: 'memcached', savePath, interop: { peer: 'blitzphp' } } }),
    ]);
    try {
      const visitor = new Visitor('blitz_session');
      await visitor.ask(php, 'put', {}, { body: { n: 0 } });
      const told: { readonly side: string; readonly value: unknown }[] = [];
      const refused: unknown[] = [];
      const end = performance.now() + SIZES.rush * 5;
      const lane = async (side: Side) => {
        while (performance.now() < end) {
          const asked = visitor.ask(side, 'increment', { key: 'n', sleep: side === php ? 2000 : 0 });
          await asked.then(
            (value) => told.push({ side: side.name, value }),
            (error: unknown) => side === node && refused.push(error),
          );
          await new Promise((resolve) => setTimeout(resolve, Math.random() * 20));
        }
      };
      await Promise.all([php, php, php, php, node, node].map(lane));
      const last = Number(await visitor.ask(node, 'get', { key: 'n' }));
      const count = (name: string) => told.filter(({ side }) => side === name).length;
      // Two that were told the same number: one of them was overwritten.
      const again = told.filter(({ value }, n) => told.some((other, m) => m !== n && other.value === value));
      const ofNode = again.filter(({ side }) => side === 'node').length;
      expect(ofNode).to.be.below(3 + count('node') / 100);
      for (const error of refused) expect(String(error)).to.include('503');
      if (this.test !== undefined)
        this.test.title += `: of ${count('node')} by Node and ${count('php')} by PHP ${told.length - last} lost, ${ofNode} of Node's; ${refused.length} refused to Node`;
    } finally {
      await Promise.all([php.stop(), node.stop()]);
      await server.stop();
    }
  });
});
