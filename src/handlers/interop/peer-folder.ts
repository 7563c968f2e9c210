import { type Stats, statSync } from 'node:fs';
import type { HandlerOptions } from '../../contracts/handler.js';
import type { Interop } from '../../contracts/interop.js';
import { readSavePath } from '../../support/php-save-path.js';
import { type PeerNames, peerNames } from './names.js';
import type { NewFile } from './peer-file.js';

/** What PHP lets into an id; nothing else ever becomes part of a path. */
const ID = /^[A-Za-z0-9,-]{1,256}$/;
const known = new WeakMap<HandlerOptions, PeerFolder>();

/** PHP's folder of session files: where a session lies, and what new files look like. */
export class PeerFolder {
  readonly folder: string;
  /** Levels of folders between this one and a file; with any, PHP leaves collecting to others. */
  readonly levels: number;
  readonly #mode: number;
  readonly #names: PeerNames;
  readonly #trusted: boolean;
  readonly #ours: RegExp;

  private constructor(options: HandlerOptions, interop: Exclude<Interop, false>) {
    const plain = interop.peer === 'php';
    const path = plain
      ? readSavePath(options.savePath)
      : { levels: 0, mode: 0o600, folder: options.savePath };
    this.folder = path.folder;
    this.levels = path.levels;
    this.#mode = path.mode;
    this.#names = peerNames(options, interop);
    this.#trusted = options.trustFolder;
    this.#ours = collected(options, plain);
  }

  static of(options: HandlerOptions): PeerFolder {
    let folder = known.get(options);
    if (folder === undefined) {
      if (options.interop === undefined || options.interop === false) throw new TypeError('there is no peer');
      folder = new PeerFolder(options, options.interop);
      known.set(options, folder);
    }
    return folder;
  }

  pathOf(id: string, ip: string | undefined): string {
    // Ids are checked before they come here; a handler that is used by itself must not leave its folder either.
    if (!ID.test(id)) throw new TypeError('not a session id');
    const levels = [...id.slice(0, this.levels)].map((character) => `${character}/`).join('');
    return `${this.folder}/${levels}${this.#names.file(id, ip)}`;
  }

  /** Whether the collector may take a file of this name. */
  collects(name: string): boolean {
    return this.#ours.test(name);
  }

  /** A name that no collector takes, neither PHP's nor ours. */
  pathAside(path: string, now: number): string {
    return `${this.folder}/.corrupt-${now}-${path.slice(path.lastIndexOf('/') + 1)}`;
  }

  /** Root works for the folder's owner, who could not read what is root's. */
  newFile(): NewFile {
    if (process.getuid?.() !== 0) return { mode: this.#mode };
    const { uid, gid } = statSync(this.folder);
    return { mode: this.#mode, owner: uid === 0 ? undefined : { uid, gid } };
  }

  /**
   * Refuses what somebody else may have put into a folder that others can write to: as PHP does, and a second name of
   * a file that lies elsewhere.
   */
  refuseForeign(stat: Stats): void {
    if (!stat.isFile() || stat.nlink > 1) throw new Error('the session file is no ordinary file');
    const user = process.getuid?.() ?? 0;
    if (this.#trusted || user === 0 || stat.uid === 0 || stat.uid === user) return;
    throw new Error('the session file belongs to another user');
  }
}

/** What the peer's own collector takes. */
function collected({ name, matchIP }: HandlerOptions, plain: boolean): RegExp {
  if (plain) return /^sess_[A-Za-z0-9,-]+$/;
  const address = matchIP ? '(?:[0-9a-f]{32})?' : '';
  // BlitzPHP's ids have been of these two kinds.
  return new RegExp(`^${name.replace(/[^\w-]/g, '\\$&')}${address}(?:[0-9a-v]{32}|[0-9a-f]{40})$`);
}
