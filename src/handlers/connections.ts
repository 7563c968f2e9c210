import type { Awaitable } from '../contracts/session.js';
import { processWide } from '../support/process-wide.js';

interface SharedClient {
  readonly client: Awaitable<unknown>;
  readonly close: ((client: never) => Awaitable<unknown>) | undefined;
}

const clients = processWide('clients', () => new Map<string, SharedClient>());
const applications = processWide('applications', () => ({ count: 0 }));

/**
 * One client a process under `name`, opened at first use. A client that could not be opened is forgotten, so that
 * the next use tries again.
 */
export function shared<T>(
  name: string,
  open: () => Awaitable<T>,
  close?: (client: T) => Awaitable<unknown>,
): Awaitable<T> {
  const known = clients.get(name);
  if (known) return known.client as Awaitable<T>;
  const client = open();
  const entry: SharedClient = { client, close: close as SharedClient['close'] };
  clients.set(name, entry);
  if (client instanceof Promise) {
    client.catch(() => {
      if (clients.get(name) === entry) clients.delete(name);
    });
  }
  return client;
}

/** An application begins to use the shared clients of this process. */
export function retainShared(): void {
  applications.count++;
}

/** An application has ended; the last one to end closes every shared client. */
export async function releaseShared(): Promise<void> {
  applications.count--;
  if (applications.count > 0) return;
  applications.count = 0;
  const open = [...clients.values()];
  clients.clear();
  await Promise.all(
    open.map(async (entry) => {
      const client = await Promise.resolve(entry.client).catch(() => undefined);
      if (client !== undefined) await entry.close?.(client as never);
    }),
  );
}
