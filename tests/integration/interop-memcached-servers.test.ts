import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { HandlerOptions } from 'blitz-session';
import { expect } from 'chai';
import { MemcachedServer } from '../fixtures/servers/memcached.ts';
import { phpWith } from '../fixtures/servers/programs.ts';
import { openedShared, sharedOptions } from '../fixtures/shared-handlers.ts';

const run = promisify(execFile);
const PLAIN = { peer: 'php', version: '8.2' } as const;
const BLITZ = { peer: 'blitzphp', version: '1.5.1' } as const;
const COUNT = 60;
const IDS = Array.from(
  { length: COUNT },
  (_, n) => `${n.toString(16).padStart(2, '0')}${'0a1b2c3d4e'.repeat(3)}`,
);

/** Sessions of `save_handler=memcached`, each with its lock looked for while it is open. */
const SESSIONS = `
ini_set('session.use_cookies', '0');
ini_set('session.use_strict_mode', '0');
session_cache_limiter('');
$looks = array_map(function (string $address): Memcached {
    [$host, $port] = explode(':', $address);
    $look = new Memcached();
    $look->addServer($host, (int) $port);
    return $look;
}, explode(',', $argv[1]));
foreach (explode(',', $argv[2]) as $id) {
    session_id($id);
    session_start();
    $_SESSION['n'] = 1;
    $at = -1;
    foreach ($looks as $n => $look) {
        if ($look->get("memc.sess.key.lock.$id") !== false) {
            $at = $n;
        }
    }
    session_write_close();
    echo $at, "\\n";
}`;

/** Where a client of PHP's own looks for keys, as BlitzPHP and CodeIgniter make it. */
const CLIENT = `
$memcached = new Memcached();
$memcached->setOption(Memcached::OPT_BINARY_PROTOCOL, true);
if (($argv[3] ?? '') === 'ketama') {
    $memcached->setOption(Memcached::OPT_DISTRIBUTION, Memcached::DISTRIBUTION_CONSISTENT);
}
if (($argv[3] ?? '') === 'ketama_weighted') {
    $memcached->setOption(Memcached::OPT_LIBKETAMA_COMPATIBLE, true);
}
foreach (explode(',', $argv[1]) as $address) {
    [$host, $port, $weight] = explode(':', $address) + ['', '', '0'];
    $memcached->addServer($host, (int) $port, (int) $weight);
}
foreach (explode(',', $argv[2]) as $id) {
    foreach (['', ':lock'] as $end) {
        $memcached->set("blitz_session:blitz_session:$id$end", 'n|i:1;', 60);
    }
}`;

describe('several memcached servers beside a PHP application', () => {
  let php: string;
  let servers: readonly MemcachedServer[];
  let address: string;

  before(async () => {
    php = await phpWith(['memcached']);
    servers = await Promise.all([1, 2, 3].map(() => MemcachedServer.start()));
    address = servers.map((server) => server.address).join(',');
  });
  after(() => Promise.all(servers.map((server) => server.stop())));
  beforeEach(() => Promise.all(servers.map((server) => server.command('flush_all'))));

  const lines = async (code: string, ini: readonly string[], args: readonly string[]) => {
    const settings = ini.flatMap((each) => ['-d', each]);
    const { stdout } = await run(php, [...settings, '-r', code, '--', ...args]);
    return stdout.trim().split('\n');
  };
  /** The server of each key. */
  const places = async () => {
    const keys = await Promise.all(servers.map((server) => server.keys()));
    return new Map(keys.flatMap((each, n) => each.map((key) => [key, n] as const)));
  };
  const spread = (values: Iterable<number>) => expect(new Set(values).size).to.equal(3);

  for (const [ini, distribution] of [
    [[], ''],
    [['memcached.sess_consistent_hash_type=ketama_weighted'], '?distribution=ketama_weighted'],
    [['memcached.sess_consistent_hash=0'], '?distribution=modula'],
  ] as const) {
    it(`PHP’s sessions and their locks, ${ini[0] ?? 'as PHP is set up'}`, async () => {
      const settings = ['session.save_handler=memcached', `session.save_path=${address}`, ...ini];
      const locks = await lines(SESSIONS, settings, [address, IDS.join(',')]);
      const theirs = await places();
      expect(theirs.size).to.equal(COUNT);
      spread(theirs.values());
      const options = sharedOptions({ savePath: address + distribution, interop: PLAIN });
      for (const [n, id] of IDS.entries()) {
        const handler = await openedShared('memcached', options);
        expect(await handler.read(id), id).to.equal('n|i:1;');
        if (n % 10 === 0) {
          expect((await places()).get(`memc.sess.key.lock.${id}`), id).to.equal(Number(locks[n]));
        }
        await handler.commit(id, 'n|i:2;', false);
      }
      expect(await places()).to.deep.equal(theirs);
    });
  }

  for (const [kind, weights, distribution] of [
    ['', ['', '', ''], ''],
    ['', ['', '', ''], '?distribution=modula'],
    ['ketama', ['', '', ''], '?distribution=ketama'],
    ['ketama_weighted', ['', '', ''], '?distribution=ketama_weighted'],
    ['ketama_weighted', [':3', ':1', ':2'], '?distribution=ketama_weighted'],
  ] as const) {
    it(`a client of PHP’s own, ${kind || 'as it is'} ${weights.join('')} ${distribution}`, async () => {
      const weighted = servers.map((server, n) => server.address + weights[n]).join(',');
      await lines(CLIENT, [], [weighted, IDS.join(','), kind]);
      const theirs = await places();
      spread(theirs.values());
      const options: HandlerOptions = sharedOptions({ savePath: weighted + distribution, interop: BLITZ });
      await Promise.all(servers.map((server) => server.command('flush_all')));
      const ours = new Map<string, number>();
      for (const id of IDS) {
        const handler = await openedShared('memcached', options);
        await handler.create(id, 'n|i:1;');
        await handler.read(id);
      }
      for (const [key, server] of await places()) ours.set(key, server);
      expect([...ours].sort()).to.deep.equal([...theirs].sort());
    });
  }
});
