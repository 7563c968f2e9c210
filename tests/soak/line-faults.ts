import type { ServerProcess } from '../fixtures/servers/server-process.ts';
import type { TcpProxy } from '../fixtures/servers/tcp-proxy.ts';
import type { Fault } from './soak.ts';

export const pause = (seconds: number): Promise<void> =>
  new Promise((resolve) => setTimeout(resolve, seconds * 1000));

/** What can happen to any server, and to the line to it, without its forgetting anything. `hold`: seconds. */
export function lineFaults(server: ServerProcess, proxy: TcpProxy, hold: number): Fault[] {
  return [
    {
      name: 'stopped and continued',
      keepsData: true,
      run: async () => {
        server.pause();
        await pause(hold);
        server.resume();
      },
    },
    {
      name: 'connections cut again and again',
      keepsData: true,
      run: async () => {
        for (let n = 0; n < 10; n++) {
          proxy.cut();
          await pause(hold / 10);
        }
      },
    },
    {
      name: 'a line that hangs',
      keepsData: true,
      run: async () => {
        proxy.hang();
        await pause(hold);
        proxy.resume();
      },
    },
  ];
}
