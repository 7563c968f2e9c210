import { existsSync, type FSWatcher, watch } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { WatchedTree } from './tree.js';

/** Folders whose files the application reads once, when it starts. */
const READ_ONCE: readonly string[] = ['app', 'config'];
/** Here only which files exist is read at the start; their contents are read when they are asked for. */
const PUBLIC = 'public';
const FILES: ReadonlySet<string> = new Set(['.env', 'package.json']);

/** Milliseconds of silence after which a change is complete. */
const SETTLED = 100;

/** Tells, once files have settled, which sources of an application changed: paths from the root, with `/`. */
export function watchSources(root: string, told: (changed: string[]) => void): () => void {
  const changed = new Set<string>();
  let timer: NodeJS.Timeout | undefined;
  const note = (path: string) => {
    changed.add(relative(root, path).split(sep).join('/'));
    clearTimeout(timer);
    timer = setTimeout(() => {
      const names = worthNaming(root, [...changed].sort());
      changed.clear();
      told(names);
    }, SETTLED);
  };

  const tree = new WatchedTree((path, kind) => {
    if (kind === 'appeared' || !path.startsWith(join(root, PUBLIC, sep))) note(path);
  });
  for (const folder of [...READ_ONCE, PUBLIC]) tree.add(join(root, folder));
  // The root itself: files of its own, and folders that come later.
  const top: FSWatcher = watch(root, (event, name) => {
    if (name === null) return;
    const path = join(root, name);
    if (FILES.has(name)) note(path);
    else if (event === 'rename' && (READ_ONCE.includes(name) || name === PUBLIC)) {
      tree.replace(path);
      note(path);
    }
  });
  return () => {
    clearTimeout(timer);
    top.close();
    tree.close();
  };
}

/** What is there; where everything is gone, the topmost. What came and went, as editors do it, is not worth a name. */
function worthNaming(root: string, changed: readonly string[]): string[] {
  const there = changed.filter((path) => existsSync(join(root, path)));
  if (there.length > 0) return there;
  return changed.filter((path) => !changed.some((other) => path.startsWith(`${other}/`)));
}
