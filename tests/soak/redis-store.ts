import { RedisCluster, RedisServer } from '../fixtures/servers/redis.ts';
import { TcpProxy } from '../fixtures/servers/tcp-proxy.ts';
import { lineFaults, pause } from './line-faults.ts';
import type { Fault, Started } from './soak.ts';

/** One Redis that writes each command to its log, behind a line that can fail. `hold`: seconds that a fault lasts. */
export async function redisStore(hold: number): Promise<Started> {
  const server = await RedisServer.start({ args: ['--appendonly', 'yes', '--appendfsync', 'always'] });
  const proxy = await TcpProxy.start(server.port);
  const faults: Fault[] = [
    ...lineFaults(server.process, proxy, hold),
    {
      name: 'killed and started again (appendfsync always)',
      keepsData: true,
      run: async () => {
        await server.process.kill();
        await pause(hold / 2);
        await server.process.start();
      },
    },
    {
      name: 'scripts forgotten',
      keepsData: true,
      run: () => server.command('SCRIPT', 'FLUSH').then(() => {}),
    },
    {
      name: 'full (noeviction)',
      keepsData: true,
      run: async () => {
        await server.command('CONFIG', 'SET', 'maxmemory', 1);
        await pause(hold);
        await server.command('CONFIG', 'SET', 'maxmemory', 0);
      },
    },
    { name: 'emptied', keepsData: false, run: () => server.command('FLUSHALL').then(() => {}) },
    {
      name: 'keys evicted',
      keepsData: false,
      run: async () => {
        for (let n = 0; n < 20; n++) {
          const key = await server.command('RANDOMKEY');
          if (key !== null) await server.command('DEL', String(key));
          await pause(hold / 20);
        }
      },
    },
  ];
  return {
    store: { options: { handler: 'redis', savePath: `tcp://127.0.0.1:${proxy.port}` }, faults },
    stop: async () => {
      await proxy.close();
      await server.stop();
    },
  };
}

/** A cluster whose masters die in turn and come back as replicas: what was not copied yet is lost with them. */
export async function clusterStore(hold: number): Promise<Started> {
  const cluster = await RedisCluster.start();
  let turn = 0;
  const master = () => cluster.masterOf(`key ${turn++}`);
  const faults: Fault[] = [
    {
      name: 'a master killed and started again',
      keepsData: false,
      run: async () => {
        const node = await master();
        await node.kill();
        await pause(hold);
        await node.start();
        await cluster.healthy();
      },
    },
    {
      name: 'a master stopped and continued',
      keepsData: false,
      run: async () => {
        const node = await master();
        node.pause();
        await pause(hold);
        node.resume();
        await cluster.healthy();
      },
    },
  ];
  return {
    store: { options: { handler: 'redis', savePath: cluster.address }, faults },
    stop: () => cluster.stop(),
  };
}
