import { MemcachedServer } from '../fixtures/servers/memcached.ts';
import { TcpProxy } from '../fixtures/servers/tcp-proxy.ts';
import { lineFaults, pause } from './line-faults.ts';
import type { Fault, Started } from './soak.ts';

/** One memcached behind a line that can fail; it forgets everything when it ends. `hold`: seconds that a fault lasts. */
export async function memcachedStore(hold: number): Promise<Started> {
  const server = await MemcachedServer.start();
  const proxy = await TcpProxy.start(server.port);
  const evict = async (chosen: (key: string) => boolean) => {
    for (let n = 0; n < 20; n++) {
      const keys = (await server.keys()).filter(chosen);
      const key = keys[Math.floor(Math.random() * keys.length)];
      if (key !== undefined) await server.command(`delete ${key}`);
      await pause(hold / 20);
    }
  };
  const faults: Fault[] = [
    ...lineFaults(server.process, proxy, hold),
    // A lock that is gone lets two requests in; the number that every record has lets only one of them write.
    { name: 'locks evicted', keepsData: true, run: () => evict((key) => key.endsWith(':lock')) },
    { name: 'records evicted', keepsData: false, run: () => evict(() => true) },
    { name: 'emptied', keepsData: false, run: () => server.command('flush_all').then(() => {}) },
    {
      name: 'killed and started again, empty',
      keepsData: false,
      run: async () => {
        await server.process.kill();
        await pause(hold / 2);
        await server.process.start();
      },
    },
  ];
  return {
    store: { options: { handler: 'memcached', savePath: `127.0.0.1:${proxy.port}` }, faults },
    stop: async () => {
      await proxy.close();
      await server.stop();
    },
  };
}
