import { AsyncLocalStorage } from 'node:async_hooks';
import { lstat, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Jiti } from 'jiti';

let instance: Promise<Jiti> | undefined;

interface Queue {
  last: Promise<unknown>;
}

const outer: Queue = { last: Promise.resolve() };
const importing = new AsyncLocalStorage<Queue>();

/**
 * Imports one file through the process's only jiti; jiti itself is loaded at the first call.
 * Calls run one after the other, because two at a time evaluate a module that both import twice.
 * Calls that a file makes while it is being evaluated (a program that boots at its top level) have a
 * queue of their own: they must not wait for the file that waits for them.
 */
export async function importWithJiti(file: string, root: string): Promise<unknown> {
  instance ??= createInstance(root);
  const jiti = await instance;
  const queue = importing.getStore() ?? outer;
  const turn = queue.last.then(() => importing.run({ last: Promise.resolve() }, () => jiti.import(file)));
  queue.last = turn.catch(() => undefined);
  return turn;
}

async function createInstance(root: string): Promise<Jiti> {
  const [{ createJiti }, fsCache] = await Promise.all([import('jiti'), privateCache(root)]);
  // Said in full: what is left out is read from JITI_* variables or put in the system's temporary folder.
  return createJiti(import.meta.url, {
    fsCache,
    moduleCache: true,
    interopDefault: false,
    tryNative: false,
    esmEvalTempFile: false,
  });
}

/**
 * `storage/cache/jiti` of the application, `false` where it cannot be made or others could write to it:
 * jiti executes what lies in its cache.
 */
async function privateCache(root: string): Promise<string | false> {
  const folder = join(root, 'storage', 'cache', 'jiti');
  try {
    await mkdir(join(root, 'storage', 'cache'), { recursive: true });
    await mkdir(folder, { mode: 0o700 }).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error;
    });
    const found = await lstat(folder);
    const ours = process.getuid === undefined || found.uid === process.getuid();
    const shared = process.platform !== 'win32' && (found.mode & 0o022) !== 0;
    return found.isDirectory() && ours && !shared ? folder : false;
  } catch {
    return false;
  }
}
