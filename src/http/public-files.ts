import { readdir } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { codeOf } from '../support/file-errors.js';

/** Where files lie that are served as they are, below the application's root. */
export const PUBLIC_FOLDER = 'public';

/**
 * The files of `public/`, each with the path that it is served under. What begins with a dot stays private (but
 * `.well-known`, RFC 8615), and so does what a link leads to.
 */
export async function publicFiles(root: string): Promise<string[]> {
  const folder = join(root, PUBLIC_FOLDER);
  try {
    const entries = await readdir(folder, { recursive: true, withFileTypes: true });
    return entries
      .filter((entry) => entry.isFile())
      .map((entry) => relative(folder, join(entry.parentPath, entry.name)).split(sep))
      .filter((parts) => parts.every((part) => !part.startsWith('.') || part === '.well-known'))
      .map((parts) => parts.join('/'))
      .sort();
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes(codeOf(error) ?? '')) return [];
    throw error;
  }
}
