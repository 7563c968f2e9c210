import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { EventListenerInterface, EventManagerInterface } from '../contracts/events.js';
import { codeOf } from '../support/file-errors.js';
import { importModule } from '../support/import-module.js';

const MODULE = /(?<!\.d)\.(?:ts|mts|js|mjs|cjs)$/;

/** Where listeners are looked for, below the application's root. */
export const LISTENER_FOLDERS: readonly string[] = ['app/Listeners', 'app/Events'];

/**
 * Imports every module below the listener folders, in the order of their paths, and lets each exported class that has a
 * `listen` method register itself. An error in a module is thrown as it is.
 */
export async function discoverListeners(root: string, events: EventManagerInterface): Promise<void> {
  for (const folder of LISTENER_FOLDERS) {
    for (const path of await modulesBelow(join(root, folder))) {
      const exported = await importModule(path, root);
      for (const value of new Set(Object.values(exported))) {
        if (isListenerClass(value)) await new value().listen(events);
      }
    }
  }
}

async function modulesBelow(folder: string): Promise<string[]> {
  try {
    const entries = await readdir(folder, { recursive: true, withFileTypes: true });
    return entries
      .filter((entry) => entry.isFile() && MODULE.test(entry.name))
      .map((entry) => join(entry.parentPath, entry.name))
      .sort();
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return [];
    throw error;
  }
}

function isListenerClass(value: unknown): value is new () => EventListenerInterface {
  return typeof value === 'function' && typeof value.prototype?.listen === 'function';
}
