import { lstatSync, opendirSync, unlinkSync } from 'node:fs';
import { join } from 'node:path';
import { codeOf } from '../../support/file-errors.js';

/** Milliseconds of work between two turns of the event loop. */
const SLICE = 4;

/**
 * Calls `remove` for each file of `folder` whose name passes `wanted` and that the system says was not changed since
 * `before` (milliseconds); counts the answers `true`. Works in slices, so that the event loop goes on however large the
 * folder is. A file that vanishes meanwhile is forgotten; one that cannot be opened is counted and passed over.
 */
export async function sweep(
  folder: string,
  wanted: (name: string) => boolean,
  before: number,
  remove: (path: string) => boolean,
): Promise<{ readonly removed: number; readonly failed: number }> {
  let removed = 0;
  let failed = 0;
  const directory = opendirSync(folder, { bufferSize: 256 });
  let sliceEnd = performance.now() + SLICE;
  try {
    for (;;) {
      const entry = await directory.read();
      if (entry === null) return { removed, failed };
      if (!wanted(entry.name)) continue;
      const path = join(folder, entry.name);
      try {
        const stat = lstatSync(path);
        if (stat.isFile() && stat.mtimeMs <= before && remove(path)) removed++;
      } catch (error) {
        if (codeOf(error) !== 'ENOENT') failed++;
      }
      if (performance.now() > sliceEnd) {
        await new Promise((resolve) => setImmediate(resolve));
        sliceEnd = performance.now() + SLICE;
      }
    }
  } finally {
    await directory.close();
  }
}

export function unlinkIfThere(path: string): void {
  try {
    unlinkSync(path);
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') throw error;
  }
}
