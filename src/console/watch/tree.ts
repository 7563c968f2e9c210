import { type FSWatcher, readdirSync, statSync, watch } from 'node:fs';
import { join } from 'node:path';

/** `appeared` also says that something went away. */
export type Change = (path: string, kind: 'appeared' | 'changed') => void;

/** What editors leave beside a file while they save it. */
const PASSING = /^(?:\.|#|4913$)|(?:~|\.sw[a-z]|\.tmp|\.bak|___jb_\w+___)$/;

/**
 * Watches a folder and all below it, one watcher a folder: the recursive watch of Node 20 on Linux follows files, not
 * names, and is blind after the second save of an editor that replaces the file.
 */
export class WatchedTree {
  readonly #folders = new Map<string, FSWatcher>();
  readonly #told: Change;

  constructor(told: Change) {
    this.#told = told;
  }

  /** Begins to watch a folder that may not exist, and finds what is new below it. */
  add(folder: string): void {
    if (!isFolder(folder)) return;
    if (!this.#folders.has(folder)) this.#open(folder);
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
      if (entry.isDirectory() && !PASSING.test(entry.name)) this.add(join(folder, entry.name));
    }
  }

  /** A name came or went: a folder of this name may be another one than before, and its old watcher blind. */
  replace(folder: string): void {
    this.#forget(folder);
    this.add(folder);
  }

  close(): void {
    for (const watcher of this.#folders.values()) watcher.close();
    this.#folders.clear();
  }

  #open(folder: string): void {
    const watcher = watch(folder, (event, name) => {
      if (name === null || PASSING.test(name)) return;
      const path = join(folder, name);
      if (event === 'rename') this.replace(path);
      // A folder whose contents change says so through its own watcher.
      else if (isFolder(path)) return;
      this.#told(path, event === 'rename' ? 'appeared' : 'changed');
    });
    // A folder that is removed, on systems that call it an error.
    watcher.on('error', () => this.#forget(folder));
    this.#folders.set(folder, watcher);
  }

  #forget(folder: string): void {
    for (const [known, watcher] of this.#folders) {
      if (known !== folder && !known.startsWith(join(folder, '/'))) continue;
      watcher.close();
      this.#folders.delete(known);
    }
  }
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}
