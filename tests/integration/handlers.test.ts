import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ArrayHandler, BaseHandler, FileHandler, type HandlerOptions } from 'blitz-session';
import { handlerSuite } from 'blitz-session/testing';
import { after, before, describe, it } from 'mocha';

const runner = { describe, it, before, after };
const folders: string[] = [];

async function folder(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'blitz-'));
  folders.push(path);
  return path;
}

after(async () => {
  for (const path of folders) await rm(path, { recursive: true });
});

/** Ten lines, as the documentation shows them: only the methods that must be there. */
const shelves = new Map<HandlerOptions, Map<string, string>>();
class MapSessionHandler extends BaseHandler {
  get #shelf(): Map<string, string> {
    const shelf = shelves.get(this.options) ?? new Map<string, string>();
    shelves.set(this.options, shelf);
    return shelf;
  }
  async read(id: string) {
    return this.#shelf.get(id) ?? '';
  }
  async write(id: string, data: string) {
    this.#shelf.set(id, data);
  }
  async destroy(id: string) {
    this.#shelf.delete(id);
  }
}

handlerSuite(runner, { name: 'array', handler: ArrayHandler, locks: true });
handlerSuite(runner, { name: 'file (flock)', handler: FileHandler, savePath: folder, locks: true });
handlerSuite(runner, {
  name: 'file (lease)',
  handler: FileHandler,
  savePath: folder,
  options: { file_lock: 'lease' },
  locks: true,
});
handlerSuite(runner, { name: 'custom', handler: MapSessionHandler });
